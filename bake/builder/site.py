"""What Docker's configuration on this machine says: contexts, endpoints, proxies.

Takes a `Host`, gives answers read from `$DOCKER_CONFIG` (else `~/.docker`) by hand: the docker SDK would
cost 0.2 s of a build's start. The rules are docker's own command line's (cli/command, 28.5). A file that
is not there means its defaults; a context's that cannot be read is a BuilderError that names it.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bake.buildkit import docker_config
from bake.buildkit.endpoint import TLS
from bake.errors import BuilderError, reason
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.host import Host

DEFAULT_CONTEXT = "default"
DEFAULT_HOST = "unix:///var/run/docker.sock"
_PROXIES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "ftpProxy": "FTP_PROXY",
}


@record
class ContextEndpoint:
    """Where a docker context's engine is: its address as text, and how to secure it."""

    host: str
    tls: TLS | None = None


class Site:
    """One user's Docker configuration on one machine."""

    def __init__(self, host: Host, place: str = "") -> None:
        """`place` is the folder that is built, the working directory without one: where a builder has several
        machines for the same work, each folder has one of them."""
        self.host = host
        self.place = place or host.working_directory
        self.folder = host.environment.get("DOCKER_CONFIG") or os.path.join(host.home, ".docker")

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """Docker's config.json; a damaged one counts as none, with a BakeWarning."""
        return docker_config.read(self.config_file)

    @property
    def config_file(self) -> str:
        return os.path.join(self.folder, "config.json")

    @property
    def buildx_folder(self) -> str:
        """Where buildx keeps its builders."""
        return self.host.environment.get("BUILDX_CONFIG") or os.path.join(self.folder, "buildx")

    @property
    def store_owner(self) -> tuple[int, int] | None:
        """Who shall own what is written for a person that called us with sudo (confutil, 0.36.1).

        None without sudo, and where the folder is not in that person's home.
        """
        environment = self.host.environment
        user, group = environment.get("SUDO_UID", ""), environment.get("SUDO_GID", "")
        home = os.path.join(environment.get("HOME") or "", "")
        if "SUDO_COMMAND" not in environment or not (user.isdecimal() and group.isdecimal()):
            return None
        if not self.buildx_folder.startswith(home) or not _is_home(home, int(user)):
            return None
        return int(user), int(group)

    @property
    def current_context(self) -> str:
        """The docker context in use: DOCKER_HOST means none, then DOCKER_CONTEXT, then the configured one."""
        environment = self.host.environment
        if environment.get("DOCKER_HOST"):
            return DEFAULT_CONTEXT
        configured = environment.get("DOCKER_CONTEXT") or self.config.get("currentContext")
        return str(configured or DEFAULT_CONTEXT)

    @property
    def current_endpoint(self) -> str:
        """What buildx keys the chosen builder by: the context's name, the address for the default one."""
        name = self.current_context
        return name if name != DEFAULT_CONTEXT else self.endpoint(name).host

    def contexts(self) -> list[str]:
        """The names of all docker contexts, the default one first."""
        folder = os.path.join(self.folder, "contexts", "meta")
        try:
            entries = sorted(os.listdir(folder))
        except OSError:
            entries = []
        metas = (_read_object(os.path.join(folder, entry, "meta.json")) for entry in entries)
        return [DEFAULT_CONTEXT, *sorted(str(meta["Name"]) for meta in metas if meta and meta.get("Name"))]

    def endpoint(self, context: str) -> ContextEndpoint:
        """Where the engine of `context` is. Raises BuilderError for an unknown one."""
        if context in ("", DEFAULT_CONTEXT):
            return self._default_endpoint()
        digest = _digest(context)
        meta = _read_object(os.path.join(self.folder, "contexts", "meta", digest, "meta.json"))
        if meta is None:
            raise BuilderError(
                "Unknown docker context",
                detail=f"`{context}` is none of {', '.join(self.contexts())}",
                hint="unset DOCKER_CONTEXT, or set it to one of these"
                if self.host.environment.get("DOCKER_CONTEXT") == context
                else "`docker context use default` goes back",
            )
        docker = _part(_part(meta, "Endpoints"), "docker")
        files = os.path.join(self.folder, "contexts", "tls", digest, "docker")
        verify = not docker.get("SkipTLSVerify", False)
        # who need not verify speaks TLS without any certificates too (cli/context/docker/load.go)
        tls = _tls(files, verify=verify) or (None if verify else TLS(verify=False))
        return ContextEndpoint(str(docker.get("Host") or DEFAULT_HOST), tls)

    def _default_endpoint(self) -> ContextEndpoint:
        environment = self.host.environment
        verify = bool(environment.get("DOCKER_TLS_VERIFY"))
        files = environment.get("DOCKER_CERT_PATH") or self.folder
        secured = verify or bool(environment.get("DOCKER_TLS"))
        host = environment.get("DOCKER_HOST") or DEFAULT_HOST
        return ContextEndpoint(host, (_tls(files, verify=verify) or TLS(verify=verify)) if secured else None)

    @property
    def proxies(self) -> dict[str, str]:
        """Build arguments that Docker's configuration gives to every build."""
        known = _part(self.config, "proxies")
        chosen = _part(known, self.endpoint(self.current_context).host) or _part(known, "default")
        return {name: str(chosen[key]) for key, name in _PROXIES.items() if chosen.get(key)}

    def node_id(self) -> str:
        """This machine's id, stable over time: it tells the copies of contexts in a daemon apart.

        "" where none can be kept.
        """
        path = os.path.join(self.buildx_folder, ".buildNodeID")
        try:
            with open(path, encoding="ascii") as file:
                return file.read().strip()
        except (OSError, ValueError):
            return _new_node_id(path)


def _part(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object in an object; anything else counts as an empty one."""
    found = whole.get(name)
    return found if isinstance(found, dict) else {}


def _is_home(home: str, user: int) -> bool:
    import pwd

    try:
        return os.path.join(pwd.getpwuid(user).pw_dir, "") == home
    except KeyError:
        return False


def _new_node_id(path: str) -> str:
    identity = os.urandom(8).hex()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(identity)
    except OSError:
        return ""
    return identity


def _digest(name: str) -> str:
    from hashlib import sha256  # only for contexts other than the default one

    return sha256(name.encode()).hexdigest()


def _tls(folder: str, *, verify: bool) -> TLS | None:
    """The files `ca.pem`, `cert.pem` and `key.pem` of `folder`; None if there are none."""
    paths = {name: os.path.join(folder, f"{name}.pem") for name in ("ca", "cert", "key")}
    found = {name: path for name, path in paths.items() if os.path.exists(path)}
    return (
        TLS(found.get("ca", ""), found.get("cert", ""), found.get("key", ""), verify=verify)
        if found
        else None
    )


def _read_object(path: str) -> dict[str, Any] | None:
    """The JSON object in the file, None without the file."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read() or b"{}")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as exc:
        raise BuilderError(
            "Docker's configuration cannot be read", detail=f"`{path}`: {reason(exc)}"
        ) from exc
    if not isinstance(found, dict):
        raise BuilderError("Docker's configuration cannot be read", detail=f"`{path}`: not a JSON object")
    return found
