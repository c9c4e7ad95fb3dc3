"""The sending side of a file transfer (DiffCopy).

Takes a stream, a tree and what of it is wanted. The rule of the protocol: every entry is announced in a
STAT packet, numbered from 0 in that order; the receiver requests the regular files it wants by number,
while they are still being announced; each is answered with DATA packets, the last of them empty; FIN
from the receiver ends it, and is answered.

Two threads: the calling one receives, so that the peer never waits to be heard; the other one sends,
and takes turns between announcing and answering. One buffer is all the content in memory, and several
small files share it, and one write to the stream.

A file has to be what was announced, or nobody would know what was built: one that vanished, grew or shrank
in between fails the transfer (fsutil sends what there is).
"""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.fsutil import packet
from bake.buildkit.fsutil.tree import TreeError
from bake.buildkit.fsutil.walk import EVERYTHING, Filter, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.buildkit.fsutil.stat import Stat
    from bake.buildkit.fsutil.tree import Content, Tree
    from bake.buildkit.stream import Message, Stream

STATS_AT_ONCE: Final = 128
MESSAGES_AT_ONCE: Final = 256

_LITTLE_ROOM: Final = packet.MAX_DATA // 16
"""A buffer with less left is sent rather than filled to the last byte by yet another read."""


def send(stream: Stream, tree: Tree, wanted: Filter = EVERYTHING) -> None:
    """Send what is wanted of `tree`, until the receiver is done.

    Raises `TreeError` if the tree cannot be read (the receiver is told), and `RpcError` if the receiver
    fails, breaks the protocol or goes away.
    """
    _Sender(stream, tree).run(wanted)


class _Sender:
    def __init__(self, stream: Stream, tree: Tree) -> None:
        self._stream = stream
        self._tree = tree
        self._requests: SimpleQueue[int | None] = SimpleQueue()
        """Numbers asked for; None once no more will come."""
        self._ended = False
        self._files: list[Stat | None] = []
        """The file of each number that may still be asked for."""
        self._answers = _Answers(stream)
        self._failure: BaseException | None = None

    def run(self, wanted: Filter) -> None:
        writer = Thread(target=self._write, args=(wanted,), name="send files", daemon=True)
        writer.start()
        try:
            self._receive()
        finally:
            self._requests.put(None)
            writer.join()
            if self._failure is not None:
                raise self._failure
        self._stream.send(packet.FIN)

    def _receive(self) -> None:
        """Hand on what is asked for, until the receiver has all it wants."""
        while (message := self._stream.recv()) is not None:
            received = packet.read_packet(message)
            if received.type == packet.Packet.REQ:
                self._requests.put(received.id)
            elif received.type == packet.Packet.FIN:
                return
            elif received.type == packet.Packet.ERR:
                reason = received.data.decode(errors="replace")
                raise grpc.RpcError(grpc.UNKNOWN, f"error from receiver: {reason}")
        raise grpc.RpcError(grpc.ABORTED, "the receiver went away before it had all files")

    def _write(self, wanted: Filter) -> None:
        """Announce and answer; a failure is told to the receiver, whose end of the call ends ours."""
        try:
            self._announce(walk(self._tree, wanted))
            while (number := self._next(block=True)) is not None:
                self._answer(number)
        except BaseException as exc:
            self._failure = exc
            with suppress(grpc.RpcError):
                self._stream.send(packet.error_packet(str(exc)))

    def _announce(self, stats: Iterator[Stat]) -> None:
        while not self._ended and (batch := list(islice(stats, STATS_AT_ONCE))):
            for stat in batch:
                _check_names(stat)
                self._files.append(stat if stat.is_regular else None)
            self._stream.send(*map(packet.stat_packet, batch))
            while (number := self._next(block=False)) is not None:
                self._answer(number)
        self._stream.send(packet.END_OF_STATS)

    def _answer(self, number: int) -> None:
        """Send the file `number`, and those that are asked for by then."""
        asked: int | None = number
        while asked is not None:
            stat = self._take(asked)
            content = self._tree.open(stat.path)
            if content is None:
                raise _changed(stat, "it is gone")
            self._answers.add(asked, stat, content)
            asked = self._next(block=False)
        self._answers.flush()

    def _next(self, *, block: bool) -> int | None:
        """The next number asked for; None if there is none (yet, unless `block`)."""
        if self._ended or (not block and self._requests.empty()):
            return None
        number = self._requests.get()
        self._ended = number is None
        return number

    def _take(self, number: int) -> Stat:
        stat = self._files[number] if number < len(self._files) else None
        if stat is None:
            raise grpc.RpcError(grpc.INVALID_ARGUMENT, f"invalid file id {number}")
        self._files[number] = None
        return stat


def _check_names(stat: Stat) -> None:
    """The protocol has names as UTF-8, and daemons break the call off without a word about the file."""
    for name in (stat.path, stat.linkname):
        if not name.isascii():
            try:
                name.decode()
            except UnicodeDecodeError as exc:
                raise TreeError(
                    "file name is not UTF-8",
                    detail=f"`{stat.path.decode(errors='backslashreplace')}` or what it links to",
                    hint="rename it, or leave it out with .dockerignore",
                ) from exc


def _changed(stat: Stat, how: str) -> TreeError:
    return TreeError(
        "a file of the build context changed while it was sent",
        detail=f"`{os.fsdecode(stat.path)}`: {how}",
        hint="build again, or leave it out with .dockerignore",
    )


class _Answers:
    """DATA packets that wait to be sent in one write, in one buffer."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        # Pages that nobody touches cost nothing, and go back to the system with it, whatever malloc keeps
        self._buffer = memoryview(mmap.mmap(-1, packet.MAX_DATA))
        self._used = 0
        self._messages: list[Message] = []

    def add(self, number: int, stat: Stat, content: Content) -> None:
        left = stat.size
        try:
            while length := content.readinto(self._buffer[self._used :]):
                left -= length
                if left < 0:
                    raise _changed(stat, "it has grown")
                end = self._used + length
                self._messages.append(packet.data_packet(number, self._buffer[self._used : end]))
                self._used = end
                if packet.MAX_DATA - end < _LITTLE_ROOM:
                    self.flush()
        finally:
            content.close()
        if left:
            raise _changed(stat, "it has shrunk")
        self.end(number)

    def end(self, number: int) -> None:
        self._messages.append(packet.end_of_data(number))
        if len(self._messages) >= MESSAGES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._messages:
            self._stream.send(*self._messages)
            self._messages.clear()
            self._used = 0
