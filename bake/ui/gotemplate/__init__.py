"""Go's text/template for `--format`, over plain JSON-like values.

Takes a template's text and a mapping, gives text. Supported are fields, variables, pipes, literals, comments,
trim markers, `if`, `with`, `range` (each with `else`, `break` and `continue` in loops), Go's functions of
values (`and or not eq ne lt le gt ge len index slice print printf println urlquery`) and docker's
(`json split join title lower upper pad truncate`). Anything else is an error that names it and its place.
"""

from bake.ui.gotemplate.execute import render
from bake.ui.gotemplate.functions import compact_json, indented_json

__all__ = ["compact_json", "indented_json", "render"]
