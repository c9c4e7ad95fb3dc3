"""Results to the world: indexes, registries, metadata, subrequests."""
