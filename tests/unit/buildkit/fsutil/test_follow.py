from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil.follow import follow_links, make_filter
from bake.buildkit.fsutil.tree import DiskTree
from bake.buildkit.fsutil.walk import walk
from tests.fakes.trees import Entry, File, Folder, Symlink, build

if TYPE_CHECKING:
    from pathlib import Path

TREE: dict[bytes, Entry] = {
    b"dir": Folder(),
    b"dir/foo": Symlink(b"/bar"),
    b"dir/l1": Symlink(b"../loop"),
    b"bar": Symlink(b"baz/./x"),
    b"baz": Folder(),
    b"baz/x": File(),
    b"loop": Symlink(b"dir/l1"),
    b"self": Symlink(b"self/x"),
    b"out": Symlink(b"../../../etc"),
    b"etc/passwd": File(),
    b"linkdir": Symlink(b"baz"),
    b"many1": Symlink(b"baz/x"),
    b"many2": Symlink(b"etc"),
    b"root": Symlink(b"/"),
    b"gone": Symlink(b"absent/file"),
}


@pytest.fixture
def tree(tmp_path: Path) -> DiskTree:
    build(tmp_path, TREE)
    return DiskTree(str(tmp_path))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plain", ["plain"]),
        ("dir/foo", ["bar", "baz/x", "dir/foo"]),
        ("linkdir/x", ["baz/x", "linkdir"]),
        ("linkdir/*", ["baz/*", "linkdir"]),
        ("loop", ["dir/l1", "loop"]),
        ("out/passwd", ["etc/passwd", "out"]),
        ("many?", ["baz/x", "etc", "many?"]),
        ("many?/passwd", ["baz/x/passwd", "etc/passwd", "many?"]),
        ("ba*/x", ["ba*", "baz/x/x"]),
        ("gone", ["absent/file", "gone"]),
        ("root", [".", "root"]),
        ("../../dir/foo", ["bar", "baz/x", "dir/foo"]),
        ("/bar", ["bar", "baz/x"]),
        (".", ["."]),
        ("[", ["["]),
        ("absent*/x", ["absent*/x"]),
    ],
)
def test_links_on_the_way(tree: DiskTree, path: str, expected: list[str]) -> None:
    assert follow_links(tree, [path]) == expected


def test_one_link_serves_several_paths(tree: DiskTree) -> None:
    assert follow_links(tree, ["linkdir/a", "linkdir/b"]) == ["baz/a", "baz/b", "linkdir"]


def test_a_link_into_itself_ends(tree: DiskTree) -> None:
    assert follow_links(tree, ["self"]) == ["self"]


def test_nothing_to_follow_is_no_filter(tree: DiskTree) -> None:
    assert not make_filter(tree, (), (), None).include
    assert not make_filter(tree, (), (), ["root"]).include
    assert not make_filter(tree, ["x"], (), ["."]).include


def test_a_filter_selects_the_links_and_what_they_lead_to(tree: DiskTree) -> None:
    wanted = make_filter(tree, ["etc"], ["**/passwd"], ["dir/foo"])
    paths = [stat.path for stat in walk(tree, wanted)]
    assert paths == [b"bar", b"baz", b"baz/x", b"dir", b"dir/foo", b"etc"]
