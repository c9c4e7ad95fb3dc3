"""Who we are in a cluster: what a kubeconfig's user says, with files read and plugins asked.

Takes an `Entry`'s user, gives an `Identity`. Plugins speak client.authentication.k8s.io (v1, v1beta1,
v1alpha1): a command that prints an ExecCredential. What it prints is in no message.
"""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.builder.kubernetes.kubeconfig import Entry
    from bake.host import Host

GROUP = "client.authentication.k8s.io/"
VERSIONS = ("v1", "v1beta1", "v1alpha1")
PATIENCE = 60.0
"""Seconds that a plugin has for its answer."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """`certificate` and `key` are PEM files, or PEM itself in base64 (`…_data`); "" is none."""

    token: str = ""
    username: str = ""
    password: str = ""
    certificate: str = ""
    key: str = ""
    certificate_data: str = ""
    key_data: str = ""

    @property
    def authorization(self) -> str:
        """The header's value, "" where only a certificate speaks for us."""
        if self.token:
            return f"Bearer {self.token}"
        if self.username:
            both = f"{self.username}:{self.password}".encode()
            return f"Basic {base64.b64encode(both).decode()}"
        return ""


def identify(entry: Entry, host: Host) -> Identity:
    """Raises BuilderError for a file that cannot be read or a plugin that fails."""
    user = entry.user
    if user.get("exec"):
        return _asked(user["exec"], entry, host)
    if user.get("auth-provider"):
        raise BuilderError(
            "The kubeconfig's user cannot be used",
            detail=f"{entry.source} has an `auth-provider`, which Kubernetes gave up in 1.26",
            hint="let your cloud's tool write it again: today it names a plugin (exec)",
        )
    return Identity(
        token=_token(entry, host),
        username=str(user.get("username") or ""),
        password=str(user.get("password") or ""),
        certificate=str(user.get("client-certificate") or ""),
        key=str(user.get("client-key") or ""),
        certificate_data=str(user.get("client-certificate-data") or ""),
        key_data=str(user.get("client-key-data") or ""),
    )


def _token(entry: Entry, host: Host) -> str:
    path = entry.user.get("tokenFile")
    if not path:
        return str(entry.user.get("token") or "")
    try:
        return host.read(str(path)).decode().strip()
    except (OSError, ValueError) as exc:
        raise BuilderError(
            "The kubeconfig's token cannot be read", detail=f"{entry.source}: `{path}`: {exc}"
        ) from exc


def _asked(plugin: Any, entry: Entry, host: Host) -> Identity:
    version = str(plugin.get("apiVersion", "")) if isinstance(plugin, dict) else ""
    if version.removeprefix(GROUP) not in VERSIONS or not plugin.get("command"):
        allowed = ", ".join(GROUP + one for one in VERSIONS)
        raise BuilderError(
            "The kubeconfig's plugin cannot be used",
            detail=f"{entry.source}: it needs a `command`, and for `apiVersion` one of {allowed}",
        )
    answer = _run(plugin, entry, host)
    try:
        status = json.loads(answer)["status"]
        token, certificate, key = (
            str(status.get(name) or "") for name in ("token", "clientCertificateData", "clientKeyData")
        )
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _failed(plugin, entry, "it printed no ExecCredential with a status") from exc
    if not (token or certificate):
        raise _failed(plugin, entry, "it gave neither a token nor a certificate")
    encoded = (base64.b64encode(one.encode()).decode() for one in (certificate, key))
    certificate_data, key_data = encoded
    return Identity(token=token, certificate_data=certificate_data, key_data=key_data)


def _run(plugin: Mapping[str, Any], entry: Entry, host: Host) -> bytes:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        names = ("server", "certificate-authority-data", "insecure-skip-tls-verify", "tls-server-name")
        spec["cluster"] = {name: entry.cluster[name] for name in names if entry.cluster.get(name)}
    info = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    given = {str(one["name"]): str(one["value"]) for one in plugin.get("env") or ()}
    environment = {**host.environment, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    command = [str(plugin["command"]), *map(str, plugin.get("args") or ())]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError as exc:
        hint = " ".join(str(plugin.get("installHint") or "").split())
        raise _failed(plugin, entry, "there is no such command", hint or "install it") from exc
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise _failed(plugin, entry, str(exc)) from exc
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise _failed(plugin, entry, said or f"it ended with exit code {done.returncode}")
    return done.stdout


def _failed(plugin: Mapping[str, Any], entry: Entry, why: str, hint: str = "") -> BuilderError:
    return BuilderError(
        "The kubeconfig's plugin failed",
        detail=f"{entry.source}: `{plugin['command']}`: {why}",
        hint=hint or "does `kubectl get pods` work? You may have to log in again",
    )
