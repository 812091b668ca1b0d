"""Chain plans: what a chain of events and exposures would give, before the sample is touched."""
