from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

from bake.buildkit.messages.sshforward_pb2 import CheckAgentRequest
from bake.buildkit.services import ssh
from bake.buildkit.services.calls import frame, frames
from bake.buildkit.stream import INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE, RpcError
from bake.errors import UsageError
from tests.fakes.streams import Call, ask

REFUSED = b"\x00\x00\x00\x01\x05"


def message(kind: int, body: bytes = b"") -> bytes:
    return (len(body) + 1).to_bytes(4, "big") + bytes((kind,)) + body


class FakeAgent:
    """Answers each request with its own body, a byte at a time, and notes what reached it."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        return ours

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while head := reader.read(4):
                request = reader.read(int.from_bytes(head, "big"))
                self.requests.append(request)
                for byte in message(request[0] + 1, request[1:]):
                    connection.sendall(bytes((byte,)))


class Hanging(FakeAgent):
    """Hangs up on the first request."""

    def _serve(self, connection: socket.socket) -> None:
        connection.recv(1)
        connection.close()


class Absent(FakeAgent):
    def connect(self) -> socket.socket:
        raise UsageError("cannot reach the ssh agent")


def forwarding(agent: FakeAgent, name: str = "default") -> Call:
    handler = ssh.methods({"default": agent, "other": FakeAgent()})["/moby.sshforward.v1.SSH/ForwardAgent"]
    return Call(handler, {"buildkit.ssh.id": [name]})


def replies(call: Call, size: int) -> bytes:
    """That many bytes of what comes back."""
    received = b""
    for data in frames(call.stream):
        received += data
        if len(received) >= size:
            break
    return received


def test_requests_are_answered_by_the_agent() -> None:
    agent = FakeAgent()
    call = forwarding(agent)
    call.stream.send(frame(message(11)))
    assert replies(call, 5) == message(12)
    call.stream.send(frame(message(13, b"key and data")))
    assert replies(call, 17) == message(14, b"key and data")
    call.stream.close_send()
    call.wait()
    assert call.error is None
    assert agent.requests == [b"\x0b", b"\x0dkey and data"]


@pytest.mark.parametrize("cut", [1, 3, 7, 100])
def test_messages_may_be_cut_anywhere(cut: int) -> None:
    agent = FakeAgent()
    call = forwarding(agent)
    sent = message(13, b"first") + message(17, b"refused") + message(11) + message(13, b"x" * 60000)
    call.stream.send(*(frame(sent[at : at + cut * 100]) for at in range(0, len(sent), cut * 100)))
    expected = message(14, b"first") + REFUSED + message(12) + message(14, b"x" * 60000)
    assert replies(call, len(expected)) == expected
    call.stream.close_send()
    call.wait()


@pytest.mark.parametrize("kind", [kind for kind in range(256) if kind not in (11, 13)])
def test_everything_else_is_refused_and_never_reaches_the_agent(kind: int) -> None:
    agent = FakeAgent()
    call = forwarding(agent)
    call.stream.send(frame(message(kind, b"body")))
    assert replies(call, 5) == REFUSED
    call.stream.close_send()
    call.wait()
    assert agent.requests == []


@pytest.mark.parametrize("sent", [b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff\x0b", b"\x00\x04\x00\x01\x0b"])
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    call = forwarding(FakeAgent())
    call.stream.send(frame(sent))
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == INVALID_ARGUMENT


@pytest.mark.parametrize("agent", [Hanging(), Absent()])
def test_an_agent_that_fails_fails_the_call(agent: FakeAgent) -> None:
    call = forwarding(agent)
    with suppress(RpcError):
        call.stream.send(frame(message(11)))
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == UNAVAILABLE


def test_agents_are_known_by_id() -> None:
    check = ssh.methods({"default": FakeAgent()})["/moby.sshforward.v1.SSH/CheckAgent"]
    for name in ("", "default"):
        assert ask(check, CheckAgentRequest(id=name).SerializeToString()) == b""
    with pytest.raises(RpcError) as caught:
        ask(check, CheckAgentRequest(id="x").SerializeToString())
    assert (caught.value.code, caught.value.message) == (NOT_FOUND, "unset ssh forward key x")
    call = forwarding(FakeAgent(), "x")
    call.wait()
    assert isinstance(call.error, RpcError)
    assert call.error.code == NOT_FOUND
