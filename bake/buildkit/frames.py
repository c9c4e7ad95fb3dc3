"""DATA frames: what is sent cut into them, and what was received taken out, without h2.

All content travels in these frames, 16 KiB at a time, for daemons take and send no more in one. h2 would copy
what is sent five times, and print what was received as text for a log that nobody keeps: most of what a
transfer costs. So it sees no content, but it is asked for the windows and told of what they paid
(`http2.Connection` does both), and every other frame is its own.
"""

from __future__ import annotations

from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bake.buildkit.stream import Buffer

PREFACE = 24
"""Bytes that a client sends before its first frame (RFC 9113, section 3.4)."""
LARGEST = 16384
"""Content of the largest frame that is taken out; we announce no other limit."""
_SMALL = LARGEST // 4

_HEADER = Struct(">HBBBL")
"""Length, in 24 bits; type (0 is DATA); flags; stream (RFC 9113, section 4.1)."""


class Pieces:
    """Buffers to send, given out in slices for frames; only those are copied that are small for a frame."""

    def __init__(self, buffers: Iterable[Buffer]) -> None:
        self._buffers = deque(memoryview(buffer) for buffer in _gathered(buffers) if len(buffer))
        self.left = sum(map(len, self._buffers))

    def take(self, limit: int) -> bytes | memoryview:
        """The next `limit` bytes, or all that is left."""
        self.left -= min(limit, self.left)
        taken: list[memoryview] = []
        while limit and self._buffers:
            head = self._buffers[0]
            taken.append(head[:limit])
            if len(head) > limit:
                self._buffers[0] = head[limit:]
            else:
                self._buffers.popleft()
            limit -= len(taken[-1])
        return taken[0] if len(taken) == 1 else b"".join(taken)


def _gathered(buffers: Iterable[Buffer]) -> Iterator[Buffer]:
    """The same bytes, with small neighbours made one."""
    small: list[Buffer] = []
    for buffer in buffers:
        if len(buffer) < _SMALL:
            small.append(buffer)
        else:
            yield b"".join(small)
            small.clear()
            yield buffer
    yield b"".join(small)


def cut(stream: int, data: Pieces, count: int, largest: int) -> Iterator[Buffer]:
    """The next `count` bytes of `data` in frames that hold up to `largest`: header, content, header, …"""
    while count > 0:
        length = min(count, largest)
        yield _HEADER.pack(length >> 8, length & 0xFF, 0, 0, stream)
        yield data.take(length)
        count -= length


class Run(NamedTuple):
    """Neighbouring frames as they came, `raw`: DATA of one stream with nothing but content, or, with a
    `stream` of 0, any others."""

    stream: int
    raw: memoryview
    content: list[memoryview]

    @property
    def joined(self) -> bytes:
        """What the frames hold."""
        return b"".join(self.content)


class Sorter:
    """Cuts what is received into runs, whatever pieces it comes in; the first `ahead` bytes are no frames."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Run]:
        """The runs that `data` completes."""
        view = memoryview(self._rest + data if self._rest else data)
        if self._ahead:
            head, view = view[: self._ahead], view[self._ahead :]
            self._ahead -= len(head)
            yield Run(0, head, [])
        start = at = stream = 0
        content: list[memoryview] = []
        for at, end, number in _frames(view):
            if number != stream:
                if at > start:
                    yield Run(stream, view[start:at], content)
                start, stream, content = at, number, []
            if number:
                content.append(view[at + _HEADER.size : end])
            at = end
        if at > start:
            yield Run(stream, view[start:at], content)
        self._rest = bytes(view[at:])


def _frames(view: memoryview) -> Iterator[tuple[int, int, int]]:
    """Where each whole frame begins and ends, and its stream if it is nothing but content."""
    at, size = 0, len(view)
    while size - at >= _HEADER.size:
        high, low, kind, flags, stream = _HEADER.unpack_from(view, at)
        length = high << 8 | low
        end = at + _HEADER.size + length
        if end > size:
            return
        yield at, end, 0 if kind or flags or length > LARGEST else stream
        at = end
