"""Baking for engine tests: targets in, an outcome out, through planning and running as they are."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bake import engine
from bake.builder.connect import connect
from bake.builder.docker import address
from bake.builder.engine_api import EngineApi
from bake.builder.resolve import resolve
from bake.builder.site import Site
from bake.buildkit.credentials import DockerCredentials
from bake.buildkit.endpoint import parse
from bake.engine.load import LoadSink
from bake.host import Host
from bake.model.target import Definition, Target
from bake.plan.make import make
from bake.plan.records import PlanOptions
from bake.platforms import LINUX_AMD64

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO

    from bake.buildkit.services.sinks import Sink
    from bake.engine import Cancellation, Outcome
    from bake.plan.records import Plan
    from bake.progress import Emit, Event


def machine(environment: Mapping[str, str], folder: Path) -> Host:
    """The real machine with this environment, seen from `folder`."""
    return Host(
        environment=environment,
        working_directory=str(folder),
        home=environment["HOME"],
        platform=LINUX_AMD64,
        now=time.time,
        random=os.urandom,
        read=_read,
        exists=os.path.exists,
        is_dir=os.path.isdir,
        resolve=os.path.realpath,
    )


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


@dataclass
class Baker:
    """Bakes in `folder`; `events` are what was told."""

    environment: Mapping[str, str]
    folder: Path
    builder: str = ""
    rules: engine.Rules = field(default_factory=engine.Rules)
    stdout: BinaryIO | None = None
    events: list[Event] = field(default_factory=list)
    plan: Plan | None = None

    def bake(
        self, *targets: Target, cancellation: Cancellation | None = None, emit: Emit | None = None
    ) -> Outcome:
        """Build; whatever fails is in the outcome."""
        host = machine(self.environment, self.folder)
        site = Site(host)
        connected, _ = connect(site, resolve(site, self.builder))
        try:
            definition = Definition(targets={one.name: one for one in targets})
            facts = [one.facts for one in connected]
            options = PlanOptions(image_stores={"": "containerd"}, node_id=site.node_id())
            self.plan = make(definition, facts, options, host)
            clients = {one.node.name: one.client for one in connected}
            return engine.run(
                self.plan, clients, emit or self.events.append, self._options(site), cancellation
            )
        finally:
            for one in connected:
                one.client.close()

    def results(self, *targets: Target) -> Mapping[str, engine.TargetResult]:
        """Build; everything has to succeed."""
        outcome = self.bake(*targets)
        outcome.raise_errors()
        return outcome.results

    def _options(self, site: Site) -> engine.RunOptions:
        environment = self.environment

        def load(context: str | None) -> Sink:
            return LoadSink(EngineApi(address(site, context or site.current_context)))

        means = engine.Means(environment, DockerCredentials(site.folder, environment), self.stdout, load)
        return engine.RunOptions(rules=self.rules, means=means)


def target(name: str = "app", **fields: Any) -> Target:
    """A target whose fields are spelled as attributes."""
    return Target(name=name, **fields)


def image(environment: Mapping[str, str], name: str) -> dict[str, Any]:
    """What the engine says of an image. Raises BuilderError if it has none."""
    found: dict[str, Any] = EngineApi(parse(environment["DOCKER_HOST"])).get(f"/images/{name}/json").json()
    return found
