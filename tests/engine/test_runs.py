"""Whole plans on real engines: links, limits, failures, stopping, caches, several nodes."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from bake.builder.store import Store
from bake.engine import Cancellation, Rules
from bake.errors import Failure, SolveError
from bake.node import Builder, Node
from bake.platforms import parse
from bake.progress import Note, Phase, SolveStatus, TargetPhase
from bake.result import provenance
from bake.result.subrequests import Call, show
from bake.ui.snippets import framed
from tests.engine.baking import Baker, image, target
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bake.progress import Event
    from tools.engine.dockerd import Engine

BOTH = ("linux/amd64", "linux/arm64")
QUIET = ("type=cacheonly",)


@pytest.fixture
def baker(environment: Mapping[str, str], project: Path) -> Baker:
    return Baker(environment, project)


def inline(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def steps(events: list[Event], target: str) -> dict[str, bool]:
    """The steps a target has run: name to whether it was cached, internal ones left out."""
    found = {}
    for event in events:
        if event.target == target and isinstance(event.body, SolveStatus):
            for vertex in event.body.vertexes:
                if vertex.completed and not vertex.name.startswith("[internal]"):
                    found[vertex.name] = vertex.cached
    return found


@pytest.mark.parametrize("jobs", [0, 1])
def test_linked_targets_on_two_platforms(baker: Baker, jobs: int) -> None:
    baker.rules = Rules(jobs=jobs)
    word = os.urandom(6).hex()
    base = target("base", platforms=BOTH, output=QUIET)
    middle = target(
        "middle",
        contexts={"parent": "target:base"},
        dockerfile_inline=inline("FROM parent", f"RUN echo {word} $(uname -m) > /word"),
        platforms=BOTH,
        output=QUIET,
    )
    leaf = target(
        contexts={"parent": "target:middle"},
        dockerfile_inline=inline("FROM scratch", "COPY --from=parent /word /"),
        platforms=BOTH,
        output=("out",),
    )
    baker.results(base, middle, leaf)
    words = {path.parent.name: path.read_text() for path in (baker.folder / "out").glob("*/word")}
    assert words == {"linux_amd64": f"{word} x86_64\n", "linux_arm64": f"{word} aarch64\n"}


def test_shared_steps_run_once(baker: Baker) -> None:
    word = os.urandom(6).hex()
    base = target("base", output=QUIET)
    slow = target(
        "slow",
        contexts={"parent": "target:base"},
        dockerfile_inline=inline(
            "FROM parent",
            f"RUN echo {word} > /proc/sys/kernel/random/uuid; cat /proc/sys/kernel/random/uuid > /uuid",
        ),
        output=QUIET,
    )
    leaves = [
        target(
            f"leaf{number}",
            contexts={"parent": "target:slow"},
            dockerfile_inline=inline("FROM scratch", "COPY --from=parent /uuid /"),
            output=(f"out{number}",),
        )
        for number in range(3)
    ]
    baker.results(base, slow, *leaves)
    assert len({(baker.folder / f"out{number}" / "uuid").read_text() for number in range(3)}) == 1


def test_many_targets_under_a_limit(baker: Baker) -> None:
    baker.rules = Rules(jobs=3)
    running, most = 0, 0

    def count(event: Event) -> None:
        nonlocal running, most
        if isinstance(event.body, TargetPhase):
            running += {Phase.STARTED: 1, Phase.FINISHED: -1}.get(event.body.phase, 0)
            most = max(most, running)

    many = [target(f"t{number}", args={"N": str(number)}, output=QUIET) for number in range(20)]
    outcome = baker.bake(*many, emit=count)
    outcome.raise_errors()
    assert len(outcome.results) == 20
    assert most == 3


def test_a_step_that_fails_tells_where_and_why(baker: Baker) -> None:
    broken = target(
        "broken", dockerfile_inline=inline("FROM scratch", "COPY rootfs/amd64 /", "RUN echo why; exit 7")
    )
    fine = target("fine", output=QUIET)
    baker.rules = Rules(keep_going=True)
    outcome = baker.bake(broken, fine)
    assert set(outcome.results) == {"fine"}
    error = outcome.errors["broken"]
    assert isinstance(error, SolveError)
    assert error.failure is Failure.STEP
    assert error.exit_status == 7
    assert error.sources[0].ranges == ((3, 3),)
    assert error.log[-1].endswith("why")


def test_a_registry_nobody_runs_is_tried_again(baker: Baker) -> None:
    baker.rules = Rules(attempts=2, backoff=0.01)
    lost = target(dockerfile_inline="FROM 127.0.0.1:1/none\n")
    outcome = baker.bake(lost)
    assert outcome.errors["app"].failure is Failure.REGISTRY
    phases = [event.body.phase for event in baker.events if isinstance(event.body, TargetPhase)]
    assert phases.count(Phase.RETRYING) == 1


def test_stopping_stops_the_steps(baker: Baker) -> None:
    cancellation, sleeping = Cancellation(), threading.Event()

    def stop_when_it_sleeps(event: Event) -> None:
        baker.events.append(event)
        if isinstance(event.body, SolveStatus) and any(b"asleep" in log.data for log in event.body.logs):
            sleeping.set()
            cancellation.cancel()

    lazy = target(
        dockerfile_inline=inline(
            "FROM scratch", "COPY rootfs/amd64 /", f"RUN echo asleep {os.urandom(6).hex()}; sleep 600"
        )
    )
    outcome = baker.bake(
        lazy, target("other", output=QUIET), cancellation=cancellation, emit=stop_when_it_sleeps
    )
    assert sleeping.is_set()
    assert outcome.canceled
    assert "app" not in outcome.results


def test_a_local_cache_out_and_in(baker: Baker, second_engine: Engine) -> None:
    dockerfile = inline("FROM scratch", "COPY rootfs/amd64 /", f"RUN echo {os.urandom(6).hex()} > /x")
    baker.results(
        target(dockerfile_inline=dockerfile, cache_to=("type=local,dest=cache,mode=max",), output=QUIET)
    )
    elsewhere = Baker({**baker.environment, "DOCKER_HOST": second_engine.host}, baker.folder)
    elsewhere.results(
        target(dockerfile_inline=dockerfile, cache_from=("type=local,src=cache",), output=QUIET)
    )
    run = {name: cached for name, cached in steps(elsewhere.events, "app").items() if "RUN" in name}
    assert list(run.values()) == [True]
    assert not [event for event in elsewhere.events if isinstance(event.body, Note)]


def test_secrets_reach_the_step_and_nothing_else(baker: Baker) -> None:
    value = os.urandom(12).hex()
    baker.environment = {**baker.environment, "TOKEN": value}
    (baker.folder / "file-secret").write_text("from-a-file")
    wanted = target(
        secret=("id=token,env=TOKEN", "id=file,src=file-secret"),
        dockerfile_inline=inline(
            "FROM scratch AS build",
            "COPY rootfs/amd64 /",
            "RUN --mount=type=secret,id=token --mount=type=secret,id=file "
            "cat /run/secrets/token | wc -c > /size; cat /run/secrets/file > /copy",
            "FROM scratch",
            "COPY --from=build /size /copy /",
        ),
        no_cache=True,
        output=("out",),
    )
    baker.results(wanted)
    assert (baker.folder / "out" / "size").read_text() == "24\n"
    assert (baker.folder / "out" / "copy").read_text() == "from-a-file"
    assert value not in repr(baker.events)
    assert value not in repr(baker.plan)


def test_named_contexts_of_every_kind(baker: Baker) -> None:
    (baker.folder / "extra").mkdir()
    (baker.folder / "extra" / "e").write_text("extra")
    baker.results(
        target("first", tags=("runs/base:1",), output=("type=image", "type=oci,tar=false,dest=lay"))
    )
    second = target(
        contexts={
            "dir": "extra",
            "context": "extra",
            "img": "docker-image://runs/base:1",
            "lay": "oci-layout://lay",
        },
        dockerfile_inline=inline(
            "FROM scratch",
            "COPY --from=dir e /from-dir",
            "COPY --from=img bin/busybox /from-image",
            "COPY --from=lay bin/busybox /from-layout",
        ),
        output=("out",),
    )
    baker.results(second)
    assert {one.name for one in (baker.folder / "out").iterdir()} == {"from-dir", "from-image", "from-layout"}


def test_a_check_prints_what_the_linter_found(baker: Baker) -> None:
    (found,) = baker.results(
        target(call="check", dockerfile_inline=inline("FROM scratch as base", "COPY Dockerfile /"))
    ).values()
    printed = show(Call("lint"), found.solves[0].metadata, framed)
    assert printed.exit_code == 1
    assert printed.text.startswith("Check complete, 1 warning has been found!\n\nWARNING: FromAsCasing")
    assert ">>> FROM scratch as base" in printed.text


def test_provenance_from_the_history(baker: Baker) -> None:
    from bake.buildkit.client import Client
    from bake.buildkit.endpoint import Engine as Endpoint
    from bake.buildkit.endpoint import parse as parse_address

    (found,) = baker.results(target(attest=("type=provenance,mode=max",), tags=("runs/prov:1",))).values()
    client = Client(Endpoint(parse_address(baker.environment["DOCKER_HOST"])))
    try:
        (encoded,) = provenance.fetch(client, found.solves[0].ref, "min").values()
    finally:
        client.close()
    from base64 import b64decode

    predicate = json.loads(b64decode(encoded))
    assert predicate["invocation"]["parameters"]["frontend"] == "dockerfile.v0"
    assert "metadata" not in predicate


@pytest.fixture
def two_nodes(engine: Engine, relay: Relay, baker: Baker) -> Iterator[Baker]:
    """The baker with a builder of two nodes, one for each platform."""
    with Relay(engine.socket) as first:
        nodes = (
            Node("near", first.endpoint, (parse("linux/amd64"),)),
            Node("far", relay.endpoint, (parse("linux/arm64"),)),
        )
        Store(baker.environment["BUILDX_CONFIG"]).save(Builder("two", "remote", nodes))
        baker.builder = "two"
        yield baker


def test_two_nodes_build_a_platform_each(two_nodes: Baker) -> None:
    base = target("base", platforms=BOTH, output=QUIET)
    leaf = target(
        contexts={"parent": "target:base"},
        dockerfile_inline=inline(
            "FROM parent AS run", "RUN uname -m > /machine", "FROM scratch", "COPY --from=run /machine /"
        ),
        platforms=BOTH,
        output=("out",),
    )
    results = two_nodes.results(base, leaf)
    assert {one.key for one in results["app"].solves} == {"app@near", "app@far"}
    machines = {path.parent.name: path.read_text() for path in (two_nodes.folder / "out").glob("*/machine")}
    assert machines == {"linux_amd64": "x86_64\n", "linux_arm64": "aarch64\n"}


def test_a_node_that_dies_is_a_connection_failure(baker: Baker, second_engine: Engine) -> None:
    with Relay(second_engine.socket) as relay:
        Store(baker.environment["BUILDX_CONFIG"]).save(
            Builder("frail", "remote", (Node("frail0", relay.endpoint),))
        )
        baker.builder = "frail"

        def cut_when_it_sleeps(event: Event) -> None:
            if isinstance(event.body, SolveStatus) and any(b"asleep" in log.data for log in event.body.logs):
                relay.cut()

        lazy = target(
            dockerfile_inline=inline(
                "FROM scratch", "COPY rootfs/amd64 /", f"RUN echo asleep {os.urandom(6).hex()}; sleep 600"
            ),
            output=QUIET,
        )
        outcome = baker.bake(lazy, emit=cut_when_it_sleeps)
    assert outcome.errors["app"].failure is Failure.CONNECTION


def test_labels_and_arguments_reach_the_image(baker: Baker) -> None:
    baker.results(
        target(
            dockerfile_inline=inline("FROM scratch", "ARG A", "LABEL given=$A", "COPY Dockerfile /"),
            args={"A": "x y"},
            labels={"own": "l"},
            tags=("runs/labels:1",),
        )
    )
    assert image(baker.environment, "runs/labels:1")["Config"]["Labels"] == {"given": "x y", "own": "l"}
