"""Protocols: those of the papers and those the facility adds, in versions that are never edited."""
