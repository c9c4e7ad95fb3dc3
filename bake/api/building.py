"""A selected definition to results: connect to a builder, plan, run. Each stage is a function of its own.

Nothing is printed here; what happens is told to `emit` as events, what failed is in the `Outcome`.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING

from bake.api import failover
from bake.api.publishing import publishing
from bake.builder.boot import silent
from bake.builder.connect import connect as connect_nodes
from bake.builder.driver import DEFAULT_LOAD, REPLACED
from bake.builder.resolve import resolve, store_of
from bake.builder.site import Site
from bake.engine.cancellation import Cancellation
from bake.engine.outcome import Outcome
from bake.engine.run import RunOptions, run
from bake.engine.schedule import Rules
from bake.errors import Failure
from bake.plan.entitlements import Privilege, missing
from bake.plan.identical import merged
from bake.plan.make import make
from bake.plan.records import Plan, PlanOptions
from bake.progress import Event, Note
from bake.record import record

__all__ = [
    "Cancellation",
    "Connection",
    "Outcome",
    "Plan",
    "Privilege",
    "Rules",
    "Settings",
    "build",
    "connected",
    "missing_privileges",
    "plan",
]

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from bake.builder.connect import Connected, Unreachable
    from bake.buildkit.credentials import CredentialSource
    from bake.buildkit.services.sinks import Sink
    from bake.engine.attachments import Means
    from bake.host import Host
    from bake.model.target import Definition
    from bake.node import Builder, NodeFacts
    from bake.progress import Emit
    from bake.solve import Solve


@record
class Settings:
    """How to build. `rules` are the scheduler's, `stdout` takes the one output that may go there,
    `uploads` are contexts that this process gives away as archives, by their id. `summary` asks for a
    last event that tells how each target ended. `traceparent` gives the span of a Solve, "" without one."""

    rules: Rules = field(default_factory=Rules)
    stdout: BinaryIO | None = None
    uploads: Mapping[str, BinaryIO] = field(default_factory=dict)
    summary: bool = False
    traceparent: Callable[[Solve], str] = lambda _solve: ""


@record
class Connection:
    """A builder whose nodes have been asked. `balance` shares targets among nodes that are equally good."""

    site: Site
    builder: Builder
    nodes: Sequence[Connected]
    unreachable: Sequence[Unreachable]
    balance: bool = True

    @property
    def description(self) -> str:
        """The first line of a build's progress, as buildx writes it."""
        return f'building with "{self.builder.name}" instance using {self.builder.driver} driver'

    def close(self) -> None:
        """Hang up; builds that still run end with an error."""
        for node in self.nodes:
            node.client.close()


@contextmanager
def connected(
    host: Host, name: str = "", emit: Emit = silent, *, balance: bool = True
) -> Iterator[Connection]:
    """`dial`'s connection, closed when left."""
    connection = dial(host, name, emit, balance=balance)
    try:
        yield connection
    finally:
        connection.close()


def dial(
    host: Host, name: str = "", emit: Emit = silent, *, balance: bool = True, place: str = ""
) -> Connection:
    """The builder `name` ("": the current one) with its nodes dialled; `emit` is told of those that have
    to be started. `place` is the folder that is built, the working directory without one.

    Raises BuilderError if there is no such builder or none of its nodes answers.
    """
    site = Site(host, place)
    builder = resolve(site, name)
    nodes, unreachable = connect_nodes(site, builder, emit)
    store_of(site).touch(builder.name, host.now())
    return Connection(site, builder, nodes, unreachable, balance)


def plan(
    definition: Definition, connection: Connection, host: Host, *, remote: str = "", cgroup_parent: str = ""
) -> Plan:
    """What BuildKit will be asked to build `definition` (selected). Raises DefinitionError, or a group.

    `remote` is the URL that it was read from, if its contexts are inside of that. `cgroup_parent` is that of
    the containers of build steps.
    """
    options = replace(_options(definition, connection, host), remote=remote, cgroup_parent=cgroup_parent)
    options = replace(options, balance=connection.balance, scratch=_scratch(host))
    return make(definition, [node.facts for node in connection.nodes], options, host)


def missing_privileges(
    wanted: Plan, definition: Definition, allowed: Sequence[str], host: Host, *, remote: bool = False
) -> tuple[Privilege, ...]:
    """What `wanted` needs of this machine and `allowed` (values of `--allow`) does not grant.

    `remote` says that the definition is. Raises UsageError for an unknown grant.
    """
    return missing(wanted, definition.targets, allowed, host, remote=remote)


