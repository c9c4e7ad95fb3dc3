"""Laying one compose model over another (compose-go 2.13, override).

Mappings are merged key by key, lists joined, scalars replaced. Some values may be written in two ways:
they are brought to one before they are merged. Of list elements that mean the same thing the last
counts, in the place of the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.model.compose.nodes import Node, PathTable, dotted, fault, refused, scalar
from bake.model.compose.specs import device_target, volume_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.compose.nodes import Path


def merge(base: Node, over: Node, path: Path = ()) -> Node:
    """`over` laid over `base`, both at `path`. Raises DefinitionError where they are of different kinds."""
    if special := _SPECIAL.get(path):
        return special(base, over, path)
    if over.value is None:
        return base
    if isinstance(base.value, dict | list) and base.kind != over.kind:
        raise fault(f"cannot override {dotted(path)}", over)
    if isinstance(base.value, dict):
        return _mappings(base, over, path)
    if isinstance(base.value, list):
        return over.with_value(base.elements + over.elements)
    return over


def _mappings(base: Node, over: Node, path: Path) -> Node:
    merged = dict(base.items)
    for key, item in over.items.items():
        merged[key] = merge(merged[key], item, (*path, key)) if key in merged else item
    return over.with_value(merged)


def _builds(base: Node, over: Node, path: Path) -> Node:
    return _mappings(_build_mapping(base), _build_mapping(over), path)


def _build_mapping(node: Node) -> Node:
    return node.with_value({"context": node}) if isinstance(node.value, str) else node


def _sequences(base: Node, over: Node, _: Path) -> Node:
    return over.with_value(_sequence(base) + _sequence(over))


def _named(base: Node, over: Node, path: Path) -> Node:
    """A list of names is the mapping of them to nothing."""
    return _mappings(named(base, path), named(over, path), path)


def named(node: Node, path: Path) -> Node:
    """A list of names as a mapping. Raises DefinitionError."""
    if not isinstance(node.value, list):
        return node
    for item in node.elements:
        if not isinstance(item.value, str):
            raise fault(f"{dotted(path)}: unexpected type {item.kind}", item)
    return node.with_value({item.text: item.with_value({}) for item in node.elements})


def _last(_: Node, over: Node, __: Path) -> Node:
    return over


def _hosts(base: Node, over: Node, _: Path) -> Node:
    """A host that is there already is not added again."""
    first = _sequence(base)
    present = {_scalar(item) for item in first}
    return over.with_value(first + [item for item in _sequence(over) if _scalar(item) not in present])


def _sequence(node: Node) -> list[Node]:
    """A mapping as a list of `KEY=VALUE`, a string as a list of one."""
    if isinstance(node.value, str):
        return [node]
    if not isinstance(node.value, dict):
        return node.elements
    found: list[Node] = []
    for key, item in node.items.items():
        if item.value is None:
            found.append(item.with_value(key))
        else:
            values = item.elements if isinstance(item.value, list) else [item]
            found += [value.with_value(f"{key}={_scalar(value)}") for value in values]
    return sorted(found, key=lambda item: item.text)


def _scalar(node: Node) -> str:
    return "" if isinstance(node.value, dict | list) else scalar(node)


_LISTS_OF_TEXT = (
    "annotations",
    "deploy.labels",
    "dns",
    "dns_opt",
    "dns_search",
    "env_file",
    "environment",
    "label_file",
    "labels",
    "sysctls",
    "tmpfs",
)

_SPECIAL: PathTable[Callable[[Node, Node, Path], Node]] = PathTable(
    {
        "services.*.build": _builds,
        "services.*.build.args": _sequences,
        "services.*.build.additional_contexts": _sequences,
        "services.*.build.extra_hosts": _hosts,
        "services.*.build.labels": _sequences,
        "services.*.extra_hosts": _hosts,
        **{f"services.*.{key}": _named for key in ("depends_on", "models", "networks")},
        **{f"services.*.{key}": _sequences for key in _LISTS_OF_TEXT},
        **{
            f"services.*.{key}": _last
            for key in ("command", "entrypoint", "healthcheck.test", "logging", "ulimits.*")
        },
        "networks.*.ipam.config": _last,
        "networks.*.labels": _sequences,
        "volumes.*.labels": _sequences,
    }
)
"""Where values are not merged by their kinds. What bake does not look at is merged so far as something could
be refused in it."""


def unique(node: Node, path: Path = ()) -> Node:
    """`node` with of all list elements of the same meaning the last. Raises DefinitionError."""
    identity = _IDENTITY.get(path) if isinstance(node.value, list) else None
    if identity is None:
        return node.mapped(unique, path) if node.items else node
    last = {identity(item, path, index): item for index, item in enumerate(node.elements)}
    return node.with_value(list(last.values()))


def _key(item: Node, path: Path, index: int) -> str:
    if not isinstance(item.value, str):
        raise fault(f"{dotted(path)}.[{index}]: unexpected type {item.kind}", item)
    return item.value.partition("=")[0]


def _env_file(item: Node, path: Path, index: int) -> str:
    named = item.get("path") if isinstance(item.value, dict) else item
    if named is None:
        raise fault(f"environment path attribute {dotted(path)}.[{index}] is missing", item)
    return named.text


def _volume(item: Node, path: Path, index: int) -> str:
    return _mounted(item, f"service volume {dotted(path)}.[{index}]", volume_target)


def _device(item: Node, path: Path, index: int) -> str:
    return _mounted(item, f"service device {dotted(path)}.[{index}]", device_target)


def _mounted(item: Node, what: str, target_of: Callable[[str], str]) -> str:
    """Where a mount goes to; one of neither form is the next stage's to refuse."""
    if isinstance(item.value, str):
        with refused(item):
            return target_of(item.value)
    if not isinstance(item.value, dict):
        return ""
    target = item.get("target")
    if target is None or not isinstance(target.value, str):
        raise fault(f"{what} is missing a mount target", item)
    return target.value


