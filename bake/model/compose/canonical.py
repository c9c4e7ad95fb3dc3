"""Values that may be written in several ways → the one way (compose-go 2.13, transform and paths).

Relative paths are joined to the folder that the file is in, which is "" for the files that were asked
for: theirs stay relative to the working directory.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bake.goquote import quoted
from bake.model.compose import files
from bake.model.compose.merge import named
from bake.model.compose.nodes import Node, PathTable, dotted, fault, go_text, refused
from bake.model.compose.specs import check_device, check_port, volume_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.compose.nodes import Path


def canonical(node: Node, path: Path = ()) -> Node:
    """`node` in compose's long syntax. Raises DefinitionError."""
    rewrite = _REWRITES.get(path)
    if rewrite:
        node = rewrite(node, path)
    return node.mapped(canonical, path)


def _build(node: Node, path: Path) -> Node:
    if isinstance(node.value, str):
        return node.with_value({"context": node})
    if not isinstance(node.value, dict):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for build", node)
    return node


def _mount(node: Node, path: Path) -> Node:
    if isinstance(node.value, str):
        return node.with_value({"source": node})
    if not isinstance(node.value, dict):
        raise fault(f"{dotted(path)}: unsupported type {node.kind}", node)
    return node


def _text(node: Node, _: Path) -> Node:
    return node if isinstance(node.value, dict | list) else node.with_value(go_text(node.value))


def _pairs(node: Node, path: Path) -> Node:
    """A list of `KEY=VALUE` as a mapping."""
    if isinstance(node.value, dict):
        return node
    if not isinstance(node.value, list):
        raise fault(f"{dotted(path)}: invalid type {node.kind}", node)
    found: dict[str, Node] = {}
    for item in node.elements:
        key, separator, value = item.text.partition("=")
        if not separator:
            shown = item.text or item.kind
            raise fault(f"{dotted(path)}: invalid value {shown}, expected key=value", item)
        found[key] = item.with_value(value)
    return node.with_value(found)


def _ssh(node: Node, path: Path) -> Node:
    if isinstance(node.value, dict):
        return node
    if not isinstance(node.value, list):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for ssh", node)
    return node.with_value(dict(_ssh_key(item) for item in node.elements))


def _ssh_key(item: Node) -> tuple[str, Node]:
    if not isinstance(item.value, str):
        raise fault(f"invalid ssh key type {item.kind}", item)
    key, separator, path = item.value.partition("=")
    if not separator and key != "default":
        hint = "write `ID=PATH`, or `default` for $SSH_AUTH_SOCK"
        raise fault(f"invalid ssh key {quoted(item.value)}", item, hint=hint)
    return key, item.with_value(path if separator else None)


def _ulimit(node: Node, path: Path) -> Node:
    if isinstance(node.value, dict) or type(node.value) is int:
        return node
    raise fault(f"{dotted(path)}: invalid type {node.kind} for external", node)


def _env_files(node: Node, path: Path) -> Node:
    if isinstance(node.value, str):
        return node.with_value([_env_file(node)])
    if not isinstance(node.value, list):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for env_file", node)
    return node.with_value([_env_file(item) for item in node.elements])


def _env_file(node: Node) -> Node:
    required = node.with_value(True)
    if isinstance(node.value, str):
        return node.with_value({"path": node, "required": required})
    return node.with_value({"required": required, **node.items}) if node.items else node.with_value(None)


def _external(node: Node, path: Path) -> Node:
    """`external: {name: x}` is an old way to say `external: true` and `name: x`."""
    external, name = node.get("external"), node.get("name")
    if external is None or not isinstance(external.value, dict):
        return node
    old = external.get("name")
    if old and name and old.value != name.value:
        raise fault(f"{dotted(path)}: name and external.name conflict; only use name", old)
    names = {"name": old} if old and not name else {}
    return node.with_items({"external": external.with_value(True), **names})


def _ports(node: Node, path: Path) -> Node:
    if not isinstance(node.value, list):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for port", node)
    for item in node.elements:
        if isinstance(item.value, bool) or not isinstance(item.value, str | int | dict):
            raise fault(f"{dotted(path)}: invalid type {item.kind} for port", item)
        if not isinstance(item.value, dict):
            with refused(item):
                check_port(str(item.value))
    return node


def _volume(node: Node, path: Path) -> Node:
    source, kind = node.get("source"), node.get("type")
    if source is None and kind is not None and kind.value == "bind":
        raise fault('invalid mount config for type "bind": field Source must not be empty', node)
    return _short(node, path, volume_target)


def _device(node: Node, path: Path) -> Node:
    return _short(node, path, check_device)


