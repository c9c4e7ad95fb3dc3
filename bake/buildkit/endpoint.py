"""Where BuildKit is and how to get a byte pipe to it.

`parse` makes an `Address` of text; an `Engine` (the API of a Docker Engine) or a `Daemon` (BuildKit itself)
stands on one and is an `Endpoint`: what a `Client` connects to. A builder that reaches BuildKit in another
way brings an address of its own: a `name`, a `hint`, and `dial`.

Every failure is a `BuilderError` that says which address was tried, why it failed, and what to do.
"""

from __future__ import annotations

import errno
import posixpath
import socket
from typing import TYPE_CHECKING, Protocol

from bake.buildkit.pipe import ProcessPipe, SocketPipe, TLSPipe
from bake.buildkit.tls import TLS as TLS
from bake.buildkit.tls import TLSError
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.buildkit.pipe import Pipe


TIMEOUT = 30.0
"""Seconds until an address that does not answer counts as unreachable."""


class Address(Protocol):
    """Something that can be dialled."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def hint(self) -> str:
        """What to do when nobody answers there."""

    def dial(self) -> Pipe:
        """A connected pipe. Raises OSError."""


class Endpoint(Protocol):
    """One BuildKit."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def connect(self) -> Pipe:
        """A pipe on which BuildKit speaks HTTP/2. Raises BuilderError."""

    def attach(self, headers: Sequence[tuple[str, str]]) -> Pipe | None:
        """A pipe on which BuildKit calls a session's services, None if that has to go through
        Control.Session. Raises BuilderError."""


@record
class UnixAddress:
    path: str

    @property
    def name(self) -> str:
        return f"unix://{self.path}"

    @property
    def hint(self) -> str:
        return "is the engine running? Start it, or name another with DOCKER_HOST or a docker context"

    def dial(self) -> Pipe:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(TIMEOUT)
            # buildkitd on Linux may listen on an abstract name, written with @
            sock.connect("\0" + self.path[1:] if self.path.startswith("@") else self.path)
            sock.settimeout(None)
        except OSError:
            sock.close()
            raise
        return SocketPipe(sock)


@record
class TCPAddress:
    host: str
    port: int
    tls: TLS | None = None
    alpn: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"

    @property
    def hint(self) -> str:
        return "is the engine listening there, and does no firewall stand between?"

    def dial(self) -> Pipe:
        sock = socket.create_connection((self.host, self.port), TIMEOUT)
        try:
            _keep_alive(sock)
            pipe = self._secure(sock, self.tls) if self.tls else SocketPipe(sock)
            sock.settimeout(None)
        except OSError:
            sock.close()
            raise
        return pipe

    def _secure(self, sock: socket.socket, tls: TLS) -> Pipe:
        context = tls.context()
        if self.alpn:
            context.set_alpn_protocols(list(self.alpn))
        return TLSPipe(sock, context, tls.server_name or self.host)


def _keep_alive(sock: socket.socket) -> None:
    """Small frames at once, and a host that vanished is noticed within a minute."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", 30),
        ("TCP_KEEPALIVE", 30),
        ("TCP_KEEPINTVL", 10),
        ("TCP_KEEPCNT", 3),
    ):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


@record
class SSHAddress:
    """`command` runs on the host and speaks the protocol on its standard streams."""

    host: str
    user: str = ""
    port: int = 0
    command: tuple[str, ...] = ("docker", "system", "dial-stdio")

    @property
    def name(self) -> str:
        user, port = self.user and f"{self.user}@", f":{self.port}" if self.port else ""
        return f"ssh://{user}{self.host}{port}"

    @property
    def hint(self) -> str:
        return f"does `{' '.join(self.arguments())}` work at a prompt?"

    def arguments(self) -> list[str]:
        """The command line, as docker's own client writes it."""
        user = ["-l", self.user] if self.user else []
        port = ["-p", str(self.port)] if self.port else []
        return ["ssh", "-o", "ConnectTimeout=30", "-T", *user, *port, "--", self.host, *self.command]

    def dial(self) -> Pipe:
        return spawned(self.arguments())


