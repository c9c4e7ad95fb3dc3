"""Caches through the command: written with one engine, read by another that has nothing of it.

The proof is a step that writes a word from the kernel's random numbers: only a step that was not run
again gives the same word.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.actions_cache import ActionsCache
from tests.engine.bakefile import ROOT, define, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.commands import Command, Result
    from tools.engine.dockerd import Engine
    from tools.engine.registry import Registry

RANDOM = "cat /proc/sys/kernel/random/uuid >"


@pytest.fixture(scope="module")
def actions() -> Iterator[ActionsCache]:
    with ActionsCache() as running:
        yield running


@pytest.fixture
def second(second_engine: Engine, project: Path, pybake: Command) -> Command:
    """The same command in the same folder, with the other engine."""
    assert project == pybake.folder
    return pybake.where(DOCKER_HOST=second_engine.host)


@dataclass
class Cached:
    """A Dockerfile of two stages with a random word each, `/base` and `/last`, that no engine has built.

    `bake` builds it with fields of the target, and gives the words.
    """

    folder: Path
    dockerfile: str

    def define(self, **fields: Any) -> None:
        target = {"dockerfile": self.dockerfile, "output": ["out"], **fields}
        define(self.folder, app=target)

    def bake(self, run: Command, *words: object, **fields: Any) -> dict[str, str]:
        self.define(**fields)
        run("app", *words).ok()
        return self.words()

    def words(self) -> dict[str, str]:
        return {name: (self.folder / "out" / name).read_text().strip() for name in ("base", "last")}


@pytest.fixture
def cached(project: Path) -> Cached:
    stages = f"{ROOT}ENV WORD={word()}\nRUN {RANDOM} /base\n"
    last = f"FROM base\nARG LATER\nRUN {RANDOM} /last\n"
    return Cached(project, f"{stages.replace('FROM scratch', 'FROM scratch AS base')}{last}")


def services(registry: Registry, name: str) -> dict[str, tuple[str, str]]:
    """How a cache is written and read, by its type."""
    return {
        "registry": (f"type=registry,ref={registry.address}/cache:{name},mode=max",) * 2,
        "local": ("type=local,dest=cache,mode=max", "type=local,src=cache"),
        "gha": (f"type=gha,scope={name},mode=max", f"type=gha,scope={name}"),
    }


@pytest.mark.parametrize(
    ("kind", "version"),
    [("registry", 0), ("local", 0), ("gha", 1), ("gha", 2)],
    ids=["registry", "local", "gha-1", "gha-2"],
)
def test_a_second_engine_takes_what_the_first_one_wrote(
    cached: Cached,
    pybake: Command,
    second: Command,
    registry: Registry,
    actions: ActionsCache,
    kind: str,
    version: int,
) -> None:
    written, read = services(registry, word())[kind]
    given: Mapping[str, str] = actions.environment(version) if version else {}
    actions.requests.clear()

    first = cached.bake(pybake.where(**given), **{"cache-to": [written]})
    again = cached.bake(second.where(**given), **{"cache-from": [read]})

    assert again == first
    if version:
        paths = {"1": "/_apis/artifactcache/", "2": "/twirp/"}
        assert any(paths[str(version)] in request for request in actions.requests)
        assert not any(paths[str(3 - version)] in request for request in actions.requests)


def test_without_a_cache_the_second_engine_runs_the_steps(
    cached: Cached, pybake: Command, second: Command
) -> None:
    first, again = cached.bake(pybake), cached.bake(second)

    assert not set(first.values()) & set(again.values())


def test_the_cache_inside_of_an_image(
    cached: Cached, pybake: Command, second: Command, registry: Registry
) -> None:
    name = f"{registry.address}/inline:{word()}"
    outputs = ["type=local,dest=out", f"type=image,push=true,name={name}"]
    first = cached.bake(pybake, output=outputs, **{"cache-to": ["type=inline"]})

    assert cached.bake(second, **{"cache-from": [name]}) == first


def test_the_cache_inside_of_an_image_by_build_argument(
    cached: Cached, pybake: Command, second: Command, registry: Registry
) -> None:
    name = f"{registry.address}/inline:{word()}"
    outputs = ["type=local,dest=out", f"type=image,push=true,name={name}"]
    first = cached.bake(pybake, output=outputs, args={"BUILDKIT_INLINE_CACHE": "1"})

    again = cached.bake(
        second, args={"BUILDKIT_INLINE_CACHE": "1"}, **{"cache-from": [f"type=registry,ref={name}"]}
    )
    assert again == first


@pytest.mark.parametrize(("mode", "hit"), [("max", True), ("min", False)])
def test_how_much_is_written(
    project: Path, pybake: Command, second: Command, registry: Registry, mode: str, hit: bool
) -> None:
    stages = f"{ROOT}ENV WORD={word()}\nRUN {RANDOM} /base\n".replace("FROM scratch", "FROM scratch AS base")
    last = "FROM scratch\nCOPY --from=base /base /base\nCOPY --from=base /base /last\n"
    ref = f"{registry.address}/mode:{word()}"
    whole, part = Cached(project, stages + last), Cached(project, f"{stages}RUN cp /base /last\n")

    first = whole.bake(pybake, **{"cache-to": [f"type=registry,ref={ref},mode={mode}"]})
    again = part.bake(second, **{"cache-from": [ref]})

    assert (again["base"] == first["base"]) is hit


def test_what_a_registry_s_cache_is_made_of(cached: Cached, pybake: Command, registry: Registry) -> None:
    made = {
        "image": "image-manifest=true,compression=zstd,force-compression=true",
        "index": "image-manifest=false,oci-mediatypes=false",
    }
    entries = [f"type=registry,ref={registry.address}/made:{tag},{attrs}" for tag, attrs in made.items()]
    cached.bake(pybake, **{"cache-to": entries})

    oci = "application/vnd.oci.image.manifest.v1+json"
    image = registry.get("/v2/made/manifests/image", Accept=oci)
    assert image["config"]["mediaType"] == "application/vnd.buildkit.cacheconfig.v0"
    assert {one["mediaType"] for one in image["layers"]} == {"application/vnd.oci.image.layer.v1.tar+zstd"}
    listed = "application/vnd.docker.distribution.manifest.list.v2+json"
    assert registry.get("/v2/made/manifests/index", Accept=listed)["mediaType"] == listed


def test_a_cache_that_cannot_be_written(cached: Cached, pybake: Command) -> None:
    lost = "type=registry,ref=127.0.0.1:1/cache"
    cached.define(**{"cache-to": [lost]})
    told = pybake("app")
    assert told.code == 1
    assert "127.0.0.1:1" in told.stderr

    cached.bake(pybake, **{"cache-to": [f"{lost},ignore-error=true"]})


def test_a_cache_that_cannot_be_read_is_told_and_not_needed(cached: Cached, pybake: Command) -> None:
    cached.define(**{"cache-from": ["127.0.0.1:1/cache"]})
    told = pybake("app", "--progress=plain").ok()
    assert "importing cache manifest from 127.0.0.1:1/cache" in told.stderr


def test_steps_that_are_run_anyway(cached: Cached, pybake: Command) -> None:
    first = cached.bake(pybake)
    assert cached.bake(pybake) == first

    filtered = cached.bake(pybake, **{"no-cache-filter": ["base"]})
    assert filtered["base"] != first["base"]
    without = cached.bake(pybake, **{"no-cache": True})
    assert not set(without.values()) & {*first.values(), *filtered.values()}
    assert cached.bake(pybake, "--no-cache") != without


@pytest.mark.parametrize("kind", ["s3", "azblob"])
def test_a_type_that_the_engine_lacks(cached: Cached, pybake: Command, kind: str) -> None:
    """Docker's own engine has neither; a builder of its own has."""
    attrs = (
        "region=r,bucket=b,account_url=http://127.0.0.1:1/account,secret_access_key=s3cret,access_key_id=mine"
    )
    cached.define(**{"cache-to": [f"type={kind},{attrs}"]})
    told = pybake("app")
    assert told.code == 1
    assert f'unknown cache exporter: "{kind}"' in told.stderr
    assert "pybake create --driver docker-container" in told.stderr
    assert "s3cret" not in told.stderr

    cached.define(**{"cache-from": [f"type={kind},{attrs}"]})
    told = pybake("app", "--progress=plain").ok()
    assert f"unknown cache importer: {kind}" in told.stderr
    assert "s3cret" not in told.stderr


