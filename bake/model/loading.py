"""Everything that was read, as one definition: compose files first, then HCL, JSON and TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import raise_all
from bake.model import relative
from bake.model.decode import decode
from bake.model.merge import merge_definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.evaluate.config import Config
    from bake.host import Host
    from bake.model.target import Definition


def load(
    config: Config | None, host: Host, composed: Iterable[Definition] = (), *, strict: bool = False
) -> Definition:
    """The definition of `config`, laid over those of compose files; nothing is selected yet.

    Paths of `composed` are relative to the working directory already.
    With `strict` what is only warned of (an attribute that nothing knows) is raised.
    """
    definitions = [*composed]
    if config is not None:
        decoded = decode(config)
        definitions.append(relative.rebased(decoded) if relative.is_wanted(host) else decoded)
    merged = merge_definitions(definitions)
    if strict:
        raise_all(merged.warnings, "warnings are errors")
    return merged
