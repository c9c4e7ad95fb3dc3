"""Builders: where they are kept, how their nodes are reached, what the nodes can do."""
