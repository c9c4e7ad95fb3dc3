"""Diagnostics in the forms of `--diagnostics`: for people, programs, GitHub's annotations, code scanning.

Takes diagnostics, gives text. A form is a row in `FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.diagnostic import Severity, place_of
from bake.ui.snippets import render_diagnostic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.diagnostic import Diagnostic


def text(found: Sequence[Diagnostic]) -> str:
    """For people: each with the lines it is about."""
    return "\n".join(map(render_diagnostic, found))


def github(found: Sequence[Diagnostic]) -> str:
    """GitHub's workflow commands, one a line: `::error file=…,line=…,col=…,endLine=…,title=…::message`."""
    return "".join(f"{_command(one)}\n" for one in found)


def _command(one: Diagnostic) -> str:
    properties: dict[str, object] = {}
    if one.span is not None:
        place = place_of(one.span)
        properties |= {"file": place.file, "line": place.line, "endLine": place.end_line}
        # GitHub takes columns only of ranges within one line
        if place.column is not None and place.end_column is not None and place.line == place.end_line:
            properties |= {"col": place.column, "endColumn": max(place.column, place.end_column - 1)}
    properties["title"] = f"{one.summary} ({one.code})"
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    message = "\n".join(filter(None, (one.detail, one.hint))) or one.summary
    return f"::{one.severity.value} {given}::{_data(message)}"


def _data(value: str) -> str:
    """What a message may not hold as it is (@actions/core, command.ts)."""
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _json(found: Sequence[Diagnostic]) -> str:
    from bake.ui.report import report

    return report(found)


def _sarif(found: Sequence[Diagnostic]) -> str:
    from bake.ui.sarif import sarif

    return sarif(found)


TEXT = "text"
FORMATS: Mapping[str, Callable[[Sequence[Diagnostic]], str]] = {
    TEXT: text,
    "json": _json,
    "github": github,
    "sarif": _sarif,
}
"""What `--diagnostics` takes."""


def summed_up(found: Sequence[Diagnostic], targets: int) -> str:
    """The last line for people: how many faults there are in how many targets."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    counts = [_count(errors, "error"), _count(len(found) - errors, "warning")]
    told = ", ".join(filter(None, counts)) or "no faults"
    return f"{told} in {_count(targets, 'target')}" if targets else told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
