"""How builds end badly on a real engine: failing steps, refusals, cancels, dead engines, broken networks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.client import Client
from bake.buildkit.endpoint import Daemon, parse
from bake.buildkit.services import secrets
from bake.buildkit.watch import LOOKS
from bake.errors import BuilderError, CanceledError, Failure, SolveError
from bake.solve import Export, Link, SolveKey
from tests.engine.building import (
    BASE,
    Project,
    Seen,
    connected,
    until_no_process_has,
    until_no_thread_solves,
)
from tools.engine.dockerd import Engine
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.engine.packages import Tools


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    with connected(engine) as one:
        yield one


@pytest.fixture
def builder(client: Client, project: Path) -> Project:
    return Project(client, project)


def test_a_failing_step_shows_its_lines_its_output_and_its_exit_code(builder: Project) -> None:
    dockerfile = BASE + f"ENV U={os.urandom(8).hex()}\nRUN echo one; echo two >&2; \\\n  exit 7\n"
    with pytest.raises(SolveError) as caught:
        builder.build(dockerfile)
    error = caught.value
    assert (error.failure, error.exit_status) == (Failure.STEP, 7)
    assert error.vertex_name.startswith("[2/2] RUN echo one")
    # the two streams race each other to the daemon
    assert sorted(error.log) == ["one", "two"]
    (excerpt,) = error.sources
    assert (excerpt.filename, excerpt.text, excerpt.ranges) == ("Dockerfile", dockerfile, ((5, 5), (6, 6)))


@pytest.mark.parametrize(
    ("dockerfile", "fields", "failure", "said"),
    [
        ("FROM scratch\nBLA\n", {}, Failure.DEFINITION, "unknown instruction: BLA"),
        ("FROM scratch\n", {"attrs": {"target": "nope"}}, Failure.DEFINITION, 'target stage "nope"'),
        ("FROM 127.0.0.1:1/x\n", {}, Failure.REGISTRY, "connection refused"),
        ("FROM scratch\nCOPY nope /\n", {}, Failure.STEP, '"/nope": not found'),
        (
            "FROM scratch\n",
            {"exports": (Export("nope"),)},
            Failure.EXPORT,
            'exporter "nope" could not be found',
        ),
        ("FROM scratch\n", {"entitlements": ("security.insecure",)}, Failure.DEFINITION, "is not allowed"),
        (
            "FROM scratch\nCOPY Dockerfile /\n",
            {"exports": (Export("image", {"name": "127.0.0.1:1/x", "push": "true"}),)},
            Failure.REGISTRY,
            "failed to push",
        ),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["direct", "gateway"])
def test_failures_are_classed(
    builder: Project, dockerfile: str, fields: dict[str, object], failure: Failure, said: str, linked: bool
) -> None:
    running = builder.start(dockerfile, linked=linked, **fields)  # type: ignore[arg-type]
    running.release()
    with pytest.raises(SolveError) as caught:
        running.wait()
    assert said in caught.value.detail
    assert caught.value.failure is failure


def test_a_missing_secret_fails_only_the_step_that_needs_it(builder: Project) -> None:
    stamp = f"ENV U={os.urandom(8).hex()}\n"
    methods = secrets.methods([], {})
    seen = Seen()
    optional = "RUN --mount=type=secret,id=absent test ! -e /run/secrets/absent && echo fine\n"
    builder.build(BASE + stamp + optional, methods=methods, seen=seen)
    assert seen.output.split() == ["fine"]
    required = "RUN --mount=type=secret,id=absent,required true\n"
    with pytest.raises(SolveError, match="secret absent: not found"):
        builder.build(BASE + stamp + required, methods=methods)


def test_a_failing_parent_fails_its_child_with_the_same_step(builder: Project) -> None:
    parent = builder.start(BASE + f"ENV U={os.urandom(8).hex()}\nRUN exit 3\n", name="p", linked=True)
    parent.linked()
    child = builder.start(
        "FROM base\nRUN true\n", links=(Link("base", SolveKey("p")),), inputs={"base": parent}
    )
    child.linked()
    parent.release()
    for running in (parent, child):
        with pytest.raises(SolveError) as caught:
            running.wait()
        assert caught.value.exit_status == 3
        assert caught.value.sources[0].ranges == ((5, 5),)


@pytest.mark.parametrize("linked", [False, True], ids=["direct", "gateway"])
def test_cancel_leaves_nothing_running(builder: Project, client: Client, linked: bool) -> None:
    word = f"86{int.from_bytes(os.urandom(3), 'big')}"
    seen = Seen()
    running = builder.start(BASE + f"RUN echo begun && sleep {word}\n", seen=seen, linked=linked)
    running.release()
    seen.wait_for_output("begun")
    running.cancel()
    with pytest.raises(CanceledError):
        running.wait()
    step = next(vertex for name, vertex in seen.steps.items() if word in name)
    assert step.completed is not None
    assert step.error
    until_no_process_has(f"sleep {word}")
    # the connection serves on
    assert client.workers()


def test_a_killed_engine_ends_every_build_with_an_error(tools: Tools, project: Path) -> None:
    with Engine(tools) as own, connected(own) as client:
        builder = Project(client, project)
        views = [Seen(), Seen()]
        builds = [
            builder.start(BASE + "RUN echo begun && sleep 600\n", seen=view, linked=linked)
            for view, linked in zip(views, (False, True), strict=True)
        ]
        builds[1].release()
        views[0].wait_for_output("begun")
        own.stop()
        for running in builds:
            with pytest.raises(BuilderError, match="Lost the connection to BuildKit") as caught:
                running.wait()
            assert own.host in caught.value.detail
        with pytest.raises(BuilderError, match="Cannot reach BuildKit"):
            client.workers()


def test_a_network_that_breaks_ends_the_build_and_may_come_back(engine: Engine, project: Path) -> None:
    with Relay(engine.socket) as relay:
        client = Client(Daemon(parse(relay.endpoint)))
        builder = Project(client, project)
        word = f"87{int.from_bytes(os.urandom(3), 'big')}"
        seen = Seen()
        running = builder.start(BASE + f"RUN echo begun && sleep {word}\n", seen=seen)
        seen.wait_for_output("begun")
        relay.cut()
        with pytest.raises(BuilderError) as caught:
            running.wait()
        assert relay.endpoint in caught.value.detail
        until_no_process_has(f"sleep {word}")
        again = Seen()
        builder.build(BASE + f"ENV U={word}\nRUN echo back\n", seen=again)
        assert again.output.split() == ["back"]
        client.close()


def test_sessions_through_control_serve_many_builds_at_once(engine: Engine, project: Path) -> None:
    with Relay(engine.socket) as relay:
        client = Client(Daemon(parse(relay.endpoint)))
        builder = Project(client, project)
        (project / "big").write_bytes(os.urandom(1 << 20) * 20)
        stamp = os.urandom(8).hex()
        views = [Seen() for _ in range(8)]
        builds = [
            builder.start(BASE + f"COPY big /\nENV U={stamp}{number}\nRUN wc -c </big\n", seen=view)
            for number, view in enumerate(views)
        ]
        for running in builds:
            running.wait()
        assert [view.output.split() for view in views] == [[str(20 << 20)]] * 8
        client.close()
    until_no_thread_solves()


def test_an_engine_that_falls_silent_is_given_up(engine: Engine, builder: Project, project: Path) -> None:
    """While a step speaks all is well, for longer than silence would be borne."""
    builder.build(BASE)  # a machine with much to do may be silent while it copies files
    with Relay(engine.socket) as relay:
        client = Client(Daemon(parse(relay.endpoint)), tick=0.3)
        seen = Seen()
        step = f"RUN for i in $(seq 600); do echo {os.urandom(4).hex()}-$i; sleep 0.3; done\n"
        running = Project(client, project).start(BASE + step, seen=seen)
        seen.wait_for_output(f"-{LOOKS + 1}\n")
        relay.disturb(Disturbance(Harm.HOLD, at=0, to_engine=False))
        with pytest.raises(BuilderError, match=r"nothing was heard from it for 7\.2 s"):
            running.wait()
        client.close()
