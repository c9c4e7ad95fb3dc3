"""grpc.health.v1.Health: BuildKit drops a session that fails to answer it twice, about ten seconds in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bake.buildkit.stream import Methods, Stream

_SERVING = b"\x08\x01"


def methods() -> Methods:
    return {"/grpc.health.v1.Health/Check": _check}


def _check(stream: Stream) -> None:
    stream.recv()
    stream.send(_SERVING)
