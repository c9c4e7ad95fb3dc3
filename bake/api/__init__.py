"""The stages in a row: the library's public face."""
