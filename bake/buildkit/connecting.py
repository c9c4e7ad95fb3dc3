"""A client from the text of an address, for those who use this package alone."""

from __future__ import annotations

from bake.buildkit.client import Client
from bake.buildkit.endpoint import TLS, Daemon, Engine, parse

ENGINE_SOCKETS = ("docker.sock",)
"""What the names of sockets end in behind which an Engine listens, not BuildKit itself."""


def connect(address: str, *, tls: TLS | None = None, engine: bool | None = None) -> Client:
    """A client of the BuildKit at `address`: `unix://PATH`, `tcp://HOST:PORT`, `ssh://[USER@]HOST[:PORT]`.

    `engine` says that a Docker Engine answers there, with a BuildKit inside; None means that a socket called
    `docker.sock` and a host reached by ssh are one. Nothing is dialled until something is asked. Raises
    BuilderError for what is no address.
    """
    parsed = parse(address, tls)
    if engine is None:
        engine = address.endswith(ENGINE_SOCKETS) or address.startswith("ssh://")
    return Client(Engine(parsed) if engine else Daemon(parsed))
