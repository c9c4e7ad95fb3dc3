"""A registry (distribution 2.8) on a loopback port of its own."""

from __future__ import annotations

import http.client
import json
import re
from typing import TYPE_CHECKING, Any

from tools.engine.daemon import Daemon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.engine.packages import Tools

USER, PASSWORD = "builder", "open sesame"
HTPASSWD = f"{USER}:$2b$04$h7eJYg5EAPQ3tjcldDCU2.Mhx.TYC8GfK/8BLQD/JtYKJ3tzUeY/a\n"
"""`PASSWORD` under bcrypt, the only hash that the registry takes and one that Python's library lacks."""

LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)\D")


class Registry(Daemon):
    """A registry of our own; `address` is `127.0.0.1:PORT`. With `auth` it takes only USER and PASSWORD, or
    what the given section `auth` of its configuration says."""

    address: str

    def __init__(self, tools: Tools, *, auth: bool | Mapping[str, object] = False) -> None:
        self.tools = tools
        self.auth = auth

    def prepare(self) -> tuple[list[str], Mapping[str, str]]:
        """Write the configuration; the registry picks a free port and says so in its log."""
        config: dict[str, object] = {
            "version": 0.1,
            "log": {"level": "info", "accesslog": {"disabled": True}},
            "storage": {
                "filesystem": {"rootdirectory": str(self.folder / "data")},
                "delete": {"enabled": True},
            },
            "http": {"addr": "127.0.0.1:0"},
        }
        if not isinstance(self.auth, bool):
            config["auth"] = self.auth
        elif self.auth:
            passwords = self.folder / "htpasswd"
            passwords.write_text(HTPASSWD)
            config["auth"] = {"htpasswd": {"realm": "registry", "path": str(passwords)}}
        # JSON is YAML, and the registry asks for the version before it parses the rest.
        file = self.folder / "config.yml"
        file.write_text(json.dumps(config))
        return [self.tools.program("docker-registry"), "serve", str(file)], {"OTEL_TRACES_EXPORTER": "none"}

    def get(self, resource: str, **headers: str) -> Any:
        """What GET `resource` answers, as JSON. Raises HTTPException for anything but a 200."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request("GET", resource, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise http.client.HTTPException(f"{answer.status} {answer.reason}")
            return json.load(answer)
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether the log names the port: the socket listens from then on."""
        found = LISTENING.search(self.slot.log.read_text()) if self.slot.log.exists() else None
        if found:
            self.address = found[1]
        return found is not None
