"""The `remote` driver: real BuildKit behind sockets, TLS and ssh; and what goes wrong, in words."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define
from tests.engine.certificates import Authority, Pair
from tests.engine.processes import started
from tests.engine.secured import Secured
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command, Result
    from tools.engine.dockerd import Engine

SSH = """\
#!{python}
import os, socket, sys, threading
with open({log!r}, "a") as log:
    print(*sys.argv[1:], file=log)
near = socket.create_connection(("127.0.0.1", {port}))
def out():
    while data := os.read(0, 65536):
        near.sendall(data)
    near.shutdown(socket.SHUT_WR)
threading.Thread(target=out, daemon=True).start()
while data := near.recv(65536):
    os.write(1, data)
"""
"""An `ssh` that notes how it was called and connects to the BuildKit on a port."""


@dataclass(frozen=True)
class Certificates:
    """What the tests' servers and clients have."""

    authority: Authority
    other: Authority
    server: Pair
    expired_server: Pair
    distant_server: Pair
    client: Pair
    expired_client: Pair
    foreign_client: Pair


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = Authority(folder / "own"), Authority(folder / "other")
    return Certificates(
        authority,
        other,
        authority.sign("server"),
        authority.sign("expired-server", expired=True),
        authority.sign("distant-server", alternative="DNS:buildkit.example"),
        authority.sign("client"),
        authority.sign("expired-client", expired=True),
        other.sign("foreign-client"),
    )


@pytest.fixture(scope="module")
def secured(relay: Relay, certificates: Certificates) -> Iterator[Secured]:
    """A BuildKit behind mutual TLS."""
    with Secured(relay.endpoint, certificates.server, certificates.authority) as running:
        yield running


def tls(authority: Authority, client: Pair | None, **more: str) -> str:
    """The driver's options."""
    identity = {"cert": str(client.cert), "key": str(client.key)} if client else {}
    options = {"cacert": str(authority.cert), **identity, **more}
    return ",".join(f"{name}={value}" for name, value in options.items())


def bake(pybake: Command, endpoint: str, options: str = "") -> Result:
    """Build on a new remote builder."""
    define(pybake.folder, {"default": ["one"]}, one={"output": ["out"]})
    given = ("--driver-opt", options) if options else ()
    pybake("create", "--name", "far", "--driver", "remote", *given, endpoint).ok()
    return pybake("--builder", "far", "--progress", "plain")


def built(project: Path) -> bool:
    return (project / "out" / "bin" / "sh").exists()


def test_a_unix_socket(pybake: Command, project: Path, tmp_path: Path, engine: Engine) -> None:
    with Relay(engine.socket, tmp_path / "buildkit.sock") as relay:
        assert 'building with "far" instance using remote driver' in bake(pybake, relay.endpoint).ok().stderr
    assert built(project)


def test_mutual_tls(pybake: Command, project: Path, secured: Secured, certificates: Certificates) -> None:
    bake(pybake, secured.endpoint, tls(certificates.authority, certificates.client)).ok()
    assert built(project)


def test_a_server_goes_by_the_name_that_it_was_given(
    pybake: Command, project: Path, relay: Relay, certificates: Certificates
) -> None:
    with Secured(relay.endpoint, certificates.distant_server) as server:
        bake(pybake, server.endpoint, tls(certificates.authority, None, servername="buildkit.example")).ok()
    assert built(project)


@pytest.mark.parametrize(
    ("server", "told", "hint"),
    [
        ("expired_server", "certificate has expired", "renew the server's certificate"),
        ("distant_server", "not valid for '127.0.0.1'", "servername=NAME"),
    ],
)
def test_servers_that_are_not_accepted(
    pybake: Command,
    project: Path,
    relay: Relay,
    certificates: Certificates,
    server: str,
    told: str,
    hint: str,
) -> None:
    with Secured(relay.endpoint, getattr(certificates, server)) as running:
        result = bake(pybake, running.endpoint, tls(certificates.authority, certificates.client))
        assert_refused(result, running.endpoint, told, hint)
    assert not built(project)


def test_a_server_of_another_authority(
    pybake: Command, project: Path, secured: Secured, certificates: Certificates
) -> None:
    result = bake(pybake, secured.endpoint, tls(certificates.other, certificates.client))
    assert_refused(result, secured.endpoint, "self-signed certificate in certificate chain", "`cacert`")
    assert not built(project)


