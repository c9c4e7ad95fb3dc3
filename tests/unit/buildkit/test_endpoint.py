"""Addresses, dialling and the Engine's hijack, over real loopback sockets."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import endpoint
from bake.buildkit.endpoint import TLS, Daemon, Engine, SSHAddress, TCPAddress, UnixAddress, parse
from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARSED = [
    ("unix:///run/docker.sock", UnixAddress("/run/docker.sock"), "unix:///run/docker.sock"),
    ("tcp://build.example:1234", TCPAddress("build.example", 1234), "tcp://build.example:1234"),
    ("tcp://build.example", TCPAddress("build.example", 2375), "tcp://build.example:2375"),
    ("https://build.example/", TCPAddress("build.example", 2376, TLS()), "tcp://build.example:2376"),
    ("tcp://[::1]:99", TCPAddress("::1", 99), "tcp://[::1]:99"),
    ("tcp://me:word@h:1/x", TCPAddress("h", 1), "tcp://h:1"),
    ("ssh://me@host:22", SSHAddress("host", "me", 22), "ssh://me@host:22"),
    ("ssh://host", SSHAddress("host"), "ssh://host"),
    (
        "ssh://host/run/d.sock",
        SSHAddress("host", "", 0, ("docker", "--host", "unix:///run/d.sock", "system", "dial-stdio")),
        "ssh://host",
    ),
]


@pytest.mark.parametrize(("text", "address", "name"), PARSED)
def test_addresses(text: str, address: endpoint.Address, name: str) -> None:
    assert parse(text) == address
    assert parse(text).name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "docker.sock",
        "unix://",
        "ftp://x",
        "tcp://h:port",
        "tcp://h:70000",
        "ssh://-oProxyCommand=x",
        "ssh://a:b@h",
    ],
)
def test_malformed_addresses_name_what_is_allowed(text: str) -> None:
    with pytest.raises(BuilderError, match="Malformed endpoint") as caught:
        parse(text)
    assert f"`{text}`" in caught.value.detail
    assert "unix://" in (caught.value.hint or "")


def test_ssh_runs_dockers_own_helper() -> None:
    assert SSHAddress("host", "me", 22).arguments() == [
        *("ssh", "-o", "ConnectTimeout=30", "-T", "-l", "me", "-p", "22", "--", "host"),
        *("docker", "system", "dial-stdio"),
    ]


def test_nobody_there(tmp_path: Path) -> None:
    absent = tmp_path / "absent.sock"
    with pytest.raises(BuilderError) as caught:
        Engine(UnixAddress(str(absent))).connect()
    assert str(caught.value) == f"Cannot reach BuildKit; `unix://{absent}`: no such file"
    assert "is the engine running" in (caught.value.hint or "")


def test_nobody_listens(tmp_path: Path) -> None:
    path = tmp_path / "left.sock"
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))
    with pytest.raises(BuilderError, match="connection refused: nobody listens there"):
        Daemon(UnixAddress(str(path))).connect()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied"),
        (TimeoutError(), "no answer in time"),
        (OSError(errno.EHOSTUNREACH, "No route"), "no route to the host"),
        (socket.gaierror(-2, "Name or service not known"), "unknown host (Name or service not known)"),
        (FileNotFoundError(errno.ENOENT, "No such file", "ssh"), "there is no `ssh` command"),
        (ConnectionError("Permission denied (publickey)."), "Permission denied (publickey)."),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_every_failure_names_address_and_reason(failure: OSError, reason: str) -> None:
    error = endpoint.unreachable(UnixAddress("/x"), failure)
    assert error.detail == f"`unix:///x`: {reason}"
    assert error.hint


def serve_once(path: Path, answer: Callable[[bytes], list[bytes]]) -> tuple[threading.Thread, list[bytes]]:
    """An Engine for one connection: what it was asked, and its answer in the pieces given."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    asked: list[bytes] = []

    def serve() -> None:
        with closing(listener), closing(listener.accept()[0]) as connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            asked.append(request)
            with suppress(ConnectionError):  # who has read enough hangs up
                for piece in answer(request):
                    connection.sendall(piece)
                connection.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread, asked


SWITCH = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


@pytest.mark.parametrize(
    "pieces", [[SWITCH + b"frames"], [SWITCH, b"frames"], [bytes([byte]) for byte in SWITCH + b"frames"]]
)
def test_what_follows_the_blank_line_belongs_to_http2(tmp_path: Path, pieces: list[bytes]) -> None:
    path = tmp_path / "d.sock"
    thread, asked = serve_once(path, lambda _request: pieces)
    pipe = Engine(UnixAddress(str(path))).connect()
    got = b""
    while len(got) < 6:
        got += pipe.recv()
    pipe.sendv([b"x"])
    pipe.close()
    thread.join()
    assert got == b"frames"
    assert asked[0].startswith(
        b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    )


def test_a_sessions_headers_repeat_and_cannot_be_smuggled_into(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    thread, asked = serve_once(path, lambda _request: [SWITCH])
    headers = [("X-M", "/a"), ("X-M", "/b"), ("X-N", "evil\r\nX-Y: z"), ("X-O", "\udcff")]
    pipe = Engine(UnixAddress(str(path))).attach(headers)
    assert pipe is not None
    pipe.sendv([b"x"])
    pipe.close()
    thread.join()
    assert asked[0].startswith(b"POST /session HTTP/1.1\r\n")
    assert b"\r\nX-M: /a\r\nX-M: /b\r\nX-N: evil  X-Y: z\r\nX-O: \xff\r\n\r\n" in asked[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            [b"HTTP/1.1 404 Not Found\r\n\r\n404 page not found\n"],
            "it answered `404 Not Found` 404 page not found",
        ),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "it answered"),
        ([b"x" * 70000], "answered no HTTP"),
    ],
)
def test_something_else_than_an_engine(tmp_path: Path, answer: list[bytes], said: str) -> None:
    path = tmp_path / "d.sock"
    thread, _ = serve_once(path, lambda _request: answer)
    with pytest.raises(BuilderError, match="Cannot reach BuildKit") as caught:
        Engine(UnixAddress(str(path))).connect()
    thread.join()
    assert said in caught.value.detail


def test_a_daemon_has_no_way_of_its_own_for_sessions() -> None:
    assert Daemon(UnixAddress("/x")).attach([]) is None


def test_ssh_that_fails_says_what_ssh_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "ssh"
    script.write_text("#!/bin/sh\necho 'me@host: Permission denied (publickey).' >&2\nexit 255\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BuilderError) as caught:
        Engine(parse("ssh://me@host")).connect()
    assert caught.value.detail == "`ssh://me@host`: me@host: Permission denied (publickey)."
    assert "docker system dial-stdio` work at a prompt?" in (caught.value.hint or "")


def test_no_ssh_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuilderError, match="there is no `ssh` command"):
        Engine(parse("ssh://me@host")).connect()


def test_ssh_carries_the_hijack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # stands for the far end: answers the upgrade, then echoes what it is sent
    script = tmp_path / "ssh"
    script.write_text(
        f"#!{sys.executable}\n"
        "import os\n"
        "while b'\\r\\n\\r\\n' not in os.read(0, 65536): pass\n"
        f"os.write(1, {SWITCH!r})\n"
        "while data := os.read(0, 65536): os.write(1, data)\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    pipe = Engine(parse("ssh://host")).connect()
    pipe.sendv([b"there and ", b"back"])
    got = b""
    while len(got) < 14:
        got += pipe.recv()
    pipe.close()
    assert got == b"there and back"
