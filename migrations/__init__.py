"""The database's history: one file a step, applied in one transaction."""
