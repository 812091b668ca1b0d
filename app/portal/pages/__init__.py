"""One module per room; each declares a ``router``."""
