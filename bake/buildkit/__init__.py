"""BuildKit's wire: a client of its own, which knows no targets.

    with bake.buildkit.connect("unix:///run/buildkit/buildkitd.sock") as client:
        client.workers()
        client.solve(Solve(attrs={…}, locals={"context": LocalTree("/src"), …}))

Names are loaded when they are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bake.buildkit.client import Client as Client
    from bake.buildkit.connecting import connect as connect
    from bake.buildkit.control import Prune as Prune
    from bake.buildkit.control import UsageRecord as UsageRecord
    from bake.buildkit.control import Worker as Worker
    from bake.buildkit.endpoint import TLS as TLS
    from bake.buildkit.history import HistoryEvent as HistoryEvent
    from bake.buildkit.history import Query as Query
    from bake.buildkit.history import Record as Record
    from bake.buildkit.history import Update as Update
    from bake.buildkit.session import Session as Session
    from bake.buildkit.solve import Request as Request
    from bake.buildkit.solve import RunningSolve as RunningSolve
    from bake.solve import CacheEntry as CacheEntry
    from bake.solve import Destination as Destination
    from bake.solve import Export as Export
    from bake.solve import InlineTree as InlineTree
    from bake.solve import Link as Link
    from bake.solve import LocalTree as LocalTree
    from bake.solve import Secret as Secret
    from bake.solve import Solve as Solve
    from bake.solve import SolveResult as SolveResult
    from bake.solve import SSHAgent as SSHAgent

_HOMES = {
    "CacheEntry": "bake.solve",
    "Client": "bake.buildkit.client",
    "Destination": "bake.solve",
    "Export": "bake.solve",
    "HistoryEvent": "bake.buildkit.history",
    "InlineTree": "bake.solve",
    "Link": "bake.solve",
    "LocalTree": "bake.solve",
    "Prune": "bake.buildkit.control",
    "Query": "bake.buildkit.history",
    "Record": "bake.buildkit.history",
    "Request": "bake.buildkit.solve",
    "RunningSolve": "bake.buildkit.solve",
    "SSHAgent": "bake.solve",
    "Secret": "bake.solve",
    "Session": "bake.buildkit.session",
    "Solve": "bake.solve",
    "SolveResult": "bake.solve",
    "TLS": "bake.buildkit.endpoint",
    "Update": "bake.buildkit.history",
    "UsageRecord": "bake.buildkit.control",
    "Worker": "bake.buildkit.control",
    "connect": "bake.buildkit.connecting",
}
"""The public names and the modules that have them."""


if not TYPE_CHECKING:  # for a type checker every name would be one of ours

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
