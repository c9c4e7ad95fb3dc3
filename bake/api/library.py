"""A builder for programs: connect, plan, build. The stages of `bake.api.building` as one object.

Takes definitions, gives `Plan`s, `Run`s and `Result`s. Its rule: what a definition wants of this machine
beyond its working directory must be allowed by the caller, or nothing is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.api import building, results
from bake.api.loading import select
from bake.api.machine import this_machine
from bake.api.outcome import result_of
from bake.api.running import Run
from bake.builder.boot import silent
from bake.errors import UsageError
from bake.progress import SolveStatus
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self, Unpack

    from bake.api.building import Cancellation, Connection, Privilege, Settings
    from bake.api.loading import Choices
    from bake.api.outcome import Result
    from bake.buildkit.client import Client
    from bake.host import Host
    from bake.model.target import Definition
    from bake.node import NodeFacts
    from bake.plan import records
    from bake.progress import Emit, Event, Note, VertexWarning
    from bake.solve import Solve, SolveKey


@record
class Plan:
    """What a builder will be asked, and the definition (selected) that it was made of."""

    definition: Definition
    wanted: records.Plan

    @property
    def solves(self) -> Mapping[SolveKey, Solve]:
        """What BuildKit is asked: one Solve for each target, node and platforms; inputs come first."""
        return self.wanted.solves

    @property
    def notes(self) -> Sequence[Note]:
        """What a person should read before the build."""
        return self.wanted.notes

    def nodes(self, target: str) -> tuple[str, ...]:
        """The nodes that `target` is built on."""
        return tuple(dict.fromkeys(one.node for one in self.solves.values() if one.target == target))


class Builder:
    """A builder whose nodes answer; close it, or leave its `with`, when nothing is to be built any more."""

    def __init__(self, connection: Connection, host: Host) -> None:
        self.connection = connection
        self.host = host

    @property
    def name(self) -> str:
        return self.connection.builder.name

    @property
    def driver(self) -> str:
        return self.connection.builder.driver

    @property
    def description(self) -> str:
        """The first line of a build's progress, as buildx writes it."""
        return self.connection.description

    @property
    def nodes(self) -> tuple[NodeFacts, ...]:
        """What is known of the nodes that answer."""
        return tuple(node.facts for node in self.connection.nodes)

    def client(self, node: str = "") -> Client:
        """The BuildKit of the node called `node`, the first one's without a name; it closes with the builder.

        Raises UsageError for a node that is none of `nodes`.
        """
        found = [one.client for one in self.connection.nodes if not node or one.node.name == node]
        if not found:
            names = ", ".join(one.name for one in self.nodes)
            raise UsageError("No such node", detail=f"`{node}` is none of {names}")
        return found[0]

    def plan(
        self, definition: Definition, *targets: str, cgroup_parent: str = "", **choices: Unpack[Choices]
    ) -> Plan:
        """What will be asked of the nodes to build `definition`. It is selected first, as `bake.select` does
        it with `targets` and `choices`, unless it was before and none are given. `cgroup_parent` is that of
        the build steps' containers.

        Raises UsageError, DefinitionError, or a group of them.
        """
        if targets or choices or not definition.selected:
            definition = select(definition, *targets, host=self.host, **choices)
        wanted = building.plan(
            definition, self.connection, self.host, remote=definition.root, cgroup_parent=cgroup_parent
        )
        return Plan(definition, wanted)

    def missing_privileges(self, plan: Plan, allow: Sequence[str] = ()) -> tuple[Privilege, ...]:
        """What `plan` wants of this machine that `allow` (values of `--allow`) does not grant."""
        return building.missing_privileges(
            plan.wanted, plan.definition, allow, self.host, remote=bool(plan.definition.url)
        )

    def start(
        self,
        what: Plan | Definition,
        *,
        allow: Sequence[str] = (),
        on_event: Emit | None = None,
        settings: Settings | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Start building and come back. A definition is planned first. Whoever has `cancellation` can stop
        it, as `Run.cancel` does.

        Raises what `plan` raises, and UsageError for what is not allowed.
        """
        plan = what if isinstance(what, Plan) else self.plan(what)
        refuse_privileges(self.missing_privileges(plan, allow))

        def work(emit: Emit, cancellation: Cancellation) -> Result:
            warnings: list[VertexWarning] = []
            noting = noting_warnings(emit, warnings)
            outcome = building.build(plan.wanted, self.connection, noting, settings, cancellation)
            return result_of(outcome, plan.wanted, self.name, tuple(warnings))

        return Run(work, on_event, cancellation)

    def build(
        self,
        what: Plan | Definition,
        *,
        allow: Sequence[str] = (),
        on_event: Emit | None = None,
        settings: Settings | None = None,
    ) -> Result:
        """Build, and wait for the result. Raises what `start` and `Run.result` raise."""
        return self.start(what, allow=allow, on_event=on_event or _ignore, settings=settings).result()

    def metadata(self, plan: Plan, result: Result) -> Mapping[str, Mapping[str, Any]]:
        """What stands in buildx's metadata file, by target; with the provenance that the nodes keep, as much
        as BUILDX_METADATA_PROVENANCE asks for. Raises BuilderError."""
        from bake.result.metadata import document

        return document(self._responses(plan, result))

    def write_metadata(self, path: str, plan: Plan, result: Result) -> None:
        """Write buildx's metadata file, whole or not at all; with the warnings if BUILDX_METADATA_WARNINGS
        asks for them. Raises BuilderError and ExportError."""
        results.write_metadata(
            path, self._responses(plan, result), results.told_warnings(result.warnings, self.host)
        )

    def write_metadata_alone(self, path: str, plan: Plan, result: Result) -> None:
        """Write the metadata file of buildx's single build, which names no target: that of the only one.
        Raises BuilderError and ExportError."""
        (response,) = self._responses(plan, result).values()
        called = any(solve.call for solve in plan.solves.values())
        told = () if called else results.told_warnings(result.warnings, self.host)
        results.write_metadata_alone(path, response, told)

    def _responses(self, plan: Plan, result: Result) -> Mapping[str, Mapping[str, str]]:
        return results.responses(result.outcome, plan.wanted, self.connection)

    def close(self) -> None:
        """Close the connections; what still runs ends with an error."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    name: str = "",
    *,
    host: Host | None = None,
    on_event: Emit = silent,
    balance: bool = True,
    place: str = "",
) -> Builder:
    """The builder called `name`, the current one without a name, with its nodes dialled. `on_event` is told
    of nodes that have to be started. `balance` shares targets among nodes that are equally good. `place` is
    the folder that is built, the working directory without one.

    Raises BuilderError if there is no such builder or none of its nodes answers.
    """
    host = host or this_machine()
    return Builder(building.dial(host, name, on_event, balance=balance, place=place), host)


