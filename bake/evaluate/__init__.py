"""`File`s to `Config`: evaluation with cty's rules."""
