"""HCL text → tree: scan, terminals, the grammar's parser; what they refuse, `diagnose` words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.errors import raise_all
from bake.syntax.build import body
from bake.syntax.scan import scan
from bake.syntax.terminals import Refused, terminals
from bake.syntax.tree import Comment, File

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.scan import RawToken


def parse(source: Source) -> File:
    """The tree of an HCL file. Raises DefinitionError, or a group of them, with HCL's own wording."""
    tokens = scan(source.text)
    from lark.exceptions import LarkError

    from bake.syntax.diagnose import diagnose
    from bake.syntax.grammar import parser

    try:
        items: Any = parser().parse(terminals(source, tokens), start="start")
        return File(source, body(items, source, 0, len(source.text)), _comments(source, tokens))
    except (LarkError, Refused) as exc:
        raise_all(diagnose(source, tokens, "body", exc))
        raise


def _comments(source: Source, tokens: list[RawToken]) -> tuple[Comment, ...]:
    found = []
    for kind, start, end in tokens:
        if kind == "COMMENT":
            text = source.text[start:end].rstrip("\r\n")
            found.append(Comment(source, start, start + len(text), text))
    return tuple(found)
