"""What a builder's node is in a cluster: the objects that are made for it.

Takes a node and its options, gives the Deployment (the StatefulSet, where its cache is a volume) and the
ConfigMaps of its files, as the API's JSON has them. Names, labels, annotations and probes are those of
driver/kubernetes/manifest/manifest.go (0.36.1): either tool finds what the other made.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from bake.builder.kubernetes.options import APP, PLATFORM
from bake.errors import BuilderError
from bake.gojson import nonempty
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.builder.kubernetes.options import Options
    from bake.node import Node

Object = dict[str, Any]

CONTAINER = "buildkitd"
CONFIG = "/etc/buildkit"
STATE = "/var/lib/buildkit"
ROOTLESS_STATE = "/home/user/.local/share/buildkit"
_MEMORY = "buildkit-memory"
_DATA = "buildkitd"
_APPARMOR = f"container.apparmor.security.beta.kubernetes.io/{CONTAINER}"
_PROBE = {
    "exec": {"command": ["buildctl", "debug", "workers"]},
    "failureThreshold": 3,
    "initialDelaySeconds": 5,
    "periodSeconds": 30,
    "successThreshold": 1,
    "timeoutSeconds": 60,
}


@record
class Manifest:
    """All objects of one node. The pods are those with `labels`."""

    workload: Object
    configs: tuple[Object, ...]
    labels: Mapping[str, str]

    @property
    def kind(self) -> str:
        """`Deployment` or `StatefulSet`."""
        return str(self.workload["kind"])

    @property
    def name(self) -> str:
        return str(self.workload["metadata"]["name"])


def name_of(node: str) -> str:
    """The name of the workload, a DNS label."""
    return node.replace("_", "-")


def make(node: Node, options: Options) -> Manifest:
    """Raises BuilderError for a file that is no text."""
    name = name_of(node.name)
    labels = {APP: name, **options.labels}
    fixed = {PLATFORM: ",".join(map(str, node.platforms))} if node.platforms else {}
    # on every object, the pods' own among them: buildx has but one map of annotations
    apparmor = {_APPARMOR: "unconfined"} if options.rootless else {}
    annotations = {**fixed, **options.annotations, **apparmor}
    folders = _by_folder(node.files)
    metadata: Object = {"name": name, "labels": labels, **nonempty(annotations=annotations)}
    workload: Object = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet" if options.storage else "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": options.replicas,
            "selector": {"matchLabels": labels},
            "template": _pod(node, options, labels, annotations, folders),
            **(_storage(options.storage) if options.storage else {}),
        },
    }
    configs = tuple(_config_map(name, one, annotations) for one in folders)
    return Manifest(workload, configs, labels)


def _pod(
    node: Node,
    options: Options,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    folders: Sequence[_Folder],
) -> Object:
    name = name_of(node.name)
    volumes, mounts = _volumes(options)
    volumes = [
        *({"name": one.name, "configMap": {"name": f"{name}-{one.name}"}} for one in folders),
        *volumes,
    ]
    mounts = [*({"name": one.name, "mountPath": one.mounted} for one in folders), *mounts]
    return {
        "metadata": {"labels": labels, **nonempty(annotations=annotations)},
        "spec": {
            "containers": [_container(node, options, mounts)],
            **nonempty(
                serviceAccountName=options.service_account,
                schedulerName=options.scheduler,
                initContainers=[_emulators(options.qemu_image)] if options.qemu else [],
                nodeSelector=dict(options.node_selector),
                tolerations=[dict(one) for one in options.tolerations],
                volumes=volumes,
            ),
        },
    }


def _container(node: Node, options: Options, mounts: Sequence[Object]) -> Object:
    sandbox = ["--oci-worker-no-process-sandbox"] if options.rootless else []
    security = {"seccompProfile": {"type": "Unconfined"}} if options.rootless else {"privileged": True}
    return {
        "name": CONTAINER,
        "image": options.image,
        "securityContext": security,
        "readinessProbe": _PROBE,
        "livenessProbe": _PROBE,
        "resources": nonempty(requests=dict(options.requests), limits=dict(options.limits)),
        **nonempty(
            args=[*node.buildkitd_flags, *sandbox],
            env=[{"name": name, "value": value} for name, value in options.environment.items()],
            volumeMounts=list(mounts),
        ),
    }


def _emulators(image: str) -> Object:
    return {
        "name": "qemu",
        "image": image,
        "args": ["--install", "all"],
        "securityContext": {"privileged": True},
    }


def _volumes(options: Options) -> tuple[list[Object], list[Object]]:
    """The volume of BuildKit's state and where it is mounted; a claim's volume is the StatefulSet's affair.

    A claim wins over memory: there is but one state.
    """
    in_memory = {"emptyDir": {"medium": "Memory", "sizeLimit": options.memory}}
    if options.rootless:
        mount = {"name": _DATA, "mountPath": ROOTLESS_STATE}
        return [{"name": _DATA, **(in_memory if options.memory else {"emptyDir": {}})}], [mount]
    if options.storage:
        return [], [{"name": _DATA, "mountPath": STATE}]
    if options.memory:
        return [{"name": _MEMORY, **in_memory}], [{"name": _MEMORY, "mountPath": STATE}]
    return [], []


def _storage(size: str) -> Object:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {
        "serviceName": "buildkitd",
        "podManagementPolicy": "Parallel",
        "volumeClaimTemplates": [{"metadata": {"name": _DATA}, "spec": claim}],
    }


@record
class _Folder:
    """Files of one folder of BuildKit's configuration: a ConfigMap has no folders."""

    name: str
    path: str
    files: Mapping[str, str]

    @property
    def mounted(self) -> str:
        return posixpath.normpath(posixpath.join(CONFIG, self.path))


def _by_folder(files: Mapping[str, bytes]) -> list[_Folder]:
    found: dict[str, dict[str, str]] = {}
    for path, data in sorted(files.items()):
        folder, base = posixpath.split(path)
        try:
            found.setdefault(folder, {})[base] = data.decode()
        except UnicodeDecodeError as exc:
            raise BuilderError(
                "A file of the builder's configuration is no text", detail=f"`{path}`: {exc}"
            ) from exc
    below = [folder for folder in found if folder]
    names = {folder: f"config-{number}" for number, folder in enumerate(below, 1)} | {"": "config"}
    return [_Folder(names[folder], folder, content) for folder, content in found.items()]


def _config_map(name: str, folder: _Folder, annotations: Mapping[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{name}-{folder.name}", **nonempty(annotations=annotations)},
        "data": dict(folder.files),
    }
