"""The library on a real engine: the example, the events, a failure, asyncio, BuildKit's client alone."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bake
from bake.buildkit import Query
from tests.engine.bakefile import ROOT, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.host import Host
    from tests.commands import Command
    from tools.engine.dockerd import Engine

EXAMPLE = Path(__file__).parents[2] / "examples/api/build.py"


@pytest.fixture
def host(environment: Mapping[str, str], project: Path) -> Host:
    return bake.this_machine(environment, str(project))


def definition(**dockerfiles: str) -> bake.Definition:
    return bake.define(
        *(
            bake.Target(name=name, dockerfile_inline=f"{ROOT}{text}\n", output=["type=image"])
            for name, text in dockerfiles.items()
        )
    )


@pytest.mark.usefixtures("project")
def test_the_example_builds_two_and_cancels_one(pybake: Command) -> None:
    assert len(EXAMPLE.read_text().splitlines()) < 30

    said = pybake.where(BOX="rootfs/amd64").runs(sys.executable, EXAMPLE)().ok().stdout.splitlines()

    assert [line.split()[0] for line in said] == ["base", "app", "endless"]
    digests = [line.split()[1] for line in said[:2]]
    assert all(one.startswith("sha256:") for one in digests)
    assert digests[0] != digests[1]
    assert said[2] == "endless was canceled"


def test_plan_and_result_agree_with_the_metadata_file(host: Host, project: Path) -> None:
    with bake.connect(host=host) as builder:
        plan = builder.plan(definition(app=f"RUN echo {word()}"), "app")
        result = builder.build(plan)
        builder.write_metadata(str(project / "meta.json"), plan, result)
    app = result["app"]

    written = json.loads((project / "meta.json").read_text())["app"]
    assert plan.nodes("app") == (app.parts[0].node,)
    assert app.digest == written["containerimage.digest"]
    assert app.metadata.items() <= written.items()
    assert app.descriptor is not None
    assert app.descriptor.digest == app.digest
    assert app.completed > app.started


def test_events_tell_what_runs(host: Host) -> None:
    unique = word()
    run = bake.start(definition(app=f"RUN echo {unique}"), "app", host=host)

    events = list(run)

    phases = [event.body.phase for event in events if isinstance(event.body, bake.TargetPhase)]
    assert phases[-1] is bake.Phase.FINISHED
    statuses = [event.body for event in events if isinstance(event.body, bake.SolveStatus)]
    assert unique.encode() in b"".join(log.data for status in statuses for log in status.logs)


def test_a_failing_target_leaves_the_other_in_the_result(host: Host) -> None:
    both = definition(good=f"RUN echo {word()}", bad="RUN exit 7")
    rules = bake.Rules(keep_going=True)
    with bake.connect(host=host) as builder:
        result = builder.start(builder.plan(both, "*"), settings=bake.Settings(rules=rules)).wait()

    assert list(result.targets) == ["good"]
    error = result.errors["bad"]
    assert isinstance(error, bake.SolveError)
    assert error.exit_status == 7


def test_asyncio_awaits_several_builds_at_once(host: Host) -> None:
    async def both() -> list[bake.Result]:
        runs = [bake.start(definition(app=f"RUN echo {word()}"), "app", host=host) for _ in range(2)]
        return [await run for run in runs]

    results = asyncio.run(both())

    assert len({result["app"].digest for result in results}) == 2


def test_what_is_wanted_of_the_machine_must_be_allowed(
    host: Host, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    wanted = bake.define(bake.Target(name="app", context=str(outside), output=["type=cacheonly"]))

    with bake.connect(host=host) as builder:
        with pytest.raises(bake.UsageError, match="additional privileges requested") as refused:
            builder.build(builder.plan(wanted, "app"))
        assert "allow=['fs.read=../outside0'] grants them" in (refused.value.hint or "")
        assert builder.build(builder.plan(wanted, "app"), allow=[f"fs.read={outside}"]).ok


def test_buildkit_has_a_client_of_its_own(engine: Engine) -> None:
    dockerfile = bake.buildkit.InlineTree({"Dockerfile": b"FROM scratch\nADD Dockerfile /\n"})
    solve = bake.buildkit.Solve(
        locals={"context": dockerfile, "dockerfile": dockerfile}, exports=(bake.buildkit.Export("image"),)
    )
    with bake.buildkit.connect(engine.host) as client:
        assert client.workers()
        assert isinstance(client.disk_usage(), list)
        result = client.solve(solve)
        remembered = [event.record.ref for event in client.history(Query(ref=result.ref))]

    assert result.response["containerimage.digest"].startswith("sha256:")
    assert remembered == [result.ref]
