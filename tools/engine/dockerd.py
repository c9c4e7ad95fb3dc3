"""A Docker Engine with the containerd image store, on a socket of its own; several run side by side.

It leaves the machine's firewall and forwarding alone: build steps reach each other's network and, with
`--network host`, the machine's loopback, nothing beyond.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

from bake.builder.local import bridge
from tools.engine.daemon import Daemon
from tools.engine.machine import architecture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.engine.packages import Tools

IMAGE_STORE = "io.containerd.snapshotter.v1"


class Engine(Daemon):
    """A Docker Engine of our own; `host` is what goes into `DOCKER_HOST`."""

    def __init__(self, tools: Tools, settings: Mapping[str, object] | None = None) -> None:
        """`settings` go into daemon.json over ours."""
        self.tools = tools
        self.settings = dict(settings or {})

    @property
    def socket(self) -> Path:
        """The Engine API's unix socket."""
        return self.folder / "docker.sock"

    @property
    def host(self) -> str:
        """The socket as `unix://…`."""
        return f"unix://{self.socket}"

    def prepare(self) -> tuple[list[str], Mapping[str, str]]:
        """Make the bridge and daemon.json."""
        bridge.create(self.slot.bridge, self.slot.address)
        settings = {
            "features": {"containerd-snapshotter": True},
            "data-root": str(self.folder / "data"),
            "exec-root": str(self.folder / "exec"),
            "pidfile": str(self.folder / "pid"),
            "hosts": [self.host],
            "insecure-registries": ["127.0.0.0/8"],
            "init-path": self.tools.program("tini-static"),
            "bridge": self.slot.bridge,
            "cgroup-parent": self.slot.cgroup,
            "iptables": False,
            "ip6tables": False,
            "ip-forward": False,
            "ip-masq": False,
            "userland-proxy": False,
        }
        file = self.folder / "daemon.json"
        file.write_text(json.dumps(settings | self.settings, indent=2))
        bin_folder = str(self.tools.folder / "bin")
        environment = {
            "PATH": f"{bin_folder}:{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin",
            "LD_LIBRARY_PATH": str(self.tools.folder / "lib"),
        }
        return [self.tools.program("tini-static"), "--", "dockerd", f"--config-file={file}"], environment

    def hold_base(self) -> None:
        """Have an image with the layer that nearly all of ours begin with.

        Engine 28.5 collects snapshots while it builds upon them: an image's new build takes its name, what
        the former one had is nobody's, and "parent snapshot … does not exist" ends the export (3 of 60
        builds under one name on a busy machine; none once another image has the layer).
        """
        subprocess.run(
            [
                *(self.tools.program("docker-buildx"), "build", "--quiet", "--load", "--provenance=false"),
                *("--tag=held:base", "--file=-", str(self.tools.rootfs)),
            ],
            input=f"FROM scratch\nCOPY {architecture()}/ /\n",
            text=True,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self.folder),
                "DOCKER_HOST": self.host,
            },
            check=True,
            capture_output=True,
        )

    def answers(self) -> bool:
        """Whether the Engine API answers its ping."""
        try:
            return request(self.socket, "/_ping") == b"OK"
        except (OSError, http.client.HTTPException):
            return False


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def request(path: Path, resource: str) -> bytes:
    """GET `resource` from the Engine API at the socket `path`. Raises OSError, HTTPException."""
    connection = _UnixConnection(path)
    try:
        connection.request("GET", resource)
        return connection.getresponse().read()
    finally:
        connection.close()


def has_image_store(path: Path) -> bool:
    """Whether a Docker Engine answers at `path` that keeps its images in containerd's store."""
    try:
        info: dict[str, Any] = json.loads(request(path, "/info"))
    except (OSError, ValueError, http.client.HTTPException):
        return False
    return any(IMAGE_STORE in pair for pair in info.get("DriverStatus") or [])
