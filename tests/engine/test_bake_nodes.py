"""Several nodes behind one builder: a target's platforms on the nodes that have them, one index of all."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

import bake
from bake import Event, Note, Phase, SolveStatus, TargetPhase
from bake.buildkit.client import Client
from bake.buildkit.endpoint import Daemon, parse
from bake.descriptor import ATTESTATION_OF, ATTESTATION_TYPE
from tests.engine.bakefile import BOTH, define, word
from tests.engine.baking import image, machine
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from tests.commands import Command
    from tools.engine.dockerd import Engine
    from tools.engine.registry import Registry

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture(scope="module")
def near(engine: Engine) -> Iterator[Relay]:
    """The first engine's BuildKit, as a `remote` node."""
    with Relay(engine.socket) as running:
        yield running


@pytest.fixture
def pair(pybake: Command, near: Relay, relay: Relay) -> None:
    """A builder of two nodes, made with pybake: amd64 on the first engine, arm64 on the second."""
    make_pair(pybake, near, relay)


def make_pair(tool: Command, near: Relay, relay: Relay) -> None:
    """`tool` is pybake or the reference: the words are the same, and so is the store."""
    name, driver = "--name=pair", "--driver=remote"
    tool("create", name, driver, "--node=amd", "--platform=linux/amd64", near.endpoint).ok()
    tool("create", name, driver, "--append", "--node=arm", "--platform=linux/arm64", relay.endpoint).ok()


def dockerfile(label: str) -> str:
    """An image whose steps name `label` and their platform."""
    stages = (
        f"FROM scratch AS of-{one}\nCOPY rootfs/{one}/ /\nRUN echo {label}-{one} > /word\n"
        for one in ("amd64", "arm64")
    )
    return "".join(stages) + "FROM of-${TARGETARCH}\n"


def built_by(relay: Relay, label: str) -> list[str]:
    """The platforms whose steps the BuildKit behind the relay has run."""
    client = Client(Daemon(parse(relay.endpoint)))
    try:
        ran = [record.description for record in client.disk_usage()]
    finally:
        client.close()
    return [one for one in ("amd64", "arm64") if any(f"{label}-{one}" in each for each in ran)]


def platforms(index: Mapping[str, Any]) -> list[str]:
    return [
        one["platform"]["architecture"]
        for one in index["manifests"]
        if ATTESTATION_TYPE not in one.get("annotations", {})
    ]


@pytest.mark.parametrize("maker", ["pybake", "reference"])
def test_one_bake_pushes_one_index_with_each_platform_built_on_its_node(
    project: Path,
    pybake: Command,
    reference: Command,
    registry: Registry,
    near: Relay,
    relay: Relay,
    maker: str,
) -> None:
    make_pair(pybake if maker == "pybake" else reference, near, relay)
    label = word()
    define(
        project,
        app={
            "dockerfile": dockerfile(label),
            "platforms": BOTH,
            "tags": [f"{registry.address}/{maker}/app:{tag}" for tag in ("1", "latest")],
            "attest": ["type=provenance,mode=min"],
            "annotations": ["index:org.example.of=several nodes"],
            "output": ["type=registry"],
        },
    )

    told = pybake("app", "--builder=pair", "--metadata-file=meta.json", "--progress=plain")

    told.ok()
    index = registry.get(f"/v2/{maker}/app/manifests/1", Accept=INDEX)
    assert registry.get(f"/v2/{maker}/app/manifests/latest", Accept=INDEX) == index
    assert platforms(index) == ["amd64", "arm64"]
    assert index["annotations"] == {"org.example.of": "several nodes"}
    subjects = [one["annotations"][ATTESTATION_OF] for one in index["manifests"] if "annotations" in one]
    images = [one["digest"] for one in index["manifests"] if "annotations" not in one]
    assert sorted(subjects) == sorted(images)
    assert (built_by(near, label), built_by(relay, label)) == (["amd64"], ["arm64"])
    response = json.loads((project / "meta.json").read_text())["app"]
    assert response["containerimage.digest"] == response["containerimage.descriptor"]["digest"]
    raw = pybake(
        "imagetools",
        "inspect",
        "--raw",
        f"{registry.address}/{maker}/app@{response['containerimage.digest']}",
    )
    assert json.loads(raw.ok().stdout) == index


