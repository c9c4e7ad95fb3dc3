from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil.patterns import Patterns
from bake.buildkit.fsutil.stat import DIRECTORY, SETGID, SETUID, STICKY, SYMLINK, go_mode, unix_permissions
from bake.buildkit.fsutil.tree import DiskTree, MemoryTree, TreeError
from bake.buildkit.fsutil.walk import Filter, walk
from tests.fakes.trees import Entry, File, Folder, Hardlink, Symlink, build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bake.buildkit.fsutil.stat import Stat
    from bake.buildkit.fsutil.tree import Child, Inode


def walked(root: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[Stat]:
    return list(walk(DiskTree(str(root)), Filter(Patterns(include), Patterns(exclude))))


def paths(stats: list[Stat]) -> list[bytes]:
    return [stat.path for stat in stats]


def test_order_is_by_bytes_in_each_directory(tmp_path: Path) -> None:
    names = [b"a.b", b"a/x", b"a", b"B", "\U0001f600".encode(), "\uffee".encode()]
    if sys.platform == "linux":
        names.append(b"\xff")
    entries: dict[bytes, Entry] = {name: File() for name in names}
    build(tmp_path, entries | {b"a": Folder()})
    expected = [b"B", b"a", b"a/x", b"a.b", "\uffee".encode(), "\U0001f600".encode(), b"\xff"]
    assert paths(walked(tmp_path)) == expected[: len(names)]


def test_what_an_entry_is(tmp_path: Path) -> None:
    build(
        tmp_path,
        {
            b"dir": Folder(0o1750, 5),
            b"file": File(b"12345", 0o4640, 1_234_567_890_123_456_000),
            b"link": Symlink(b"nowhere/at all", 7_000),
        },
    )
    directory, file, link = walked(tmp_path)
    assert directory[:5] == (b"dir", DIRECTORY | STICKY | 0o750, 0, 5, b"")
    assert file[:5] == (b"file", SETUID | 0o640, 5, 1_234_567_890_123_456_000, b"")
    assert (link.path, link.linkname, link.mtime) == (b"link", b"nowhere/at all", 7_000)
    assert link.mode & SYMLINK


def test_modes_are_translated_both_ways() -> None:
    for permissions in (0o644, 0o4755, 0o2755, 0o1777, 0o7000):
        assert unix_permissions(go_mode(0o100000 | permissions)) == permissions
    assert go_mode(0o100000 | 0o2711) == SETGID | 0o711


def test_a_socket_is_an_ordinary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        (stat,) = walked(tmp_path)
    assert stat.is_regular
    assert DiskTree(str(tmp_path)).open(b"socket") is None


def test_further_names_are_links_to_the_first(tmp_path: Path) -> None:
    build(tmp_path, {b"a": File(b"abc"), b"b": Hardlink(b"a"), b"d/c": Hardlink(b"a")})
    found = {stat.path: (stat.linkname, stat.size) for stat in walked(tmp_path)}
    assert found == {b"a": (b"", 3), b"b": (b"a", 3), b"d": (b"", 0), b"d/c": (b"a", 3)}


def test_a_link_whose_first_name_is_left_out_is_a_file(tmp_path: Path) -> None:
    build(tmp_path, {b"a": File(b"abc"), b"b": Hardlink(b"a"), b"c": Hardlink(b"a")})
    found = [(stat.path, stat.linkname) for stat in walked(tmp_path, exclude=["a"])]
    assert found == [(b"b", b""), (b"c", b"b")]


@pytest.mark.skipif(sys.platform != "linux", reason="Python has no call for macOS's attributes")
def test_attributes_are_kept_but_for_apples(tmp_path: Path) -> None:
    build(tmp_path, {b"a": File(xattrs={"user.x": b"\0\xff", "user.y": b""}), b"b": File()})
    a, b = walked(tmp_path)
    assert {name: value for name, value in a.xattrs.items() if name.startswith("user.")} == {
        "user.x": b"\0\xff",
        "user.y": b"",
    }
    assert not [name for name in b.xattrs if name.startswith("user.")]


def test_parents_of_a_match_are_sent_and_other_directories_are_not(tmp_path: Path) -> None:
    build(tmp_path, {b"src/a/x.py": File(), b"src/b/y.c": File(), b"docs/z.py": File(), b"empty": Folder()})
    assert paths(walked(tmp_path, include=["src/**/*.py"])) == [b"src", b"src/a", b"src/a/x.py"]


def test_an_exception_is_found_in_an_excluded_directory(tmp_path: Path) -> None:
    build(tmp_path, {b"a/keep": File(), b"a/drop": File(), b"b/drop": File()})
    assert paths(walked(tmp_path, exclude=["*", "!a/keep"])) == [b"a", b"a/keep"]


class Listing:
    """A tree that remembers which directories were listed."""

    def __init__(self, tree: MemoryTree) -> None:
        self.tree = tree
        self.listed: list[bytes] = []
        self.open = tree.open
        self.describe = tree.describe
        self.readlink = tree.readlink

    def children(self, directory: bytes) -> list[Child]:
        self.listed.append(directory)
        return self.tree.children(directory)


def test_directories_without_anything_wanted_are_not_listed() -> None:
    tree = Listing(MemoryTree({"node_modules/a/b": b"", "src/x/y": b"", "docs/x": b""}))
    wanted = Filter(Patterns(["src/x", "node_modules"]), Patterns(["node_modules"]))
    assert [stat.path for stat in walk(tree, wanted)] == [b"src", b"src/x", b"src/x/y"]
    assert tree.listed == [b"", b"src", b"src/x"]


class Vanishing(Listing):
    """A tree whose entry `b` is gone by the time it is looked at."""

    def __init__(self, tree: MemoryTree) -> None:
        super().__init__(tree)
        self.describe = self._describe

    def _describe(self, path: bytes, child: Child, links: dict[Inode, bytes]) -> Stat | None:
        return None if path == b"b" else self.tree.describe(path, child, links)


def test_what_vanishes_on_the_way_is_left_out_and_nothing_else() -> None:
    tree = Vanishing(MemoryTree({"a": b"", "b/x": b"", "c": b""}))
    assert [stat.path for stat in walk(tree)] == [b"a", b"c"]


def test_a_vanished_file_or_folder_on_disk_is_nothing(tmp_path: Path) -> None:
    build(tmp_path, {b"d/f": File()})
    tree = DiskTree(str(tmp_path))
    (child,) = tree.children(b"")
    (inner,) = tree.children(b"d")
    (tmp_path / "d" / "f").unlink()
    (tmp_path / "d").rmdir()
    assert tree.children(b"d") == []
    assert tree.describe(b"d", child, {}) is None
    assert tree.describe(b"d/f", inner, {}) is None
    assert tree.open(b"d/f") is None


def test_a_symlink_is_not_opened_in_place_of_a_file(tmp_path: Path) -> None:
    build(tmp_path, {b"secret": File(b"!"), b"file": Symlink(b"secret")})
    assert DiskTree(str(tmp_path)).open(b"file") is None


def test_a_root_must_be_a_directory(tmp_path: Path) -> None:
    build(tmp_path, {b"file": File(), b"link": Symlink(b"dir"), b"dir/x": File()})
    assert paths(walked(tmp_path / "link")) == [b"x"]
    for name in ("file", "absent"):
        with pytest.raises(TreeError, match=name):
            DiskTree(str(tmp_path / name))


class Closed(Listing):
    """A tree whose directory `shut` may not be listed."""

    def children(self, directory: bytes) -> list[Child]:
        if directory == b"shut":
            raise PermissionError(13, "Permission denied")
        return super().children(directory)


def test_a_closed_directory_is_an_error_only_if_it_is_wanted() -> None:
    tree = Closed(MemoryTree({"shut/x": b"", "open": b""}))
    assert [stat.path for stat in walk(tree, Filter(Patterns(["open", "*/x"])))] == [b"open"]
    with pytest.raises(TreeError, match="`shut`: Permission denied"):
        list(walk(tree))


@pytest.mark.usefixtures("bound")
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    build(tmp_path, {b"file": File(mode=0)})
    with pytest.raises(TreeError, match="`file`"):
        DiskTree(str(tmp_path)).open(b"file")


def test_a_tree_made_of_bytes() -> None:
    tree = MemoryTree({"b": b"123", "a/é": b"x"})
    found = [(stat.path, stat.mode, stat.size) for stat in walk(tree)]
    assert found == [(b"a", DIRECTORY | 0o755, 0), ("a/é".encode(), 0o644, 1), (b"b", 0o644, 3)]
    content = tree.open(b"b")
    assert content is not None
    buffer = bytearray(10)
    assert content.readinto(memoryview(buffer)) == 3
    assert buffer[:3] == b"123"
    assert tree.open(b"a") is None
