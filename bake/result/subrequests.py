"""What a call (`check`, `outline`, `targets`) found, as text and exit code, in buildx's words (0.36.1).

Takes the frontend's result metadata, gives `Printed`. `frame` draws lines of a file with some of them
marked; it is handed in, because drawing is the displays' business.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from bake.errors import ExportError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Frame: TypeAlias = Callable[[str, Sequence[str], Iterable[tuple[int, int]]], list[str]]
    Printer: TypeAlias = Callable[[Any, Frame, str], tuple[str, str]]

RESULT, TEXT, STATUS, VERSION = "result.json", "result.txt", "result.statuscode", "version"


@record
class Call:
    """A method and how to show its result: `name` as BuildKit's request, without `frontend.`."""

    name: str
    format: str = ""
    ignore_status: bool = False


@record
class Printed:
    """Text for standard output, a build error the linter met, and the exit code."""

    text: str
    error: str = ""
    exit_code: int = 0


def show(call: Call, metadata: Mapping[str, bytes], frame: Frame, dockerfile: str = "") -> Printed:
    """What `call` gave. `dockerfile` is what messages call the Dockerfile. Raises ExportError for a result
    that cannot be read."""
    result = {key: value.decode(errors="replace") for key, value in metadata.items()}
    text, error = _show(call, result, frame, dockerfile)
    status = result.get(STATUS, "")
    code = int(status) if status.isdecimal() and not call.ignore_status else 0
    return Printed(text, error, 1 if error else code)


def _show(call: Call, result: Mapping[str, str], frame: Frame, dockerfile: str) -> tuple[str, str]:
    known = _PRINTERS.get(call.name)
    if call.format == "json":
        error = _read(known, result, frame, dockerfile)[1] if known is _lint else ""
        return result.get(RESULT, "") + "\n", error
    too_new = result.get(TEXT) and _version(result.get(VERSION, "")) > (1, 0, 0)
    if known is None or too_new:
        return result.get(TEXT, ""), ""
    return _read(known, result, frame, dockerfile)


def _read(printer: Printer, result: Mapping[str, str], frame: Frame, dockerfile: str) -> tuple[str, str]:
    try:
        return printer(json.loads(result.get(RESULT) or "{}"), frame, dockerfile)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as exc:
        raise ExportError(
            "The frontend's answer cannot be read", detail=f"{printer.__name__.strip('_')}: {exc!r}"
        ) from exc


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdecimal())


def _lint(result: Mapping[str, Any], frame: Frame, dockerfile: str) -> tuple[str, str]:
    sources = result.get("sources") or []
    warnings = sorted(result.get("warnings") or [], key=lambda one: _order(one, sources))
    parts = [_warning(one, sources, frame, dockerfile) for one in warnings]
    if warnings:
        found = "1 warning has" if len(warnings) == 1 else f"{len(warnings)} warnings have"
        parts.insert(0, f"Check complete, {found} been found!\n")
    failure = result.get("buildError")
    if failure:
        excerpt = _excerpt(failure.get("location") or {}, sources, frame, dockerfile)
        return "".join([*parts, "\n"] if warnings else parts), f"{failure.get('message', '')}\n{excerpt}"
    return "".join(parts) or "Check complete, no warnings found.\n", ""


def _order(warning: Mapping[str, Any], sources: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """Without a place first, then by file and line."""
    location = warning.get("location") or {}
    index = location.get("sourceIndex", 0)
    ranges = _ranges(location)
    if index < 0:
        return (0, "", 0, 0, warning.get("ruleName", ""))
    name = sources[index].get("filename", "") if index < len(sources) else ""
    return (1, name, 1, ranges[0][0], "") if ranges else (1, name, 0, 0, warning.get("ruleName", ""))


def _warning(
    warning: Mapping[str, Any], sources: Sequence[Mapping[str, Any]], frame: Frame, dockerfile: str
) -> str:
    url = f" - {warning['url']}" if warning.get("url") else ""
    head = f"\nWARNING: {warning.get('ruleName', '')}{url}\n{warning.get('detail', '')}\n"
    return head + _excerpt(warning.get("location") or {}, sources, frame, dockerfile)


def _excerpt(
    location: Mapping[str, Any], sources: Sequence[Mapping[str, Any]], frame: Frame, dockerfile: str
) -> str:
    from base64 import b64decode

    index = location.get("sourceIndex", 0)
    if not 0 <= index < len(sources):
        return ""
    source = sources[index]
    lines = b64decode(source.get("data", "")).decode(errors="replace").split("\n")
    drawn = frame(dockerfile or source.get("filename", ""), lines, _ranges(location))
    return "".join(f"{line}\n" for line in drawn)


def _ranges(location: Mapping[str, Any]) -> list[tuple[int, int]]:
    return [
        ((one.get("start") or {}).get("line", 0), (one.get("end") or {}).get("line", 0))
        for one in location.get("ranges") or ()
    ]


def _outline(result: Mapping[str, Any], _frame: Frame, _dockerfile: str) -> tuple[str, str]:
    parts: list[str] = []
    if result.get("name") or result.get("description"):
        rows = [("TARGET:", result.get("name") or "(default)")]
        rows += [("DESCRIPTION:", result["description"])] if result.get("description") else []
        parts.append(_columns(rows, gap=1))
    if result.get("args"):
        rows3 = [(a.get("name", ""), a.get("value", ""), a.get("description", "")) for a in result["args"]]
        parts.append(_columns([("BUILD ARG", "VALUE", "DESCRIPTION"), *rows3]))
    for key, title in (("secrets", "SECRET"), ("ssh", "SSH")):
        if result.get(key):
            rows2 = [(one.get("name", ""), "true" if one.get("required") else "") for one in result[key]]
            parts.append(_columns([(title, "REQUIRED"), *rows2]))
    return "".join(f"{part}\n" for part in parts), ""


def _targets(result: Mapping[str, Any], _frame: Frame, _dockerfile: str) -> tuple[str, str]:
    rows = [("TARGET", "DESCRIPTION")]
    for target in result.get("targets") or ():
        name, default = target.get("name", ""), target.get("default", False)
        shown = f"{name} (default)" if name and default else name or ("(default)" if default else "")
        rows.append((shown, target.get("description", "")))
    return _columns(rows, gap=1), ""


def _columns(rows: Sequence[Sequence[str]], *, gap: int = 3) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    count = len(rows[0])
    widths = [max(len(row[column]) for row in rows) + gap for column in range(count - 1)]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + row[-1] + "\n"
        for row in rows
    )


def _describe(result: Sequence[Mapping[str, Any]], _frame: Frame, _dockerfile: str) -> tuple[str, str]:
    rows = [("NAME", "VERSION", "DESCRIPTION")]
    for one in result:
        name = one.get("name", "").removeprefix("frontend.")
        rows.append((name, one.get("version", ""), one.get("description", "")))
    return _columns(rows, gap=1), ""


_PRINTERS: Mapping[str, Printer] = {
    "lint": _lint,
    "outline": _outline,
    "subrequests.describe": _describe,
    "targets": _targets,
}
