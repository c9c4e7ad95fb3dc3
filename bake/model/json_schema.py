"""The JSON Schema of bake files in JSON and TOML, made from the table of fields.

HCL has no schema language; its attributes are the same. Strings may be templates anywhere, so that every
place takes one. Unknown attributes are refused here, as `--strict` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.model.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEMPLATE = {"type": "string", "pattern": r"[$%]\{"}
"""A string with an expression in it, which may give a value of any type."""
_ANY: Mapping[str, Any] = {}
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def definition_schema() -> dict[str, Any]:
    """The schema of a whole file."""
    blocks = {"target": _target(), "group": _group(), "variable": _variable(), "function": _function()}
    return {
        "$schema": DRAFT,
        "title": "pybake's bake file",
        "type": "object",
        "properties": {
            name: {"type": "object", "additionalProperties": _one_or_more(block)}
            for name, block in blocks.items()
        },
    }


def _one_or_more(block: Mapping[str, Any]) -> dict[str, Any]:
    """A label may hold one block or a list of them."""
    return {"anyOf": [block, {"type": "array", "items": block}]}


def _object(properties: Mapping[str, Any], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    closed: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**closed, "required": list(required)} if required else closed


def _or_template(schema: Mapping[str, Any]) -> dict[str, Any]:
    return dict(schema) if schema.get("type") == "string" else {"anyOf": [dict(schema), TEMPLATE]}


def _target() -> dict[str, Any]:
    fields = {
        field.name: {"description": field.description, **_or_template(field.kind.json_schema)}
        for field in FIELDS.values()
    }
    matrix = {"description": "Values to multiply the target by.", **_or_template({"type": "object"})}
    name = {"description": "What a member of the matrix is called.", **_TEXT}
    return _object({**fields, "matrix": matrix, "name": name})


def _group() -> dict[str, Any]:
    members = {"description": "The names of targets and groups.", **_or_template(_TEXTS)}
    return _object({"description": _TEXT, "targets": members, "matrix": {"type": "object"}, "name": _TEXT})


def _variable() -> dict[str, Any]:
    rule = _object({"condition": _ANY, "error_message": _TEXT}, required=("condition",))
    return _object({"default": _ANY, "type": _TEXT, "description": _TEXT, "validation": _one_or_more(rule)})


def _function() -> dict[str, Any]:
    return _object({"params": _TEXTS, "variadic_params": _TEXT, "result": _ANY}, required=("result",))
