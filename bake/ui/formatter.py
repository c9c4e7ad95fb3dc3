"""Docker's `--format`: rows as a table, as JSON, or through a Go template.

Takes rows and a format, gives text. `json` is one document a line; `table TEMPLATE` sets the template's
columns under their headings; anything else is a template for each row (cli/command/formatter, 28.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake import gojson, tabwriter
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

TABLE = "table"
JSON = "json"
JSON_TEMPLATE = "{{json .}}"


@record
class Row:
    """One row: what templates see of it, and what `json` makes of the whole."""

    fields: Mapping[str, Any]
    document: Mapping[str, Any]


def is_table(form: str) -> bool:
    return form.startswith(TABLE)


def formatted(form: str, rows: Iterable[Row], headings: Mapping[str, str]) -> str:
    """`rows` in the format `form`. Raises UsageError for a template that is none."""
    if form.strip() in (JSON, JSON_TEMPLATE):
        return "".join(f"{gojson.compact(row.document)}\n" for row in rows)
    template = _template(form)
    render = _simple(template) or _templated(template)
    lines = [render(row) for row in rows]
    if not is_table(form):
        return "".join(f"{line}\n" for line in lines)
    heading = render(Row(headings, headings))
    return tabwriter.aligned("".join(f"{line}\n" for line in (heading, *lines)), tabwriter.TABLE)


def _template(form: str) -> str:
    return form.removeprefix(TABLE).strip(" ").replace("\\t", "\t").replace("\\n", "\n")


def _simple(template: str) -> Callable[[Row], str] | None:
    """For templates that are only fields between tabs, as the commands' own are: no parser is needed."""
    names = template.split("\t")
    if not all(name.startswith("{{.") and name.endswith("}}") for name in names):
        return None
    keys = [name[3:-2] for name in names]
    if not all(key.isidentifier() for key in keys):
        return None

    def render(row: Row) -> str:
        if all(isinstance(row.fields.get(key), str | bool) for key in keys):
            return "\t".join(_word(row.fields[key]) for key in keys)
        return _templated(template)(row)

    return render


def _word(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _templated(template: str) -> Callable[[Row], str]:
    from bake.ui.gotemplate import compact_json, render

    def one(row: Row) -> str:
        def json(value: Any) -> str:
            whole = isinstance(value, dict) and value == row.fields
            return gojson.compact(row.document) if whole else compact_json(value)

        return render(template, row.fields, json=json)

    return one
