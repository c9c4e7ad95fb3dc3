"""Bake files for engine tests: targets in, `docker-bake.json` in a folder out; and what became of them."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ROOT = "FROM scratch\nARG TARGETARCH\nCOPY rootfs/${TARGETARCH}/ /\n"
"""A Dockerfile's first lines: a root file system with a shell, of the platform that is built."""

BOTH = ["linux/amd64", "linux/arm64"]


def define(
    folder: Path, groups: Mapping[str, list[str]] | None = None, /, **targets: Mapping[str, Any]
) -> None:
    """Write the bake file; fields are named as in it, `dockerfile` with line ends in it is an inline one.

    `${` stands for itself: it is the Dockerfile's.
    """
    made = {name: dict(fields) for name, fields in targets.items()}
    for fields in made.values():
        if "\n" in fields.get("dockerfile", ""):
            fields["dockerfile-inline"] = fields.pop("dockerfile")
    document: dict[str, Any] = {"target": made}
    if groups:
        document["group"] = {name: {"targets": members} for name, members in groups.items()}
    (folder / "docker-bake.json").write_text(json.dumps(document, indent=2).replace("${", "$${"))


def put_data(folder: Path, size: int) -> Path:
    """`folder`, made, with a file `data` so large: not all zeros, and never sent before."""
    folder.mkdir()
    with (folder / "data").open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 10) * (1 << 10))
    return folder


def word() -> str:
    """A word that no build has seen: a step with it in its command is in no cache."""
    return os.urandom(8).hex()


def records(text: str) -> list[dict[str, Any]]:
    """The messages of `--progress=rawjson`."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def tree(folder: Path) -> dict[str, tuple[str, str]]:
    """Every file below `folder`: its path to its type and mode, and its link's target or content's sum."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = ""
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(folder))] = (stat.filemode(status.st_mode), content)
    return found


def members(archive: Path) -> dict[str, tuple[object, ...]]:
    """Every member of a tar archive: its name to its type, mode, owner, link and content's sum."""
    with tarfile.open(archive) as opened:
        return {
            one.name: (one.type, one.mode, one.uid, one.gid, one.linkname, _sum(opened, one))
            for one in opened
        }


def _sum(opened: tarfile.TarFile, one: tarfile.TarInfo) -> str:
    file = opened.extractfile(one) if one.isreg() else None
    return hashlib.sha256(file.read()).hexdigest() if file else ""


def blobs(archive: Path, names: Iterable[str] = ()) -> dict[str, bytes]:
    """The files of an image archive, those called `names` or all of them, by name."""
    with tarfile.open(archive) as opened:
        found = {one.name: opened.extractfile(one) for one in opened if one.isreg()}
        return {name: file.read() for name, file in found.items() if file and (not names or name in names)}
