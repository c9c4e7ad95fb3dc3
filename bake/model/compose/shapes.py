"""The shape of a compose model, so far as bake looks at it: the JSON Schema of the Compose Specification.

`check` gives the faults, those deepest in the model first; of alternatives that all fail the fault
that is deepest speaks. Wording is that of compose-go 2.13 (schema/schema.go).
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bake.goquote import quoted
from bake.model.compose.nodes import Node, dotted, fault
from bake.record import record
from bake.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.errors import DefinitionError
    from bake.model.compose.nodes import Path


@record
class Plain:
    """A scalar of one of these JSON types."""

    types: tuple[str, ...]


@record
class ListOf:
    element: Shape
    distinct: bool = False


@record
class MapOf:
    """A mapping: the known keys, or any key that matches `pattern`. Others are faults unless `open`."""

    keys: Mapping[str, Shape] = field(default_factory=dict)
    pattern: str = "x-"
    value: Shape | None = None
    required: tuple[str, ...] = ()
    open: bool = False


@record
class OneOf:
    shapes: tuple[Shape, ...]


Shape: TypeAlias = Plain | ListOf | MapOf | OneOf


class _Fault(NamedTuple):
    depth: int
    error: DefinitionError


def check(node: Node, shape: Shape) -> list[DefinitionError]:
    """The faults of `node`."""
    found = _faults(node, shape, ())
    return [each.error for each in sorted(found, key=lambda each: -each.depth)]


def _faults(node: Node, shape: Shape, path: Path) -> list[_Fault]:
    match shape:
        case Plain(types=types):
            return [] if _is_any(node, types) else [_wrong(node, path, types)]
        case ListOf():
            return _list_faults(node, shape, path)
        case MapOf():
            return _map_faults(node, shape, path)
        case OneOf(shapes=shapes):
            return _alternatives(node, shapes, path)


def _list_faults(node: Node, shape: ListOf, path: Path) -> list[_Fault]:
    if not isinstance(node.value, list):
        return [_wrong(node, path, ("array",))]
    found = [] if not shape.distinct else list(_repeated(node, path))
    for index, item in enumerate(node.elements):
        found += _faults(item, shape.element, (*path, str(index)))
    return found


def _repeated(node: Node, path: Path) -> Iterable[_Fault]:
    first: dict[object, int] = {}
    for index, item in enumerate(node.elements):
        if isinstance(item.value, dict | list):
            continue
        before = first.setdefault((type(item.value), item.value), index)
        if before != index:
            yield _fault(path, f"items at {before} and {index} are equal", item)


def _map_faults(node: Node, shape: MapOf, path: Path) -> list[_Fault]:
    if not isinstance(node.value, dict):
        return [_wrong(node, path, ("object",))]
    found: list[_Fault] = []
    missing = [quoted(key).replace('"', "'") for key in shape.required if key not in node.items]
    if missing:
        plural = "properties" if len(missing) > 1 else "property"
        found.append(_fault(path, f"missing {plural} {', '.join(missing)}", node))
    for key, item in node.items.items():
        if key in shape.keys:
            found += _faults(item, shape.keys[key], (*path, key))
        elif re.match(shape.pattern, key):
            found += _faults(item, shape.value, (*path, key)) if shape.value else []
        elif not shape.open:
            found.append(_unknown(key, item, shape, path))
    return found


def _alternatives(node: Node, shapes: tuple[Shape, ...], path: Path) -> list[_Fault]:
    tried = [_faults(node, shape, path) for shape in shapes]
    if not all(tried):
        return []
    return max(tried, key=lambda faults: max(each.depth for each in faults))


_JSON_TYPES = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def _is_any(node: Node, types: tuple[str, ...]) -> bool:
    if isinstance(node.value, bool):
        return "boolean" in types
    if isinstance(node.value, float) and node.value.is_integer() and "integer" in types:
        return True
    return any(type(node.value) in _JSON_TYPES.get(name, ()) for name in types)


def _wrong(node: Node, path: Path, types: tuple[str, ...]) -> _Fault:
    names = sorted("mapping" if name == "object" else name for name in types)
    wanted = " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return _fault(path, f"must be a {wanted}", node)


def _unknown(key: str, item: Node, shape: MapOf, path: Path) -> _Fault:
    from difflib import get_close_matches

    close = get_close_matches(key, shape.keys, 1)
    hint = f"did you mean `{close[0]}`?" if close else None
    error = fault(f"{dotted(path)} additional properties '{key}' not allowed", _key(key, item), hint=hint)
    return _Fault(len(path) + 1, error)


def _key(key: str, item: Node) -> Node:
    """The key, which stands before its value; the value where it is written otherwise (quoted, merged)."""
    source = item.span.source
    at = source.text.rfind(key, 0, item.span.start)
    return item if at < 0 else replace(item, span=Span(source, at, at + len(key)))


def _fault(path: Path, problem: str, node: Node) -> _Fault:
    return _Fault(len(path), fault(f"{dotted(path)} {problem}", node))


_TEXT = Plain(("string",))
_FLAG = Plain(("boolean", "string"))
_WHOLE = Plain(("integer", "string"))
_TEXTS = ListOf(_TEXT)
_PAIRS = OneOf(
    (
        MapOf(pattern=".", value=Plain(("string", "number", "boolean", "null"))),
        ListOf(_TEXT, distinct=True),
    )
)
_HOSTS = OneOf(
    (MapOf(pattern=".", value=OneOf((_TEXT, _TEXTS))), ListOf(_TEXT, distinct=True)),
)
_ULIMITS = MapOf(
    pattern=r"[a-z]+\Z",
    value=OneOf((_WHOLE, MapOf({"hard": _WHOLE, "soft": _WHOLE}, required=("soft", "hard")))),
    open=True,
)
_SECRET_MOUNTS = ListOf(
    OneOf(
        (
            _TEXT,
            MapOf(
                {
                    **dict.fromkeys(("source", "target", "uid", "gid"), _TEXT),
                    "mode": Plain(("number", "string")),
                }
            ),
        )
    )
)
_BUILD = OneOf(
    (
        _TEXT,
        MapOf(
            {
                **dict.fromkeys(("context", "dockerfile", "dockerfile_inline", "network", "target"), _TEXT),
                **dict.fromkeys(("args", "ssh", "labels", "additional_contexts"), _PAIRS),
                **dict.fromkeys(("cache_from", "cache_to", "entitlements", "tags", "platforms"), _TEXTS),
                **dict.fromkeys(("no_cache", "pull", "privileged", "provenance", "sbom"), _FLAG),
                "no_cache_filter": OneOf((_TEXT, ListOf(_TEXT, distinct=True))),
                "isolation": _TEXT,
                "shm_size": _WHOLE,
                "extra_hosts": _HOSTS,
                "secrets": _SECRET_MOUNTS,
                "ulimits": _ULIMITS,
            }
        ),
    )
)
_ENV_FILES = ListOf(
    OneOf((_TEXT, MapOf({"path": _TEXT, "format": _TEXT, "required": _FLAG}, "(?!)", required=("path",))))
)
_SERVICE = MapOf(
    {"image": _TEXT, "build": _BUILD, "environment": _PAIRS, "env_file": OneOf((_TEXT, _ENV_FILES))}
)
_SECRET = MapOf(
    {
        **dict.fromkeys(("name", "environment", "file", "driver", "template_driver"), _TEXT),
        "external": OneOf((_FLAG, MapOf({"name": _TEXT}, open=True))),
        "labels": _PAIRS,
        "driver_opts": MapOf(pattern=".", value=Plain(("string", "number")), open=True),
    }
)
_NAMES = r"[a-zA-Z0-9._-]+\Z"

MODEL = MapOf(
    {"services": MapOf(pattern=_NAMES, value=_SERVICE), "secrets": MapOf(pattern=_NAMES, value=_SECRET)}
)
"""The part of a compose model that bake reads."""