@pytest.mark.usefixtures("pair")
def test_the_index_is_the_references_to_the_byte(
    project: Path, pybake: Command, reference: Command, registry: Registry
) -> None:
    define(
        project,
        app={
            "dockerfile": dockerfile("same"),
            "platforms": BOTH,
            "attest": ["type=provenance,disabled=true"],
            "annotations": ["index,manifest-descriptor:org.example=b<c"],
            "args": {"SOURCE_DATE_EPOCH": "1"},
        },
    )
    pushes = "--set=app.output=type=registry,rewrite-timestamp=true"
    for tool, name in ((pybake, "ours"), (reference, "theirs")):
        tag = f"--set=app.tags={registry.address}/nodes/{name}:1"
        tool("bake", "app", "--builder=pair", tag, pushes, f"--metadata-file={name}.json").ok()

    ours, theirs = (json.loads((project / f"{name}.json").read_text())["app"] for name in ("ours", "theirs"))
    assert ours["containerimage.digest"] == theirs["containerimage.digest"]
    shown = [
        reference("imagetools", "inspect", "--raw", f"{registry.address}/nodes/{name}:1")
        for name in ("ours", "theirs")
    ]
    assert shown[0].ok().stdout == shown[1].ok().stdout


@pytest.fixture
def trio(pybake: Command, near: Relay, relay: Relay, second_engine: Engine) -> Iterator[Callable[[], None]]:
    """A builder of three nodes; a call takes the third away."""
    with ExitStack() as stack:
        third = stack.enter_context(Relay(second_engine.socket))
        for at, endpoint in enumerate((near.endpoint, relay.endpoint, third.endpoint)):
            more = ["--append"] if at else []
            pybake("create", "--name=trio", "--driver=remote", *more, f"--node=n{at}", endpoint).ok()
        yield stack.close


def sleepers(label: str, count: int) -> dict[str, dict[str, Any]]:
    """Targets that take a while, and whose steps have names of their own."""
    step = f"RUN echo begun $NAME && sleep 2 && echo {label} > /word\n"
    return {
        f"t{at}": {
            "dockerfile": f"FROM scratch\nCOPY rootfs/amd64/ /\nARG NAME\n{step}",
            "args": {"NAME": f"{label}-{at}"},
            "output": ["type=cacheonly"],
        }
        for at in range(count)
    }


def test_what_a_lost_node_had_to_build_is_built_on_the_others(
    project: Path, environment: Mapping[str, str], trio: Callable[[], None]
) -> None:
    targets = sleepers(word(), 9)
    define(project, {"default": list(targets)}, **targets)
    events: list[Event] = []

    def watch(event: Event) -> None:
        """Take the node away once one of its steps runs."""
        events.append(event)
        logs = event.body.logs if isinstance(event.body, SolveStatus) else ()
        if event.node == "n2" and any(b"begun" in one.data for one in logs):
            trio()

    host = machine(environment, project)
    with bake.connect("trio", host=host) as builder:
        plan = builder.plan(bake.load(host=host))
        placed = {solve.target: solve.node for solve in plan.wanted.solves.values()}
        result = builder.start(plan, on_event=watch).result()

    assert Counter(placed.values()) == {"n0": 3, "n1": 3, "n2": 3}
    assert set(result.targets) == set(targets)
    built = {name: one.parts[0].node for name, one in result.targets.items()}
    assert {name for name, node in built.items() if node == "n2"} == set()
    assert all(built[name] == node for name, node in placed.items() if node != "n2")
    notes = [event.body for event in events if isinstance(event.body, Note)]
    assert [note.text.partition(":")[0] for note in notes if note.warning] == [
        "node n2 is lost, what it had to build goes to other nodes"
    ]


