from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil import packet
from bake.buildkit.fsutil.receiver import AT_ONCE, MAX_PATH, receive
from bake.buildkit.fsutil.stat import DEVICE, DIRECTORY, NAMED_PIPE, SETGID, SYMLINK, Stat
from bake.buildkit.stream import ABORTED, INVALID_ARGUMENT, UNKNOWN, RpcError
from bake.errors import ExportError
from tests.fakes.streams import Call, MemoryStream
from tests.fakes.trees import Entry, File, Folder, Hardlink, Pipe, Symlink, build, look

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Packet = packet.Packet
T = 1_650_000_000_000_000_000

DIR = DIRECTORY | 0o755
OLD: dict[bytes, Entry] = {b"keep": File(b"old"), b"dir": Folder(0o700, T), b"dir/old": File(b"old")}


def script(stats: list[Stat], data: Mapping[bytes, bytes], failure: bytes | None = None) -> Call:
    """A sender that announces `stats` and answers from `data`; after that it reports `failure`."""

    def serve(stream: MemoryStream) -> None:
        stream.send(*map(packet.stat_packet, stats))
        stream.send(packet.END_OF_STATS)
        while True:
            received = packet.read_packet(stream.recv() or packet.FIN)
            if received.type != Packet.REQ:
                return
            path = stats[received.id].path
            if path == failure:
                stream.send(packet.error_packet("sender broke"))
                return
            if data.get(path):
                stream.send(packet.data_packet(received.id, memoryview(data[path])))
            stream.send(packet.end_of_data(received.id))

    return Call(serve)  # type: ignore[arg-type]


def land(
    path: Path, stats: list[Stat], data: Mapping[bytes, bytes] | None = None, *, clean: bool = False
) -> None:
    call = script(stats, data or {})
    receive(call.stream, str(path), clean=clean)
    call.wait()
    assert call.error is None


