"""Byte pipes: what HTTP/2 runs on, over a socket, TLS, or a subprocess's standard streams.

A pipe moves bytes and knows no protocol. One thread receives, one at a time sends; `close` may come from
any thread and wakes both. Failures are OSErrors.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import threading
from typing import TYPE_CHECKING, Protocol

from bake.buildkit.tls import SILENT, TLSError, explained

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from subprocess import Popen

    from bake.buildkit.stream import Buffer

CHUNK = 65536
"""Bytes asked for at once. More would make malloc map fresh pages for every read."""

VERDICT = 0.25
"""Seconds that a TLS server has for its first word, before we talk."""
GRACE = 1.0
"""Seconds that a subprocess has to end, and its last words to arrive."""
BUFFERS = 512
"""Buffers handed to one sendmsg; Linux and macOS take up to IOV_MAX = 1024."""


class Pipe(Protocol):
    """Two-way bytes."""

    def recv(self) -> bytes:
        """Some bytes, b"" once the peer has closed its side. Blocks."""

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        """Send all `buffers`, in order. Blocks."""

    def writable(self) -> bool:
        """Whether a few hundred bytes can be sent without blocking."""

    def close(self) -> None:
        """Close both sides. Harmless when closed already."""


class SocketPipe:
    """A connected stream socket; `head` is what was read from it already."""

    def __init__(self, sock: socket.socket, head: bytes = b"") -> None:
        self._socket = sock
        self._head = head

    def recv(self) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._socket.recv(CHUNK)

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        send_vectors(self._socket, buffers)

    def writable(self) -> bool:
        return can_write(self._socket.fileno())

    def finish(self) -> None:
        """Tell the peer that nothing more will be sent."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        # shutdown first: only that wakes a thread blocked in recv
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class TLSPipe(SocketPipe):
    """A TLS connection. OpenSSL's objects are not made for a reader and a writer at once, and have no
    sendmsg: a memory BIO keeps the engine under one lock, the socket's blocking calls stay outside it."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, server_name: str) -> None:
        import ssl

        super().__init__(sock)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._lock = threading.Lock()
        self._order = threading.Lock()
        self._wants_read = ssl.SSLWantReadError
        self._refused = ssl.SSLError
        self._early = b""
        self._ended: tuple[type[Exception], ...] = (ssl.SSLZeroReturnError, ssl.SSLEOFError)
        self._handshake()

    def _handshake(self) -> None:
        hung_up: tuple[type[Exception], ...] = (*self._ended, ConnectionResetError, BrokenPipeError)
        try:
            self._greet()
        except hung_up as exc:
            raise TLSError("it closed the connection during the TLS handshake", SILENT) from exc
        except self._refused as exc:
            raise explained(exc) from exc
        self._hear_verdict()

    def _greet(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except self._wants_read:
                self._flush()
                self._feed()
            else:
                return self._flush()

    def _hear_verdict(self) -> None:
        """TLS 1.3 lets a client finish before the server has looked at its certificate. What a server says
        first (a ticket, its settings, or why it refuses us) is read before we talk: a server that hangs up
        on unread data takes its last words back."""
        if self._tls.version() != "TLSv1.3" or not select.select([self._socket], (), (), VERDICT)[0]:
            return
        self._feed()
        try:
            self._early = self._tls.read(CHUNK)
        except self._wants_read:
            return
        except self._ended as exc:
            raise ConnectionError("it closed the connection after the TLS handshake") from exc
        except self._refused as exc:
            raise explained(exc) from exc

    def _feed(self) -> None:
        data = self._socket.recv(CHUNK)
        with self._lock:
            self._incoming.write(data) if data else self._incoming.write_eof()

    def _flush(self) -> None:
        with self._order:
            with self._lock:
                data = self._outgoing.read()
            if data:
                self._socket.sendall(data)

    def recv(self) -> bytes:
        if self._early:
            early, self._early = self._early, b""
            return early
        while True:
            try:
                with self._lock:
                    return self._tls.read(CHUNK)
            except self._wants_read:
                self._feed()
            except self._ended:
                return b""
            except self._refused as exc:
                raise explained(exc) from exc

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        data = b"".join(buffers)
        with self._lock:
            # a memory BIO grows as needed: write takes everything at once
            self._tls.write(data)
        self._flush()


class ProcessPipe:
    """The standard streams of a subprocess. Its standard error is kept to say why it ended."""

    def __init__(self, process: Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._out, self._in = process.stdin, process.stdout
        self._reading = threading.Lock()
        self._said = b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            for line in stream:
                self._said = (self._said + line)[-4096:]

    def recv(self) -> bytes:
        with self._reading:
            data = b"" if self._in.closed else os.read(self._in.fileno(), CHUNK)
        if not data:
            self._explain()
        return data

    def _explain(self) -> None:
        status = self._process.wait()
        self._listener.join(GRACE)
        said = self._said.decode(errors="replace").strip()
        if status > 0 or said:
            raise ConnectionError(said or f"ended with exit code {status}")

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        data = memoryview(b"".join(buffers))
        try:
            while data:
                data = data[os.write(self._out.fileno(), data) :]
        except (BrokenPipeError, ValueError) as exc:  # ValueError: closed here
            self._explain()
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from exc

    def _wait(self) -> None:
        from subprocess import TimeoutExpired

        with contextlib.suppress(TimeoutExpired):
            self._process.wait(GRACE)

    def writable(self) -> bool:
        return self._out.closed or can_write(self._out.fileno())

    def finish(self) -> None:
        """Tell the process that nothing more will be sent."""
        self._out.close()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._wait()
        self._out.close()
        # the end of the process has woken the reader, unless a child of it keeps the stream open
        if self._reading.acquire(timeout=GRACE):
            self._in.close()
            self._reading.release()


def send_vectors(sock: socket.socket, buffers: Sequence[Buffer]) -> None:
    """Send all `buffers` with as few sendmsg calls as the kernel's limit on vectors allows."""
    for start in range(0, len(buffers), BUFFERS):
        batch = buffers[start : start + BUFFERS]
        sent = sock.sendmsg(batch)
        if sent < sum(map(len, batch)):
            _send_rest(sock, batch, sent)


def _send_rest(sock: socket.socket, batch: Sequence[Buffer], sent: int) -> None:
    for buffer in batch:
        if sent < len(buffer):
            sock.sendall(memoryview(buffer)[sent:])
        sent = max(0, sent - len(buffer))


def can_write(fd: int) -> bool:
    """Whether a small write to `fd` would not block. A ready socket has a third of its buffer free, a
    ready OS pipe has room for PIPE_BUF bytes."""
    poll = select.poll()
    try:
        poll.register(fd, select.POLLOUT)
    except ValueError:  # closed meanwhile: the write itself will say so
        return True
    return bool(poll.poll(0))
