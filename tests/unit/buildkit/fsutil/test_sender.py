from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil import packet
from bake.buildkit.fsutil.sender import MESSAGES_AT_ONCE, STATS_AT_ONCE, send
from bake.buildkit.fsutil.tree import DiskTree, MemoryTree, TreeError
from bake.buildkit.stream import ABORTED, INVALID_ARGUMENT, UNKNOWN, RpcError
from tests.fakes.streams import Call, MemoryStream
from tests.fakes.trees import Entry, File, Symlink, build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bake.buildkit.fsutil.tree import Tree
    from bake.buildkit.messages import fsutil_pb2

Packet = packet.Packet


def sending(tree: Tree, window: int = 0) -> Call:
    return Call(lambda stream: send(stream, tree), window=window)


def take(stream: MemoryStream) -> fsutil_pb2.Packet:
    message = stream.recv()
    assert message is not None
    return packet.read_packet(message)


def announced(stream: MemoryStream) -> list[bytes]:
    """The paths of all STATs up to the empty one."""
    found = []
    while (received := take(stream)).HasField("stat"):
        found.append(received.stat.path)
    return found


def content(stream: MemoryStream, number: int) -> bytes:
    """All data of one file, which must be the only one that comes."""
    data = b""
    while True:
        received = take(stream)
        assert (received.type, received.id) == (Packet.DATA, number)
        if not received.data:
            return data
        data += received.data


def finish(call: Call) -> None:
    call.stream.send(packet.FIN)
    assert take(call.stream).type == Packet.FIN
    assert call.stream.recv() is None
    call.wait()
    assert call.error is None


def test_numbers_count_every_entry() -> None:
    call = sending(MemoryTree({"a/x": b"1", "a/y": b"2", "b": b"3"}))
    assert announced(call.stream) == [b"a", b"a/x", b"a/y", b"b"]
    call.stream.send(packet.request_packet(3))
    assert content(call.stream, 3) == b"3"
    finish(call)


def test_files_are_answered_while_others_are_announced() -> None:
    count = 20 * STATS_AT_ONCE
    call = sending(MemoryTree({f"f{number:05}": b"data" for number in range(count)}), window=1)
    assert take(call.stream).stat.path == b"f00000"
    call.stream.send(packet.request_packet(0))
    before_answer = 1
    while (received := take(call.stream)).type == Packet.STAT:
        before_answer += 1
    assert received.data == b"data"
    assert before_answer < count
    assert take(call.stream).type == Packet.DATA
    assert len(announced(call.stream)) == count - before_answer
    finish(call)


def test_a_large_file_comes_in_large_packets(tmp_path: Path) -> None:
    data = os.urandom(2 * packet.MAX_DATA + 12345)
    build(tmp_path, {b"large": File(data)})
    call = sending(DiskTree(str(tmp_path)))
    announced(call.stream)
    call.stream.send(packet.request_packet(0))
    sizes, received = [], b""
    while piece := take(call.stream).data:
        sizes.append(len(piece))
        received += piece
    assert received == data
    assert sizes == [packet.MAX_DATA, packet.MAX_DATA, 12345]
    finish(call)


def test_many_requests_at_once_are_all_answered() -> None:
    files = {
        f"{number:04}": bytes([number % 256]) * (number * 7 % 3000) for number in range(3 * MESSAGES_AT_ONCE)
    }
    call = sending(MemoryTree(files))
    names = announced(call.stream)
    call.stream.send(*(packet.request_packet(number) for number in range(len(files))))
    received = dict.fromkeys(names, b"")
    left = len(files)
    while left:
        part = take(call.stream)
        received[names[part.id]] += part.data
        left -= not part.data
    assert received == {name.encode(): data for name, data in files.items()}
    finish(call)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda path: path.unlink(), "it is gone"),
        (lambda path: path.write_bytes(b"more data"), "it has grown"),
        (lambda path: path.write_bytes(b"da"), "it has shrunk"),
        (lambda path: path.write_bytes(b""), "it has shrunk"),
    ],
)
def test_a_file_that_is_not_what_was_announced_fails_the_transfer(
    tmp_path: Path, change: Callable[[Path], object], told: str
) -> None:
    build(tmp_path, {b"file": File(b"data")})
    call = sending(DiskTree(str(tmp_path)))
    announced(call.stream)
    change(tmp_path / "file")
    call.stream.send(packet.request_packet(0))
    received = take(call.stream)
    said = f"a file of the build context changed while it was sent; `file`: {told}"
    assert (received.type, received.data.decode()) == (Packet.ERR, said)
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, TreeError)


class Broken(MemoryTree):
    """A tree whose files cannot be read."""

    def open(self, path: bytes) -> None:
        raise TreeError("cannot read", detail=f"`{path.decode()}`")


def test_what_cannot_be_read_is_told_to_the_receiver() -> None:
    call = sending(Broken({"file": b""}))
    announced(call.stream)
    call.stream.send(packet.request_packet(0))
    received = take(call.stream)
    assert (received.type, received.data) == (Packet.ERR, b"cannot read; `file`")
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, TreeError)


@pytest.mark.parametrize("number", [0, 2, 99])
def test_a_number_that_is_no_file_or_was_answered_is_refused(number: int) -> None:
    call = sending(MemoryTree({"a/x": b"1", "b": b"2"}))
    announced(call.stream)
    call.stream.send(packet.request_packet(2))
    assert content(call.stream, 2) == b"2"
    call.stream.send(packet.request_packet(number))
    assert take(call.stream).type == Packet.ERR
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == INVALID_ARGUMENT


def test_an_error_of_the_receiver_ends_it() -> None:
    call = sending(MemoryTree({"a": b"1"}))
    call.stream.send(packet.error_packet("disk full"))
    call.wait()
    assert isinstance(call.error, RpcError)
    assert (call.error.code, call.error.message) == (UNKNOWN, "error from receiver: disk full")


def test_a_receiver_that_leaves_early_ends_it() -> None:
    call = sending(MemoryTree({"a": b"1"}))
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == ABORTED


def test_a_reset_call_ends_it_in_the_middle_of_a_large_tree() -> None:
    call = sending(MemoryTree({f"{number:05}": b"" for number in range(5000)}), window=1)
    take(call.stream)
    call.stream.cancel()
    call.wait()
    assert isinstance(call.error, RpcError)


def test_bytes_that_are_no_packet_are_refused() -> None:
    call = sending(MemoryTree({}))
    call.stream.send(b"\xff\xff\xff")
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == INVALID_ARGUMENT


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no such names")
@pytest.mark.parametrize("entry", [{b"bad\xff": File()}, {b"bad": Symlink(b"\xff")}])
def test_names_that_are_not_utf8_are_named(tmp_path: Path, entry: dict[bytes, Entry]) -> None:
    build(tmp_path, entry)
    call = sending(DiskTree(str(tmp_path)))
    received = take(call.stream)
    assert received.type == Packet.ERR
    assert b"`bad" in received.data
    call.stream.close_send()
    call.wait()
    assert isinstance(call.error, TreeError)
