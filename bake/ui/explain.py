"""An explanation as text and as JSON. Takes `Explanation`s, gives a text that ends with a line end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bake.explanation import CacheUse, Explanation, Place, Reason, RunsOn, Value, VariableValue

WIDEST = 44
"""Columns of a value that share a line with its place; a longer value has a line of its own."""
CAUSES = {"block": "", "default": "", "compose": "compose file"}
"""Causes that are said in other words; what a place says already is not said again."""


def text(explanations: Iterable[Explanation]) -> str:
    """For people: one target after the other."""
    return "\n".join("\n".join(_lines(one)) + "\n" for one in explanations)


def as_json(explanations: Iterable[Explanation]) -> str:
    """For programs: one object, targets by name."""
    targets = {one.target: _object(one) for one in explanations}
    return json.dumps({"target": targets}, indent=2, ensure_ascii=False) + "\n"


FORMATS = {"text": text, "json": as_json}


def _lines(one: Explanation) -> Iterator[str]:
    yield one.target + (f": {one.description}" if one.description else "")
    yield ""
    yield from _section("built because", _reasons(one))
    yield from _section("runs on", [_where(each) for each in one.runs_on] or [f"unknown: {one.unknown}"])
    yield from _section("reads cache", [_cache(each) for each in one.reads] or ["none but the node's own"])
    yield from _section("writes cache", [_cache(each) for each in one.writes] or ["none but the node's own"])
    yield ""
    yield from _table(one.values)


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    for index, line in enumerate(lines):
        yield f"  {'' if index else title:14} {line}"


def _reasons(one: Explanation) -> list[str]:
    named = "it is what is built when nothing is named" if one.target == "default" else "it is named"
    return [_reason(way, one.target) for way in one.reasons] or [named]


def _reason(way: Reason, target: str) -> str:
    steps = [f"{what} {name}" if what == "group" else f"{name} ({what})" for name, what in way.steps]
    return " > ".join((*steps, target))


def _where(one: RunsOn) -> str:
    platform = one.platform + (" (emulated)" if one.emulated else "")
    return f"{one.node}: {platform}" if platform else one.node


def _cache(one: CacheUse) -> str:
    return "  ".join(filter(None, (one.entry, str(one.place or ""), one.remark and f"({one.remark})")))


def _table(values: Sequence[Value]) -> Iterator[str]:
    """The place, or the cause of what has none, stands beside a value's first line, below a line that is too
    long for that."""
    if not values:
        yield "  every value is the default"
        return
    shown = [(one.path, one.text.splitlines() or [""], str(one.place or ""), _cause(one)) for one in values]
    paths = max(len(path) for path, *_ in shown)
    texts = max((len(lines[0]) for _, lines, *_ in shown if len(lines[0]) <= WIDEST), default=0)
    places = max(len(place) for *_, place, _ in shown)
    for path, (first, *more), place, cause in shown:
        tail = f"{place:{places}}  {cause}".rstrip() if place else cause
        if len(first) > WIDEST:
            yield f"  {path:{paths}}  {first}"
            path, first = "", ""
        yield f"  {path:{paths}}  {first:{texts}}  {tail}".rstrip()
        yield from (f"  {'':{paths}}  {line}".rstrip() for line in more)


def _cause(one: Value) -> str:
    said = CAUSES.get(one.cause, one.cause)
    if not one.place and not said:
        said = one.cause
    said = f"{said} {one.detail}".strip() if one.detail else said
    used = ", ".join(_variable(each) for each in one.variables)
    return "; ".join(filter(None, (said, f"with {used}" if used else "")))


def _variable(one: VariableValue) -> str:
    who = str(one.place) if one.cause == "default" and one.place else one.cause
    return f"{one.name}={one.value} ({who})"


def _object(one: Explanation) -> dict[str, Any]:
    return {
        "description": one.description,
        "reasons": [[{"name": name, "what": what} for name, what in way.steps] for way in one.reasons],
        "nodes": [
            {"node": each.node, "platform": each.platform, "emulated": each.emulated} for each in one.runs_on
        ],
        "nodesUnknown": one.unknown,
        "cacheFrom": [_cache_object(each) for each in one.reads],
        "cacheTo": [_cache_object(each) for each in one.writes],
        "values": [_value_object(each) for each in one.values],
    }


def _cache_object(one: CacheUse) -> dict[str, Any]:
    return {"entry": one.entry, "remark": one.remark, **_place_object(one.place)}


def _value_object(one: Value) -> dict[str, Any]:
    found: dict[str, Any] = {"path": one.path, "value": one.text, "cause": one.cause}
    if one.detail:
        found["detail"] = one.detail
    found |= _place_object(one.place)
    if one.variables:
        found["variables"] = [
            {"name": each.name, "value": each.value, "cause": each.cause, **_place_object(each.place)}
            for each in one.variables
        ]
    return found


def _place_object(place: Place | None) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column} if place else {}
