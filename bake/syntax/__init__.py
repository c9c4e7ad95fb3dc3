"""`Source` → `File`: one tree for HCL, JSON, TOML and compose files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bake.syntax.limits import check_length

if TYPE_CHECKING:
    from bake.source import Dialect, Source
    from bake.syntax.tree import File

_PARSERS: dict[Dialect, str] = {
    "hcl": "bake.syntax.hcl",
    "json": "bake.syntax.json",
    "toml": "bake.syntax.toml",
    "compose": "bake.syntax.yaml",
}


def parse(source: Source) -> File:
    """The tree of `source`, in its dialect. Raises DefinitionError, or a group of them."""
    check_length(source)
    tree: File = import_module(_PARSERS[source.dialect]).parse(source)
    return tree
