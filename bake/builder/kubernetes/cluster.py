"""One cluster's API: the few calls that the driver needs, through lightkube.

Takes an endpoint, gives a `Cluster`. Its rule: what the API refuses is a BuilderError in the API's words,
with the next step for each kind of refusal. lightkube is an extra, imported when a cluster is asked.
"""

from __future__ import annotations

import ssl
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bake.builder.kubernetes import kubeconfig
from bake.builder.kubernetes.credentials import Identity, identify
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from lightkube import Client
    from lightkube.config.kubeconfig import SingleConfig

    from bake.builder.kubernetes.kubeconfig import Entry
    from bake.builder.kubernetes.manifest import Object
    from bake.builder.site import Site
    from bake.host import Host

SECONDS = 20.0
"""How long the API may take for an answer."""
NOT_FOUND, CONFLICT = 404, 409
_LOOPBACK = ("localhost", "127.", "::1")


class RefusedError(BuilderError):
    """The API's answer was no success but `status`; `message` is what it said."""

    def __init__(self, cluster: Cluster, what: str, status: int, message: str) -> None:
        summary, hint = _REFUSALS.get(status, ("The cluster refused", "does kubectl do it?"))
        place = {"what": what, "namespace": cluster.namespace, "source": cluster.source}
        super().__init__(
            summary.format(**place),
            detail=f"`{cluster.server}`: {message} ({status})",
            hint=hint.format(**place),
        )
        self.status = status
        self.message = message


_REFUSALS: dict[int, tuple[str, str]] = {
    401: (
        "The cluster does not know who we are",
        "renew the credentials of {source}: does `kubectl get pods` work?",
    ),
    403: (
        "The cluster forbids us to {what}",
        "ask for the right: kubectl auth can-i --list -n {namespace} shows yours, docs/kubernetes.md what it "
        "takes; another namespace: --driver-opt namespace=NAME",
    ),
    404: (
        "The cluster could not {what}",
        "is there a namespace {namespace}? kubectl create namespace {namespace} makes it, "
        "--driver-opt namespace=NAME names another",
    ),
    422: (
        "The cluster could not {what}: something is invalid",
        "correct the --driver-opt that the message is about",
    ),
}
"""What to say and to do, by the API's status code."""


@record
class Pod:
    """A pod that runs. `platforms` is what a person fixed, as its annotation says."""

    name: str
    container: str
    ready: bool
    platforms: str = ""


