"""A stand-in of a Kubernetes API server, for one driver's few endpoints, on loopback.

Deployments, StatefulSets, ConfigMaps and Pods with label selectors; answers and refusals as the real one has
them (Status objects: 401, 403, 404, 409, 422); pods that get ready after a while, go, and are replaced; exec
over a WebSocket (v5 and v4 of channel.k8s.io), whose command is a connection to a BuildKit. Frames are read
and written by hand (RFC 6455), so that no client is tested against its own library.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

Object = dict[str, Any]

PATHS = re.compile(
    r"/(?:api/v1|apis/apps/v1)/namespaces/(?P<namespace>[^/]+)/(?P<plural>[a-z]+)"
    r"(?:/(?P<name>[^/]+)(?:/(?P<sub>exec))?)?"
)
KINDS = {"deployments": "Deployment", "statefulsets": "StatefulSet", "configmaps": "ConfigMap", "pods": "Pod"}
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "AlreadyExists",
    415: "UnsupportedMediaType",
    422: "Invalid",
    500: "InternalError",
}
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUED, TEXT, BINARY, CLOSED, PING, PONG = 0, 1, 2, 8, 9, 10
COMMAND = ["buildctl", "dial-stdio"]


class RefusalError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Pod:
    """One pod, and the connections into it. `buildkit` is where its BuildKit answers: (host, port)."""

    name: str
    namespace: str
    owner: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: Object
    buildkit: tuple[str, int]
    born: float
    going: bool = False
    gone: bool = False
    connections: list[socket.socket] = field(default_factory=list)

    def enter(self, connection: socket.socket) -> None:
        """Take a connection, or break it if the pod has died meanwhile."""
        self.connections.append(connection)
        if self.gone:
            self.cut()

    def cut(self) -> None:
        """Break all connections, as a node that dies does."""
        self.gone = True
        for one in self.connections:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Cluster:
    """Listens while it is entered; `endpoint` is its address.

    `buildkits` are the addresses of real ones, which pods get in turn. `ready_after` is how many seconds a
    pod takes, `token` what clients have to know. Images with `missing` in their names are never pulled.
    """

    def __init__(
        self,
        buildkits: Sequence[str],
        *,
        token: str = "",
        subprotocols: Sequence[str] = ("v5.channel.k8s.io", "v4.channel.k8s.io"),
        ready_after: float = 0.0,
    ) -> None:
        self.buildkits = [_address(one) for one in buildkits]
        self.token = token
        self.subprotocols = subprotocols
        self.ready_after = ready_after
        self.namespaces = {"default", "builds"}
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.pods: dict[str, Pod] = {}
        self.forbidden: set[tuple[str, str]] = set()
        """(method, plural) of what nobody may."""
        self.exec_refusals: list[tuple[int, str]] = []
        """Answers to the next execs, before one succeeds."""
        self.execs: list[tuple[str, str]] = []
        """(pod, subprotocol) of all execs that were begun."""
        self.posted: list[Object] = []
        self.replaces_pods = True
        self._born = 0
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"cluster": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for pod in self.pods.values():
            pod.cut()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def kubeconfig(self, path: Path, *, namespace: str = "", **cluster: str) -> Path:
        """Write what a person has for this cluster; more of its entry as keywords."""
        user = {"token": self.token} if self.token else {}
        context = {"cluster": "c", "user": "u", **({"namespace": namespace} if namespace else {})}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "contexts": [{"name": "tests", "context": context}],
            "clusters": [{"name": "c", "cluster": {"server": self.endpoint, **cluster}}],
            "users": [{"name": "u", "user": user}],
        }
        path.write_text(json.dumps(document))
        return path

    # what a test does to it

    def kill(self, name: str) -> None:
        """A pod goes: its connections break at once, and its owner starts another one."""
        with self._lock:
            pod = self.pods.pop(name)
            pod.cut()
            owner = self._owner(pod)
            if owner and self.replaces_pods:
                self._fill(owner)

    def names(self) -> list[str]:
        """The pods' names."""
        return sorted(self.pods)

    def get(self, plural: str, name: str, namespace: str = "default") -> Object | None:
        return self.objects.get((plural, namespace, name))

    # what clients ask for

    def create(self, plural: str, namespace: str, thing: Object) -> Object:
        with self._lock:
            name = thing["metadata"]["name"]
            if namespace not in self.namespaces:
                raise RefusalError(404, f'namespaces "{namespace}" not found')
            if (plural, namespace, name) in self.objects:
                raise RefusalError(409, f'{plural} "{name}" already exists')
            _validate(plural, thing)
            self.posted.append(json.loads(json.dumps(thing)))
            thing["metadata"]["namespace"] = namespace
            self.objects[plural, namespace, name] = thing
            if "spec" in thing:
                self._fill(thing)
            return thing

    def replace(self, plural: str, namespace: str, name: str, thing: Object) -> Object:
        with self._lock:
            self._existing(plural, namespace, name)
            thing["metadata"]["namespace"] = namespace
            self.objects[plural, namespace, name] = thing
            return thing

    def delete(self, plural: str, namespace: str, name: str) -> Object:
        with self._lock:
            self._existing(plural, namespace, name)
            del self.objects[plural, namespace, name]
            for pod in [one for one in self.pods.values() if (one.namespace, one.owner) == (namespace, name)]:
                del self.pods[pod.name]
                pod.cut()
            return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}

    def read(self, plural: str, namespace: str, name: str) -> Object:
        with self._lock:
            if plural == "pods":
                return self._shown(self._pod(namespace, name))
            thing = self._existing(plural, namespace, name)
            if "spec" not in thing:
                return thing
            mine = [one for one in self.pods.values() if (one.namespace, one.owner) == (namespace, name)]
            ready = sum(self._is_ready(one) for one in mine)
            status = {"replicas": len(mine), **({"readyReplicas": ready} if ready else {})}
            return {**thing, "status": status}

    def listed(self, plural: str, namespace: str, selector: str) -> Object:
        wanted = dict(pair.split("=", 1) for pair in selector.split(",") if pair)
        with self._lock:
            found = [
                self._shown(pod)
                for pod in self.pods.values()
                if pod.namespace == namespace and wanted.items() <= pod.labels.items()
            ]
        assert plural == "pods"
        return {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": found}

    def _existing(self, plural: str, namespace: str, name: str) -> Object:
        found = self.objects.get((plural, namespace, name))
        if found is None:
            group = "" if plural == "configmaps" else ".apps"
            raise RefusalError(404, f'{plural}{group} "{name}" not found')
        return found

    def _pod(self, namespace: str, name: str) -> Pod:
        pod = self.pods.get(name)
        if pod is None or pod.namespace != namespace:
            raise RefusalError(404, f'pods "{name}" not found')
        return pod

    def _owner(self, pod: Pod) -> Object | None:
        for plural in ("deployments", "statefulsets"):
            if found := self.objects.get((plural, pod.namespace, pod.owner)):
                return found
        return None

    def _fill(self, thing: Object) -> None:
        """Start the pods that are missing."""
        name, namespace = thing["metadata"]["name"], thing["metadata"]["namespace"]
        mine = {one.name for one in self.pods.values() if (one.namespace, one.owner) == (namespace, name)}
        template = thing["spec"]["template"]
        for number in range(thing["spec"]["replicas"]):
            if len(mine) >= thing["spec"]["replicas"]:
                return
            self._born += 1
            ordinal = f"{name}-{number}"
            pod = ordinal if thing["kind"] == "StatefulSet" else f"{name}-5d8f9c-{self._born:05x}"
            if pod in mine:
                continue
            mine.add(pod)
            self.pods[pod] = Pod(
                pod,
                namespace,
                name,
                template["metadata"]["labels"],
                template["metadata"].get("annotations") or {},
                template["spec"],
                self.buildkits[(self._born - 1) % len(self.buildkits)],
                time.monotonic(),
            )

    def _age(self, pod: Pod) -> float:
        missing = "missing" in pod.spec["containers"][0]["image"]
        return -1.0 if missing else time.monotonic() - pod.born

    def _is_ready(self, pod: Pod) -> bool:
        return self._age(pod) >= self.ready_after and not pod.going

    def _shown(self, pod: Pod) -> Object:
        age, ready = self._age(pod), self._is_ready(pod)
        phase = "Running" if age >= self.ready_after / 2 and age >= 0 else "Pending"
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
        container = pod.spec["containers"][0]
        state = {"running": {}} if phase == "Running" else {"waiting": waiting}
        status = {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": "",
                    "ready": ready,
                    "restartCount": 0,
                    "state": state,
                }
            ],
        }
        metadata: Object = {
            "name": pod.name,
            "namespace": pod.namespace,
            "labels": pod.labels,
            "annotations": pod.annotations,
        }
        if pod.going:
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        return {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": metadata,
            "spec": {"containers": [{"name": container["name"], "image": container["image"]}]},
            "status": status,
        }


