from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.errors import UsageError
from bake.host import Host
from bake.read.lookup import Reader
from bake.read.remote import LARGEST, lookup, single

if TYPE_CHECKING:
    from bake.source import Dialect, Rendering, Source

URL = "https://host/repo.git"
LOCAL = {"/w/mine.hcl": b"mine"}


def reader() -> Reader:
    def dialect_of(name: str, _text: str) -> Dialect:
        return "json" if name.endswith(".json") else "hcl"

    def render(source: Source) -> tuple[str, Rendering]:
        raise AssertionError(source.name)

    return Reader(Host(working_directory="/w", read=LOCAL.__getitem__), lambda: b"", dialect_of, render)


def names(asked: list[str], **files: bytes) -> list[tuple[str, str, bool]]:
    tree = {name.replace("_", "."): data for name, data in files.items()}
    return [(one.name, one.text, one.remote) for one in lookup(URL, asked, tree.get, reader())]


def test_default_names_that_are_there() -> None:
    found = {"docker-bake.json": b"{}", "compose.yaml": b"a", "other.hcl": b""}
    sources = lookup(URL, [], found.get, reader())
    assert [(one.name, one.dialect, one.remote) for one in sources] == [
        ("compose.yaml", "hcl", True),
        ("docker-bake.json", "json", True),
    ]


def test_local_files_come_after_the_remote_ones() -> None:
    assert names(["cwd://mine.hcl", "a.hcl"], a_hcl=b"x") == [
        ("a.hcl", "x", True),
        ("mine.hcl", "mine", False),
    ]


def test_local_files_alone_stand_beside_the_default_ones() -> None:
    assert names(["cwd://mine.hcl"]) == [("mine.hcl", "mine", False)]


def test_paths_are_those_of_the_tree() -> None:
    (found,) = lookup(URL, ["./sub/../sub/a.hcl"], {"sub/a.hcl": b"x"}.get, reader())
    assert (found.text, found.directory) == ("x", "./sub/../sub")
    (found,) = lookup(URL, ["/a.hcl"], {"a.hcl": b"y"}.get, reader())
    assert found.text == "y"


@pytest.mark.parametrize("name", ["../a.hcl", "..", "sub/../../a.hcl"])
def test_no_path_leaves_the_tree(name: str) -> None:
    with pytest.raises(UsageError, match="leaves the remote definition"):
        lookup(URL, [name], lambda _name: b"", reader())


@pytest.mark.parametrize("name", ["-", "docker-bake.hcl.j2"])
def test_what_a_tree_does_not_hold(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be part of a remote definition"):
        lookup(URL, [name], lambda _name: b"", reader())


def test_files_that_are_not_there() -> None:
    with pytest.raises(UsageError, match=r"failed to stat a\.hcl"):
        names(["a.hcl"])
    with pytest.raises(UsageError, match="couldn't find a bake definition"):
        names([])


def test_a_single_file() -> None:
    url = "https://host/bake.json?token=x"
    mine, local = single(url, b"{}", ["cwd://mine.hcl", "ignored.hcl"], reader())
    assert (mine.name, mine.dialect, mine.remote, mine.directory) == (url, "json", True, None)
    assert local.name == "mine.hcl"
    with pytest.raises(UsageError, match="bigger than maximum allowed size"):
        single(url, b" " * (LARGEST + 1), [], reader())
