"""Sessions, attached the Engine's way and through Control.Session's tunnel."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.client import Client
from bake.buildkit.grpc import Channel
from bake.buildkit.http2 import Connection
from bake.buildkit.messages.common_pb2 import BytesMessage
from bake.buildkit.session import CONTROL_SESSION, TunnelPipe, new_id
from bake.buildkit.stream import UNAVAILABLE, RpcError
from tests.fakes.buildkit import PATIENCE, FakeBuildKit, gather

if TYPE_CHECKING:
    from bake.buildkit.grpc import Call
    from bake.buildkit.stream import Stream

HEALTH = "/grpc.health.v1.Health/Check"


def echo(stream: Stream) -> None:
    while (message := stream.recv()) is not None:
        stream.send(message)


def test_ids_look_like_buildkits_and_do_not_repeat() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch("[0-9a-z]{25}", one) for one in ids)


class Daemon:
    """Control.Session on the daemon's side: it calls back through the tunnel."""

    def __init__(self) -> None:
        self.headers: dict[str, list[str]] = {}
        self.channel: Channel | None = None
        self.attached, self.over = threading.Event(), threading.Event()

    def session(self, stream: Call) -> None:
        self.headers = gather([(name, one) for name, many in stream.metadata.items() for one in many])
        self.channel = Channel(Connection(TunnelPipe(stream)).start())
        self.attached.set()
        self.channel.connection.join()
        self.over.set()


def test_the_tunnel_carries_calls_both_large_and_many() -> None:
    daemon = Daemon()
    buildkit = FakeBuildKit({CONTROL_SESSION: daemon.session}, tunnel=True)  # type: ignore[dict-item]
    client = Client(buildkit)
    session = client.open_session({"/a/Echo": echo}, shared_key="dir:me")
    assert daemon.attached.wait(PATIENCE)
    assert daemon.channel is not None
    assert daemon.headers["x-docker-expose-session-uuid"] == [session.id]
    assert daemon.headers["x-docker-expose-session-sharedkey"] == ["dir:me"]
    assert daemon.headers["x-docker-expose-session-grpc-method"] == ["/a/Echo", HEALTH]
    assert daemon.channel.unary(HEALTH, b"") == b"\x08\x01"
    payload = bytes(range(256)) * 20_000
    assert daemon.channel.unary("/a/Echo", payload) == payload
    assert session.lost == ""
    session.close()
    assert daemon.over.wait(PATIENCE)
    assert "closed" in session.lost
    client.close()
    buildkit.close()


def test_a_session_ends_with_its_connection() -> None:
    daemon = Daemon()
    buildkit = FakeBuildKit({CONTROL_SESSION: daemon.session}, tunnel=True)  # type: ignore[dict-item]
    client = Client(buildkit)
    session = client.open_session({})
    assert daemon.attached.wait(PATIENCE)
    client.close()
    session.close()
    assert session.lost
    buildkit.close()


def test_closing_a_session_resets_the_calls_it_serves() -> None:
    entered = threading.Event()
    codes: list[int] = []

    def hold(stream: Stream) -> None:
        entered.set()
        try:
            stream.recv()
        except RpcError as exc:
            codes.append(exc.code)
            raise

    buildkit = FakeBuildKit({})
    client = Client(buildkit)
    session = client.open_session({"/a/Hold": hold})
    _, channel = buildkit.sessions[0]
    call = channel.call("/a/Hold")
    assert entered.wait(PATIENCE)
    session.close()
    assert codes == [UNAVAILABLE], "closed before its calls had ended"
    with pytest.raises(RpcError) as caught:
        call.recv()
    assert caught.value.code == UNAVAILABLE
    client.close()
    buildkit.close()


class OneWay:
    """A call that keeps what it is sent, and gives what it was made with."""

    def __init__(self, *messages: bytes) -> None:
        self.sent: list[bytes] = []
        self._messages = list(messages)

    def recv(self) -> bytes | None:
        return self._messages.pop(0) if self._messages else None

    def send(self, *messages: tuple[bytes, ...]) -> None:
        self.sent += [b"".join(parts) for parts in messages]


def test_the_tunnels_frames_are_bytes_messages_as_few_as_can_be() -> None:
    call = OneWay()
    data = bytes(range(256)) * 10_000
    TunnelPipe(call).sendv([b"a", data, b"b", data])  # type: ignore[arg-type]
    frames = [BytesMessage.FromString(message).data for message in call.sent]
    assert b"".join(frames) == b"a" + data + b"b" + data
    assert [len(frame) for frame in frames[:-1]] == [1 << 20] * 4


def test_an_empty_frame_is_not_the_end() -> None:
    call = OneWay(b"", BytesMessage(data=b"x").SerializeToString())
    pipe = TunnelPipe(call)  # type: ignore[arg-type]
    assert (pipe.recv(), pipe.recv()) == (b"x", b"")
