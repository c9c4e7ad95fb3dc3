"""Servers of Git repositories on loopback: by smart HTTP, to those who authorize, and by SSH, to one key."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from tools.engine.packages import Tools

IDENTITY = ("-c", "user.name=Baker", "-c", "user.email=baker@example.com")


def repository(folder: Path, files: dict[str, str], submodules: dict[str, str] | None = None) -> Path:
    """A bare repository `folder` with one commit of `files`, tagged v1; `submodules` are URLs by path."""
    work = folder.with_suffix(".work")
    git("init", "-q", "-b", "main", work)
    for name, text in files.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, url in (submodules or {}).items():
        git("-C", work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", url, name)
    git("-C", work, "add", "-A")
    git("-C", work, *IDENTITY, "commit", "-q", "-m", "All")
    git("-C", work, "tag", "v1")
    git("clone", "-q", "--bare", work, folder)
    return folder


def git(*words: object) -> str:
    """What git says."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *map(str, words)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


class WebServer(http.server.ThreadingHTTPServer):
    """Serves what is in `folder`, repositories (`NAME.git`) by Git's own backend, everything else as files.

    `allowed` are the values of Authorization that are let in, none: everybody; `seen` those that came.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.allowed: set[str] = set()
        self.seen: set[str] = set()

    def __enter__(self) -> WebServer:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        self._serve(b"")

    def do_HEAD(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        given = self.headers.get("Authorization", "")
        if given:
            self.server.seen.add(given)
        if self.server.allowed and given not in self.server.allowed:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.end_headers()
        elif ".git/" in parts.path:
            self._backend(parts.path, parts.query, body)
        else:
            data = (self.server.folder / parts.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

    def _backend(self, path: str, query: str, body: bytes) -> None:
        """Git's program for web servers, by CGI."""
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        ran = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
        )
        head, _, data = ran.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


RESTRICTED = """\
mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow &&
mount -t tmpfs none /run && mkdir /run/sshd && exec "$2" -i -f "$1/config"
"""
"""What sshd wants of a machine: a user of its own and a folder; both are there for it alone."""

CONFIG = """\
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PermitRootLogin yes
SetEnv PATH={path}
PidFile none
"""


@dataclass
class SSHServer:
    """OpenSSH's server on a loopback port, in a mount namespace of its own; it lets in the key `key`.

    A context manager. `connections` counts those that came.
    """

    tools: Tools
    folder: Path
    connections: int = 0
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def key(self) -> Path:
        """The private key, without a passphrase."""
        return self.folder / "key"

    def url(self, repository: Path) -> str:
        return f"ssh://root@127.0.0.1:{self._listener.getsockname()[1]}{repository}"

    def __enter__(self) -> SSHServer:
        for name in ("host", "key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True
            )
        (self.folder / "authorized").write_text((self.folder / "key.pub").read_text())
        (self.folder / "config").write_text(CONFIG.format(folder=self.folder, path=os.environ["PATH"]))
        (self.folder / "passwd").write_text(
            f"root:x:0:0::{self.folder}:/bin/sh\nsshd:x:65533:65534::/:/bin/false\n"
        )
        (self.folder / "shadow").write_text("root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for process in self._running:
            process.kill()
            process.wait()

    def _listen(self) -> None:
        library = str(self.tools.folder / "lib")
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                command = ["sh", "-c", RESTRICTED, "sh", str(self.folder), self.tools.program("sshd")]
                words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", *command]
                ends, environment = (
                    connection.fileno(),
                    {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": library},
                )
                started = subprocess.Popen(
                    words, stdin=ends, stdout=ends, stderr=subprocess.DEVNULL, env=environment
                )
                self._running.append(started)
