"""Builders, their store and their drivers."""
