"""What we compute: arrays in, arrays out; no files, no log, no service."""