def start(
    definition: Definition,
    *targets: str,
    builder: str = "",
    allow: Sequence[str] = (),
    on_event: Emit | None = None,
    host: Host | None = None,
    **choices: Unpack[Choices],
) -> Run:
    """Start building `definition` and come back at once: connecting and planning are part of the run, and
    so are their errors. The builder is closed at the end."""

    def work(emit: Emit, cancellation: Cancellation) -> Result:
        with connect(builder, host=host) as connected:
            plan = connected.plan(definition, *targets, **choices)
            inner = connected.start(plan, allow=allow, on_event=emit)
            cancellation.on_cancel(inner.cancel)
            return inner.wait()

    return Run(work, on_event)


def build(
    definition: Definition,
    *targets: str,
    builder: str = "",
    allow: Sequence[str] = (),
    on_event: Emit | None = None,
    host: Host | None = None,
    **choices: Unpack[Choices],
) -> Result:
    """Build `definition` on the builder called `builder`, and wait for the result. Raises what `connect`,
    `Builder.plan`, `Builder.start` and `Run.result` raise."""
    return start(
        definition,
        *targets,
        builder=builder,
        allow=allow,
        on_event=on_event or _ignore,
        host=host,
        **choices,
    ).result()


def refuse_privileges(missing: Sequence[Privilege]) -> None:
    """Raise UsageError for privileges that were not allowed."""
    if missing:
        raise UsageError(
            "additional privileges requested",
            detail="; ".join(one.text for one in missing),
            hint=f"allow={[one.flag for one in missing]!r} grants them",
        )


def noting_warnings(emit: Emit, found: list[VertexWarning]) -> Emit:
    """`emit`, with every warning of BuildKit's put down in `found` on the way, once."""

    def note(event: Event) -> None:
        if isinstance(event.body, SolveStatus):
            found.extend(one for one in event.body.warnings if one not in found)
        emit(event)

    return note


def _ignore(_event: Event) -> None:
    pass
