"""Tools for people who work on pybake; nothing of this is installed with it."""
