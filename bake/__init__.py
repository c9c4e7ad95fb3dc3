"""pybake: declarative builds with BuildKit.

The rooms of this package and who may import whom are in ARCHITECTURE.md; the library's public
face is `bake.api`, whose names are re-exported here on first use.
"""

__version__ = "0.1.0"
