"""A context of 3,000 files of every kind arrives as it does from the reference."""

from __future__ import annotations

import json
import os
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.scenarios.facts import archive, flat
from tests.engine.scenarios.scenario import EPOCH

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

FILES = 3000
NAMES = (
    "plain",
    "with space",
    "ümlaut",
    "日本語",
    "é combining",
    "star*",
    "[class]",
    "dot.dot",
    "-dash",
    "#hash",
    "q?",
)
MODES = (0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1666, 0o000, 0o444)
IGNORE = """\
# what stays behind
**/*.tmp
secret*
!secret-but-sent*
dir-1?/**
!dir-11
dir-2/?lain*
**/ümlaut/deep
"""
FIELDS = {
    "dockerfile": "../Own.Dockerfile",
    "no-cache": True,
    "output": ["type=tar,dest=tree.tar", "type=oci,dest=image.tar"],
    "attest": ["type=provenance,disabled=true"],
}


def plant(folder: Path) -> None:
    """The tree, the same wherever and whenever it is planted. It is called as `folder`, because BuildKit
    takes folders of one name for one that has changed."""
    choose = random.Random(3000)
    tree = folder / folder.name
    folders = [tree]
    for number in range(150):
        parent = choose.choice(folders)
        place = parent / (f"dir-{number}" if number % 3 else choose.choice(NAMES))
        place.mkdir(parents=True, exist_ok=True)
        folders.append(place)
    regular: list[Path] = []
    for number in range(FILES):
        ending = choose.choice(("", ".txt", ".tmp", ".ö"))
        place = (
            choose.choice(folders) / f"{choose.choice((*NAMES, 'secret', 'secret-but-sent'))}{number}{ending}"
        )
        kind = number % 10
        if kind == 7:
            place.symlink_to(choose.choice(("../plain", "/etc/passwd", ".", "nowhere", "日本語/x")))
            os.utime(place, (EPOCH, EPOCH + number), follow_symlinks=False)
        elif kind == 8 and regular:
            os.link(choose.choice(regular), place)
        else:
            place.write_bytes(
                choose.randbytes(choose.choice((0, 1, 10, 1000, 70_000 if number % 50 == 0 else 100)))
            )
            regular.append(place)
    for number, place in enumerate(regular):
        if number % 9 == 0:
            os.setxattr(place, "user.note", f"{number}\0ä".encode())
        place.chmod(MODES[number // 4 % len(MODES)] if number % 4 == 0 else 0o644)
        os.utime(place, ns=(0, EPOCH * 10**9 + number * 1_000_007))
    for number, place in enumerate(reversed(folders)):
        place.chmod(0o755 if number % 5 else 0o1777)
        os.utime(place, (EPOCH + number, EPOCH + number))
    (folder / "Own.Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (folder / "Own.Dockerfile.dockerignore").write_text(IGNORE)
    (tree / ".dockerignore").write_text("*\n")
    os.utime(tree / ".dockerignore", (EPOCH, EPOCH))
    os.utime(tree, (EPOCH, EPOCH))
    (folder / "docker-bake.json").write_text(
        json.dumps({"target": {"default": {"context": folder.name, **FIELDS}}})
    )


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes are set as Linux does it")
def test_three_thousand_files_arrive_as_from_the_reference(
    pybake: Command, reference: Command, tmp_path: Path
) -> None:
    made = {}
    for name, bake in (("ours", pybake), ("theirs", reference)):
        folder = tmp_path / name
        plant(folder)
        bake.at(folder)("bake").ok()
        made[name] = {one: archive((folder / one).read_bytes(), set()) for one in ("tree.tar", "image.tar")}

    assert_is_the_tree(made["ours"]["tree.tar"])
    layers = [layers_of(made[name]["image.tar"]) for name in ("ours", "theirs")]
    assert layers[0] == layers[1]
    ours, theirs = flat(made["ours"]["tree.tar"]), flat(made["theirs"]["tree.tar"])
    assert {path: one for path, one in ours.items() if theirs.get(path) != one} == {}
    assert len(ours) == len(theirs)


def assert_is_the_tree(members: dict[str, Any]) -> None:
    """Something of every kind is there, and nothing that the ignore file leaves out."""
    kinds = {one["type"] for one in members.values()}
    assert {"0", "1", "2", "5"} <= kinds
    assert len(members) > FILES / 2
    assert any(one["attributes"] for one in members.values())
    assert {"0o4755", "0o2755", "0o1777", "0o0"} <= {one["mode"] for one in members.values()}
    names = [name.rpartition("/")[2] for name in members]
    assert any("日本語" in name for name in names)
    assert any(name.startswith("secret-but-sent") for name in members)
    assert {name[:15] for name in names if name.endswith(".tmp")} == {"secret-but-sent"}


def layers_of(image: dict[str, Any]) -> list[str]:
    (manifest,) = image["index.json"]["manifests"]
    return [layer["digest"] for layer in manifest["body"]["layers"]]
