"""`Source` to `File`: one syntax tree for every dialect."""
