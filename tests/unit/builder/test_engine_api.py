from __future__ import annotations

import pytest

from bake.builder.engine_api import EngineApi, parse
from bake.engine.load import LoadSink
from bake.errors import BuilderError, ExportError
from tests.fakes.pipes import Pieces, cut

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


class Line(Pieces):
    """An address and its pipe in one: takes what is sent, gives one answer in small pieces."""

    name = "test://engine"
    hint = "start it"

    def __init__(self, answer: bytes, *, broken: bool = False) -> None:
        super().__init__(cut(answer, 7))
        self._broken = broken

    def dial(self) -> Line:
        return self

    def take(self, data: bytes) -> None:
        if self._broken and self.sent:
            raise BrokenPipeError(32, "Broken pipe")
        super().take(data)


def test_a_call() -> None:
    line = Line(OK + b'{"a": 1}')
    assert EngineApi(line).get("/info").json() == {"a": 1}
    assert line.sent.startswith(b"GET /info HTTP/1.1\r\nHost: docker\r\n")
    assert line.closed


def test_an_answer_in_chunks() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = parse(head + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n")
    assert reply.body == b"hello world"


@pytest.mark.parametrize(
    ("status", "store"),
    [
        (b'{"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}', "containerd"),
        (b'{"DriverStatus": [["Backing Filesystem", "extfs"]]}', "graphdriver"),
        (b'{"DriverStatus": null}', "graphdriver"),
    ],
)
def test_image_stores(status: bytes, store: str) -> None:
    assert EngineApi(Line(OK + status)).image_store() == store


def test_a_refusal_is_told_in_the_engines_words() -> None:
    refusal = b'HTTP/1.1 404 Not Found\r\n\r\n{"message": "no such thing"}'
    with pytest.raises(BuilderError, match=r"no such thing \(404\)"):
        EngineApi(Line(refusal)).get("/x")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_what_is_no_engine(answer: bytes) -> None:
    with pytest.raises(BuilderError):
        EngineApi(Line(answer)).get("/x").json()


def test_loading_an_image() -> None:
    line = Line(OK + b'{"stream": "Loaded image: a"}\n')
    sink = LoadSink(EngineApi(line))
    sink.open({})
    sink.write(b"abc")
    sink.write(b"")
    sink.commit()
    assert line.sent.startswith(b"POST /images/load?quiet=1 HTTP/1.1\r\n")
    assert line.sent.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


def test_an_engine_that_cannot_load_says_why() -> None:
    sink = LoadSink(EngineApi(Line(OK + b'{"error": "no space"}\n')))
    sink.open({})
    with pytest.raises(ExportError, match="no space"):
        sink.commit()


def test_an_engine_that_hangs_up_says_why() -> None:
    refusal = b'HTTP/1.1 500 Internal Server Error\r\n\r\n{"message": "disk is full"}'
    line = Line(refusal, broken=True)
    sink = LoadSink(EngineApi(line))
    sink.open({})
    with pytest.raises(ExportError, match="disk is full"):
        sink.write(b"abc")
    sink.abort()
    assert line.closed
