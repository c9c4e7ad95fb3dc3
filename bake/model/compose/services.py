"""A service with a build → a target (ParseCompose of buildx 0.36.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.model.compose import values
from bake.model.compose.nodes import Node, fault, scalar
from bake.model.compose.project import flag, is_external, pair_nodes
from bake.model.compose.quantities import size_of, ulimit
from bake.model.compose.xbake import extended
from bake.model.entries import Attest
from bake.model.held import Held, target_of
from bake.model.secrets import SSH, Secret
from bake.quantities import binary_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bake.model.compose.project import Project
    from bake.model.held import Draft
    from bake.model.target import Target


def target_from(name: str, service: Node, variables: Mapping[str, str | None], project: Project) -> Target:
    """The target of the service `name`, whose environment is `variables`. Raises DefinitionError."""
    build = service.items["build"]
    draft = dict(_held(build))
    _put(draft, "args", _args(build, variables, project))
    _put(draft, "secret", _secrets(build, project))
    draft = extended(draft, build.get("x-bake"))
    _put(draft, "ssh", _sorted_ssh(draft.get("ssh")))
    _put(draft, "target", values.text(build.get("target")))
    image = values.text(service.get("image"))
    if image and "tags" not in draft:
        draft["tags"] = Held((image.value,), (image.marks,))
    return target_of(values.target_name(name), draft, values.mark(service))


def _put(draft: Draft, name: str, held: Held | None) -> None:
    if held is not None:
        draft[name] = held


def _held(build: Node) -> Iterator[tuple[str, Held]]:
    """The fields that each come from one value of a build."""
    for key, (name, read) in _FIELDS.items():
        node = build.get(key)
        held = read(node) if node is not None else None
        if held is not None:
            yield name, held
    attests = [
        (attest, node)
        for key in ("sbom", "provenance")
        if (node := build.get(key)) is not None and (attest := _attest(key, node)) is not None
    ]
    if held := values.listed(attests):
        yield "attest", held


def _texts(node: Node) -> Held | None:
    return values.texts(node.elements)


def _caches(node: Node) -> Held | None:
    return values.caches(node.elements)


def _labels(node: Node) -> Held | None:
    return values.mapped({key: (_text(value), value) for key, value in pair_nodes(node).items()})


def _text(node: Node) -> str:
    return "" if node.value is None else scalar(node)


def _contexts(node: Node) -> Held | None:
    return values.contexts({key: _text(value) for key, value in node.items.items()}, node.items)


def _flag(node: Node) -> Held | None:
    return Held(True, values.mark(node)) if flag(node) else None


def _shm_size(node: Node) -> Held | None:
    try:
        size = size_of(scalar(node))
    except ValueError as exc:
        raise fault(str(exc), node, hint="a size is a number with a unit: `64m`, `1g`") from exc
    return Held(binary_size(size), values.mark(node)) if size > 0 else None


def _ulimits(node: Node) -> Held | None:
    return values.listed((_ulimit(name, limit), limit) for name, limit in node.items.items())


def _ulimit(name: str, node: Node) -> str:
    # a single number is both limits; buildx 0.36.1 makes 0:0 of it
    soft, hard = node.get("soft") or node, node.get("hard") or node
    try:
        return ulimit(name, scalar(soft), scalar(hard))
    except ValueError as exc:
        raise fault(str(exc), node) from exc


def _extra_hosts(node: Node) -> Held | None:
    found: dict[str, tuple[str, Node]] = {}
    for host, addresses, item in _hosts(node):
        if not host or ":" in host or "=" in host:
            raise fault(f"bad host name '{host}'", item)
        before = f"{found[host][0]}," if host in found else ""
        found[host] = before + ",".join(map(_address, addresses)), item
    return values.mapped(found)


def _hosts(node: Node) -> Iterator[tuple[str, list[str], Node]]:
    """Hosts with their addresses; a list may name one several times."""
    for host, item in node.items.items():
        yield host, [scalar(each) for each in item.elements] or [_text(item)], item
    for item in node.elements:
        yield *_host(item), item


def _host(item: Node) -> tuple[str, list[str]]:
    for separator in "=:":
        host, found, addresses = item.text.partition(separator)
        if found:
            return host, addresses.split(",")
    raise fault(f"invalid additional host, missing IP: {item.text}", item, hint="write `HOST=IP`")


def _address(text: str) -> str:
    """Without the brackets of an IPv6 address."""
    return text[1:-1] if len(text) > 2 and text[0] == "[" and text[-1] == "]" else text


def _ssh(node: Node) -> Held | None:
    return values.listed(
        (SSH.trusted(id=key, **({"paths": (path,)} if (path := _text(item)) else {})), item)
        for key, item in node.items.items()
    )


def _sorted_ssh(held: Held | None) -> Held | None:
    if held is None:
        return None
    pairs = sorted(zip(held.value, held.marks, strict=True), key=lambda pair: (pair[0].id, pair[0].paths))
    return Held(tuple(entry for entry, _ in pairs), tuple(mark for _, mark in pairs))


def _attest(key: str, node: Node) -> Attest | None:
    try:
        return Attest.shorthand(key, node.text)
    except ValueError as exc:
        raise fault(str(exc), node) from exc


_FIELDS: Mapping[str, tuple[str, Callable[[Node], Held | None]]] = {
    "context": ("context", values.text),
    "dockerfile": ("dockerfile", values.text),
    "dockerfile_inline": ("dockerfile_inline", values.text),
    "additional_contexts": ("contexts", _contexts),
    "labels": ("labels", _labels),
    "tags": ("tags", _texts),
    "cache_from": ("cache_from", _caches),
    "cache_to": ("cache_to", _caches),
    "network": ("network", values.text),
    "platforms": ("platforms", _texts),
    "ssh": ("ssh", _ssh),
    "shm_size": ("shm_size", _shm_size),
    "ulimits": ("ulimits", _ulimits),
    "extra_hosts": ("extra_hosts", _extra_hosts),
    "no_cache": ("no_cache", _flag),
    "pull": ("pull", _flag),
}
"""What a build's keys are to a target. `entitlements`, `privileged`, `isolation` and `no_cache_filter`
are nothing to buildx 0.36.1."""


def _args(build: Node, variables: Mapping[str, str | None], project: Project) -> Held | None:
    """Arguments; one without a value takes it from the service's environment, then from outside."""
    found: dict[str, tuple[str, Node]] = {}
    for key, node in pair_nodes(build.get("args")).items():
        given = scalar(node) if node.value is not None else variables.get(key)
        value = project.variables.get(key) if given is None else given
        if value is not None:
            found[key] = (value, node)
    return values.mapped(found)


def _secrets(build: Node, project: Project) -> Held | None:
    mounts = build.get("secrets")
    return values.listed((_secret(node, project), node) for node in mounts.elements) if mounts else None


def _secret(mount: Node, project: Project) -> Secret:
    source = _text(mount.items["source"]) if "source" in mount.items else ""
    secret = project.secrets.get(source)
    if secret is not None and is_external(secret):
        name = secret.get("name")
        raise fault(f"unsupported external secret {name.text if name else source}", mount)
    given = {"id": source}
    for key, field in (("file", "src"), ("environment", "env")):
        node = secret.get(key) if secret else None
        if node is not None and node.text:
            given[field] = node.text
    return Secret.trusted(**{key: value for key, value in given.items() if value})
