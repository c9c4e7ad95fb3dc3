"""The functions of the bake language, one table."""