@dataclass(slots=True, repr=False)
class Cluster:
    """The API of one cluster, as one user, in one namespace; entered for as long as it is asked."""

    server: str
    namespace: str
    source: str
    identity: Identity
    entry: Entry
    proxy: str = ""
    _client: Client | None = None

    def __enter__(self) -> Self:
        import httpx2
        import lightkube

        with _config_faults(self.source):
            self._client = lightkube.Client(
                self._config(),
                namespace=self.namespace,
                timeout=httpx2.Timeout(SECONDS, connect=SECONDS / 2),
                trust_env=False,
                proxy=self.proxy or None,
                lazy=False,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._client:
            self._client.close()

    def context(self) -> ssl.SSLContext:
        """How connections to the API are secured. Raises BuilderError."""
        from lightkube.config.client_adapter import verify_cluster

        with _config_faults(self.source):
            config = self._config()
            assert config.user is not None
            return verify_cluster(config.cluster, config.user, config.abs_file, trust_env=False)

    def workload(self, kind: str, name: str) -> Any:
        """The Deployment or StatefulSet, None if it is not there. Raises BuilderError."""
        with self._asking(f"read {_plural(kind)}") as client:
            try:
                return client.get(_resource(kind), name)
            except _api_error() as exc:
                if exc.status.code != NOT_FOUND:
                    raise
                return None

    def create(self, thing: Object) -> bool:
        """Whether it was made: False if it is there. Raises BuilderError."""
        with self._asking(f"create {_plural(thing['kind'])}") as client:
            try:
                client.create(_resource(thing["kind"]).from_dict(thing))
            except _api_error() as exc:
                if exc.status.code != CONFLICT:
                    raise
                return False
            return True

    def replace(self, thing: Object) -> None:
        """Put it in the place of what has its name. Raises BuilderError."""
        with self._asking(f"update {_plural(thing['kind'])}") as client:
            client.replace(_resource(thing["kind"]).from_dict(thing))

    def delete(self, kind: str, name: str) -> None:
        """Remove it, if it is there. Raises BuilderError."""
        with self._asking(f"delete {_plural(kind)}") as client:
            try:
                client.delete(_resource(kind), name)
            except _api_error() as exc:
                if exc.status.code != NOT_FOUND:
                    raise

    def pods(self, labels: Mapping[str, str]) -> list[Any]:
        """All pods with these labels, by name. Raises BuilderError."""
        with self._asking("list pods") as client:
            found = list(client.list(_resource("Pod"), labels=dict(labels)))
        return sorted(found, key=lambda pod: str(pod.metadata.name))

    @contextmanager
    def _asking(self, what: str) -> Iterator[Client]:
        """The client; leaving turns what it raises into a BuilderError."""
        import httpx2
        import msgspec

        assert self._client is not None
        try:
            yield self._client
        except _api_error() as exc:
            raise RefusedError(self, what, int(exc.status.code or 0), str(exc.status.message or "")) from exc
        except httpx2.HTTPStatusError as exc:
            raise self._foreign(f"it answered {exc.response.status_code}") from exc
        except (msgspec.MsgspecError, KeyError, ValueError) as exc:
            raise self._foreign(f"its answer cannot be read: {exc}") from exc
        except (httpx2.HTTPError, OSError) as exc:
            raise self.unreachable(exc) from exc

    def _foreign(self, why: str) -> BuilderError:
        return BuilderError(
            "That is no Kubernetes API",
            detail=f"`{self.server}`: {why}",
            hint=f"is the address right? It stands in {self.source}",
        )

    def unreachable(self, exc: Exception) -> BuilderError:
        """The error for an API that does not answer."""
        why = str(exc) or type(exc).__name__
        hint = f"is it up, and the address in {self.source} right? kubectl cluster-info tells"
        if "certificate" in why.lower():
            hint = f"is that of {self.source} the authority that signed its certificate? Does kubectl work?"
        return BuilderError("The cluster does not answer", detail=f"`{self.server}`: {why}", hint=hint)

    def _config(self) -> SingleConfig:
        from lightkube.config.kubeconfig import KubeConfig

        who = self.identity
        user = {
            "token": who.token,
            "username": who.username,
            "password": who.password,
            "client-certificate": who.certificate,
            "client-key": who.key,
            "client-certificate-data": who.certificate_data,
            "client-key-data": who.key_data,
        }
        for name, text in (*self.entry.cluster.items(), *user.items()):
            if name.endswith("-data"):
                _check_pem(name, str(text))
        found = KubeConfig.from_dict(
            {
                "current-context": "one",
                "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
                "clusters": [{"name": "one", "cluster": dict(self.entry.cluster)}],
                "users": [{"name": "one", "user": {name: value for name, value in user.items() if value}}],
            }
        ).get()
        assert found is not None
        return found


def of(site: Site, endpoint: str, namespace: str = "") -> Cluster:
    """The cluster of an endpoint; `namespace` "" is the context's own. Raises BuilderError."""
    require()
    entry = kubeconfig.find(site, endpoint)
    server = str(entry.cluster.get("server") or "").rstrip("/")
    if not _is_address(server, "http", "https"):
        raise BuilderError("The kubeconfig cannot be used", detail=f"{entry.source}: `{server}` is no server")
    if entry.cluster.get("tls-server-name"):
        raise BuilderError(
            "The kubeconfig cannot be used",
            detail=f"{entry.source}: lightkube does not support `tls-server-name`",
            hint="name the server as its certificate does",
        )
    proxy = str(entry.cluster.get("proxy-url") or "") or _proxy(server, site.host)
    proxy = proxy if not proxy or "://" in proxy else f"http://{proxy}"
    if proxy and not _is_address(proxy, "http"):
        raise BuilderError(
            "The cluster's proxy cannot be used",
            detail="it is no http://HOST:PORT",
            hint="name another in HTTPS_PROXY or the kubeconfig's proxy-url, or the cluster in NO_PROXY",
        )
    identity = identify(entry, site.host)
    return Cluster(server, namespace or entry.namespace, entry.source, identity, entry, proxy)


def _is_address(text: str, *schemes: str) -> bool:
    try:
        where = urlsplit(text)
        return where.scheme in schemes and bool(where.hostname) and where.port != 0
    except ValueError:
        return False


def require() -> None:
    """Raises BuilderError without the extra's packages."""
    try:
        import lightkube
        import wsproto
    except ImportError as exc:
        raise BuilderError(
            "The kubernetes driver needs packages that are not installed",
            detail=f"`{exc.name}`",
            hint="pip install 'pybake[kubernetes]'",
        ) from exc
    assert lightkube
    assert wsproto


def _proxy(server: str, host: Host) -> str:
    """The proxy that the environment names for `server`, "" for none; loopback never goes through one."""
    where = urlsplit(server)
    environment = {name.lower(): value for name, value in host.environment.items() if value}
    name = (where.hostname or "").lower()
    direct = [one.strip().lstrip(".*") for one in environment.get("no_proxy", "").lower().split(",")]
    if name.startswith(_LOOPBACK) or "*" in environment.get("no_proxy", "").split(","):
        return ""
    if any(one and (name == one or name.endswith(f".{one}")) for one in direct):
        return ""
    return environment.get(f"{where.scheme}_proxy", "")


@contextmanager
def _config_faults(source: str) -> Iterator[None]:
    """Certificates and settings that lightkube or OpenSSL cannot use."""
    from lightkube.core.exceptions import ConfigError

    try:
        yield
    except (ConfigError, ssl.SSLError, FileNotFoundError) as exc:
        raise BuilderError(
            "The kubeconfig cannot be used",
            detail=f"{source}: {exc}",
            hint="are its certificates and keys there, in PEM? Does kubectl work with it?",
        ) from exc


def _check_pem(name: str, text: str) -> None:
    """Raises ConfigError for what lightkube would choke on, leaving temporary files behind."""
    from lightkube.core.exceptions import ConfigError

    try:
        data = b64decode("".join(text.split()), validate=True)
    except ValueError:
        data = b""
    if text and b"-----BEGIN " not in data:
        raise ConfigError(f"{name} is no PEM in base64")


def _api_error() -> Any:
    from lightkube import ApiError

    return ApiError


def _plural(kind: str) -> str:
    return f"{kind.lower()}s"


def _resource(kind: str) -> Any:
    from lightkube.resources import apps_v1, core_v1

    return getattr(core_v1 if kind in ("Pod", "ConfigMap") else apps_v1, kind)


def running(pods: Sequence[Any]) -> list[Pod]:
    """Those that run and are not about to go; ready ones alone if there are any."""
    found = [_pod(pod) for pod in pods if _runs(pod)]
    return [pod for pod in found if pod.ready] or found


def _runs(pod: Any) -> bool:
    going = pod.metadata.deletionTimestamp is not None
    return bool(pod.status and pod.status.phase == "Running" and not going and pod.spec.containers)


def _pod(pod: Any) -> Pod:
    from bake.builder.kubernetes.options import PLATFORM

    ready = any(one.type == "Ready" and one.status == "True" for one in pod.status.conditions or ())
    platforms = (pod.metadata.annotations or {}).get(PLATFORM, "")
    return Pod(str(pod.metadata.name), str(pod.spec.containers[0].name), ready, platforms)


def trouble(pods: Sequence[Any]) -> list[str]:
    """Why pods are not ready, each in a line: what their containers wait for, or where they find no place."""
    return [f"{pod.metadata.name}: {why}" for pod in pods if pod.status and (why := _trouble(pod.status))]


def _trouble(status: Any) -> str:
    for container in [*(status.initContainerStatuses or ()), *(status.containerStatuses or ())]:
        waiting = container.state.waiting if container.state else None
        if waiting and waiting.reason:
            return f"{waiting.reason}: {waiting.message}" if waiting.message else str(waiting.reason)
        ended = container.state.terminated if container.state else None
        if ended and ended.exitCode:
            return f"{container.name} ended with exit code {ended.exitCode}"
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.status != "True":
            return f"{condition.reason}: {condition.message}"
    return "" if status.phase == "Running" else str(status.phase or "")
