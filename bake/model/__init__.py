"""`Config` to `Definition`: the bake definition, merged, inherited, set, selected and printed.

    SCHEMAS                        what `evaluate` has to know of targets and groups
    load(config, host, composed)   -> Definition, merged, nothing selected
    select(definition, selection, host) -> Definition, resolved, as it is to be built
    encode(definition)             -> str, what `--print` prints

Names are loaded when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bake.model.decode import SCHEMAS as SCHEMAS
    from bake.model.flags import Selection as Selection
    from bake.model.loading import load as load
    from bake.model.printing import encode as encode
    from bake.model.selection import select as select
    from bake.model.target import Definition as Definition
    from bake.model.target import Group as Group
    from bake.model.target import Target as Target

_HOMES = {
    "SCHEMAS": "decode",
    "Definition": "target",
    "Group": "target",
    "Selection": "flags",
    "Target": "target",
    "encode": "printing",
    "load": "loading",
    "select": "selection",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bake.model.{_HOMES[name]}"), name)
