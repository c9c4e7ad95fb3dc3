"""Pipes without another end: what they give is said beforehand, what they take is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer


class Pieces:
    """A pipe that gives these pieces, then the end."""

    def __init__(self, pieces: Iterable[bytes] = ()) -> None:
        self.pieces = list(pieces)
        self.sent = b""
        self.closed = False

    def recv(self) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        self.take(b"".join(bytes(one) for one in buffers))

    def take(self, data: bytes) -> None:
        """What is done with what is sent."""
        self.sent += data

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def cut(data: bytes, size: int) -> list[bytes]:
    """`data` in pieces of `size` bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def everything(pipe: Pipe) -> bytes:
    """What comes out of it until its end."""
    return b"".join(iter(pipe.recv, b""))