def _file(item: Node, path: Path, index: int) -> str:
    if isinstance(item.value, dict):
        target = item.get("target") or item.get("source")
        return target.text if target else ""
    return _exposed(item, path, index)


def _exposed(item: Node, path: Path, index: int) -> str:
    if isinstance(item.value, str) or (type(item.value) is int and path[-1] == "expose"):
        return str(item.value)
    raise fault(f"{dotted(path)}.[{index}]: unsupported expose value of type {item.kind}", item)


def _port(item: Node, path: Path, index: int) -> str:
    if not isinstance(item.value, dict):
        return _scalar(item)
    if "target" not in item.items:
        raise fault(f"service ports {dotted(path)}.[{index}] is missing a target port", item)
    keys = ("host_ip", "published", "target", "protocol")
    return ":".join(_scalar(item.items[key]) if key in item.items else "" for key in keys)


_IDENTITY: PathTable[Callable[[Node, Path, int], str]] = PathTable(
    {
        **{
            f"services.*.build.{key}": _key
            for key in ("args", "additional_contexts", "platform", "tags", "labels")
        },
        **{
            f"services.*.{key}": _key
            for key in (*_LISTS_OF_TEXT, "cap_add", "cap_drop", "links", "profiles")
            if key != "label_file"
        },
        "services.*.configs": _file,
        "services.*.devices": _device,
        "services.*.env_file": _env_file,
        "services.*.expose": _exposed,
        "services.*.networks.*.aliases": _key,
        "services.*.networks.*.link_local_ips": _key,
        "services.*.ports": _port,
        "services.*.secrets": _file,
        "services.*.volumes": _volume,
        "networks.*.ipam.options": _key,
        "networks.*.labels": _key,
    }
)
"""What tells elements of a list apart, by the list's path."""
