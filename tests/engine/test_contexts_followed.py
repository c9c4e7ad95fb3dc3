"""What COPY finds behind symlinks: only those files of the context are sent that a build names, and what
they lead to. The reference builds the same on the same engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define, tree, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

FILES = (
    "plain",
    "deep/a/file",
    "deep/b/file",
    "deep/b/other",
    "many/one.txt",
    "many/two.txt",
    "many/[x].txt",
)
LINKS = {
    "link": "plain",
    "chain": "chain2",
    "chain2": "./deep/../chain3",
    "chain3": "link",
    "folder": "deep/a",
    "absolute": "/deep/b",
    "outside": "../../deep/b",
    "many/three.txt": "../plain",
    "many/four.txt": "three.txt",
    "deep/a/up": "..",
    "through": "folder/up/b",
    "loop": "loop2",
    "loop2": "loop",
    "dangling": "nowhere",
    "self": ".",
}
COPIES = {
    "file": "plain /",
    "link": "link /",
    "chain": "chain /",
    "folder": "folder/ /out/",
    "in-folder": "folder/file /",
    "absolute": "absolute/other /",
    "outside": "outside/file /",
    "wildcard": "many/*.txt /",
    "wildcard-of-links": "many/t*.txt /",
    "wildcard-in-the-middle": "deep/?/file /",
    "wildcard-over-links": "*/file /",
    "through": "through/other /",
    "self": "self/deep/a/file /",
    "brackets": "many/[[]x].txt /",
    "several": "link folder/file absolute/other many/four.txt /",
}


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A context of its own in the project's folder."""
    folder = tmp_path / "odd"
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    for name, target in LINKS.items():
        os.symlink(target, folder / name)
    (folder / "unwanted").write_bytes(os.urandom(1 << 20))
    return folder


def test_what_copies_find_is_what_the_reference_s_find(
    odd: Path, tmp_path: Path, pybake: Command, reference: Command
) -> None:
    assert odd.exists()
    made = {}
    for tool in ("ours", "theirs"):
        # by a name that nobody has used: what one tool has sent must not serve the other
        context = tmp_path / f"odd-{word()}"
        odd.rename(context) if tool == "theirs" else os.symlink(odd, context)
        targets = {
            name: {
                "context": str(context),
                "dockerfile": f"FROM scratch\nCOPY {copy}\n",
                "output": [f"type=local,dest={tool}/{name}"],
            }
            for name, copy in COPIES.items()
        }
        define(tmp_path, {"all": list(targets)}, **targets)
        run = pybake if tool == "ours" else reference.runs(*reference.words, "bake")
        run("all", BUILDX_BAKE_ENTITLEMENTS_FS="0").ok()
        made[tool] = {name: tree(tmp_path / tool / name) for name in COPIES}

    assert made["ours"] == made["theirs"]
    # BuildKit's own wildcards do not look behind symlinks to folders
    assert [name for name, found in made["ours"].items() if not found] == ["wildcard-over-links"]


def test_two_files_by_the_same_symlink(odd: Path, tmp_path: Path, pybake: Command) -> None:
    """The reference loses the second one: it does not follow a symlink that it has followed before."""
    copies = "COPY absolute/file /one\nCOPY absolute/other through/other self/self/folder/file /two/\n"
    define(tmp_path, app={"context": str(odd), "dockerfile": f"FROM scratch\n{copies}", "output": ["out"]})
    pybake("app").ok()

    assert set(tree(tmp_path / "out")) == {"one", "two", "two/other", "two/file"}


@pytest.mark.parametrize("copy", ["loop", "dangling", "dang* plain", "deep/nowhere"])
def test_what_leads_nowhere(odd: Path, tmp_path: Path, pybake: Command, copy: str) -> None:
    define(
        tmp_path, app={"context": str(odd), "dockerfile": f"FROM scratch\nCOPY {copy} /\n", "output": ["out"]}
    )
    told = pybake("app")

    assert told.code == 1
    assert f">>> COPY {copy} /" in told.stderr


def test_only_what_is_named_is_sent(odd: Path, tmp_path: Path, pybake: Command) -> None:
    define(
        tmp_path,
        app={
            "context": str(odd),
            "dockerfile": "FROM scratch\nCOPY chain many/one.txt /\n",
            "output": ["out"],
        },
    )
    told = pybake("app", "--progress=plain").ok()

    sent = [line for line in told.stderr.splitlines() if "transferring context" in line and "done" in line]
    assert sent
    assert not any("MB" in line for line in sent)
