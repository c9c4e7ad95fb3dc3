"""Which cluster a node is in, and as whom: kubeconfig files, docker contexts, a pod's own account.

Takes an endpoint, gives an `Entry`: what the chosen context says of the cluster and the user, as kubeconfig
has it, with absolute paths. The order is that of driver/kubernetes/context and factory.go (buildx 0.36.1):
the file that the endpoint names, else `KUBECONFIG`'s files, else `~/.kube/config`; a docker context's own
Kubernetes endpoint; and inside of a cluster the pod's service account where none of that is there.
"""

from __future__ import annotations

import json
import os
import posixpath
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.builder.site import Site
    from bake.host import Host

SCHEME = "kubernetes://"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds its own account."""
DEFAULT_NAMESPACE = "default"
_CLUSTER_FILES = ("certificate-authority",)
_USER_FILES = ("client-certificate", "client-key", "tokenFile")
_NEXT = "name a kubeconfig that works with kubectl: KUBECONFIG=FILE pybake create --driver kubernetes …"


@record
class Entry:
    """One context. `source` is what messages call its origin."""

    source: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any] = field(default_factory=dict)
    namespace: str = DEFAULT_NAMESPACE


def find(site: Site, endpoint: str) -> Entry:
    """Raises BuilderError, naming the file and what it lacks."""
    if endpoint.startswith(SCHEME):
        named = parse_qs(urlsplit(endpoint).query).get("kubeconfig", [""])[0]
    else:
        own = _of_context(site, endpoint)
        if own:
            return own
        named = ""
    files = _files(site.host, named)
    there = [path for path in files if site.host.exists(path)]
    if there:
        return _chosen(_merged(site.host, there), ", ".join(there))
    account = _of_pod(site.host)
    if account:
        return account
    raise BuilderError("No Kubernetes cluster is configured", detail=f"there is no `{files[0]}`", hint=_NEXT)


def _files(host: Host, named: str) -> list[str]:
    listed = named or host.environment.get("KUBECONFIG", "")
    default = os.path.join(host.home, ".kube", "config")
    found = [path for path in listed.split(os.pathsep) if path] or [default]
    return [os.path.join(host.working_directory, path) for path in found]


def _merged(host: Host, paths: Sequence[str]) -> dict[str, Any]:
    """The files as one: of what has the same name, the first counts."""
    whole: dict[str, Any] = {"current-context": "", "clusters": {}, "contexts": {}, "users": {}}
    for path in paths:
        found = _read(host, path)
        whole["current-context"] = whole["current-context"] or found.get("current-context") or ""
        for plural, files in (("clusters", _CLUSTER_FILES), ("contexts", ()), ("users", _USER_FILES)):
            for name, entry in _named(found, plural, path):
                whole[plural].setdefault(name, _absolute(entry, files, posixpath.dirname(path)))
    return whole


def _read(host: Host, path: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(host.read(path))
    except OSError as exc:
        raise _unusable(path, exc.strerror or str(exc)) from exc
    except (yaml.YAMLError, ValueError) as exc:
        raise _unusable(path, " ".join(str(exc).split())) from exc
    if not isinstance(found, dict | None):
        raise _unusable(path, "it is no mapping")
    return found or {}


def _named(whole: Mapping[str, Any], plural: str, path: str) -> list[tuple[str, dict[str, Any]]]:
    singular = plural.removesuffix("s")
    listed = whole.get(plural) or []
    try:
        pairs = [(str(one["name"]), one.get(singular) or {}) for one in listed]
    except (KeyError, TypeError, AttributeError) as exc:
        raise _unusable(path, f"`{plural}` is no list of names, each with its `{singular}`") from exc
    if not all(isinstance(entry, dict) for _, entry in pairs):
        raise _unusable(path, f"one of `{plural}` is no mapping")
    return pairs


def _absolute(entry: Mapping[str, Any], files: Sequence[str], folder: str) -> dict[str, Any]:
    there = {name: posixpath.join(folder, str(entry[name])) for name in files if entry.get(name)}
    plugin = entry.get("exec")
    if files and isinstance(plugin, dict) and "/" in str(plugin.get("command", "")):
        there |= {"exec": {**plugin, "command": posixpath.join(folder, str(plugin["command"]))}}  # type: ignore[dict-item]
    return {**entry, **there}


def _chosen(whole: Mapping[str, Any], source: str) -> Entry:
    current = whole["current-context"]
    if not current:
        raise _unusable(source, "it has no current-context", "choose one: kubectl config use-context NAME")
    context = _pick(whole, "contexts", current, source)
    cluster = _pick(whole, "clusters", str(context.get("cluster", "")), source)
    user = _pick(whole, "users", str(context["user"]), source) if context.get("user") else {}
    namespace = str(context.get("namespace") or DEFAULT_NAMESPACE)
    return Entry(f"context `{current}` of {source}", cluster, user, namespace)


def _pick(whole: Mapping[str, Any], plural: str, name: str, source: str) -> dict[str, Any]:
    if name not in whole[plural]:
        there = ", ".join(whole[plural]) or "none"
        raise _unusable(source, f"`{name}` is none of its {plural}: {there}")
    found: dict[str, Any] = whole[plural][name]
    return found


def _unusable(source: str, why: str, hint: str = _NEXT) -> BuilderError:
    return BuilderError("The kubeconfig cannot be used", detail=f"`{source}`: {why}", hint=hint)


def _of_pod(host: Host) -> Entry | None:
    """The account of the pod that we run in, None outside of a cluster."""
    server = host.environment.get("KUBERNETES_SERVICE_HOST", "")
    port = host.environment.get("KUBERNETES_SERVICE_PORT", "")
    token = f"{ACCOUNT}/token"
    if not (server and port and host.exists(token)):
        return None
    try:
        namespace = host.read(f"{ACCOUNT}/namespace").decode().strip()
    except (OSError, ValueError):
        namespace = DEFAULT_NAMESPACE
    address = f"[{server}]" if ":" in server else server
    cluster = {"server": f"https://{address}:{port}", "certificate-authority": f"{ACCOUNT}/ca.crt"}
    return Entry("the pod's service account", cluster, {"tokenFile": token}, namespace)


def _of_context(site: Site, name: str) -> Entry | None:
    """What a docker context says of Kubernetes (docker's command line wrote that until 20.10)."""
    from hashlib import sha256

    digest = sha256(name.encode()).hexdigest()
    meta = os.path.join(site.folder, "contexts", "meta", digest, "meta.json")
    try:
        found = json.loads(site.host.read(meta))["Endpoints"]["kubernetes"]
        server, basic = str(found["Host"]), found.get("usernamePassword") or {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    folder = os.path.join(site.folder, "contexts", "tls", digest, "kubernetes")
    cluster = {
        "server": server,
        "insecure-skip-tls-verify": bool(found.get("SkipTLSVerify")),
        "proxy-url": found.get("ProxyURL"),
        **_present(site.host, folder, {"certificate-authority": "ca.pem"}),
    }
    user = {
        "token": found.get("token"),
        "username": basic.get("username"),
        "password": basic.get("password"),
        "exec": found.get("Exec"),
        **_present(site.host, folder, {"client-certificate": "cert.pem", "client-key": "key.pem"}),
    }
    namespace = str(found.get("DefaultNamespace") or DEFAULT_NAMESPACE)
    return Entry(f"docker context `{name}`", cluster, user, namespace)


def _present(host: Host, folder: str, files: Mapping[str, str]) -> dict[str, str]:
    paths = {key: os.path.join(folder, name) for key, name in files.items()}
    return {key: path for key, path in paths.items() if host.exists(path)}
