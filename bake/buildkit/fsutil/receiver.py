"""The receiving side of a file transfer (DiffCopy): what the local exporter sends lands in a folder.

Takes a stream and a destination. The sender announces entries in STAT packets; we request every regular
file by its number, a few at a time so that neither side ever waits for the other with full hands, and
put its DATA packets into the staged file. When all are complete they are moved into place, or handed over,
and only then does FIN tell the sender. `bake.buildkit.fsutil.staging` says what is promised of the
destination.

Nothing the sender says is trusted: paths must be relative, clean, in order, and below directories that
were announced.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from bake.buildkit import stream as grpc
from bake.buildkit.fsutil import beneath, packet
from bake.buildkit.fsutil.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.buildkit.fsutil.stat import Stat
    from bake.buildkit.messages import fsutil_pb2
    from bake.buildkit.stream import Stream

MAX_PATH: Final = 4096
"""Linux's PATH_MAX, in bytes."""

AT_ONCE: Final = 64
"""Files requested and not yet complete. fsutil queues 128 before it stops listening."""


def receive(
    stream: Stream,
    destination: str,
    *,
    clean: bool = False,
    accept: Callable[[Staging], None] | None = None,
) -> None:
    """Take a tree into the folder `destination`; `clean` removes from it what was not sent.

    With `accept` it is not put there, but handed over, to be placed and closed later.

    Raises `ExportError` for what cannot be written (the sender is told), and `RpcError` if the sender
    fails, breaks the protocol or goes away. Either way the destination stays as it was.
    """
    staging: Staging | None = None
    try:
        staging = Staging(destination)
        _Receiver(stream, staging).run()
        if accept is None:
            staging.place(clean=clean)
            staging.close()
        else:
            accept(staging)
    except BaseException as exc:
        if staging is not None:
            staging.close()
        with suppress(grpc.RpcError):
            stream.send(packet.error_packet(str(exc)))
        raise
    stream.send(packet.FIN)
    while (message := stream.recv()) is not None:
        if packet.read_packet(message).type == packet.Packet.FIN:
            return


class _Receiver:
    def __init__(self, stream: Stream, staging: Staging) -> None:
        self._stream = stream
        self._staging = staging
        self._order = _Order()
        self._announced = 0
        self._complete = False
        """Whether every entry has been announced."""
        self._waiting: deque[tuple[int, Stat]] = deque()
        """Regular files not yet requested."""
        self._requested: dict[int, Stat] = {}
        self._open: dict[int, int] = {}
        """Descriptors of those requested files that have begun to come."""

    def run(self) -> None:
        try:
            while not self._complete or self._requested:
                self._handle(self._next())
        finally:
            for file in self._open.values():
                os.close(file)

    def _next(self) -> fsutil_pb2.Packet:
        message = self._stream.recv()
        if message is None:
            raise grpc.RpcError(grpc.ABORTED, "the sender went away before all files had come")
        return packet.read_packet(message)

    def _handle(self, received: fsutil_pb2.Packet) -> None:
        kind = received.type
        if kind == packet.Packet.STAT and not received.HasField("stat"):
            self._complete = True
        elif kind == packet.Packet.STAT:
            self._announce(packet.read_stat(received.stat))
        elif kind == packet.Packet.DATA:
            self._receive(received.id, received.data)
        elif kind == packet.Packet.ERR:
            reason = received.data.decode(errors="replace")
            raise grpc.RpcError(grpc.UNKNOWN, f"error from sender: {reason}")
        else:
            raise _violation(f"packet of type {kind}")

    def _announce(self, stat: Stat) -> None:
        number, self._announced = self._announced, self._announced + 1
        self._order.check(stat)
        if stat.is_regular and not stat.linkname:
            self._waiting.append((number, stat))
            self._request()
        else:
            self._staging.add(stat)

    def _request(self) -> None:
        """Keep the sender busy: ask for more once half of what was asked for has come."""
        if not self._waiting or len(self._requested) > AT_ONCE // 2:
            return
        count = min(len(self._waiting), AT_ONCE - len(self._requested))
        chosen = [self._waiting.popleft() for _ in range(count)]
        self._requested.update(chosen)
        self._stream.send(*(packet.request_packet(number) for number, _ in chosen))

    def _receive(self, number: int, data: bytes) -> None:
        stat = self._requested.get(number)
        if stat is None:
            raise _violation(f"data of file {number}, which was not requested")
        if number not in self._open:
            self._open[number] = self._staging.create(stat)
        if data:
            self._staging.write(stat, self._open[number], data)
        else:
            self._staging.finish(stat, self._open.pop(number))
            del self._requested[number]
            self._request()


class _Order:
    """Checks that entries come in fsutil's order, each below a directory that came before it."""

    def __init__(self) -> None:
        self._folders: list[tuple[bytes, bytes]] = [(b"", b"")]
        """The directories that are open to more entries, each with the last name that came in it."""

    def check(self, stat: Stat) -> None:
        path = stat.path
        links = (path, stat.linkname) if stat.is_regular and stat.linkname else (path,)
        for name in links:
            if len(name) > MAX_PATH or not beneath.is_safe(name):
                raise _violation(f"unsafe path {os.fsdecode(name[:MAX_PATH])!r}")
        folder, name = beneath.split(path)
        while self._folders and self._folders[-1][0] != folder:
            self._folders.pop()
        if not self._folders or name <= self._folders[-1][1]:
            raise _violation(f"{os.fsdecode(path)!r} out of order, or not in a directory")
        self._folders[-1] = (folder, name)
        if stat.is_directory:
            self._folders.append((path, b""))


def _violation(what: str) -> grpc.RpcError:
    return grpc.RpcError(grpc.INVALID_ARGUMENT, f"the sender breaks the protocol: {what}")
