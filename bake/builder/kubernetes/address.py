"""BuildKit in one of a builder's pods: `buildctl dial-stdio`, run by the cluster's API.

Takes a cluster, labels and a `Choice`, is an `Address`. Its rule: every dial looks which pods run and chooses
among them, so a connection that was lost with its pod comes back on another one. What may be better in a
moment is tried again, with buildx's pauses (tryWithBackoff of driver/kubernetes/driver.go, 0.36.1).
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit

from bake.builder.driver import DIAL
from bake.builder.kubernetes import ring
from bake.builder.kubernetes.cluster import RefusedError, running, trouble
from bake.builder.kubernetes.credentials import Identity
from bake.builder.kubernetes.options import RANDOM
from bake.buildkit.endpoint import TIMEOUT
from bake.buildkit.pipe import SocketPipe, TLSPipe
from bake.buildkit.tls import TLSError
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from urllib.parse import SplitResult

    from bake.builder.kubernetes.cluster import Cluster, Pod
    from bake.buildkit.pipe import Pipe

TRIES = 5
_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_LOOK = 0.25
"""Seconds between two looks for a pod that runs."""
_FINAL = (400, 401, 403, 405)
"""Refusals of an exec that trying again will not change."""
_HEAD = 65536


@record
class Choice:
    """Which of the pods that run: `pod` if it is one of them, else by `balance`: the one that `key` goes
    to, or any."""

    balance: str
    key: str = ""
    pod: str = ""

    def of(self, pods: Sequence[Pod], random: Callable[[int], bytes]) -> Pod:
        """`pods` are not empty."""
        by_name = {pod.name: pod for pod in pods}
        if self.pod in by_name:
            return by_name[self.pod]
        if self.balance == RANDOM:
            return pods[int.from_bytes(random(4), "big") % len(pods)]
        return by_name[ring.chosen(self.key, list(by_name))]


@record
class PodAddress:
    """A pod of `workload`, whose pods have `labels`. `patience` is how many seconds to wait for one that
    runs."""

    connect: Callable[[], Cluster]
    workload: str
    labels: Mapping[str, str]
    choice: Choice
    random: Callable[[int], bytes]
    patience: float

    @property
    def name(self) -> str:
        return f"kubernetes://{self.choice.pod or self.workload}"

    @property
    def hint(self) -> str:
        return f"look at its pods: kubectl get pods -l app={self.workload}"

    def dial(self) -> Pipe:
        """Raises OSError, BuilderError in the API's words."""
        for attempt in range(TRIES):
            try:
                with self.connect() as cluster:
                    return attached(cluster, self._pod(cluster))
            except (OSError, RefusedError) as exc:
                final = isinstance(exc, TLSError) or getattr(exc, "status", 0) in _FINAL
                if final or attempt == TRIES - 1:
                    raise
            time.sleep(min(_PAUSE * 2**attempt, _LONGEST_PAUSE))
        raise AssertionError("unreachable")

    def _pod(self, cluster: Cluster) -> Pod:
        deadline = time.monotonic() + self.patience
        while True:
            pods = cluster.pods(self.labels)
            if there := running(pods):
                return self.choice.of(there, self.random)
            if time.monotonic() > deadline:
                raise BuilderError(
                    "no running buildkit pods found",
                    detail="; ".join([f"`{self.workload}` in {cluster.namespace}", *trouble(pods)]),
                    hint="start them: pybake inspect --bootstrap BUILDER",
                )
            time.sleep(_LOOK)


def attached(cluster: Cluster, pod: Pod) -> Pipe:
    """The standard streams of the command in a pod. Raises OSError, RefusedError."""
    from bake.builder.kubernetes.channels import NotUpgradedError, Upgrade, opened

    query: list[tuple[str, str]] = [
        ("container", pod.container),
        *(("command", word) for word in DIAL),
        *((name, "true") for name in ("stdin", "stdout", "stderr")),
    ]
    path = f"/api/v1/namespaces/{cluster.namespace}/pods/{pod.name}/exec"
    upgrade = Upgrade(f"{cluster.server}{path}?{urlencode(query)}", cluster.identity.authorization)
    pipe = _connected(cluster)
    try:
        return opened(pipe, upgrade)
    except NotUpgradedError as exc:
        pipe.close()
        raise RefusedError(cluster, f"run a command in {pod.name}", exc.status, exc.message) from exc
    except BaseException:
        pipe.close()
        raise


def _connected(cluster: Cluster) -> Pipe:
    """A pipe to the API, through the proxy if there is one. Raises OSError."""
    where = urlsplit(cluster.server)
    host, secured = where.hostname or "", where.scheme == "https"
    port = where.port or (443 if secured else 80)
    proxy = urlsplit(cluster.proxy)
    goal = (proxy.hostname or "", proxy.port or 80) if cluster.proxy else (host, port)
    sock = socket.create_connection(goal, TIMEOUT)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if cluster.proxy:
            tunnel(sock, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", _known_as(proxy))
        pipe = TLSPipe(sock, cluster.context(), host) if secured else SocketPipe(sock)
        sock.settimeout(None)
    except BaseException:
        sock.close()
        raise
    return pipe


def _known_as(proxy: SplitResult) -> str:
    """What the proxy is told of who we are, "" for nothing."""
    return Identity(
        username=unquote(proxy.username or ""), password=unquote(proxy.password or "")
    ).authorization


def tunnel(sock: socket.socket, goal: str, authorization: str = "") -> None:
    """Have an HTTP proxy connect us to `goal`. Raises ConnectionError."""
    known = f"Proxy-Authorization: {authorization}\r\n" if authorization else ""
    sock.sendall(f"CONNECT {goal} HTTP/1.1\r\nHost: {goal}\r\n{known}\r\n".encode())
    reply = b""
    while not reply.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)  # what follows the head belongs to the other end
        if not byte or len(reply) > _HEAD:
            raise ConnectionError("the proxy answered no HTTP")
        reply += byte
    status = reply.split(b"\r\n", 1)[0]
    if b" 200" not in status:
        raise ConnectionError(f"the proxy refused: {status.decode(errors='replace')}")