def _short(node: Node, path: Path, check: Callable[[str], object]) -> Node:
    """A mapping, or a text that `check` takes."""
    if isinstance(node.value, str):
        with refused(node):
            check(node.value)
    elif not isinstance(node.value, dict):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for service volume mount", node)
    return node


def _depends_on(node: Node, path: Path) -> Node:
    if not isinstance(node.value, dict | list):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for depend_on", node)
    for key, item in node.items.items():
        if not isinstance(item.value, dict):
            found = " ".join(f"{each}:{value.text or value.kind}" for each, value in node.items.items())
            raise fault(f"{dotted((*path, key))}: unsupported value map[{found}]", item)
    return named(node, path)


def _gpus(node: Node, path: Path) -> Node:
    if isinstance(node.value, str):
        return node.with_value([node.with_value({"count": node.with_value("all")})])
    if not isinstance(node.value, list):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for gpus", node)
    return node


def _device_request(node: Node, path: Path) -> Node:
    if not isinstance(node.value, dict):
        raise fault(f"{dotted(path)}: invalid type {node.kind} for device request", node)
    return node


def _listed(node: Node, _: Path) -> Node:
    return node.with_value([node]) if isinstance(node.value, str) else node


def _resource(node: Node, path: Path) -> Node:
    if not isinstance(node.value, dict | None):
        raise fault(f"{dotted(path)} must be a mapping", node)
    return _external(node, path)


_REWRITES: PathTable[Callable[[Node, Path], Node]] = PathTable(
    {
        "services.*.build": _build,
        "services.*.build.secrets.[]": _mount,
        "services.*.build.provenance": _text,
        "services.*.build.sbom": _text,
        "services.*.build.additional_contexts": _pairs,
        "services.*.build.ssh": _ssh,
        "services.*.build.ulimits.*": _ulimit,
        "services.*.depends_on": _depends_on,
        "services.*.develop.watch.[].ignore": _listed,
        "services.*.develop.watch.[].include": _listed,
        "services.*.deploy.resources.reservations.devices.*": _device_request,
        "services.*.devices.*": _device,
        "services.*.dns": _listed,
        "services.*.env_file": _env_files,
        "services.*.gpus": _gpus,
        "services.*.gpus.*": _device_request,
        "services.*.label_file": _listed,
        "services.*.models": named,
        "services.*.networks": named,
        "services.*.ports": _ports,
        "services.*.ulimits.*": _ulimit,
        "services.*.volumes.*": _volume,
        **{f"services.*.{key}.*": _mount for key in ("secrets", "configs")},
        **{f"{key}.*": _resource for key in ("volumes", "networks", "secrets", "configs")},
    }
)


def with_default_contexts(node: Node) -> Node:
    """The model with the context `.` for each build that has none."""
    services = node.get("services")
    if services is None or not services.items:
        return node
    return node.with_items({"services": services.mapped(_default_context, ())})


def _default_context(service: Node, _: Path) -> Node:
    build = service.get("build")
    if build is None or not isinstance(build.value, dict) or "context" in build.items:
        return service
    return service.with_items({"build": build.with_items({"context": build.with_value(".")})})


def with_paths(node: Node, path: Path = (), *, folder: str, home: str) -> Node:
    """The model with its relative paths joined to `folder`, `~` being `home`."""
    rule = _PATHS.get(path)
    if rule is None:
        return node.mapped(partial(with_paths, folder=folder, home=home), path)
    if not isinstance(node.value, str) or not rule(node.value):
        return node
    return node.with_value(_joined(folder, home, node.value))


def _joined(folder: str, home: str, text: str) -> str:
    if text.startswith("~"):
        text = files.join(home, text[1:])
    if not text or text.startswith("/"):
        return text
    return files.join(folder, text)


_REMOTE = ("service:", "https://", "http://", "git://", "ssh://", "github.com/", "git@")


def _is_path(_: str) -> bool:
    return True


def _is_local_context(text: str) -> bool:
    return "://" not in text and not text.startswith(_REMOTE)


def _is_unix_path(text: str) -> bool:
    """A path of another system (`C:\\x`) is left alone."""
    return not (text[1:2] == ":" and text[:1].isalpha() and text[2:3] in ("\\", "/"))


_PATHS: PathTable[Callable[[str], bool]] = PathTable(
    {
        "services.*.build.context": _is_local_context,
        "services.*.build.additional_contexts.*": _is_local_context,
        "services.*.build.ssh.*": _is_unix_path,
        "services.*.env_file.[].path": _is_path,
        "services.*.extends.file": _is_path,
        "secrets.*.file": _is_unix_path,
    }
)
"""Which texts are paths, and which of those are to be joined."""
