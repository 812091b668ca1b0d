"""The portal: pages over the same services the API uses; it has no rules of its own."""
