"""The ssh agents that are forwarded: one that runs, or one made for key files.

Takes `bake.solve.SSHAgent`s and the environment, gives an `Agent` for each. For key files OpenSSH's own
`ssh-agent` is started, so that keys of every kind work and are in no memory of ours for longer than it
takes to hand them over. It is started when a build asks for it, and ends with this process, however
that ends: it is the companion of a `cat` that waits on our pipe.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import tempfile
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from bake.solve import SSHAgent

DEFAULT_ID: Final = "default"

LARGEST_KEY: Final = 100 * 1024
"""Bytes of a key file that are read; BuildKit's client has the same limit."""

_PATIENCE: Final = 10
"""Seconds that OpenSSH's programs may take to start and to add a key, and an agent to accept."""


class Agent(Protocol):
    """Something that speaks the ssh agent protocol."""

    def connect(self) -> socket.socket:
        """A new connection, to be closed by the caller. Raises `UsageError`."""


class Agents:
    """The agents of one build by their ids, as a context manager that ends those it started.

    Raises `UsageError` for a path that is not there, an id used twice, or sockets mixed with keys.
    """

    def __init__(self, wanted: Iterable[SSHAgent], environment: Mapping[str, str]) -> None:
        self.by_id: dict[str, Agent] = {}
        self._started: list[KeyAgent] = []
        for one in wanted:
            name = one.id or DEFAULT_ID
            if name in self.by_id:
                raise UsageError("duplicate ssh id", detail=f"`{name}` is forwarded twice")
            self.by_id[name] = self._agent(name, one.paths, environment)

    def __enter__(self) -> Agents:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for agent in self._started:
            agent.close()

    def _agent(self, name: str, paths: tuple[str, ...], environment: Mapping[str, str]) -> Agent:
        paths = tuple(path for path in paths if path) or (environment.get("SSH_AUTH_SOCK", ""),)
        if paths == ("",):
            raise UsageError(
                "no ssh agent to forward",
                detail=f"`{name}` names none, and SSH_AUTH_SOCK is not set",
                hint=f"start an agent, or name a key file: ssh={name}=PATH",
            )
        sockets = [path for path in paths if _is_socket(name, path)]
        if not sockets:
            agent = KeyAgent(paths, environment)
            self._started.append(agent)
            return agent
        if len(paths) > 1:
            raise UsageError(
                "too many ssh agents",
                detail=f"`{name}`: `{sockets[0]}` is an agent's socket and must be the only path",
            )
        return SocketAgent(sockets[0])


class SocketAgent:
    """An agent that runs, by the path of its socket."""

    def __init__(self, path: str) -> None:
        self._path = path

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_PATIENCE)
            connection.connect(self._path)
            connection.settimeout(None)
        except OSError as exc:
            connection.close()
            raise UsageError(
                "cannot reach the ssh agent", detail=f"`{self._path}`: {exc.strerror or exc}"
            ) from exc
        return connection


class KeyAgent:
    """An agent of our own that holds the keys in some files. `connect` starts it."""

    def __init__(self, paths: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._paths = paths
        self._environment = dict(environment)
        self._lock = Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._pid = 0

    def connect(self) -> socket.socket:
        with self._lock:
            if self._folder is None:
                try:
                    self._start()
                except BaseException:
                    self._stop()
                    raise
        return SocketAgent(self._socket).connect()

    def close(self) -> None:
        """End the agent, if it runs."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._keeper is not None:
            if self._pid:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGTERM)
            self._keeper.communicate()
            self._keeper = None
            self._pid = 0
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def _socket(self) -> str:
        if self._folder is None:
            raise ValueError("the agent does not run")
        return os.path.join(self._folder.name, "agent")

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pybake-ssh-", ignore_cleanup_errors=True)
        command = ["ssh-agent", "-a", self._socket, "sh", "-c", 'echo "$SSH_AGENT_PID"; exec cat']
        try:
            self._keeper = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as exc:
            raise _no_openssh("ssh-agent", exc) from exc
        said = self._keeper.stdout.readline() if self._keeper.stdout else b""
        if not said.strip().isdigit():
            raise UsageError("cannot start an ssh agent", detail="`ssh-agent` failed")
        self._pid = int(said)
        for path in self._paths:
            self._add(path)

    def _add(self, path: str) -> None:
        """Hand the key over by a pipe: ssh-add refuses a file that others may read, the reference does
        not. In a session of its own it cannot ask for a passphrase."""
        try:
            with open(path, "rb") as file:
                key = file.read(LARGEST_KEY)
            ran = subprocess.run(
                ["ssh-add", "-q", "-"],
                input=key,
                capture_output=True,
                env=self._environment | {"SSH_AUTH_SOCK": self._socket, "SSH_ASKPASS_REQUIRE": "never"},
                start_new_session=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as exc:
            raise _unusable(path) from exc
        except OSError as exc:
            raise _no_openssh("ssh-add", exc) from exc
        if ran.returncode:
            raise _unusable(path)


def _is_socket(name: str, path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError as exc:
        raise UsageError(
            "cannot forward ssh",
            detail=f"`{name}`: `{path}`: {exc.strerror}",
            hint="name a socket or a key file",
        ) from exc


def _unusable(path: str) -> UsageError:
    return UsageError(
        "cannot use the ssh key",
        detail=f"`{path}` is no private key, or is protected by a passphrase",
        hint="add it to an ssh agent, and forward that",
    )


def _no_openssh(program: str, exc: OSError) -> UsageError:
    return UsageError(
        "cannot forward ssh keys",
        detail=f"`{exc.filename or program}`: {exc.strerror}",
        hint="key files need OpenSSH's ssh-agent and ssh-add; an agent's socket needs neither",
    )
