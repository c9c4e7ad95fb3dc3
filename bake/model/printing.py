"""What `--print` and `--list` show, character for character as buildx 0.36.1 does.

Fields are printed in the order of `bake.model.fields`, names in the order of their bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bake import gojson, tabwriter
from bake.errors import UsageError
from bake.evaluate.convert import convert
from bake.evaluate.jsonvalue import to_json
from bake.evaluate.types import STRING, Primitive, constraint_name
from bake.goquote import quoted
from bake.model import csvvalue
from bake.model.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.evaluate.config import Variable
    from bake.evaluate.types import Type
    from bake.evaluate.values import Value
    from bake.model.fields import Field
    from bake.model.target import Definition, Group, Target


def encode(definition: Definition) -> str:
    """The definition as JSON, without a line end behind it."""
    return gojson.indented(document(definition))


def document(definition: Definition) -> dict[str, Any]:
    """What is printed of the definition: `group`, left out where there is none, and `target`."""
    printed: dict[str, Any] = {}
    if definition.groups:
        printed["group"] = {name: _group(group) for name, group in sorted(definition.groups.items())}
    printed["target"] = {name: printed_target(target) for name, target in sorted(definition.targets.items())}
    return printed


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


class ListFormat(NamedTuple):
    """`--list`'s text, read: `type` is targets or variables, `format` table or json."""

    type: str
    format: str


def parse_list(text: str) -> ListFormat:
    """What `--list` asks for (`targets`, `type=variables,format=json`); UsageError for anything else."""
    found = {"type": "", "format": ""}
    try:
        fields = csvvalue.fields(text)
        if fields == [text] and not text.startswith("type="):
            fields = [f"type={text}"]
        for field in fields:
            key, separator, value = field.partition("=")
            if not separator:
                raise ValueError(f"invalid value {field}")
            key = key.lower().strip()
            if key not in found:
                raise ValueError(f"unexpected key '{key}' in '{field}'")
            found[key] = value
    except ValueError as exc:
        raise UsageError(str(exc), hint=_LIST_HINT) from exc
    if found["type"] not in ("targets", "variables"):
        raise UsageError(f"invalid list type {quoted(found['type'])}", hint=_LIST_HINT)
    format_ = found["format"] or "table"
    if format_ not in ("table", "json"):
        raise UsageError(f"invalid list format {quoted(format_)}", hint=_LIST_HINT)
    return ListFormat(found["type"], format_)


_LIST_HINT = "`--list` takes targets or variables, or `type=…,format=table|json`"


def encode_list(definition: Definition, wanted: ListFormat) -> str:
    """The targets and groups, or the variables, of a definition of which nothing is selected."""
    rows = _variables(definition) if wanted.type == "variables" else _targets(definition)
    if wanted.format == "json":
        # nil slices in the reference: no targets at all, and variables where all files are compose's
        is_slice = wanted.type == "variables" and definition.variables is not None
        return gojson.indented(rows if rows or is_slice else None)
    if wanted.type == "targets":
        header, cells = ("TARGET", "DESCRIPTION"), [(row["name"], row.get("description", "")) for row in rows]
        return _table(header, cells)
    return _table(
        ("VARIABLE", "TYPE", "VALUE", "DESCRIPTION"),
        [
            (row["name"], row.get("type", ""), row.get("value", "<null>"), row.get("description", ""))
            for row in rows
        ],
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return tabwriter.aligned("\n".join("\t".join(row) for row in (header, *rows)))


def _targets(definition: Definition) -> list[dict[str, Any]]:
    """Targets and groups by name, but for private ones (`_…`); one name may be both's."""
    rows: list[dict[str, Any]] = [
        {"name": target.name, "description": target.description} for target in definition.targets.values()
    ]
    for group in (*definition.groups.values(), *definition.hidden):
        members = ", ".join(sorted(group.targets))
        both = f"{group.description} ({members})" if group.description and members else ""
        description = both or group.description or members
        rows.append({"name": group.name, "description": description, "group": True})
    from bake.model.gosort import go_sorted  # who prints does not list

    shown = (row for row in go_sorted(rows, lambda row: row["name"]) if not row["name"].startswith("_"))
    return [{key: value for key, value in row.items() if value} for row in shown]


def _variables(definition: Definition) -> list[dict[str, Any]]:
    return [
        _variable(variable) for variable in sorted(definition.variables or (), key=lambda each: each.name)
    ]


def _variable(variable: Variable) -> dict[str, Any]:
    row: dict[str, Any] = {"name": variable.name}
    if variable.description:
        row["description"] = variable.description
    if variable.type:
        row["type"] = constraint_name(variable.type)
    if not variable.value.is_null:
        row["value"] = _value_text(variable.value, variable.type)
    return row


def variable_text(variable: Variable) -> str:
    """A variable's value as `--list=variables` shows it, "" for null."""
    return str(_variable(variable).get("value", ""))


def _value_text(value: Value, declared: Type | None) -> str:
    if declared == STRING:
        return to_json(value).strip('"')
    if declared is None and isinstance(value.type, Primitive):
        return str(convert(value, STRING).raw)
    return to_json(value)