def spawned(arguments: Sequence[str]) -> Pipe:
    """The standard streams of a command. Raises OSError."""
    import subprocess

    streams = subprocess.PIPE
    # a session of its own: Ctrl-C is for us to handle, the command must live until the build is canceled
    process = subprocess.Popen(
        arguments, stdin=streams, stdout=streams, stderr=streams, bufsize=0, start_new_session=True
    )
    return ProcessPipe(process)


def parse(text: str, tls: TLS | None = None) -> UnixAddress | TCPAddress | SSHAddress:
    """The address that `text` names: `unix://PATH`, `tcp://HOST:PORT`, `ssh://[USER@]HOST[:PORT][/SOCKET]`.

    `http://` and `https://` are taken for tcp, as docker does. Raises BuilderError.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or not rest:
        raise _malformed(text)
    if scheme == "unix":
        return UnixAddress(rest)
    if scheme in ("tcp", "http", "https"):
        return _parse_tcp(text, rest, tls or (TLS() if scheme == "https" else None))
    if scheme == "ssh":
        return _parse_ssh(text, rest)
    raise _malformed(text)


def _parse_tcp(text: str, rest: str, tls: TLS | None) -> TCPAddress:
    # a user and a password mean nothing here, and shall be told nowhere
    host, port = _host_and_port(text, rest.partition("/")[0].rpartition("@")[2])
    return TCPAddress(host or "127.0.0.1", port or (2376 if tls else 2375), tls)


def _parse_ssh(text: str, rest: str) -> SSHAddress:
    authority, _, path = rest.partition("/")
    user, _, place = authority.rpartition("@")
    host, port = _host_and_port(text, place)
    if not host or host.startswith("-") or ":" in user:
        raise _malformed(text)
    remote = ("--host", f"unix://{posixpath.join('/', path)}") if path else ()
    return SSHAddress(host, user, port, ("docker", *remote, "system", "dial-stdio"))


def _host_and_port(text: str, place: str) -> tuple[str, int]:
    host, port = place, ""
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        port = port.removeprefix(":")
    elif ":" in place:
        host, _, port = place.rpartition(":")
    if port and not (port.isdecimal() and int(port) < 65536):
        raise _malformed(text)
    return host, int(port or 0)


def _malformed(text: str) -> BuilderError:
    return BuilderError(
        "Malformed endpoint",
        detail=f"`{text}` is no address of a builder",
        hint="write unix:///path/to/socket, tcp://host:port or ssh://user@host",
    )


@record
class Daemon:
    """BuildKit itself, speaking gRPC from the first byte. `authority` is what it is called in requests:
    proxies before it choose by that."""

    address: Address
    authority: str = "localhost"

    @property
    def name(self) -> str:
        return self.address.name

    def connect(self) -> Pipe:
        return _dial(self.address)

    def attach(self, headers: Sequence[tuple[str, str]]) -> Pipe | None:  # noqa: ARG002
        return None


@record
class Engine:
    """A Docker Engine, whose API hands connections over to the BuildKit inside it."""

    address: Address

    @property
    def name(self) -> str:
        return self.address.name

    def connect(self) -> Pipe:
        return self._hijack("/grpc", ())

    def attach(self, headers: Sequence[tuple[str, str]]) -> Pipe | None:
        return self._hijack("/session", headers)

    def _hijack(self, path: str, headers: Sequence[tuple[str, str]]) -> Pipe:
        pipe = _dial(self.address)
        try:
            return hijack(pipe, path, headers)
        except (OSError, BuilderError) as exc:
            pipe.close()
            raise unreachable(self.address, exc) from exc


def _dial(address: Address) -> Pipe:
    try:
        return address.dial()
    except OSError as exc:
        raise unreachable(address, exc) from exc


class _Headed:
    """A pipe of which some bytes were read ahead."""

    def __init__(self, pipe: Pipe, head: bytes) -> None:
        self._head = head
        self._recv = pipe.recv
        self.sendv, self.writable, self.close = pipe.sendv, pipe.writable, pipe.close
        self.finish = getattr(pipe, "finish", pipe.close)

    def recv(self) -> bytes:
        head, self._head = self._head, b""
        return head or self._recv()


def hijack(
    pipe: Pipe, path: str, headers: Sequence[tuple[str, str]], protocol: str = "h2c", body: bytes = b""
) -> Pipe:
    """Have the Engine on `pipe` hand the connection over as `protocol`: POST `path`, Upgrade, 101.

    Header names may repeat. The bytes behind the reply's blank line belong to the protocol already.
    Raises OSError, BuilderError if the Engine says anything else.
    """
    fixed = (
        *(("Host", "docker"), ("Connection", "Upgrade"), ("Upgrade", protocol)),
        ("Content-Length", str(len(body))),
    )
    lines = [
        f"POST {path} HTTP/1.1",
        *(f"{name}: {_clean(value)}" for name, value in (*fixed, *headers)),
        "",
        "",
    ]
    pipe.sendv(["\r\n".join(lines).encode(errors="surrogateescape") + body])
    reply = b""
    while b"\r\n\r\n" not in reply:
        if len(reply) > 65536:
            raise ConnectionError("answered no HTTP")
        if not (data := pipe.recv()):
            raise ConnectionError("closed the connection before it answered")
        reply += data
    head, _, rest = reply.partition(b"\r\n\r\n")
    status = head.partition(b"\r\n")[0].split(b" ", 2)
    if status[1:2] != [b"101"]:
        raise BuilderError("Not a Docker Engine", detail=_refusal(status, rest))
    return _Headed(pipe, rest)


def _clean(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _refusal(status: list[bytes], body: bytes) -> str:
    line = b" ".join(status[1:]).decode(errors="replace")
    return f"it answered `{line}` {body[:200].decode(errors='replace').strip()}".strip()


_PROGRAMS = {"ssh": "install an OpenSSH client", "kubectl": "install kubectl"}
_REASONS = {
    errno.ENOENT: ("no such file", None),
    errno.ECONNREFUSED: ("connection refused: nobody listens there", None),
    errno.EACCES: (
        "permission denied",
        "may you use it? It takes being in the group that owns the socket (usually `docker`)",
    ),
    errno.EPERM: ("permission denied", None),
    errno.ETIMEDOUT: ("no answer in time", None),
    errno.EHOSTUNREACH: ("no route to the host", None),
    errno.ENETUNREACH: ("no route to its network", None),
    errno.ENOTSOCK: ("it is not a socket", None),
}


def unreachable(address: Address, exc: Exception) -> BuilderError:
    """The error for an address that failed with `exc`."""
    reason, hint = _reason(exc)
    return BuilderError(
        "Cannot reach BuildKit", detail=f"`{address.name}`: {reason}", hint=hint or address.hint
    )


def _reason(exc: Exception) -> tuple[str, str | None]:
    if isinstance(exc, BuilderError):
        return exc.detail, exc.hint
    if isinstance(exc, TLSError):
        return str(exc), exc.hint
    if isinstance(exc, socket.gaierror):
        return f"unknown host ({exc.strerror})", None
    if isinstance(exc, TimeoutError):
        return "no answer in time", None
    if isinstance(exc, FileNotFoundError) and exc.filename in _PROGRAMS:
        return f"there is no `{exc.filename}` command", _PROGRAMS[exc.filename]
    if isinstance(exc, OSError) and exc.errno in _REASONS:
        return _REASONS[exc.errno]
    return str(getattr(exc, "strerror", None) or exc), None
