from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.ssh_agent import Agents
from bake.errors import UsageError
from bake.solve import SSHAgent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IDENTITIES = b"\x00\x00\x00\x01\x0b"

needs_openssh = pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="needs OpenSSH")


@pytest.fixture
def listening() -> Iterator[tuple[str, socket.socket]]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        path = os.path.join(folder, "s")
        server.bind(path)
        server.listen()
        yield path, server


def key(folder: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    path = folder / f"{kind}{passphrase}"
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", kind, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def identities(connection: socket.socket) -> bytes:
    connection.sendall(IDENTITIES)
    return connection.recv(65536)


def test_a_socket_is_connected_to(listening: tuple[str, socket.socket]) -> None:
    path, server = listening
    for agents in (Agents([SSHAgent("x", (path,))], {}), Agents([SSHAgent("x")], {"SSH_AUTH_SOCK": path})):
        with agents, agents.by_id["x"].connect() as connection:
            accepted, _ = server.accept()
            connection.sendall(b"hello")
            assert accepted.recv(5) == b"hello"
            accepted.close()


def test_a_dead_socket_is_an_error(listening: tuple[str, socket.socket]) -> None:
    path, server = listening
    server.close()
    with Agents([SSHAgent("x", (path,))], {}) as agents, pytest.raises(UsageError, match=path):
        agents.by_id["x"].connect()


def test_what_cannot_be_forwarded_is_named_at_once(
    listening: tuple[str, socket.socket], tmp_path: Path
) -> None:
    path, _ = listening
    (tmp_path / "key").touch()
    cases = {
        "SSH_AUTH_SOCK": [SSHAgent("x")],
        "absent": [SSHAgent("x", (str(tmp_path / "absent"),))],
        "twice": [SSHAgent("x", (path,)), SSHAgent("x", (path,))],
        "only path": [SSHAgent("x", (path, str(tmp_path / "key")))],
    }
    for said, wanted in cases.items():
        with pytest.raises(UsageError, match=said):
            Agents(wanted, {})


@needs_openssh
def test_keys_of_files_are_served_until_the_end(tmp_path: Path) -> None:
    paths = [key(tmp_path, kind) for kind in ("ed25519", "ecdsa")]
    paths[0].chmod(0o644)
    with Agents([SSHAgent("default", tuple(map(str, paths)))], os.environ) as agents:
        with agents.by_id["default"].connect() as connection:
            answer = identities(connection)
        assert answer[4:9] == b"\x0c\x00\x00\x00\x02"
        for path in paths:
            assert path.name.encode() in answer
        connection = agents.by_id["default"].connect()
        # An answer shows that the agent has accepted: one that ends before that resets the connection.
        assert identities(connection) == answer
    with connection:
        assert connection.recv(1) == b""


@needs_openssh
@pytest.mark.parametrize("kind", ["passphrase", "nonsense"])
def test_keys_that_cannot_be_used_are_named(tmp_path: Path, kind: str) -> None:
    if kind == "passphrase":
        path = key(tmp_path, passphrase="secret words")
    else:
        path = tmp_path / "nonsense"
        path.write_text("not a key")
    with Agents([SSHAgent("default", (str(path),))], os.environ) as agents:
        for _ in range(2):
            with pytest.raises(UsageError, match=str(path)):
                agents.by_id["default"].connect()


def test_without_openssh_key_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with (
        Agents([SSHAgent("default", (str(tmp_path / "key"),))], {"PATH": str(tmp_path)}) as agents,
        pytest.raises(UsageError, match="ssh-agent"),
    ):
        agents.by_id["default"].connect()
