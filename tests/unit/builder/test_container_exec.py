from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.builder.container_exec import ContainerAddress, FramedPipe
from bake.errors import BuilderError
from tests.fakes.pipes import Pieces, cut, everything

CREATED = b'HTTP/1.1 201 Created\r\n\r\n{"Id": "e1"}'
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"


class Engine:
    """An address whose connections answer one after the other."""

    name = "unix:///engine.sock"
    hint = "start it"

    def __init__(self, *answers: bytes) -> None:
        self.pipes = [Pieces([answer]) for answer in answers]
        self._next = iter(self.pipes)

    def dial(self) -> Pieces:
        return next(self._next)


def frame(stream: int, data: bytes) -> bytes:
    return bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data


@given(st.lists(st.binary(max_size=40)), st.integers(1, 17))
def test_frames_come_out_whole_however_they_are_cut(payloads: list[bytes], size: int) -> None:
    wire = b"".join(frame(1, payload) for payload in payloads)
    assert everything(FramedPipe(Pieces(cut(wire, size)))) == b"".join(payloads)


def test_what_a_command_complains_of_is_why_it_ended() -> None:
    pipe = FramedPipe(Pieces([frame(2, b"no such "), frame(1, b"ab") + frame(2, b"socket\n")]))
    assert pipe.recv() == b"ab"
    with pytest.raises(ConnectionError, match="no such socket"):
        pipe.recv()


def test_a_command_is_made_and_its_streams_taken_over() -> None:
    engine = Engine(CREATED, UPGRADED + frame(1, b"hello"))
    pipe = ContainerAddress(engine, "box").dial()
    assert pipe.recv() == b"hello"
    pipe.sendv([b"hi"])
    first, second = (one.sent for one in engine.pipes)
    assert first.startswith(b"POST /containers/box/exec HTTP/1.1\r\n")
    assert json.loads(first.partition(b"\r\n\r\n")[2])["Cmd"] == ["buildctl", "dial-stdio"]
    assert second.startswith(b"POST /exec/e1/start HTTP/1.1\r\n")
    assert b"Upgrade: tcp\r\n" in second
    assert second.endswith(b'"Tty": false}hi')


@pytest.mark.parametrize("status", [404, 409])
def test_a_container_that_does_not_run(status: int) -> None:
    engine = Engine(f'HTTP/1.1 {status} X\r\n\r\n{{"message": "no"}}'.encode())
    with pytest.raises(BuilderError, match="container does not run") as caught:
        ContainerAddress(engine, "box").dial()
    assert "--bootstrap" in (caught.value.hint or "")


def test_an_engine_that_refuses_otherwise() -> None:
    with pytest.raises(BuilderError, match=r"broken \(500\)"):
        ContainerAddress(Engine(b'HTTP/1.1 500 X\r\n\r\n{"message": "broken"}'), "box").dial()


def test_an_exec_that_is_not_handed_over_is_closed() -> None:
    engine = Engine(CREATED, b"HTTP/1.1 500 X\r\n\r\nno")
    with pytest.raises(BuilderError):
        ContainerAddress(engine, "box").dial()
    assert engine.pipes[1].closed
