from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.builder.kubernetes.channels import LARGEST, ExecPipe, NotUpgradedError, Upgrade, opened
from tests.fakes.pipes import Pieces, cut, everything

if TYPE_CHECKING:
    from collections.abc import Iterable

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
CONTINUED, TEXT, BINARY, CLOSED, PING, PONG = 0, 1, 2, 8, 9, 10
SUCCESS = b'\x03{"status": "Success"}'


class Server(Pieces):
    """A pipe whose other end accepts the upgrade, and sends what it is told."""

    def __init__(self, pieces: Iterable[bytes] = (), *, subprotocol: str = V5, answer: bytes = b"") -> None:
        super().__init__(pieces)
        self._subprotocol = subprotocol
        self._answer = answer
        self.request = b""

    def take(self, data: bytes) -> None:
        if self.request:
            super().take(data)
            return
        self.request = data
        self.pieces.insert(0, self._answer or self._accepted())

    def _accepted(self) -> bytes:
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.request)
        assert key
        accept = base64.b64encode(hashlib.sha1(key[1] + GUID.encode()).digest()).decode()
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept}",
            f"Sec-WebSocket-Protocol: {self._subprotocol}",
        ]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()

    def messages(self) -> list[tuple[int, bytes]]:
        """What the client sent: opcodes and unmasked data."""
        found, data = [], self.sent
        while data:
            opcode, size, at = data[0] & 0x0F, data[1] & 0x7F, 2
            assert data[1] & 0x80, "clients mask"
            if size >= 126:
                width = 2 if size == 126 else 8
                size, at = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
            mask, body = data[at : at + 4], data[at + 4 : at + 4 + size]
            found.append((opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))))
            data = data[at + 4 + size :]
        return found


def frame(data: bytes, opcode: int = BINARY, *, final: bool = True) -> bytes:
    size = len(data)
    first = (0x80 if final else 0) | opcode
    if size < 126:
        return struct.pack("!BB", first, size) + data
    return struct.pack("!BBH", first, 126, size) + data


def connected(*pieces: bytes, subprotocol: str = V5) -> tuple[Server, ExecPipe]:
    server = Server(pieces, subprotocol=subprotocol)
    return server, opened(server, Upgrade("https://api.example:6443/exec?command=a%20b", "Bearer t"))


def test_what_is_asked_for() -> None:
    server, _ = connected()
    head = server.request.decode().split("\r\n")
    assert head[0] == "GET /exec?command=a%20b HTTP/1.1"
    assert {"Host: api.example:6443", "Authorization: Bearer t"} < set(head)
    assert f"Sec-WebSocket-Protocol: {V5}, {V4}" in head


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=5), st.integers(1, 40))
def test_output_comes_however_it_is_cut(parts: list[bytes], width: int) -> None:
    data = b"".join(frame(b"\x01" + part) for part in parts) + frame(SUCCESS)
    _, pipe = connected(*cut(data, width))
    assert everything(pipe) == b"".join(parts)


def test_frames_behind_the_answer_are_not_lost() -> None:
    server = Server()
    opening = server._accepted
    server._accepted = lambda: opening() + frame(b"\x01early")  # type: ignore[method-assign]
    assert opened(server, Upgrade("http://api/exec?")).recv() == b"early"


def test_a_message_in_parts() -> None:
    parts = (frame(b"\x01a", final=False), frame(b"\x01b", CONTINUED, final=False), frame(b"c", CONTINUED))
    _, pipe = connected(*parts, frame(b"\x01d"), frame(SUCCESS))
    assert everything(pipe) == b"a\x01bcd"


def test_empty_messages_and_channels_that_nobody_knows() -> None:
    _, pipe = connected(frame(b"\x01"), frame(b""), frame(b"\x07x"), frame(b"\x01y"), frame(SUCCESS))
    assert everything(pipe) == b"y"


def test_input_is_cut_into_messages() -> None:
    server, pipe = connected()
    pipe.sendv([b"a" * LARGEST, b"b"])
    assert server.messages() == [(BINARY, b"\x00" + b"a" * LARGEST), (BINARY, b"\x00b")]


def test_the_end_of_input() -> None:
    server, pipe = connected()
    pipe.finish()
    assert server.messages() == [(BINARY, b"\xff\x00")]
    assert not server.closed
    older, pipe = connected(subprotocol=V4)
    pipe.finish()
    assert older.closed


def test_a_ping_is_answered() -> None:
    server, pipe = connected(frame(b"there?", PING), frame(b"\x01yes"))
    assert pipe.recv() == b"yes"
    assert server.messages() == [(PONG, b"there?")]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (json.dumps({"status": "Failure", "message": "exit code 1"}).encode(), "exit code 1; it said why"),
        (b"gone", "gone; it said why"),
        (b'{"status": "Success"}', "it said why"),
    ],
)
def test_why_it_ended(status: bytes, told: str) -> None:
    _, pipe = connected(frame(b"\x01x"), frame(b"\x02it said why\n"), frame(b"\x03" + status))
    assert pipe.recv() == b"x"
    with pytest.raises(ConnectionError, match=f"^{told}$"):
        pipe.recv()


@pytest.mark.parametrize("end", [b"", frame(struct.pack("!H", 1000), CLOSED)])
def test_an_end_without_a_word(end: bytes) -> None:
    _, pipe = connected(frame(b"\x01x") + end)
    assert everything(pipe) == b"x"
    assert pipe.recv() == b""


def test_what_is_no_frame() -> None:
    _, pipe = connected(b"\xff\xff\xff\xff")
    with pytest.raises(ConnectionError, match="the WebSocket was closed: Invalid opcode"):
        pipe.recv()


def test_refusals_in_the_servers_words() -> None:
    body = json.dumps({"kind": "Status", "message": 'pods "p" not found', "code": 404})
    answer = f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with pytest.raises(NotUpgradedError, match='pods "p" not found') as raised:
        opened(Server(answer=answer), Upgrade("http://api/exec?"))
    assert raised.value.status == 404
    with pytest.raises(NotUpgradedError, match="busy"):
        opened(
            Server([b"bu", b"sy"], answer=b"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\n"),
            Upgrade("http://a/?"),
        )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "speaks no WebSocket"),
        (b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "speaks no WebSocket"),
    ],
)
def test_servers_that_are_none(answer: bytes, told: str) -> None:
    with pytest.raises(ConnectionError, match=told):
        opened(Server(answer=answer), Upgrade("http://api/exec?"))


def test_a_server_that_hangs_up_or_speaks_no_channels() -> None:
    with pytest.raises(ConnectionError, match="before it answered"):
        opened(Server(answer=b"HTTP/1.1 "), Upgrade("http://api/exec?"))
    with pytest.raises(ConnectionError, match="speaks no WebSocket"):
        opened(Server(subprotocol="base64.channel.k8s.io"), Upgrade("http://api/exec?"))


def test_a_server_that_gives_up() -> None:
    _, pipe = connected(frame(b"\x01x"), frame(struct.pack("!H", 1011) + b"the node is gone", CLOSED))
    assert pipe.recv() == b"x"
    with pytest.raises(ConnectionError, match="closed: the node is gone"):
        pipe.recv()
