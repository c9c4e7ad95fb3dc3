"""Byte pipes over real sockets, TLS and subprocesses."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import pipe as pipes
from bake.buildkit.pipe import Pipe, ProcessPipe, SocketPipe, TLSPipe
from bake.buildkit.tls import TLSError

if TYPE_CHECKING:
    from pathlib import Path


def read_all(pipe: Pipe) -> bytes:
    data = b""
    while piece := pipe.recv():
        data += piece
    return data


def test_what_was_read_ahead_comes_first() -> None:
    near, far = socket.socketpair()
    with closing(SocketPipe(near, b"head")) as pipe, far:
        far.sendall(b"tail")
        assert pipe.recv() == b"head"
        assert pipe.recv() == b"tail"


def test_many_buffers_arrive_in_order_past_every_limit_of_the_kernel() -> None:
    near, far = socket.socketpair()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    buffers = [bytes([number % 251]) * (number % 97) for number in range(3 * pipes.BUFFERS)] + [
        b"x" * 300_000
    ]
    got: list[bytes] = []
    with closing(SocketPipe(far)) as receiver:
        reader = threading.Thread(target=lambda: got.append(read_all(receiver)))
        reader.start()
        sender = SocketPipe(near)
        sender.sendv(buffers)
        sender.close()
        reader.join()
    assert got == [b"".join(buffers)]


def test_closing_wakes_a_blocked_receiver() -> None:
    near, far = socket.socketpair()
    pipe = SocketPipe(near)
    outcome: list[object] = []

    def receive() -> None:
        try:
            outcome.append(pipe.recv())
        except OSError as exc:
            outcome.append(exc)

    reader = threading.Thread(target=receive)
    reader.start()
    pipe.close()
    reader.join()
    far.close()
    assert outcome == [b""] or isinstance(outcome[0], OSError)


def test_a_full_socket_is_not_writable() -> None:
    near, far = socket.socketpair()
    with closing(SocketPipe(near)) as pipe, far:
        assert pipe.writable()
        near.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                near.send(b"x" * 65536)
        assert not pipe.writable()


def test_a_subprocess_speaks_on_its_standard_streams() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read(4)[::-1])"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with process, closing(ProcessPipe(process)) as pipe:
        assert pipe.writable()
        pipe.sendv([b"ab", b"cd"])
        assert read_all(pipe) == b"dcba"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('Permission denied (publickey).')", r"Permission denied \(publickey\)\."),
        ("raise SystemExit(3)", "exit code 3"),
    ],
)
def test_a_subprocess_that_fails_says_why(code: str, said: str) -> None:
    streams = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=streams, stdout=streams, stderr=streams, bufsize=0
    )
    with process, closing(ProcessPipe(process)) as pipe, pytest.raises(ConnectionError, match=said):
        pipe.recv()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key = path.with_name("key.pem")
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


def echo_over_tls(sock: socket.socket, certificate: Path) -> threading.Thread:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            while data := secure.recv(65536):
                secure.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_tls_carries_both_directions_at_once(certificate: Path) -> None:
    near, far = socket.socketpair()
    server = echo_over_tls(far, certificate)
    pipe = TLSPipe(near, ssl.create_default_context(cafile=str(certificate)), "localhost")
    payload = bytes(range(256)) * 8192
    sender = threading.Thread(target=pipe.sendv, args=([payload[:100], memoryview(payload)[100:]],))
    sender.start()
    got = b""
    while len(got) < len(payload):
        got += pipe.recv()
    sender.join()
    pipe.close()
    server.join()
    assert got == payload


def test_tls_refuses_a_certificate_it_does_not_trust(certificate: Path) -> None:
    near, far = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> None:
        with pytest.raises(OSError, match=r"alert|EOF|reset|closed"):
            context.wrap_socket(far, server_side=True)

    server = threading.Thread(target=serve)
    server.start()
    with pytest.raises(TLSError, match="not accepted: self-signed certificate") as caught:
        TLSPipe(near, ssl.create_default_context(), "localhost")
    assert "cacert" in caught.value.hint
    near.close()
    server.join()
    far.close()


def test_a_server_that_hangs_up_on_a_greeting_may_speak_no_tls() -> None:
    near, far = socket.socketpair()
    far.close()
    with pytest.raises(TLSError, match="closed the connection during the TLS handshake") as caught:
        TLSPipe(near, ssl.create_default_context(), "localhost")
    assert "leave the certificates out" in caught.value.hint
    near.close()
