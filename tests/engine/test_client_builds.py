"""The client builds on a real engine: plain, on two platforms, linked, in crowds, with secrets."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.control import Prune
from bake.buildkit.history import EventType, Query
from bake.buildkit.services import filesync, secrets
from bake.buildkit.solve import Request
from bake.solve import Export, InlineTree, Link, LocalTree, Secret, Solve, SolveKey
from tests.engine.building import BASE, Project, Seen, connected, until_no_thread_solves, until_unused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bake.buildkit.client import Client, Trees
    from tools.engine.dockerd import Engine

BOTH = {"platform": "linux/amd64,linux/arm64"}


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    with connected(engine) as one:
        yield one


@pytest.fixture
def builder(client: Client, project: Path) -> Project:
    return Project(client, project)


def unique() -> str:
    """An instruction that no cache knows."""
    return f"ENV UNIQUE={os.urandom(8).hex()}\n"


def test_workers_and_version(client: Client) -> None:
    (worker,) = client.workers()
    assert "linux/amd64" in map(str, worker.platforms)
    assert worker.labels["org.mobyproject.buildkit.worker.snapshotter"] == "overlayfs"
    assert worker.gc_policy[-1].all
    assert client.info().package == "github.com/moby/buildkit"


def test_a_plain_build_and_its_second_cached_run(builder: Project) -> None:
    dockerfile = BASE + unique() + "RUN echo out; echo err >&2\n"
    first, second = Seen(), Seen()
    export = (Export("image", {"name": "plain:latest"}),)
    result = builder.build(dockerfile, seen=first, exports=export)
    again = builder.build(dockerfile, seen=second, exports=export)
    assert result.response["image.name"] == "plain:latest"
    assert result.response["containerimage.config.digest"] == again.response["containerimage.config.digest"]
    assert sorted(first.output.split()) == ["err", "out"]
    assert {log.stream for status in first.statuses for log in status.logs} == {1, 2}
    step = "[2/2] RUN echo out; echo err >&2"
    assert not first.steps[step].cached
    assert first.steps[step].completed is not None
    assert second.steps[step].cached


def test_two_platforms_make_an_index(builder: Project) -> None:
    seen = Seen()
    result = builder.build(
        BASE + unique() + "RUN uname -m\n",
        seen=seen,
        attrs=BOTH,
        exports=(Export("image", {"name": "both"}),),
    )
    descriptor = json.loads(base64.b64decode(result.response["containerimage.descriptor"]))
    assert descriptor["mediaType"].endswith(("manifest.list.v2+json", "image.index.v1+json"))
    assert sorted(seen.output.split()) == ["aarch64", "x86_64"]


@pytest.mark.parametrize("attrs", [{}, BOTH], ids=["one platform", "two platforms"])
def test_a_linked_pair_runs_the_shared_steps_once(builder: Project, attrs: dict[str, str]) -> None:
    parent_seen, child_seen = Seen(), Seen()
    platforms = attrs.get("platform", "").split(",")
    parent = builder.start(
        BASE + unique() + "RUN echo made:$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' ') | tee /made\n",
        name="parent",
        seen=parent_seen,
        attrs={**attrs, "no-cache": ""},
        linked=True,
        exports=(Export("image", {"name": "parent:latest"}),),
    )
    assert set(parent.linked().definitions) == set(platforms)
    child = builder.start(
        "FROM base\nRUN echo found:$(cat /made) path:$PATH\n",
        name="child",
        seen=child_seen,
        attrs={**attrs, "context:base": "target:parent"},
        links=(Link("base", SolveKey("parent")),),
        inputs={"base": parent},
    )
    child.linked()
    parent.release()
    child.wait()
    parent.wait()
    words = [*parent_seen.output.split(), *child_seen.output.split()]
    made = {word for word in words if word.startswith("made:")}
    assert len(made) == len(platforms)
    assert {word.removeprefix("found:") for word in words if word.startswith("found:")} == made
    # the parent's image config came along: scratch alone has no PATH
    assert "path:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" in words


def test_a_secret_reaches_the_step_and_nothing_else(builder: Project) -> None:
    seen = Seen()
    methods = secrets.methods([Secret("token", env="TOKEN")], {"TOKEN": "hunter2"})
    builder.build(
        BASE + unique() + "RUN --mount=type=secret,id=token wc -c </run/secrets/token\n",
        seen=seen,
        methods=methods,
    )
    assert seen.output.split() == ["7"]


def test_a_call_gives_metadata_and_runs_nothing(builder: Project) -> None:
    seen = Seen()
    result = builder.build(
        "FROM scratch as Upper\nRUN never\n", seen=seen, call="frontend.lint", internal=True
    )
    rules = [warning["ruleName"] for warning in json.loads(result.metadata["result.json"])["warnings"]]
    assert "StageNameCasing" in rules
    assert not any("never" in name for name in seen.steps)


def test_fifty_builds_at_once_on_one_connection(client: Client, project: Path) -> None:
    count = 50
    stamp = unique()
    trees: Trees = {
        "context": LocalTree(str(project)),
        "dockerfile": InlineTree({"Dockerfile": (BASE + stamp).encode()}),
    }
    shared = client.share_files([trees] * count, filesync.methods)
    views = [Seen() for _ in range(count)]
    builds = [
        client.start(
            Request(
                Solve(SolveKey(str(number)), "t", "n", locals=trees, attrs={"label:n": str(number)}),
                session=shared.first,
                files=shared.attrs(trees),
                on_status=view,
            )
        )
        for number, view in enumerate(views)
    ]
    refs = {build.wait().ref for build in builds}
    shared.close()
    assert len(refs) == count
    assert all(any("COPY rootfs" in name for name in view.steps) for view in views)
    until_no_thread_solves()


def test_trees_of_the_same_name_are_kept_apart(client: Client) -> None:
    wanted: list[Trees] = [
        {
            "context": InlineTree({"word": b"%d" % number}),
            "dockerfile": InlineTree({"Dockerfile": b"FROM scratch\nCOPY word /\n"}),
        }
        for number in range(3)
    ]
    shared = client.share_files(wanted, filesync.methods)
    digests = set()
    for trees in wanted:
        solve = Solve(SolveKey("a"), "a", "n", locals=trees, exports=(Export("image"),))
        result = client.start(Request(solve, session=shared.first, files=shared.attrs(trees))).wait()
        digests.add(result.response["containerimage.config.digest"])
    shared.close()
    assert len(digests) == 3


def test_history_disk_usage_and_pruning(builder: Project, client: Client) -> None:
    word = f"kept {os.urandom(8).hex()}"
    result = builder.build(f"{BASE}RUN echo {word} | tee /kept\n")
    (event,) = client.history(Query(ref=result.ref))
    assert event.type is EventType.COMPLETE
    assert (event.record.ref, event.record.error, event.record.frontend) == (result.ref, "", "dockerfile.v0")
    assert event.record.completed_at is not None
    assert event.record.logs is not None
    assert word.encode() in client.read_blob(event.record.logs.digest)
    client.delete_history(result.ref)
    assert result.ref not in {event.record.ref for event in client.history(Query())}
    assert any(record.size for record in client.disk_usage())
    until_unused(client, word)
    freed = list(client.prune(Prune(filters=("type==regular",), all=True)))
    left = [record for record in client.disk_usage() if word in record.description]
    assert any(word in record.description for record in freed), left
