"""What `--print` and `--list` show, character for character as buildx 0.36.1 does.

Fields are printed in the order of `bake.model.fields`, names in the order of their bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.model import gojson
from bake.model.fields import FIELDS

if TYPE_CHECKING:
    from bake.model.fields import Field
    from bake.model.target import Definition, Group, Target


def encode(definition: Definition) -> str:
    """The definition as JSON, without a line end behind it."""
    printed: dict[str, Any] = {}
    if definition.groups:
        printed["group"] = {name: _group(group) for name, group in sorted(definition.groups.items())}
    printed["target"] = {name: printed_target(target) for name, target in sorted(definition.targets.items())}
    return gojson.indented(printed)


def printed_target(target: Target) -> dict[str, Any]:
    """The object that `--print` shows of a target."""
    given, values = target.model_fields_set, target.__dict__
    return {
        field.name: _printed(field, values[attribute])
        for attribute, field in FIELDS.items()
        if attribute in given and not (field.omit_empty and not values[attribute])
    }


def _printed(field: Field, value: Any) -> Any:
    printed = field.kind.printed(value)
    return _escaped(printed) if field.escaped else printed


def _escaped(value: Any) -> Any:
    """`value` with templates' markers doubled, so that reading the print again gives the same text."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{") if "{" in value else value
    if isinstance(value, dict):
        return {key: _escaped(text) for key, text in value.items()}
    return [_escaped(text) for text in value]


def _group(group: Group) -> dict[str, Any]:
    description = {"description": group.description} if group.description else {}
    return {**description, "targets": list(group.targets)}
