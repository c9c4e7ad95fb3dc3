"""Writes `schemas/` anew from the code; `--check` only says whether it is fresh."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from bake.model.compose.json_schema import compose_schema
from bake.model.json_schema import DRAFT, definition_schema
from bake.result import metadata, metadata_form
from bake.ui.events import RECORDS
from bake.ui.report import Report

FOLDER = Path(__file__).resolve().parents[1] / "schemas"
FILE = FOLDER / "bake.schema.json"
PROGRESS = FOLDER / "progress.schema.json"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def text() -> str:
    """What the schema of bake files should be."""
    return _encoded(definition_schema())


def progress_text() -> str:
    """What the schema of `--progress=json` should be: that of one line."""
    title = "A line of pybake's --progress=json"
    return _encoded({"$schema": DRAFT, "title": title, "oneOf": [schema_of(one) for one in RECORDS]})


def compose_text() -> str:
    """What the schema of bake files in YAML should be."""
    return _encoded(compose_schema())


def diagnostics_text() -> str:
    """What the schema of `--diagnostics=json` should be."""
    title = "What pybake writes with --diagnostics=json"
    return _encoded({"$schema": DRAFT, **schema_of(Report), "title": title})


def metadata_text() -> str:
    """What the schema of metadata files should be: targets by name, and the warnings."""
    target = {**schema_of(metadata_form.Target), "additionalProperties": True}
    provenance = {"description": "The provenance for one platform.", "type": "object"}
    return _encoded(
        {
            "$schema": DRAFT,
            "title": "pybake's metadata file",
            "type": "object",
            "properties": {
                metadata.WARNINGS_KEY: {"type": "array", "items": schema_of(metadata_form.Warning)}
            },
            "additionalProperties": {
                **target,
                "patternProperties": {r"^buildx\.build\.provenance/": provenance},
            },
        }
    )


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a type: a TypedDict, a list, a Literal, a plain type; `Annotated` describes it."""
    if get_origin(kind) is Annotated:
        inner, description = get_args(kind)
        return {"description": description, **schema_of(inner)}
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))} if len(get_args(kind)) > 1 else {"const": get_args(kind)[0]}
    if get_origin(kind) is dict:
        return {"type": "object"}
    if get_origin(kind) is list:
        return {"type": "array", "items": schema_of(get_args(kind)[0])}
    return _record(kind) if is_typeddict(kind) else {"type": _PLAIN[kind]}


def _record(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    optional = {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is NotRequired}
    return {
        "title": kind.__name__,
        "description": (kind.__doc__ or "").strip(),
        "type": "object",
        "properties": {name: schema_of(optional.get(name, hint)) for name, hint in hints.items()},
        "required": [name for name in hints if name not in optional],
        "additionalProperties": False,
    }


def _encoded(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


SCHEMAS = {
    "bake.schema.json": text,
    "compose.schema.json": compose_text,
    "diagnostics.schema.json": diagnostics_text,
    "metadata.schema.json": metadata_text,
    "progress.schema.json": progress_text,
}
"""File → what writes it."""


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        return int(any((FOLDER / name).read_text() != write() for name, write in SCHEMAS.items()))
    for name, write in SCHEMAS.items():
        (FOLDER / name).write_text(write())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
