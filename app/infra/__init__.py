"""What the rooms stand on: database, store, queue, clock, tokens, log."""
