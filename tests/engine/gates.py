"""A gate that build steps wait before: what they do takes as long as a test wants, on any machine."""

from __future__ import annotations

import http.server
from typing import TYPE_CHECKING

from tests.fakes.serving import answering

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

ALLOWED = "--allow=network.host"
"""What a build needs whose steps wait; its targets have `network` as in `NETWORK`."""
NETWORK = {"network": "host"}


class Gate(http.server.ThreadingHTTPServer):
    """Answers 404 until it is open. `waiting` is the command of a step that ends then."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_open = False
        self.waiting = until_there_is(f"http://127.0.0.1:{self.server_port}/")

    def open(self) -> None:
        self.is_open = True


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        self.send_response(200 if self.server.is_open else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def until_there_is(url: str) -> str:
    """The command of a step that ends once there is something at `url`, on this machine."""
    return f"until wget -q -O /dev/null {url}; do sleep 0.1; done"


def closed() -> AbstractContextManager[Gate]:
    """A closed gate, for as long as it is entered."""
    return answering(Gate())
