"""The `remote` driver: a BuildKit that somebody else runs, at an address.

Options: `cacert`, `cert`, `key` (absolute paths), `servername`, `default-load`. Addresses: `tcp://` and
`unix://` are BuildKit itself; `ssh://`, `docker-container://NAME?context=CONTEXT` and
`kube-pod://NAME?context=…&namespace=…&container=…` run `buildctl dial-stdio` there (client/connhelper of
BuildKit, 0.30).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from bake.builder.driver import DEFAULT_LOAD, DIAL, LATER, Status
from bake.builder.options import Option, flag, path, settings
from bake.buildkit import endpoint
from bake.errors import BuilderError, UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.buildkit.endpoint import Address, Daemon
    from bake.buildkit.pipe import Pipe
    from bake.node import Node

BOOTING = "[internal] waiting for connection"
SCHEMES = ("docker-container", "kube-pod", "ssh", "tcp", "unix")
PATIENCE = 20.0
"""Seconds that a bootstrap waits for an answer, as buildx does."""
_PAUSE = 0.25
_FILES = ("cacert", "cert", "key")
_TABLE = {
    **{name: path(name) for name in _FILES},
    "servername": Option("servername"),
    "default-load": Option("default_load", flag),
}
ALPN = ("h2",)
_KUBE_NAME = re.compile(r"[-a-z0-9.]+")
_CONTAINER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


@record
class Options:
    """The files of TLS, the name that the server's certificate has to bear, and whether builds are loaded."""

    cacert: str = ""
    cert: str = ""
    key: str = ""
    servername: str = ""
    default_load: bool = False


def parse(node: Node) -> Options:
    """Raises BuilderError for an option that is unknown or cannot be read."""
    return Options(**settings(node, _TABLE, "remote driver"))


def check_endpoint(text: str) -> None:
    """Raises UsageError for an address of a kind that nobody can dial."""
    scheme = text.partition("://")[0] if "://" in text else ""
    if scheme not in SCHEMES:
        raise UsageError(
            f"unrecognized url scheme {scheme}",
            detail=f"`{text}`",
            hint=f"write {', '.join(f'{one}://…' for one in SCHEMES)}",
        )


def check(node: Node) -> None:
    """Raises BuilderError."""
    if node.files:
        raise _wrong("setting config file is not supported for remote driver", node)
    if node.buildkitd_flags:
        raise _wrong("setting buildkit flags is not supported for remote driver", node)
    options = parse(node)
    given = [name for name in (*_FILES, "servername") if getattr(options, name)]
    wanted = [("cacert", given), ("key", "cert" in given), ("cert", "key" in given)]
    missing = [name for name, needed in wanted if needed and name not in given]
    if missing:
        raise _wrong(f"tls enabled, but missing keys {', '.join(missing)}", node)


def _wrong(what: str, node: Node) -> BuilderError:
    return BuilderError(what, detail=f"node `{node.name}`")


def dial(site: Site, node: Node) -> Daemon:
    check(node)
    where = address(site, node)
    return endpoint.Daemon(where, parse(node).servername or _authority(where))


def _authority(where: Address) -> str:
    """The host as it is written in the endpoint, as buildx tells proxies (0.36.1)."""
    if not isinstance(where, endpoint.TCPAddress | endpoint.SSHAddress):
        return "localhost"
    return f"{where.host}:{where.port}" if where.port else where.host


def address(site: Site, node: Node) -> Address:
    """Where BuildKit answers. Raises BuilderError."""
    scheme = node.endpoint.partition("://")[0]
    if scheme == "docker-container":
        return _in_container(site, node.endpoint)
    if scheme == "ssh":
        return _over_ssh(node.endpoint)
    if scheme == "kube-pod":
        return _in_pod(node.endpoint)
    found = endpoint.parse(node.endpoint, _tls(node))
    return replace(found, alpn=ALPN) if isinstance(found, endpoint.TCPAddress) and found.tls else found


def _tls(node: Node) -> endpoint.TLS | None:
    options = parse(node)
    if not options.cacert:
        return None
    return endpoint.TLS(options.cacert, options.cert, options.key, options.servername)


def _in_container(site: Site, text: str) -> Address:
    from bake.builder import docker
    from bake.builder.container_exec import ContainerAddress

    name, _, query = text.removeprefix("docker-container://").partition("?")
    if not _CONTAINER.fullmatch(name):
        raise BuilderError("Malformed endpoint", detail=f"`{text}` lacks a container's name")
    context = parse_qs(query).get("context", [site.current_context])[0]
    return ContainerAddress(docker.address(site, context), name)


def _in_pod(text: str) -> Address:
    pod, _, query = text.removeprefix("kube-pod://").partition("?")
    options = {name: values[0] for name, values in parse_qs(query).items()}
    names = [pod, *(options[one] for one in ("namespace", "container") if one in options)]
    wrong = next((name for name in names if not _KUBE_NAME.fullmatch(name)), None)
    if wrong is not None:
        raise BuilderError("Malformed endpoint", detail=f"`{text}`: `{wrong}` names nothing in a cluster")
    return PodAddress(
        pod, options.get("context", ""), options.get("namespace", ""), options.get("container", "")
    )


@record
class PodAddress:
    """`buildctl dial-stdio` in a pod, run by `kubectl`; "" leaves a choice to its configuration."""

    pod: str
    context: str = ""
    namespace: str = ""
    container: str = ""

    @property
    def name(self) -> str:
        return f"kube-pod://{self.pod}"

    @property
    def hint(self) -> str:
        return f"does `{' '.join(self.arguments())}` work at a prompt?"

    def arguments(self) -> list[str]:
        """The command line, as BuildKit's own client writes it."""
        where = [f"--context={self.context}", f"--namespace={self.namespace}"]
        return ["kubectl", *where, "exec", f"--container={self.container}", "-i", self.pod, "--", *DIAL]

    def dial(self) -> Pipe:
        return endpoint.spawned(self.arguments())


def _over_ssh(text: str) -> Address:
    host = endpoint.parse(text)
    assert isinstance(host, endpoint.SSHAddress)
    _, slash, path = text.removeprefix("ssh://").partition("/")
    socket = slash + path
    where = ("--addr", f"unix://{socket}") if socket else ()
    return replace(host, command=(DIAL[0], *where, *DIAL[1:]))


def info(site: Site, node: Node) -> Status:
    """Raises BuilderError for a BuildKit that does not answer."""
    from bake.buildkit.client import Client

    client = Client(dial(site, node))
    try:
        client.workers()
    finally:
        client.close()
    return Status.RUNNING


def version(site: Site, node: Node) -> str:  # noqa: ARG001
    return ""


def start(site: Site, node: Node, say: Callable[[str], None]) -> None:  # noqa: ARG001
    """Wait until it answers. Raises the last BuilderError after `PATIENCE` seconds."""
    import time

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            info(site, node)
        except BuilderError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def stop(site: Site, node: Node) -> None: ...


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None: ...


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:  # noqa: ARG001
    return LATER | ({DEFAULT_LOAD} if parse(node).default_load else frozenset())
