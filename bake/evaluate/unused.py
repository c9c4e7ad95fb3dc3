"""Variables that no expression refers to.

Every expression of every file counts, whether it is evaluated or not. Where the files have no target their
variables are meant for other files, and nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.references import expressions, references
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bake.evaluate.declarations import Declarations
    from bake.syntax.tree import File


def unused(files: Iterable[File], declared: Declarations) -> Iterator[DefinitionError]:
    """A warning for each variable that nothing refers to, in the order of declaration."""
    if not any(block.type.text == "target" for block in declared.blocks):
        return
    left = dict(declared.variables)
    for expression in (one for file in files for one in expressions(file.body)):
        if not left:
            return
        for node in references(expression).names:
            left.pop(node.root.text, None)
    for name, block in left.items():
        yield DefinitionError(
            "Unused variable",
            block.labels[0].span,
            detail=f"Nothing refers to the variable {quoted(name)}.",
            hint="remove it, or refer to it where it was meant",
        )
