"""A client of BuildKit's own protocol; it knows no targets and stands alone."""