def build(
    wanted: Plan,
    connection: Connection,
    emit: Emit,
    settings: Settings | None = None,
    cancellation: Cancellation | None = None,
) -> Outcome:
    """Carry out `wanted`. Failures of targets are in the outcome; see `Outcome.raise_errors`."""
    settings = settings or Settings()
    for node in connection.unreachable:
        emit(Event(Note(f"node {node.node.name} is left out: {node.error}", warning=True)))
    for note in wanted.notes:
        emit(Event(note))
    clients = {node.node.name: node.client for node in connection.nodes}
    told, credentials = _one_at_a_time(emit), _credentials(connection.site)
    means = _means(connection, settings, credentials)

    def carry_out(plan: Plan, lost: Collection[str] = ()) -> Outcome:
        with publishing(plan, connection, means, told) as publish:
            options = RunOptions(
                _rules(settings.rules, connection),
                means,
                publish,
                connection.site.node_id(),
                traceparent=settings.traceparent,
            )
            left = {name: client for name, client in clients.items() if name not in lost}
            return run(plan, left, told, options, cancellation)

    outcome = failover.carry_out(merged(wanted), carry_out, told)
    if outcome.errors:
        _explain(outcome, outcome.plan or wanted, connection)
    if settings.summary:
        from bake.api.summary import summarize

        emit(Event(summarize(outcome, outcome.plan or merged(wanted), connection)))
    return outcome


def _explain(outcome: Outcome, plan: Plan, connection: Connection) -> None:
    """Give failures what can be said of them on this machine."""
    from bake.api import emulation, logins, missing, places

    emulation.explain(outcome, plan, connection)
    missing.explain(outcome, plan)
    logins.explain(outcome, _credentials(connection.site))
    places.explain(outcome, plan, connection.site.host)


def _rules(rules: Rules, connection: Connection) -> Rules:
    """Where another pod takes the place of one that goes, what was lost with that is tried once more."""
    if rules.attempts > 1 or connection.builder.driver not in REPLACED:
        return rules
    return replace(rules, attempts=2, retried=frozenset({Failure.CONNECTION}))


def _scratch(host: Host) -> str:
    """A folder that is nobody's yet."""
    return os.path.join(host.environment.get("TMPDIR") or "/tmp", f"pybake-{os.urandom(8).hex()}")


def _one_at_a_time(emit: Emit) -> Emit:
    """`emit` for several threads: the run tells events, and so does what publishes its results."""
    from threading import Lock

    lock = Lock()

    def tell(event: Event) -> None:
        with lock:
            emit(event)

    return tell


def _options(definition: Definition, connection: Connection, host: Host) -> PlanOptions:
    from bake.api import git
    from bake.api.remote import policies
    from bake.plan.contexts import Surroundings, local_directories

    directories = local_directories(definition.targets.values(), Surroundings(host))
    return PlanOptions(
        git=git.of_contexts(directories, host),
        image_stores=_image_stores(definition, connection),
        proxies=connection.site.proxies,
        node_id=connection.site.node_id(),
        terminal=sys.stdout.isatty(),
        policies=policies(definition, connection, host),
    )


def _image_stores(definition: Definition, connection: Connection) -> dict[str, str]:
    """The image stores of the docker contexts that images are loaded into, "" for the current one.

    On an engine of its own a builder has told its store already; other engines are asked.
    """
    outputs = [output for target in definition.targets.values() for output in target.output]
    wanted = {output.attrs.get("context", "") for output in outputs if output.type == "docker"}
    if any(_loads_elsewhere(node.facts) for node in connection.nodes):
        wanted |= {"" for target in definition.targets.values() if not target.output}
    stores = {}
    for name in wanted:
        own = [node.facts for node in connection.nodes if node.facts.driver == "docker"]
        stores[name] = own[0].image_store if own and not name else _ask_store(connection.site, name)
    return stores


def _loads_elsewhere(node: NodeFacts) -> bool:
    """Whether images are loaded that nobody gave an output, into an engine that is not the node's own."""
    return node.driver != "docker" and DEFAULT_LOAD in node.features


def _ask_store(site: Site, context: str) -> str:
    from bake.builder.docker import address
    from bake.builder.engine_api import EngineApi

    return EngineApi(address(site, context or site.current_context)).image_store()


def _credentials(site: Site) -> CredentialSource:
    from bake.buildkit.credentials import DockerCredentials

    return DockerCredentials(site.folder, site.host.environment, site.buildx_folder)


def _means(connection: Connection, settings: Settings, credentials: CredentialSource) -> Means:
    from bake.api import local_states
    from bake.buildkit.aws import KeyChain
    from bake.buildkit.token_seeds import TokenSeeds
    from bake.engine.attachments import Means

    site = connection.site

    def load(context: str | None) -> Sink:
        from bake.builder.docker import address
        from bake.builder.engine_api import EngineApi
        from bake.engine.load import LoadSink

        return LoadSink(EngineApi(address(site, context or site.current_context)))

    return Means(
        environment=site.host.environment,
        credentials=credentials,
        stdout=settings.stdout,
        load=load,
        uploads=settings.uploads,
        seeds=TokenSeeds(site.folder),
        keys=KeyChain(site.host.environment, site.host.home),
        started=local_states.keeper(connection),
    )