def test_gha_away_from_github_says_what_is_missing(cached: Cached, pybake: Command) -> None:
    cached.define(**{"cache-from": ["type=gha"], "cache-to": ["type=gha"]})
    told = pybake("app", "--progress=plain").ok()
    line = "gha cache is not used: ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL not set"
    assert told.stderr.count(line) == 1


@pytest.mark.parametrize("progress", ["plain", "rawjson"])
def test_credentials_are_shown_nowhere(
    cached: Cached, pybake: Command, actions: ActionsCache, home: Path, progress: str
) -> None:
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text(
        "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s3cret\naws_session_token = t0ken\n"
    )
    given = {**actions.environment(2), "AWS_PROFILE": "work"}
    secrets = (actions.token, "AKIAWORK", "s3cret", "t0ken")
    reads = ["type=gha,scope=secret", "type=s3,region=r,bucket=b"]
    cached.define(**{"cache-from": reads, "cache-to": ["type=gha,scope=secret"]})
    run = pybake.where(**given)

    printed = run("--print", "app").ok()
    built = run(
        "app", f"--progress={progress}", "--metadata-file=meta.json", BUILDX_METADATA_PROVENANCE="max"
    ).ok()
    cached.define(**{"cache-to": ["type=s3,region=r,bucket=b"]})
    failed = run("app", f"--progress={progress}")
    assert failed.code == 1

    said = [printed.stdout, built.stdout, built.stderr, failed.stdout, failed.stderr]
    said.append((cached.folder / "meta.json").read_text())
    said += [
        pybake("history", *words).ok().stdout for words in (["ls"], ["inspect"], ["inspect", "--format=json"])
    ]
    assert [text for text in said for secret in secrets if secret in text] == []


