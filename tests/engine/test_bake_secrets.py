"""Secrets through the command: they reach the step that asks for them, and nothing else."""

from __future__ import annotations

import gzip
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import ROOT, define, word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command, Result

SECRETS = ["id=token,env=TOKEN", "id=file,src=hidden/password"]
MOUNTS = "--mount=type=secret,id=token,required --mount=type=secret,id=file,required"


@pytest.fixture
def password(project: Path) -> str:
    """What the file `hidden/password` holds."""
    made = word()
    (project / "hidden").mkdir()
    (project / "hidden" / "password").write_text(made)
    return made


def everything(result: Result, folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that a run said and left: its streams, and all files of the folder but the secret's own."""
    yield "stdout", result.stdout.encode()
    yield "stderr", result.stderr.encode()
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "hidden":
            yield str(path), path.read_bytes()
            if path.suffix == ".tar":
                yield from unpacked(path)


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        for one in opened:
            file = opened.extractfile(one) if one.isreg() else None
            data = file.read() if file else b""
            yield one.name, gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


@pytest.mark.parametrize("progress", ["plain", "rawjson", "json", "quiet"])
def test_secrets_reach_the_step_and_nothing_that_is_said_or_written(
    project: Path, pybake: Command, password: str, progress: str
) -> None:
    token = word()
    # the step proves with their sums that it has both
    proof = "cat /run/secrets/token /run/secrets/file | sha256sum > /proof"
    define(
        project,
        app={
            "secret": SECRETS,
            "dockerfile": f"{ROOT}ENV U={word()}\nRUN {MOUNTS} {proof}\n",
            "output": ["type=local,dest=out", "type=oci,dest=image.tar"],
            "attest": ["type=provenance,mode=max"],
        },
    )

    told = pybake(
        "app",
        f"--progress={progress}",
        "--metadata-file=meta.json",
        *(f"--report=report.{form}" for form in ("html", "json", "md", "xml")),
        TOKEN=token,
        BUILDX_METADATA_PROVENANCE="max",
    ).ok()

    from hashlib import sha256

    assert (project / "out/proof").read_text().split()[0] == sha256((token + password).encode()).hexdigest()
    for secret in (token, password):
        assert [name for name, data in everything(told, project) if secret.encode() in data] == []


def test_a_step_that_fails_with_a_secret_does_not_tell_it(
    project: Path, pybake: Command, password: str
) -> None:
    token = word()
    define(
        project,
        app={
            "secret": SECRETS,
            "dockerfile": f"{ROOT}RUN {MOUNTS} echo {word()}; cat /run/secrets/* > /dev/null; exit 3\n",
        },
    )

    told = pybake("app", "--metadata-file=meta.json", "--report=report.html", TOKEN=token)

    assert told.code == 1
    assert "exit code: 3" in told.stderr
    for secret in (token, password):
        assert [name for name, data in everything(told, project) if secret.encode() in data] == []


def test_printing_names_secrets_and_does_not_open_them(project: Path, pybake: Command, password: str) -> None:
    token = word()
    define(project, app={"secret": SECRETS})

    told = pybake("app", "--print", TOKEN=token).ok()

    assert '"id": "token"' in told.stdout
    assert token not in told.stdout + told.stderr
    assert password not in told.stdout + told.stderr


def test_a_missing_secret_fails_the_step_that_requires_it(project: Path, pybake: Command) -> None:
    define(
        project,
        optional={"dockerfile": f"{ROOT}RUN --mount=type=secret,id=token test ! -e /run/secrets/token\n"},
        required={"dockerfile": f"{ROOT}RUN --mount=type=secret,id=token,required true\n"},
        lost={"dockerfile": f"{ROOT}RUN true\n", "secret": ["id=token,src=nowhere"]},
    )

    pybake("optional").ok()
    required, lost = pybake("required"), pybake("lost")

    assert (required.code, lost.code) == (1, 1)
    assert ">>> RUN --mount=type=secret,id=token,required true" in required.stderr
    assert "secret token: not found" in required.stderr
    assert "env=VARIABLE" in required.stderr
    assert "docker-bake.json:" in lost.stderr
    assert "nowhere" in lost.stderr
