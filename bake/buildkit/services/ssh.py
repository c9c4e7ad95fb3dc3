"""moby.sshforward.v1.SSH: the ssh agents that builds may use.

Takes `AgentAddress`es by id. The rule: a build may see the public keys and have things signed, and no
more; adding, removing, locking and everything else is refused here and never reaches the agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import frame, frames, header, receive_one
from bake.buildkit.ssh_agent import DEFAULT_ID
from bake.errors import BakeError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from bake.buildkit.ssh_agent import Agent
    from bake.buildkit.stream import Methods, Stream

_REQUEST_IDENTITIES: Final = 11
_SIGN_REQUEST: Final = 13
_ALLOWED: Final = frozenset({_REQUEST_IDENTITIES, _SIGN_REQUEST})
_REFUSED: Final = b"\x00\x00\x00\x01\x05"
"""SSH_AGENT_FAILURE, as draft-ietf-sshm-ssh-agent writes it: its length, then its type."""

_LENGTH: Final = 4
_LARGEST: Final = 256 * 1024
"""Bytes in one message; OpenSSH's own limit."""


def methods(agents: Mapping[str, Agent]) -> Methods:
    """Serves `agents` by their ids."""

    def find(name: str) -> Agent:
        agent = agents.get(name or DEFAULT_ID)
        if agent is None:
            raise grpc.RpcError(grpc.NOT_FOUND, f"unset ssh forward key {name or DEFAULT_ID}")
        return agent

    def check_agent(stream: Stream) -> None:
        from bake.buildkit.messages.sshforward_pb2 import CheckAgentRequest

        find(receive_one(stream, CheckAgentRequest).id)
        stream.send(b"")

    def forward_agent(stream: Stream) -> None:
        agent = find(header(stream, "buildkit.ssh.id"))
        try:
            with agent.connect() as connection:
                _serve(stream, connection)
        except BakeError as exc:
            raise grpc.RpcError(grpc.UNAVAILABLE, str(exc)) from exc
        except OSError as exc:
            raise grpc.RpcError(grpc.UNAVAILABLE, f"ssh agent: {exc.strerror or exc}") from exc

    return {
        "/moby.sshforward.v1.SSH/CheckAgent": check_agent,
        "/moby.sshforward.v1.SSH/ForwardAgent": forward_agent,
    }


def _serve(stream: Stream, agent: socket.socket) -> None:
    """Answer the build's requests, one after the other, as agents do."""
    for request in _requests(stream):
        stream.send(frame(_ask(agent, request) if request[_LENGTH] in _ALLOWED else _REFUSED))


def _requests(stream: Stream) -> Iterator[bytes]:
    """Whole messages, their length in front, from frames that are cut anywhere."""
    waiting = bytearray()
    for data in frames(stream):
        waiting += data
        while len(waiting) >= _LENGTH and len(waiting) >= (size := _size(waiting)):
            yield bytes(waiting[:size])
            del waiting[:size]


def _ask(agent: socket.socket, request: bytes) -> bytes:
    agent.sendall(request)
    head = _receive(agent, _LENGTH)
    return head + _receive(agent, _size(head) - _LENGTH)


def _size(message: bytes | bytearray) -> int:
    """How long a message is, from its first four bytes and with them."""
    size = int.from_bytes(message[:_LENGTH], "big")
    if not 0 < size <= _LARGEST:
        raise grpc.RpcError(grpc.INVALID_ARGUMENT, "not a message of the ssh agent protocol")
    return size + _LENGTH


def _receive(agent: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = agent.recv(count - len(received))
        if not piece:
            raise OSError("the agent closed the connection")
        received += piece
    return bytes(received)
