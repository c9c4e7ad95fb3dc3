from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil.sender import send
from bake.buildkit.fsutil.tree import MemoryTree
from bake.buildkit.services import filesend
from bake.buildkit.services.calls import frame
from bake.buildkit.services.sinks import FileSink, StreamSink, TreeSink
from bake.buildkit.stream import FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND, RpcError
from bake.errors import ExportError
from tests.fakes.streams import Call
from tests.fakes.trees import File, build, look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bake.buildkit.services.sinks import Sink
    from bake.buildkit.stream import Buffer

PATH = "/moby.filesync.v1.FileSend/DiffCopy"
MULTI = {"buildkit-exporter-multi-platform": ["1"]}


class Recording:
    """A sink that notes what is done with it, and fails where it is told to."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.calls: list[str] = []
        self.data = b""
        self.metadata: dict[str, str] = {}

    def open(self, metadata: Mapping[str, str]) -> None:
        self._call("open")
        self.metadata = dict(metadata)

    def write(self, data: Buffer) -> None:
        self._call("write")
        self.data += data

    def commit(self) -> None:
        self._call("commit")

    def abort(self) -> None:
        self.calls.append("abort")

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self.failing:
            raise ExportError("sink failed", detail=name)


def calling(
    sinks: Mapping[int, Sink | TreeSink], metadata: Mapping[str, Sequence[str]] | None = None
) -> Call:
    return Call(filesend.methods(sinks)[PATH], metadata)


def sent(
    sink: Sink, *pieces: bytes, metadata: Mapping[str, Sequence[str]] | None = None
) -> BaseException | None:
    call = calling({0: sink}, metadata)
    call.stream.send(*map(frame, pieces))
    call.stream.close_send()
    call.wait()
    return call.error


def test_bytes_arrive_in_order_and_are_committed() -> None:
    sink = Recording()
    assert sent(sink, b"one", b"", b"x" * 1_000_000, b"two") is None
    assert sink.data == b"one" + b"x" * 1_000_000 + b"two"
    assert (sink.calls[0], sink.calls[-1]) == ("open", "commit")


def test_the_exporter_is_chosen_by_its_index() -> None:
    first, second = Recording(), Recording()
    call = calling({0: first, 3: second}, {"buildkit-attachable-exporter-id": ["3"]})
    call.stream.send(frame(b"x"))
    call.stream.close_send()
    call.wait()
    assert (first.data, second.data) == (b"", b"x")


@pytest.mark.parametrize("index", ["1", "-1", "x", ""])
def test_an_unknown_exporter_is_refused(index: str) -> None:
    call = calling({0: Recording()}, {"buildkit-attachable-exporter-id": [index]})
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == NOT_FOUND


def test_what_the_exporter_says_is_handed_on() -> None:
    sink = Recording()
    sent(sink, metadata={"exporter-md-name": ["a", "b"], "user-agent": ["x"]})
    assert sink.metadata == {"name": "a,b"}


@pytest.mark.parametrize("step", ["open", "write", "commit"])
def test_a_failing_sink_fails_the_call_and_is_aborted(step: str) -> None:
    sink = Recording(step)
    call = calling({0: sink})
    with suppress(RpcError):
        call.stream.send(frame(b"x"))
        call.stream.close_send()
    call.wait()
    assert isinstance(call.error, RpcError)
    assert (call.error.code, call.error.message) == (FAILED_PRECONDITION, f"sink failed; {step}")
    assert sink.calls[-1] == "abort"


def test_a_reset_call_aborts_the_sink() -> None:
    sink = Recording()
    call = calling({0: sink})
    call.stream.cancel()
    call.wait()
    assert sink.calls[-1] == "abort"


@pytest.mark.parametrize("message", [b"\x0a\x05abc", b"\x12\x01a", b"\x0a\xff\xff\xff", b"abc", b"\x0a"])
def test_messages_that_are_no_bytes_are_refused(message: bytes) -> None:
    call = calling({0: Recording()})
    call.stream.send(message)
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == INVALID_ARGUMENT


def test_a_tree_lands_in_its_folder(tmp_path: Path) -> None:
    build(tmp_path, {b"old": File(b"old")})
    call = calling({0: TreeSink(str(tmp_path))})
    send(call.stream, MemoryTree({"dir/new": b"new"}))
    call.wait()
    assert call.error is None
    assert list(look(tmp_path)) == [b"dir", b"dir/new", b"old"]


def test_a_tree_may_be_all_there_is(tmp_path: Path) -> None:
    build(tmp_path, {b"old": File(b"old")})
    call = calling({0: TreeSink(str(tmp_path), clean=True)}, MULTI)
    send(call.stream, MemoryTree({"dir/new": b"new"}))
    call.wait()
    assert list(look(tmp_path)) == [b"dir", b"dir/new"]


def test_a_daemon_that_sends_platforms_one_by_one_cannot_clean(tmp_path: Path) -> None:
    call = calling({0: TreeSink(str(tmp_path), clean=True)})
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == FAILED_PRECONDITION


def test_files_and_streams_are_sinks(tmp_path: Path) -> None:
    stream = io.BytesIO()
    assert sent(StreamSink(stream), b"a", b"b") is None
    assert stream.getvalue() == b"ab"
    assert sent(FileSink(str(tmp_path / "new" / "file")), b"a", b"b") is None
    assert (tmp_path / "new" / "file").read_bytes() == b"ab"