@pytest.mark.usefixtures("trio")
def test_no_node_builds_more_at_once_than_it_may_and_targets_return_to_their_caches(
    project: Path, environment: Mapping[str, str]
) -> None:
    targets = sleepers(word(), 12)
    define(project, {"default": list(targets)}, **targets)
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def count(event: Event) -> None:
        if isinstance(event.body, TargetPhase):
            running[event.node] += {Phase.STARTED: 1, Phase.FINISHED: -1}.get(event.body.phase, 0)
            most[event.node] = max(most[event.node], running[event.node])

    host = machine(environment, project)
    with bake.connect("trio", host=host) as builder:
        settings = bake.Settings(rules=bake.Rules(jobs_per_node=2))
        plan = builder.plan(bake.load(host=host))
        first = builder.build(plan, on_event=count, settings=settings)
        second = builder.build(builder.plan(bake.load(host=host)))

    assert dict(most) == {"n0": 2, "n1": 2, "n2": 2}
    nodes = [{name: one.parts[0].node for name, one in result.targets.items()} for result in (first, second)]
    assert nodes[0] == nodes[1]
    assert Counter(nodes[0].values()) == {"n0": 4, "n1": 4, "n2": 4}


@pytest.mark.usefixtures("pair")
def test_what_several_nodes_cannot_give_is_said_before_they_build(project: Path, pybake: Command) -> None:
    define(
        project,
        app={"dockerfile": dockerfile(word()), "platforms": BOTH, "output": ["type=tar,dest=out.tar"]},
    )

    told = pybake("app", "--builder=pair")

    assert told.code == 1
    assert "A tar output cannot be gathered from several nodes" in told.stderr
    assert not (project / "out.tar").exists()


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize("output", ["type=oci,dest=out.tar", "type=oci,dest=out,tar=false"])
def test_an_archive_of_several_nodes_is_one_image(
    project: Path, pybake: Command, registry: Registry, output: str
) -> None:
    attest = ["type=provenance,mode=min"]
    made = {"dockerfile": dockerfile("archived"), "platforms": BOTH, "attest": attest, "tags": ["x.io/a:1"]}
    define(project, app={**made, "output": [output]})

    pybake("app", "--builder=pair", "--metadata-file=m.json").ok()

    if output.endswith("tar"):
        with tarfile.open(project / "out.tar") as archive:
            archive.extractall(project / "out", filter="data")
    digest = json.loads((project / "m.json").read_text())["app"]["containerimage.digest"]
    place = f"oci-layout://{project}/out@{digest}"
    found = json.loads(pybake("imagetools", "inspect", "--raw", place).ok().stdout)
    assert platforms(found) == ["amd64", "arm64"]
    assert len(found["manifests"]) == 4
    (entry,) = json.loads((project / "out/index.json").read_text())["manifests"]
    assert entry["annotations"]["io.containerd.image.name"] == "x.io/a:1"
    pybake("imagetools", "create", "-t", f"{registry.address}/nodes/archived:1", place).ok()
    assert registry.get("/v2/nodes/archived/manifests/1", Accept=INDEX) == found


@pytest.mark.usefixtures("pair")
def test_an_image_of_several_nodes_is_loaded_as_one(
    project: Path, pybake: Command, environment: Mapping[str, str]
) -> None:
    name = f"pybake-test/{word()}:1"
    define(project, app={"dockerfile": dockerfile("loaded"), "platforms": BOTH, "tags": [name]})

    pybake("bake", "app", "--builder=pair", "--load", "--metadata-file=m.json").ok()

    digest = json.loads((project / "m.json").read_text())["app"]["containerimage.digest"]
    assert image(environment, name)["Id"] == digest


@pytest.mark.usefixtures("pair")
def test_folders_of_several_nodes_come_together(project: Path, pybake: Command) -> None:
    define(project, app={"dockerfile": dockerfile(word()), "platforms": BOTH, "output": ["out"]})

    pybake("app", "--builder=pair").ok()

    assert sorted(one.name for one in (project / "out").iterdir()) == ["linux_amd64", "linux_arm64"]
