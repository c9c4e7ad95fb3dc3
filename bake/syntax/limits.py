"""How large and deep a text may be: room for recursion over any tree, and an end to all waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.source import Span

if TYPE_CHECKING:
    from bake.source import Source

MAX_DEPTH = 200
"""How deeply brackets, blocks, operators and steps may nest, in any dialect."""
WALK_DEPTH = 120
"""How deep the walk for HCL's faults goes, which is recursive, five calls a level."""
MAX_LENGTH = 4 << 20
"""Characters of one text, twice what buildx reads of a remote definition: half a minute's work at most."""


LIMIT_EXCEEDED = "limit-exceeded"
"""The code of what is refused for these bounds alone."""


def too_deep(source: Source, start: int, end: int, depth: int = MAX_DEPTH) -> DefinitionError:
    return DefinitionError(
        "Nesting too deep",
        Span(source, start, end),
        detail=f"Brackets, blocks and operators may nest {depth} levels deep.",
        hint="give a part of the expression a name of its own, in a variable or an attribute",
        code=LIMIT_EXCEEDED,
    )


def check_length(source: Source) -> None:
    """Raise DefinitionError for a text that is too long."""
    length = len(source.text)
    if length > MAX_LENGTH:
        detail = f"A file may have {MAX_LENGTH:,} characters, this one has {length:,}."
        raise DefinitionError("File too large", Span(source, 0, 0), detail=detail, code=LIMIT_EXCEEDED)
