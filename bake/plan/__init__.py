"""`Definition` to `Plan`: which Solves on which nodes, in which order. Pure."""
