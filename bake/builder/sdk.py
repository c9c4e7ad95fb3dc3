"""The docker SDK over an `Address`: for what happens to containers, images and volumes.

The SDK knows unix sockets, TCP and, with more packages, ssh; it would resolve contexts and certificates by
itself and word its faults its own way. Here each of its connections is a pipe of ours, so an Engine is
reached in one way only. Importing the SDK costs 0.2 s: a build on a running builder never does.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import docker
import urllib3
import urllib3.connection
from docker.errors import APIError, DockerException, NotFound
from docker.transport.basehttpadapter import BaseHTTPAdapter
from requests.exceptions import RequestException

from bake.builder.engine_api import EngineApi
from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.buildkit.endpoint import Address
    from bake.buildkit.pipe import Pipe

__all__ = ["APIError", "NotFound", "connected"]

BASE = "tcp://docker:1"
"""A name for the SDK's sake: every connection goes to the one Engine."""
CHUNK = 1 << 16
TIMEOUT = 600
"""Seconds without a word from the Engine; while an image is pulled it says something all the time."""


@contextmanager
def connected(address: Address) -> Iterator[docker.APIClient]:
    """The SDK's client of the Engine at `address`.

    Leaving turns what the SDK raises into a BuilderError in the Engine's words.
    """
    told = EngineApi(address).get("/version").json()
    if not isinstance(told, dict) or not told.get("ApiVersion"):
        raise BuilderError("Not a Docker Engine", detail=f"`{address.name}` says no API version")
    try:
        client = docker.APIClient(base_url=BASE, version=str(told["ApiVersion"]), timeout=TIMEOUT)
        with contextlib.closing(client):
            client.mount("http://", _Adapter(address))
            yield client
    except APIError as exc:
        raise BuilderError(
            "The engine refused", detail=f"`{address.name}`: {exc.explanation or exc}"
        ) from exc
    except (DockerException, RequestException, OSError) as exc:
        raise BuilderError("The engine failed", detail=f"`{address.name}`: {exc}") from exc


class _Connection(urllib3.connection.HTTPConnection):
    def __init__(self, address: Address) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._address = address

    def connect(self) -> None:
        self.sock = as_socket(self._address.dial())


class _Pool(urllib3.connectionpool.HTTPConnectionPool):
    def __init__(self, address: Address) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._address = address

    def _new_conn(self) -> Any:
        return _Connection(self._address)


class _Adapter(BaseHTTPAdapter):
    """Sends every request to the one Engine."""

    def __init__(self, address: Address) -> None:
        self._pool = _Pool(address)
        super().__init__()

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> Any:  # noqa: ARG002
        return request.path_url

    def close(self) -> None:
        self._pool.close()


def as_socket(pipe: Pipe) -> socket.socket:
    """A socket whose other end is `pipe`; closing it closes the pipe."""
    near, far = socket.socketpair()
    threading.Thread(target=_carry_out, args=(far, pipe), daemon=True).start()
    threading.Thread(target=_carry_in, args=(pipe, far), daemon=True).start()
    return near


def _carry_out(far: socket.socket, pipe: Pipe) -> None:
    with contextlib.suppress(OSError):
        while data := far.recv(CHUNK):
            pipe.sendv([data])
    pipe.close()


def _carry_in(pipe: Pipe, far: socket.socket) -> None:
    with contextlib.suppress(OSError), far:
        while data := pipe.recv():
            far.sendall(data)
        far.shutdown(socket.SHUT_RDWR)
