"""Outputs, held against what the reference makes of the same bake file on the same engine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from bake.builder.engine_api import EngineApi
from bake.buildkit.endpoint import parse
from bake.errors import BuilderError
from tests.engine.bakefile import BOTH, ROOT, blobs, define, members, tree, word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry
    from tools.engine.relay import Relay

MIXED = f"""{ROOT}RUN mkdir -p /d/e && echo text > /d/f && chmod 4755 /d/f && ln -s f /d/link \\
 && ln -s /nowhere /d/dangling && mkdir -m 1777 /d/sticky && touch /d/empty && chmod 0 /d/empty \\
 && chown 12:34 /d/e && echo more > "/d/a b" && ln /d/f /d/hard
FROM scratch
COPY --from=0 /d /
"""
PINNED = {"SOURCE_DATE_EPOCH": "1600000000"}
INDEX = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def mixed(project: Path) -> Path:
    """A Dockerfile for a tree with modes, links, owners and odd names."""
    (project / "Mixed").write_text(MIXED)
    return project


@pytest.fixture
def both(pybake: Command, reference: Command) -> Callable[..., None]:
    """Bake with pybake and with the reference; `{}` in arguments stands for `ours` and `theirs`."""

    def bake(*arguments: str, **environment: str) -> None:
        pybake(*(one.replace("{}", "ours") for one in arguments), **environment).ok()
        reference("bake", *(one.replace("{}", "theirs") for one in arguments), **environment).ok()

    return bake


@pytest.fixture
def engine_api(environment: Mapping[str, str]) -> EngineApi:
    return EngineApi(parse(environment["DOCKER_HOST"]))


@pytest.mark.parametrize("platforms", [["linux/amd64"], BOTH], ids=["one", "two"])
def test_a_folder(mixed: Path, both: Callable[..., None], platforms: list[str]) -> None:
    define(mixed, app={"dockerfile": "Mixed", "platforms": platforms})

    both("app", "--set=app.output=type=local,dest={}", "--set=app.attest=type=provenance,disabled=true")

    ours, theirs = tree(mixed / "ours"), tree(mixed / "theirs")
    assert {path.rpartition("/")[2] for path in ours} >= {
        "f",
        "link",
        "dangling",
        "sticky",
        "empty",
        "a b",
        "hard",
    }
    assert ("linux_arm64" in ours) == (len(platforms) == 2)
    assert ours == theirs


def test_an_archive(mixed: Path, both: Callable[..., None]) -> None:
    define(mixed, app={"dockerfile": "Mixed"})

    both("app", "--set=app.output=type=tar,dest={}.tar")

    ours = members(mixed / "ours.tar")
    assert "hard" in ours
    assert ours == members(mixed / "theirs.tar")


@pytest.mark.parametrize("kind", ["oci", "docker"])
def test_an_image_archive(mixed: Path, both: Callable[..., None], kind: str) -> None:
    define(mixed, app={"dockerfile": "Mixed", "platforms": ["linux/amd64"], "tags": ["outputs/archive:1"]})

    both(
        "app",
        f"--set=app.output=type={kind},dest={{}}.tar,rewrite-timestamp=true",
        "--set=app.attest=type=provenance,disabled=true",
        **PINNED,
    )

    ours, theirs = blobs(mixed / "ours.tar"), blobs(mixed / "theirs.tar")
    assert {name for name in ours if name.startswith("blobs/")}
    assert untimed(ours) == untimed(theirs)


def untimed(files: dict[str, bytes]) -> dict[str, Any]:
    """The files with index.json opened, but for the time at which it was made."""
    index = json.loads(files["index.json"])
    for one in index["manifests"]:
        one.get("annotations", {}).pop("org.opencontainers.image.created", None)
    return {**files, "index.json": index}


def test_a_push_is_reproduced_to_the_byte(
    mixed: Path, both: Callable[..., None], reference: Command, registry: Registry, relay: Relay
) -> None:
    define(mixed, app={"dockerfile": "Mixed", "platforms": BOTH})
    # an Engine's own builder unpacks what it pushes, and cannot rewrite times at the same time
    reference("create", "--name=far", "--driver=remote", relay.endpoint).ok()

    both(
        "app",
        "--builder=far",
        "--no-cache",
        f"--set=app.tags={registry.address}/same/{{}}:1",
        "--set=app.output=type=registry,rewrite-timestamp=true",
        "--set=app.attest=type=provenance,disabled=true",
        **PINNED,
    )

    ours, theirs = (registry.get(f"/v2/same/{name}/manifests/1", Accept=INDEX) for name in ("ours", "theirs"))
    assert [one["platform"]["architecture"] for one in ours["manifests"]] == ["amd64", "arm64"]
    assert ours == theirs
    for one in ours["manifests"]:
        image = registry.get(f"/v2/same/ours/manifests/{one['digest']}", Accept=MANIFEST)
        assert image == registry.get(f"/v2/same/theirs/manifests/{one['digest']}", Accept=MANIFEST)


def inspected(api: EngineApi, name: str) -> dict[str, Any]:
    """What the engine says of an image."""
    found: dict[str, Any] = api.get(f"/images/{name}/json").json()
    return found


@pytest.mark.parametrize("words", [[], ["--load"]], ids=["no output", "load"])
def test_an_image_in_the_engine(
    mixed: Path, both: Callable[..., None], engine_api: EngineApi, words: list[str]
) -> None:
    define(
        mixed,
        app={
            "dockerfile": f'{ROOT}RUN echo {word()} > /w\nENV A=b\nCMD ["cat", "/w"]\n',
            "labels": {"k": "v"},
        },
    )

    both("app", *words, "--set=app.tags=outputs/store-{}:1")

    ours, theirs = (inspected(engine_api, f"outputs/store-{name}:1") for name in ("ours", "theirs"))
    assert ours["Config"]["Cmd"] == ["cat", "/w"]
    assert ours["Config"] == theirs["Config"]
    assert ours["RootFS"] == theirs["RootFS"]
    assert ours["Created"] == theirs["Created"]


def test_nothing_is_kept_of_a_cacheonly_target(project: Path, pybake: Command, engine_api: EngineApi) -> None:
    define(project, app={"tags": ["outputs/nothing:1"], "output": ["type=cacheonly"]})
    before = {path.name for path in project.iterdir()}

    pybake("app").ok()

    with pytest.raises(BuilderError, match="404"):
        inspected(engine_api, "outputs/nothing:1")
    assert {path.name for path in project.iterdir()} == before


def ran(api: EngineApi, image: str) -> str:
    """What a container of `image` prints on standard output."""
    body = json.dumps({"Image": image}).encode()
    request = api.upload("/containers/create", "application/json")
    request.write(body)
    request.end()
    made = request.reply().json()["Id"]
    try:
        api.call("POST", f"/containers/{made}/start")
        assert api.call("POST", f"/containers/{made}/wait").json()["StatusCode"] == 0
        log = api.get(f"/containers/{made}/logs?stdout=1").body
    finally:
        api.call("DELETE", f"/containers/{made}?force=1")
    # each piece has a head of eight bytes: stream, three zeros, length
    return log[8:].decode()


@pytest.mark.parametrize("tags", [["outputs/run:1"], []], ids=["with a tag", "without"])
def test_the_engine_runs_what_was_built(
    project: Path, pybake: Command, engine_api: EngineApi, tags: list[str]
) -> None:
    unique = word()
    define(project, app={"dockerfile": f'{ROOT}RUN echo {unique} > /w\nCMD ["cat", "/w"]\n', "tags": tags})

    pybake("app", "--metadata-file=meta.json").ok()

    digest = json.loads((project / "meta.json").read_text())["app"]["containerimage.digest"]
    assert ran(engine_api, tags[0] if tags else digest) == f"{unique}\n"


@pytest.mark.parametrize("words", [["--load", "--push"], []], ids=["flags", "outputs"])
def test_loaded_and_pushed_at_once(
    project: Path, pybake: Command, registry: Registry, engine_api: EngineApi, words: list[str]
) -> None:
    name = f"{registry.address}/both/ways:{len(words)}"
    outputs = {} if words else {"output": ["type=docker", "type=registry"]}
    define(project, app={"tags": [name], "attest": ["type=provenance,disabled=true"], **outputs})

    pybake("app", *words).ok()

    pushed = registry.get(f"/v2/both/ways/manifests/{len(words)}", Accept=MANIFEST)
    loaded = engine_api.get(f"/images/{name}/json").json()
    content = json.dumps(pushed, indent=2).encode()
    assert loaded["Id"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
