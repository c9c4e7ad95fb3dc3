"""Diagnostics as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0. Paths are relative to the working directory (`%SRCROOT%`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bake import __version__
from bake.codes import RULES
from bake.diagnostic import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.codes import Rule
    from bake.diagnostic import Diagnostic
    from bake.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"


def sarif(found: Sequence[Diagnostic]) -> str:
    """The document for `found`, ending with a line end."""
    rules = sorted({one.code for one in found})
    run = {
        "tool": {
            "driver": {
                "name": "pybake",
                "semanticVersion": __version__,
                "rules": [_rule(RULES[code]) for code in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules.index(one.code)) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.explanation},
    }


def _result(one: Diagnostic, rule: int) -> dict[str, Any]:
    text = "\n".join(filter(None, (": ".join(filter(None, (one.summary, one.detail))), one.hint)))
    result = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity.value,
        "message": {"text": text},
    }
    return {**result, "locations": [_location(one.span)]} if one.span else result


def _location(span: Span) -> dict[str, Any]:
    place = place_of(span)
    region = {"startLine": place.line, "endLine": place.end_line}
    if place.column is not None and place.end_column is not None:
        region |= {"startColumn": place.column, "endColumn": place.end_column}
    return {"physicalLocation": {"artifactLocation": _artifact(place.file), "region": region}}


def _artifact(name: str) -> dict[str, Any]:
    if name.startswith("/"):
        return {"uri": f"file://{quote(name)}"}
    return {"uri": quote(name.removeprefix("./").removeprefix("cwd://")), "uriBaseId": ROOT}
