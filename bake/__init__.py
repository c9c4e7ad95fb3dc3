"""pybake: declarative builds with BuildKit.

    definition = bake.load("docker-bake.hcl")     what the files say
    chosen = bake.select(definition, "app")       what is to be built of it
    with bake.connect() as builder:
        plan = builder.plan(chosen)               what BuildKit will be asked
        result = builder.build(plan)              digests, timings, metadata

The names below are the library's public face, with `bake.buildkit`, a client of BuildKit alone; they stand in
docs/api.md. Each is loaded when it is first used: importing `bake` imports nothing else. The rooms of this
package and who may import whom are in ARCHITECTURE.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bake import buildkit as buildkit
    from bake.api.building import Cancellation as Cancellation
    from bake.api.building import Privilege as Privilege
    from bake.api.building import Rules as Rules
    from bake.api.building import Settings as Settings
    from bake.api.definition import printed as printed
    from bake.api.library import Builder as Builder
    from bake.api.library import Plan as Plan
    from bake.api.library import build as build
    from bake.api.library import connect as connect
    from bake.api.library import start as start
    from bake.api.loading import define as define
    from bake.api.loading import load as load
    from bake.api.loading import select as select
    from bake.api.machine import this_machine as this_machine
    from bake.api.outcome import BuiltTarget as BuiltTarget
    from bake.api.outcome import Part as Part
    from bake.api.outcome import Result as Result
    from bake.api.running import Run as Run
    from bake.descriptor import Descriptor as Descriptor
    from bake.errors import BakeError as BakeError
    from bake.errors import BuilderError as BuilderError
    from bake.errors import CanceledError as CanceledError
    from bake.errors import DefinitionError as DefinitionError
    from bake.errors import ExportError as ExportError
    from bake.errors import SolveError as SolveError
    from bake.errors import UsageError as UsageError
    from bake.host import Host as Host
    from bake.model.target import Definition as Definition
    from bake.model.target import Group as Group
    from bake.model.target import Target as Target
    from bake.node import NodeFacts as NodeFacts
    from bake.progress import Ending as Ending
    from bake.progress import Event as Event
    from bake.progress import Note as Note
    from bake.progress import Phase as Phase
    from bake.progress import SolveStatus as SolveStatus
    from bake.progress import Summary as Summary
    from bake.progress import TargetPhase as TargetPhase
    from bake.progress import Vertex as Vertex
    from bake.progress import VertexLog as VertexLog
    from bake.progress import VertexStatus as VertexStatus
    from bake.progress import VertexWarning as VertexWarning

__version__ = "0.1.0"

_HOMES = {
    "BakeError": "bake.errors",
    "Builder": "bake.api.library",
    "BuilderError": "bake.errors",
    "BuiltTarget": "bake.api.outcome",
    "CanceledError": "bake.errors",
    "Cancellation": "bake.api.building",
    "Definition": "bake.model.target",
    "DefinitionError": "bake.errors",
    "Descriptor": "bake.descriptor",
    "Ending": "bake.progress",
    "Event": "bake.progress",
    "ExportError": "bake.errors",
    "Group": "bake.model.target",
    "Host": "bake.host",
    "NodeFacts": "bake.node",
    "Note": "bake.progress",
    "Part": "bake.api.outcome",
    "Phase": "bake.progress",
    "Plan": "bake.api.library",
    "Privilege": "bake.api.building",
    "Result": "bake.api.outcome",
    "Rules": "bake.api.building",
    "Run": "bake.api.running",
    "Settings": "bake.api.building",
    "SolveError": "bake.errors",
    "SolveStatus": "bake.progress",
    "Summary": "bake.progress",
    "Target": "bake.model.target",
    "TargetPhase": "bake.progress",
    "UsageError": "bake.errors",
    "Vertex": "bake.progress",
    "VertexLog": "bake.progress",
    "VertexStatus": "bake.progress",
    "VertexWarning": "bake.progress",
    "build": "bake.api.library",
    "connect": "bake.api.library",
    "define": "bake.api.loading",
    "load": "bake.api.loading",
    "printed": "bake.api.definition",
    "select": "bake.api.loading",
    "start": "bake.api.library",
    "this_machine": "bake.api.machine",
}
"""The public names and the modules that have them."""


if not TYPE_CHECKING:  # for a type checker every name would be one of ours

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name == "buildkit":
            return import_module("bake.buildkit")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, "buildkit"])
