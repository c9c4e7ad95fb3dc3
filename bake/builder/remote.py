"""The `remote` driver: a BuildKit that somebody else runs, at an address.

Options: `cacert`, `cert`, `key` (absolute paths), `servername`, `default-load`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.builder.driver import DEFAULT_LOAD, LATER, Status
from bake.buildkit import endpoint
from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.buildkit.endpoint import Daemon
    from bake.node import Node

_FILES = ("cacert", "cert", "key")
_LOAD = "default-load"
_OPTIONS = (*_FILES, "servername", _LOAD)
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
ALPN = ("h2",)


def check(node: Node) -> None:
    """Raises BuilderError."""
    options = node.driver_opts
    unknown = [name for name in options if name not in _OPTIONS]
    if unknown:
        raise _wrong(node, f"`{unknown[0]}` is not one of {', '.join(_OPTIONS)}")
    for name in _FILES:
        if name in options and not posixpath.isabs(options[name]):
            raise _wrong(node, f"`{name}` must be an absolute path, not `{options[name]}`")
    secured = [name for name in (*_FILES, "servername") if name in options]
    if secured and "cacert" not in options:
        raise _wrong(node, f"`{secured[0]}` needs `cacert` too")
    if ("cert" in options) != ("key" in options):
        raise _wrong(node, "`cert` and `key` belong together")
    if node.buildkitd_flags or node.files:
        raise _wrong(node, "it cannot configure the BuildKit that it reaches")


def _wrong(node: Node, what: str) -> BuilderError:
    return BuilderError("Invalid options of the remote driver", detail=f"node `{node.name}`: {what}")


def dial(site: Site, node: Node) -> Daemon:  # noqa: ARG001
    check(node)
    options = node.driver_opts
    if "cacert" not in options:
        return endpoint.Daemon(endpoint.parse(node.endpoint))
    tls = endpoint.TLS(
        options["cacert"], options.get("cert", ""), options.get("key", ""), options.get("servername", "")
    )
    address = endpoint.parse(node.endpoint, tls)
    if isinstance(address, endpoint.TCPAddress):
        address = endpoint.TCPAddress(address.host, address.port, tls, ALPN)
    return endpoint.Daemon(address)


def info(site: Site, node: Node) -> Status:
    from bake.buildkit.client import Client

    client = Client(dial(site, node))
    try:
        client.workers()
    except BuilderError:
        return Status.INACTIVE
    finally:
        client.close()
    return Status.RUNNING


def start(site: Site, node: Node, say: Callable[[str], None]) -> None: ...


def stop(site: Site, node: Node) -> None: ...


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None: ...


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:  # noqa: ARG001
    loads = node.driver_opts.get(_LOAD) in _TRUE
    return LATER | ({DEFAULT_LOAD} if loads else frozenset())