def _address(text: str) -> tuple[str, int]:
    where = urlsplit(text)
    return where.hostname or "", where.port or 0


def _validate(plural: str, thing: Object) -> None:
    """What a real server looks at first."""
    name = thing["metadata"]["name"]
    kind = KINDS[plural]
    group = "" if plural == "configmaps" else ".apps"
    if thing.get("kind") != kind:
        raise RefusalError(400, f"{thing.get('kind')} in version does not match the expected {kind}")
    if not LABEL.fullmatch(name) or len(name) > 63:
        raise RefusalError(422, f'{kind}{group} "{name}" is invalid: metadata.name: Invalid value: "{name}"')
    if plural == "configmaps":
        return
    spec = thing["spec"]
    wanted, given = spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"]
    if not wanted.items() <= given.items():
        raise RefusalError(422, f'{kind}{group} "{name}" is invalid: `selector` does not match the labels')
    pod = spec["template"]["spec"]
    volumes = {one["name"] for one in (pod.get("volumes") or ())}
    volumes |= {one["metadata"]["name"] for one in (spec.get("volumeClaimTemplates") or ())}
    paths = [one["mountPath"] for one in (pod["containers"][0].get("volumeMounts") or ())]
    for mount in pod["containers"][0].get("volumeMounts") or ():
        if mount["name"] not in volumes:
            raise RefusalError(422, f'{kind}{group} "{name}" is invalid: volumeMounts: "{mount["name"]}"')
    if len(set(paths)) != len(paths):
        raise RefusalError(422, f'{kind}{group} "{name}" is invalid: mountPath: must be unique')


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are no news."""


class _Handler(BaseHTTPRequestHandler):
    cluster: ClassVar[Cluster]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, document = self._do(method, {} if method == "DELETE" else self._parsed(body))
        except RefusalError as exc:
            status = exc.status
            document = {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": exc.message,
                "reason": REASONS[exc.status],
                "code": exc.status,
            }
        if status:
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def _parsed(self, body: bytes) -> Object:
        kind = self.headers.get("Content-Type", "application/json")
        if body and kind != "application/json":
            raise RefusalError(415, f"the body of the request was in an unknown format: {kind}")
        found: Object = json.loads(body) if body else {}
        return found

    def _do(self, method: str, body: Object) -> tuple[int, Object]:
        cluster, where = self.cluster, urlsplit(self.path)
        if cluster.token and self.headers.get("Authorization") != f"Bearer {cluster.token}":
            raise RefusalError(401, "Unauthorized")
        found = PATHS.fullmatch(where.path)
        if not found or found["plural"] not in KINDS:
            raise RefusalError(404, "the server could not find the requested resource")
        namespace, plural, name = found["namespace"], found["plural"], found["name"]
        if (method, found["sub"] or plural) in cluster.forbidden:
            who = f'User "tests" cannot do that to resource "{plural}" in the namespace "{namespace}"'
            raise RefusalError(403, f"{plural} is forbidden: {who}")
        query = parse_qs(where.query)
        if found["sub"]:
            self._exec(namespace, name, query)
            return 0, {}
        match method, name:
            case "GET", None:
                return 200, cluster.listed(plural, namespace, query.get("labelSelector", [""])[0])
            case "GET", _:
                return 200, cluster.read(plural, namespace, name)
            case "POST", None:
                return 201, cluster.create(plural, namespace, body)
            case "PUT", _:
                return 200, cluster.replace(plural, namespace, name, body)
            case _:
                return 200, cluster.delete(plural, namespace, name)

    def _exec(self, namespace: str, name: str, query: dict[str, list[str]]) -> None:
        cluster = self.cluster
        pod = cluster._pod(namespace, name)
        if cluster.exec_refusals:
            raise RefusalError(*cluster.exec_refusals.pop(0))
        if query.get("container") != ["buildkitd"]:
            raise RefusalError(400, f"container {query.get('container')} is not valid for pod {name}")
        streams = [query.get(one) for one in ("stdin", "stdout", "stderr")]
        if self.headers.get("Upgrade", "").lower() != "websocket" or streams != [["true"]] * 3:
            raise RefusalError(400, "Upgrade request required")
        offered = [one.strip() for one in self.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        subprotocol = next((one for one in cluster.subprotocols if one in offered), "")
        if not subprotocol:
            raise RefusalError(400, f"unable to negotiate protocol: client supports {offered}")
        cluster.execs.append((name, subprotocol))
        self.close_connection = True
        self._upgrade(subprotocol)
        stream = _Stream(self.connection, self.rfile)
        pod.enter(self.connection)
        if query.get("command") != COMMAND:
            stream.end({"status": "Failure", "message": f"no such command: {query.get('command')}"})
            return
        with socket.create_connection(pod.buildkit) as buildkit:
            pod.enter(buildkit)
            _relay(stream, buildkit)

    def _upgrade(self, subprotocol: str) -> None:
        key = self.headers["Sec-WebSocket-Key"] + GUID
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.send_header("Sec-WebSocket-Protocol", subprotocol)
        self.end_headers()
        self.wfile.flush()


def _relay(stream: _Stream, buildkit: socket.socket) -> None:
    """Until the BuildKit or the client ends."""

    def back() -> None:
        with contextlib.suppress(OSError):
            while data := buildkit.recv(1 << 16):
                stream.send(BINARY, b"\x01" + data)
            stream.end({"metadata": {}, "status": "Success"})

    answering = threading.Thread(target=back, daemon=True)
    answering.start()
    with contextlib.suppress(OSError):
        stream.send(PING, b"are you there")
        while (message := stream.recv()) is not None:
            if message[:1] == b"\x00":
                buildkit.sendall(message[1:])
            elif message == b"\xff\x00":
                buildkit.shutdown(socket.SHUT_WR)
                answering.join()
    with contextlib.suppress(OSError):
        buildkit.shutdown(socket.SHUT_RDWR)
    answering.join()


class _Stream:
    """The server's side of a WebSocket."""

    def __init__(self, connection: socket.socket, incoming: Any) -> None:
        self._connection = connection
        self._incoming = incoming
        self._lock = threading.Lock()

    def recv(self) -> bytes | None:
        """The next message, None at the end. A client that masks nothing is broken off."""
        message = b""
        while True:
            head = self._incoming.read(2)
            if len(head) < 2:
                return None
            final, opcode, masked, size = head[0] & 0x80, head[0] & 0x0F, head[1] & 0x80, head[1] & 0x7F
            if size >= 126:
                size = int.from_bytes(self._incoming.read(2 if size == 126 else 8), "big")
            if not masked:
                return None
            mask = self._incoming.read(4)
            data = _masked(self._incoming.read(size), mask)
            if opcode == CLOSED:
                return None
            if opcode in (CONTINUED, BINARY):
                message += data
                if final:
                    return message

    def send(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        with self._lock:
            self._connection.sendall(head + data)

    def end(self, status: Object) -> None:
        """Say how the command ended, and close."""
        self.send(BINARY, b"\x03" + json.dumps(status).encode())
        self.send(CLOSED, struct.pack("!H", 1000))


def _masked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
