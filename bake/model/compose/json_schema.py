"""The JSON Schema of bake files in YAML: compose files, as far as bake reads them, with `x-bake`.

Made from the shape that compose files are checked against. Interpolated texts may stand for other types; what
bake does not read is left to Compose's own schema.
"""

from __future__ import annotations

from typing import Any

from bake.model.compose.shapes import MODEL, ListOf, MapOf, OneOf, Plain, Shape
from bake.model.compose.xbake import FLAGS, KEYS, MAPS
from bake.model.json_schema import DRAFT

_TEXTS = ListOf(Plain(("string",)))
_WORDS = OneOf((Plain(("string",)), _TEXTS))
_FLAG = Plain(("boolean", "string"))
_MAP = MapOf(pattern=".", value=Plain(("string", "number", "boolean", "null")))


def compose_schema() -> dict[str, Any]:
    """The schema of a compose file that bake reads."""
    schema = _schema(MODEL)
    (service,) = schema["properties"]["services"]["patternProperties"].values()
    # services and the whole have much that bake does not look at
    schema["additionalProperties"] = service["additionalProperties"] = True
    build = next(one for one in service["properties"]["build"]["anyOf"] if one["type"] == "object")
    build["properties"]["x-bake"] = {
        "description": "What a build has for bake alone.",
        **_schema(MapOf({key: _of_x_bake(key) for key in KEYS})),
    }
    return {"$schema": DRAFT, "title": "pybake's bake file, as a compose file", **schema}


def _of_x_bake(key: str) -> Shape:
    return _FLAG if key in FLAGS else _MAP if key in MAPS else _WORDS


def _schema(shape: Shape) -> dict[str, Any]:
    match shape:
        case Plain(types=types):
            return {"type": types[0] if len(types) == 1 else list(types)}
        case ListOf(element=element, distinct=distinct):
            return {"type": "array", "items": _schema(element), **({"uniqueItems": True} if distinct else {})}
        case OneOf(shapes=shapes):
            return {"anyOf": [_schema(one) for one in shapes]}
        case MapOf():
            return _map(shape)


def _map(shape: MapOf) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object"}
    if shape.keys:
        found["properties"] = {key: _schema(value) for key, value in shape.keys.items()}
    pattern = "^" + shape.pattern.replace("\\Z", "$")
    found["patternProperties"] = {pattern: _schema(shape.value) if shape.value else {}}
    if shape.required:
        found["required"] = list(shape.required)
    return {**found, "additionalProperties": shape.open}