def test_every_kind_of_entry(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    stats = [
        Stat(b"d", DIRECTORY | SETGID | 0o750, mtime=T),
        Stat(b"d/f", 0o640, 3, T + 1000),
        Stat(b"d/g", 0o640, 3, T + 1000, b"d/f"),
        Stat(b"l", SYMLINK | 0o777, 3, T + 2000, b"/etc/passwd"),
        Stat(b"p", NAMED_PIPE | 0o622, mtime=T + 3000),
    ]
    land(out, stats, {b"d/f": b"abc"})
    assert look(out) == {
        b"d": Folder(0o2750, T),
        b"d/f": File(b"abc", 0o640, T + 1000),
        b"d/g": Hardlink(b"d/f"),
        b"l": Symlink(b"/etc/passwd", T + 2000),
        b"p": Pipe(0o622, T + 3000),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="Python has no call for macOS's attributes")
def test_attributes_arrive_and_refused_ones_do_not_matter(tmp_path: Path) -> None:
    xattrs = {"user.a": b"\0", "bogus.b": b"x"}
    land(tmp_path, [Stat(b"f", 0o644, mtime=T, xattrs=xattrs)])
    assert look(tmp_path) == {b"f": File(b"", 0o644, T, {"user.a": b"\0"})}


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no such names")
def test_names_need_not_be_utf8(tmp_path: Path) -> None:
    land(tmp_path, [Stat(b"\xff", 0o644, 1, T), Stat(b"\xff\xfe", SYMLINK, 1, T, b"\xff")], {b"\xff": b"x"})
    assert look(tmp_path) == {b"\xff": File(b"x", 0o644, T), b"\xff\xfe": Symlink(b"\xff", T)}


def test_what_was_not_sent_stays(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    land(
        tmp_path,
        [Stat(b"dir", DIRECTORY | 0o755, mtime=T + 1), Stat(b"dir/new", 0o600, mtime=T)],
        {b"dir/new": b"n"},
    )
    assert look(tmp_path) == {
        **OLD,
        b"dir": Folder(0o755, T + 1),
        b"dir/new": File(b"n", 0o600, T),
    }


def test_clean_removes_what_was_not_sent_and_follows_no_link(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    build(outside, {b"precious": File(b"!")})
    build(
        out,
        {
            b"dir/old": File(),
            b"dir/tree/deep/file": File(),
            b"gone": Folder(0o500),
            b"link": Symlink(os.fsencode(outside)),
            b"dir/link": Symlink(os.fsencode(outside)),
        },
    )
    land(out, [Stat(b"dir", DIR, mtime=T), Stat(b"dir/new", 0o644, mtime=T)], clean=True)
    assert look(out) == {b"dir": Folder(0o755, T), b"dir/new": File(b"", 0o644, T)}
    assert look(outside) == {b"precious": File(b"!")}


def test_clean_removes_a_tree_of_any_depth(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1100):  # more than Python recurses, or a process has open
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    land(tmp_path, [], clean=True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({b"x": File(b"old")}, Stat(b"x", 0o600, mtime=T)),
        ({b"x/a/b": File(b"old")}, Stat(b"x", 0o600, mtime=T)),
        ({b"x": Symlink(b"elsewhere"), b"elsewhere/f": File(b"!")}, Stat(b"x", 0o600, mtime=T)),
        ({b"x": Symlink(b"elsewhere"), b"elsewhere/f": File(b"!")}, Stat(b"x", DIR, mtime=T)),
        ({b"x": File(b"old")}, Stat(b"x", DIR, mtime=T)),
        ({b"x": Pipe()}, Stat(b"x", DIR, mtime=T)),
        ({b"x/a": File()}, Stat(b"x", SYMLINK | 0o777, mtime=T, linkname=b"y")),
        (
            {b"x": Symlink(b"elsewhere"), b"elsewhere/f": File(b"!")},
            Stat(b"x", SYMLINK | 0o777, mtime=T, linkname=b"y"),
        ),
    ],
)
def test_what_is_in_the_way_is_replaced(tmp_path: Path, old: dict[bytes, Entry], new: Stat) -> None:
    build(tmp_path, old)
    land(tmp_path, [new])
    found = look(tmp_path)
    expected = {0: File(b"", 0o600, T), DIRECTORY: Folder(0o755, T), SYMLINK: Symlink(b"y", T)}
    assert found.pop(b"x") == expected[new.mode & (DIRECTORY | SYMLINK)]
    assert {path: entry for path, entry in found.items() if not isinstance(entry, Folder)} == (
        {b"elsewhere/f": File(b"!")} if b"elsewhere/f" in old else {}
    )


def test_a_read_only_directory_is_added_to_and_read_only_again(tmp_path: Path) -> None:
    stats = [Stat(b"d", DIRECTORY | 0o555, mtime=T), Stat(b"d/f", 0o444, 1, T)]
    for data in (b"1", b"2"):
        land(tmp_path, stats, {b"d/f": data})
        assert look(tmp_path) == {b"d": Folder(0o555, T), b"d/f": File(data, 0o444, T)}


def test_requests_are_limited(tmp_path: Path) -> None:
    """A sender that answers nothing gets no more than so many."""
    count = 10 * AT_ONCE
    asked: list[int] = []

    def serve(stream: MemoryStream) -> None:
        stats = [Stat(b"%05d" % number, 0o644, mtime=T) for number in range(count)]
        stream.send(*map(packet.stat_packet, stats))
        stream.send(packet.END_OF_STATS)
        waiting: list[int] = []
        done = 0
        while done < count:
            if len(waiting) < AT_ONCE // 4:
                waiting.append(packet.read_packet(stream.recv() or b"").id)
                asked.append(waiting[-1])
            else:
                stream.send(packet.end_of_data(waiting.pop(0)))
                done += 1
            if done + len(waiting) == count:
                stream.send(*map(packet.end_of_data, waiting))
                done = count
            assert len(asked) - done <= AT_ONCE
        assert packet.read_packet(stream.recv() or b"").type == Packet.FIN

    call = Call(serve, window=AT_ONCE)  # type: ignore[arg-type]
    receive(call.stream, str(tmp_path))
    call.wait()
    assert call.error is None
    assert asked == list(range(count))


FILE = Stat(b"f", 0o644, 1, T)

ATTACKS = {
    "parent": [Stat(b"..", DIR)],
    "out by a parent": [Stat(b"../evil", 0o644)],
    "out in the middle": [Stat(b"a", DIR), Stat(b"a/../../evil", 0o644)],
    "absolute": [Stat(b"/tmp/evil", 0o644)],
    "no name": [Stat(b"", 0o644)],
    "itself": [Stat(b".", DIR)],
    "double slash": [Stat(b"a", DIR), Stat(b"a//evil", 0o644)],
    "slash at the end": [Stat(b"a/", DIR)],
    "zero byte": [Stat(b"a\0b", 0o644)],
    "endless": [Stat(b"x" * (MAX_PATH + 1), 0o644)],
    "below a symlink": [Stat(b"a", SYMLINK | 0o777, linkname=b"/tmp"), Stat(b"a/evil", 0o644)],
    "below a file": [Stat(b"a", 0o644), Stat(b"a/evil", 0o644)],
    "below nothing": [Stat(b"a/evil", 0o644)],
    "symlink, then a directory of its name": [
        Stat(b"a", SYMLINK | 0o777, linkname=b"/tmp"),
        Stat(b"a", DIR),
        Stat(b"a/evil", 0o644),
    ],
    "directory, then a symlink of its name": [
        Stat(b"a", DIR),
        Stat(b"a", SYMLINK | 0o777, linkname=b"/tmp"),
        Stat(b"a/evil", 0o644),
    ],
    "back into a directory that was left": [Stat(b"a", DIR), Stat(b"b", DIR), Stat(b"a/evil", 0o644)],
    "twice": [FILE, FILE],
    "out of order": [Stat(b"b", 0o644), Stat(b"a", 0o644)],
    "hard link out": [Stat(b"evil", 0o644, linkname=b"../../outside")],
    "hard link to an absolute path": [Stat(b"evil", 0o644, linkname=b"/etc/passwd")],
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("clean", [False, True])
def test_attacks_are_refused_and_leave_no_trace(tmp_path: Path, name: str, clean: bool) -> None:
    out = tmp_path / "out"
    build(tmp_path, {b"outside": File(b"!")})
    build(out, OLD)
    call = script(ATTACKS[name], {})
    with pytest.raises(RpcError) as caught:
        receive(call.stream, str(out), clean=clean)
    call.stream.cancel()
    assert caught.value.code == INVALID_ARGUMENT
    assert look(out) == OLD
    assert sorted(os.listdir(tmp_path)) == ["out", "outside"]


UNWRITABLE = {
    "hard link to a symlink": [
        Stat(b"a", SYMLINK | 0o777, linkname=b"/etc/passwd"),
        Stat(b"b", 0o644, linkname=b"a"),
    ],
    "hard link through a symlink": [
        Stat(b"a", SYMLINK | 0o777, linkname=b".."),
        Stat(b"b", 0o644, linkname=b"a/keep"),
    ],
    "hard link to what was there before": [Stat(b"new", 0o644, linkname=b"keep")],
    "hard link to a directory": [Stat(b"a", DIR), Stat(b"b", 0o644, linkname=b"a")],
    "an unknown kind": [Stat(b"a", 1 << 19 | 0o644)],
    "a name the system does not take": [Stat(b"x" * 300, DIR)],
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_what_cannot_be_written_is_told_and_leaves_no_trace(tmp_path: Path, name: str) -> None:
    build(tmp_path, OLD)
    told: list[bytes] = []

    def serve(stream: MemoryStream) -> None:
        stream.send(*map(packet.stat_packet, UNWRITABLE[name]))
        stream.send(packet.END_OF_STATS)
        while message := stream.recv():
            received = packet.read_packet(message)
            if received.type == Packet.ERR:
                told.append(received.data)
                return

    call = Call(serve)  # type: ignore[arg-type]
    with pytest.raises(ExportError, match=re.escape(str(tmp_path))) as caught:
        receive(call.stream, str(tmp_path))
    call.wait()
    assert told == [str(caught.value).encode()]
    assert look(tmp_path) == OLD


@pytest.mark.usefixtures("bound")
def test_a_device_needs_privileges(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="dev"):
        land(tmp_path, [Stat(b"dev", DEVICE | 0o600, major=1, minor=3)])
    assert look(tmp_path) == {}


def test_data_that_was_not_requested_is_refused(tmp_path: Path) -> None:
    for number in (0, 7):
        call = Call(lambda stream, number=number: _unasked(stream, number))  # type: ignore[misc]
        with pytest.raises(RpcError, match="not requested"):
            receive(call.stream, str(tmp_path))
        call.stream.cancel()
    assert look(tmp_path) == {}


def _unasked(stream: MemoryStream, number: int) -> None:
    stream.send(packet.stat_packet(Stat(b"d", DIR)))
    stream.send(packet.data_packet(number, memoryview(b"x")))
    stream.recv()


@pytest.mark.parametrize("clean", [False, True])
def test_a_failing_sender_leaves_the_old_content(tmp_path: Path, clean: bool) -> None:
    build(tmp_path, OLD)
    stats = [Stat(b"keep", 0o600, 3, T), Stat(b"other", 0o644, 3, T)]
    call = script(stats, {b"keep": b"new"}, failure=b"other")
    with pytest.raises(RpcError) as caught:
        receive(call.stream, str(tmp_path), clean=clean)
    assert (caught.value.code, caught.value.message) == (UNKNOWN, "error from sender: sender broke")
    assert look(tmp_path) == OLD


def test_an_interrupted_transfer_leaves_the_old_content(tmp_path: Path) -> None:
    build(tmp_path, OLD)

    def serve(stream: MemoryStream) -> None:
        stream.send(packet.stat_packet(Stat(b"keep", 0o600, 10, T)))
        stream.recv()
        stream.send(packet.data_packet(0, memoryview(b"half")))

    call = Call(serve)  # type: ignore[arg-type]
    with pytest.raises(RpcError) as caught:
        receive(call.stream, str(tmp_path))
    assert caught.value.code == ABORTED
    assert look(tmp_path) == OLD


def test_a_new_destination_is_its_owners_alone(tmp_path: Path) -> None:
    land(tmp_path / "a" / "b", [Stat(b"d", DIR, mtime=T)])
    modes = {path: (tmp_path / path).stat().st_mode & 0o777 for path in ("a", "a/b", "a/b/d")}
    assert modes == {"a": 0o700, "a/b": 0o700, "a/b/d": 0o755}


def test_a_destination_that_was_made_for_a_failed_transfer_is_removed(tmp_path: Path) -> None:
    call = script([FILE], {}, failure=b"f")
    with pytest.raises(RpcError):
        receive(call.stream, str(tmp_path / "a" / "b"))
    assert os.listdir(tmp_path) == []


def test_a_destination_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    build(tmp_path, {b"out": File(b"old")})
    call = script([FILE], {})
    with pytest.raises(ExportError, match="out"):
        receive(call.stream, str(tmp_path / "out"))
    call.stream.cancel()
    assert look(tmp_path) == {b"out": File(b"old")}


def test_a_destination_may_be_a_link_to_a_folder(tmp_path: Path) -> None:
    build(tmp_path, {b"real": Folder(), b"out": Symlink(b"real")})
    land(tmp_path / "out", [FILE], {b"f": b"x"})
    assert look(tmp_path / "real") == {b"f": File(b"x", 0o644, T)}
    assert (tmp_path / "out").is_symlink()