@pytest.mark.parametrize(
    ("client", "told", "hint"),
    [
        ("", "wants a client's certificate", "cert=FILE,key=FILE"),
        ("expired_client", "our certificate has expired", "renew the client's certificate"),
        ("foreign_client", "does not know who signed our certificate", "the server's authority"),
    ],
)
def test_clients_that_are_not_accepted(
    pybake: Command,
    project: Path,
    secured: Secured,
    certificates: Certificates,
    client: str,
    told: str,
    hint: str,
) -> None:
    pair = getattr(certificates, client) if client else None
    result = bake(pybake, secured.endpoint, tls(certificates.authority, pair))
    assert_refused(result, secured.endpoint, told, hint)
    assert not built(project)


def test_tls_where_nobody_speaks_it(
    pybake: Command, project: Path, relay: Relay, certificates: Certificates
) -> None:
    result = bake(pybake, relay.endpoint, tls(certificates.authority, certificates.client))
    # an Engine's BuildKit says something else than TLS, or hangs up before that has gone out
    assert_refused(result, relay.endpoint, "TLS", "leave the certificates out")
    assert not built(project)


def test_no_tls_where_it_is_wanted(pybake: Command, project: Path, secured: Secured) -> None:
    result = bake(pybake, secured.endpoint)
    assert_refused(result, secured.endpoint, "connection", "if it speaks TLS, it wants certificates")
    assert not built(project)


def test_certificates_that_are_not_there(
    pybake: Command, project: Path, secured: Secured, certificates: Certificates
) -> None:
    gone = f"cacert={project}/gone.pem"
    result = bake(pybake, secured.endpoint, gone)
    assert_refused(result, f"{project}/gone.pem", "No such file", "is that where the certificate is?")
    pybake("rm", "far").ok()
    swapped = Pair(certificates.client.cert, certificates.server.key)
    result = bake(pybake, secured.endpoint, tls(certificates.authority, swapped))
    assert_refused(result, str(swapped.key), "do not belong together", "PEM files")


def assert_refused(result: Result, place: str, told: str, hint: str) -> None:
    """One error that names the place, says why, and what to do."""
    assert result.code == 1
    assert result.stderr.count("ERROR: ") == 1
    assert f"`{place}`" in result.stderr
    assert told in result.stderr
    assert hint in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_ssh_runs_buildctl_over_there(pybake: Command, project: Path, tmp_path: Path, relay: Relay) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    log = tmp_path / "ssh.log"
    ssh = programs / "ssh"
    port = relay.endpoint.rpartition(":")[2]
    ssh.write_text(SSH.format(python=sys.executable, log=str(log), port=port))
    ssh.chmod(0o755)
    with_ssh = pybake.where(PATH=f"{programs}:{pybake.environment['PATH']}")
    bake(with_ssh, "ssh://me@builder.example:2222/run/buildkit.sock").ok()
    assert built(project)
    words = log.read_text().splitlines()[0]
    assert "-l me -p 2222 -- builder.example" in words
    assert words.endswith("buildctl --addr unix:///run/buildkit.sock dial-stdio")


def test_nodes_that_are_away_are_listed_with_the_reason(
    pybake: Command, reference: Command, tmp_path: Path, relay: Relay
) -> None:
    pybake("create", "--name", "far", "--driver", "remote", f"unix://{tmp_path}/gone.sock").ok()
    pybake("create", "--name", "far", "--append", relay.endpoint).ok()
    listed = pybake("ls").ok()
    assert listed.stdout == reference("ls").ok().stdout
    assert "inactive" in listed.stdout
    gone = f"Cannot reach BuildKit; `unix://{tmp_path}/gone.sock`: no such file"
    assert f"Failed to get status for far (far0): {gone}" in listed.stderr


def test_a_bootstrap_waits_for_who_comes_late(pybake: Command, tmp_path: Path, engine: Engine) -> None:
    pybake("create", "--name", "late", "--driver", "remote", f"unix://{tmp_path}/late.sock").ok()
    with started(pybake, "inspect", "--bootstrap", "late") as waiting:
        waiting.wait_for(lambda line: "waiting for connection" in line)
        with Relay(engine.socket, tmp_path / "late.sock"):
            assert waiting.end() == 0
            told = pybake("inspect", "late").ok()
    assert "Status:" in told.stdout
    assert "running" in told.stdout