def damaged_blobs(folder: Path) -> None:
    for blob in (folder / "blobs/sha256").iterdir():
        blob.chmod(0o644)
        blob.write_bytes(b"damaged")


def without_manifest(folder: Path) -> None:
    [entry] = json.loads((folder / "index.json").read_text())["manifests"]
    (folder / "blobs/sha256" / entry["digest"].removeprefix("sha256:")).unlink()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "absent": shutil.rmtree,
    "no-index": lambda folder: (folder / "index.json").unlink(),
    "broken-index": lambda folder: (folder / "index.json").write_text("{"),
    "no-manifest": without_manifest,
    "no-tag": lambda _folder: None,
    "blobs": damaged_blobs,
}
"""What may have happened to a cache's folder."""


class TestLocal:
    """The client's part of the local cache."""

    @pytest.mark.parametrize("by", ["tag", "digest"])
    def test_by_tag_and_by_digest(self, cached: Cached, pybake: Command, second: Command, by: str) -> None:
        first = cached.bake(pybake, **{"cache-to": ["type=local,dest=cache,mode=max,tag=one"]})
        index = json.loads((cached.folder / "cache/index.json").read_text())
        [entry] = index["manifests"]
        assert entry["annotations"]["org.opencontainers.image.ref.name"] == "one"
        read = "tag=one" if by == "tag" else f"digest={entry['digest']}"
        assert cached.bake(second, **{"cache-from": [f"type=local,src=cache,{read}"]}) == first

    def test_damaged_caches_are_warnings(self, cached: Cached, pybake: Command) -> None:
        cached.bake(pybake, **{"cache-to": ["type=local,dest=whole,mode=max"]})
        for name, damage in DAMAGES.items():
            shutil.copytree(cached.folder / "whole", cached.folder / name)
            damage(cached.folder / name)
        targets = {
            name: {
                "dockerfile": f"{cached.dockerfile}RUN echo {word()}\n",
                "cache-from": [f"type=local,src={name}" + (",tag=other" if name == "no-tag" else "")],
                "output": ["type=cacheonly"],
            }
            for name in DAMAGES
        }
        define(cached.folder, {"all": list(targets)}, **targets)

        said = pybake("all", "--progress=plain").ok().stderr

        told = {name: f"local cache {cached.folder / name} is not used" in said for name in DAMAGES}
        # what is wrong with a blob is found by BuildKit, which goes on without it
        assert told == {name: name != "blobs" for name in DAMAGES}

    def test_writers_at_once_lose_nothing(self, project: Path, pybake: Command, second: Command) -> None:
        names = [f"t{index}" for index in range(6)]
        made = {name: f"{ROOT}ENV WORD={word()}\nRUN {RANDOM} /base; cp /base /last\n" for name in names}
        write = {
            name: {
                "dockerfile": text,
                "output": [f"{name}/out"],
                "cache-to": [f"type=local,dest=cache,tag={name}"],
            }
            for name, text in made.items()
        }
        define(project, {"all": names}, **write)
        pybake("all").ok()

        index = json.loads((project / "cache/index.json").read_text())
        tags = [one["annotations"]["org.opencontainers.image.ref.name"] for one in index["manifests"]]
        assert sorted(tags) == names
        assert list((project / "cache/ingest").iterdir()) == []
        read = {
            name: {
                "dockerfile": text,
                "output": [f"{name}/again"],
                "cache-from": [f"type=local,src=cache,tag={name}"],
            }
            for name, text in made.items()
        }
        define(project, {"all": names}, **read)
        second("all").ok()
        for name in names:
            assert (project / name / "again/base").read_text() == (project / name / "out/base").read_text()

    @pytest.mark.parametrize("ours_first", [True, False])
    def test_the_reference_s_cache_is_ours(
        self,
        cached: Cached,
        pybake: Command,
        second: Command,
        reference: Command,
        second_engine: Engine,
        ours_first: bool,
    ) -> None:
        other = reference.where(BUILDX_BAKE_ENTITLEMENTS_FS="0")

        def theirs(*words: object, **environment: str) -> Result:
            return other("bake", *words, **environment)

        write, read = (
            {"cache-to": ["type=local,dest=cache,mode=max"]},
            {"cache-from": ["type=local,src=cache"]},
        )
        cached.define(**write)
        (pybake if ours_first else theirs)("app").ok()
        first = cached.words()
        cached.define(**read)
        if ours_first:
            theirs("app", DOCKER_HOST=second_engine.host).ok()
        else:
            second("app").ok()
        assert cached.words() == first
