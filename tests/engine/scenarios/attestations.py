"""Attestations, and what the metadata file and labels tell of a build."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from tests.engine.scenarios.scenario import BASE, BOTH, PLAIN, Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.scenarios.world import World

STEPS = f"{BASE}ARG NAME=nobody\nRUN echo $NAME > /name\nFROM scratch\nCOPY --from=0 /name /\nCOPY word /\n"
WARNED = "from scratch as Last\nCOPY word /\nMAINTAINER nobody\n"
ARCHIVE = "type=oci,dest=out.tar"
GIT = {
    "GIT_AUTHOR_NAME": "me",
    "GIT_AUTHOR_EMAIL": "me@example.com",
    "GIT_COMMITTER_NAME": "me",
    "GIT_COMMITTER_EMAIL": "me@example.com",
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def git(world: World, folder: Path, *words: str) -> None:
    """Run git in `folder`, always as the same person at the same time."""
    subprocess.run(
        ["git", *words], cwd=folder, env={**world.environment, **GIT}, check=True, capture_output=True
    )


def commit(world: World, folder: Path) -> None:
    """Make the project a work tree with one commit and a remote."""
    git(world, folder, "init", "-q", "-b", "main")
    git(world, folder, "remote", "add", "origin", "https://example.com/me/project.git")
    git(world, folder, "add", "-A")
    git(world, folder, "commit", "-q", "-m", "All")


def dirty(world: World, folder: Path) -> None:
    """The same, with a change that is in no commit."""
    commit(world, folder)
    (folder / "more").write_text("")


def without_commits(world: World, folder: Path) -> None:
    """A work tree that has no commit yet."""
    git(world, folder, "init", "-q", "-b", "main")


def worktree(world: World, folder: Path) -> None:
    """A project in a subfolder of a work tree whose remote is reached by SSH."""
    commit(world, folder)
    git(world, folder, "remote", "set-url", "origin", "git@example.com:me/project.git")


def attested(name: str, *attest: str, **more: Any) -> Scenario:
    """An image archive with these attestations."""
    fields = {"attest": list(attest), "output": [ARCHIVE], "args": {"NAME": "me"}, **more.pop("fields", {})}
    return Scenario(name, {"app": fields}, {"Dockerfile": STEPS, **more.pop("files", {})}, **more)


def committed(name: str, prepare: Any = commit, **environment: str) -> Scenario:
    """An archive built from a Git work tree."""
    return attested(f"git: {name}", "type=provenance,mode=max", prepare=prepare, environment=environment)


SBOM = "type=sbom,generator=@registry@/scanner:1"
PROVENANCE = (
    attested("provenance: default"),
    attested("provenance: min", "type=provenance,mode=min"),
    attested("provenance: max", "type=provenance,mode=max"),
    attested("provenance: no mode", "type=provenance"),
    attested("provenance: disabled", PLAIN),
    attested("provenance: max of two platforms", "type=provenance,mode=max", fields={"platforms": BOTH}),
    attested("provenance: version 1", "type=provenance,mode=max,version=v1"),
    attested("provenance: version 0.2", "type=provenance,mode=min,version=v0.2"),
    attested(
        "provenance: a version that is none", "type=provenance,version=v7", code=1, empty=True, says=("v7",)
    ),
    attested("provenance: inline-only", "type=provenance,mode=max,inline-only=true"),
    attested("provenance: builder-id", "type=provenance,mode=max,builder-id=https://example.com/builder"),
    attested("provenance: reproducible", "type=provenance,mode=max,reproducible=true"),
    attested("provenance: filename", "type=provenance,mode=min,filename=other.json"),
    attested("provenance: a mode that is none", "type=provenance,mode=most", code=1, empty=True),
    attested("provenance: the flag", words="--provenance=mode=max"),
    attested("provenance: the flag says no", "type=provenance,mode=max", words="--provenance=false"),
    attested("provenance: set", words="--set=*.attest=type=provenance,mode=max"),
    attested(
        "provenance: BUILDX_NO_DEFAULT_ATTESTATIONS", environment={"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
    ),
    attested(
        "provenance: asked for with BUILDX_NO_DEFAULT_ATTESTATIONS",
        "type=provenance",
        environment={"BUILDX_NO_DEFAULT_ATTESTATIONS": "true"},
    ),
    attested(
        "provenance: pushed",
        "type=provenance,mode=max",
        fields={"output": ["type=registry"], "tags": ["@registry@/app:1"]},
    ),
    attested(
        "provenance: in the engine", "type=provenance,mode=max", fields={"output": [], "tags": ["app:1"]}
    ),
    attested(
        "provenance: of secrets and agents",
        "type=provenance,mode=max",
        fields={"secret": ["id=word"]},
        files={"Dockerfile": f"{BASE}RUN --mount=type=secret,id=word cat /run/secrets/word > /seen\n"},
    ),
    attested(
        "provenance: max as the engine's builtin args",
        "type=provenance,mode=max",
        fields={"target": "last", "labels": {"a": "b"}, "no-cache-filter": ["none"]},
        files={"Dockerfile": f"{STEPS}FROM scratch AS last\nCOPY word /last\n"},
    ),
)
SBOMS = (
    attested("sbom: generator", SBOM),
    attested("sbom: of two platforms", SBOM, PLAIN, fields={"platforms": BOTH}),
    attested("sbom: with provenance", SBOM, "type=provenance,mode=max"),
    attested("sbom: into a folder", SBOM, PLAIN, fields={"output": ["type=local,dest=out"]}),
    attested("sbom: the flag", words="--sbom=generator=@registry@/scanner:1"),
    attested("sbom: disabled", "type=sbom,disabled=true", PLAIN),
    attested("sbom: all stages", SBOM, PLAIN, fields={"args": {"BUILDKIT_SBOM_SCAN_STAGE": "true"}}),
    attested("sbom: the context", SBOM, PLAIN, fields={"args": {"BUILDKIT_SBOM_SCAN_CONTEXT": "true"}}),
    attested(
        "sbom: a generator that is not there",
        "type=sbom,generator=@registry@/nobody:1",
        code=1,
        empty=True,
        says=("not found",),
    ),
)
SOURCES = (
    committed("a work tree"),
    committed("by SSH", worktree),
    committed("no commit yet", without_commits),
    committed("no information", BUILDX_GIT_INFO="0"),
    committed("labels", BUILDX_GIT_LABELS="1"),
    committed("all labels", BUILDX_GIT_LABELS="full"),
    committed("all labels and no information", BUILDX_GIT_LABELS="full", BUILDX_GIT_INFO="false"),
    committed("a change that nobody asks about", dirty),
    committed("a change", dirty, BUILDX_GIT_CHECK_DIRTY="1", BUILDX_GIT_LABELS="true"),
    # an archive would be a change: the reference makes it before it asks git
    attested(
        "git: no change",
        "type=provenance,mode=max",
        prepare=commit,
        environment={"BUILDX_GIT_CHECK_DIRTY": "1"},
        fields={"output": [], "tags": ["app:1"]},
    ),
    Scenario(
        "git: contexts and Dockerfiles in subfolders",
        {
            "app": {
                "context": "sub",
                "dockerfile": "../files/Dockerfile",
                "contexts": {"other": "other"},
                "output": [ARCHIVE],
                "attest": ["type=provenance,mode=max"],
            }
        },
        {"files/Dockerfile": "FROM scratch\nCOPY a /\nCOPY --from=other b /\n", "sub/a": "a", "other/b": "b"},
        prepare=commit,
        environment={"BUILDX_GIT_LABELS": "full"},
    ),
)


def told(name: str, files: dict[str, str] | None = None, words: str = "", **environment: str) -> Scenario:
    """What the metadata file says of two targets, one of which has warnings."""
    targets: dict[str, dict[str, Any]] = {
        "one": {"output": ["type=local,dest=one"], "attest": ["type=provenance,mode=max"]},
        "two": {"output": ["type=oci,dest=two.tar"], "dockerfile": "Warned", "tags": ["two:1"]},
    }
    return Scenario(f"metadata: {name}", targets, {"Warned": WARNED, **(files or {})}, words, environment)


METADATA = (
    told("defaults"),
    told("provenance", BUILDX_METADATA_PROVENANCE="max"),
    told("min provenance", BUILDX_METADATA_PROVENANCE="min"),
    told("no provenance", BUILDX_METADATA_PROVENANCE="disabled"),
    told("false provenance", BUILDX_METADATA_PROVENANCE="0"),
    told("warnings", BUILDX_METADATA_WARNINGS="1"),
    told("no warnings", BUILDX_METADATA_WARNINGS="0"),
    told("everything", BUILDX_METADATA_WARNINGS="true", BUILDX_METADATA_PROVENANCE="max"),
    told("of one target", words="two", BUILDX_METADATA_WARNINGS="true"),
)

SCENARIOS = (*PROVENANCE, *SBOMS, *SOURCES, *METADATA)
