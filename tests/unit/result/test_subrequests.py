from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from bake.errors import ExportError
from bake.result.subrequests import Call, Printed, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def frame(name: str, lines: Sequence[str], ranges: Iterable[tuple[int, int]]) -> list[str]:
    return [f"[{name} {lines[first - 1]} {first}-{last}]" for first, last in ranges]


def shown(written: str, result: Any, dockerfile: str = "", **metadata: str) -> Printed:
    found = {"result.json": json.dumps(result).encode(), "version": b"1.0.0"}
    found |= {key.replace("_", "."): value.encode() for key, value in metadata.items()}
    name, *options = written.split(",")
    call = Call(
        "lint" if name == "check" else name, "json" if "format=json" in options else "", "ignore" in options
    )
    return show(call, found, frame, dockerfile)


SOURCE = {"filename": "Dockerfile", "data": b64encode(b"FROM x\nRUN y").decode()}


def warning(rule: str, line: int, index: int = 0) -> dict[str, Any]:
    place = {"sourceIndex": index, "ranges": [{"start": {"line": line}, "end": {"line": line}}]}
    return {"ruleName": rule, "url": "u", "detail": "d", "location": place}


def test_a_clean_check() -> None:
    assert shown("check", {"warnings": []}, result_statuscode="0") == Printed(
        "Check complete, no warnings found.\n"
    )


def test_warnings_in_the_order_of_their_lines() -> None:
    result = {"warnings": [warning("B", 2), warning("A", 1)], "sources": [SOURCE]}
    assert shown("check", result, "my/Dockerfile", result_statuscode="1") == Printed(
        "Check complete, 2 warnings have been found!\n"
        "\nWARNING: A - u\nd\n[my/Dockerfile FROM x 1-1]\n"
        "\nWARNING: B - u\nd\n[my/Dockerfile RUN y 2-2]\n",
        exit_code=1,
    )


def test_a_warning_without_a_place_comes_first() -> None:
    result = {"warnings": [warning("B", 2), warning("Z", 0, -1)], "sources": [SOURCE]}
    assert "WARNING: Z - u\nd\n\nWARNING: B" in shown("check", result).text


def test_a_build_error_fails_the_check() -> None:
    failure = {"message": "bad", "location": warning("", 1)["location"]}
    found = shown("check", {"warnings": [], "sources": [SOURCE], "buildError": failure})
    assert found == Printed("", "bad\n[Dockerfile FROM x 1-1]\n", 1)


def test_the_status_can_be_ignored() -> None:
    assert shown("check,ignore", {"warnings": []}, result_statuscode="1").exit_code == 0


def test_json_is_passed_on() -> None:
    assert shown("check,format=json", {"warnings": []}).text == '{"warnings": []}\n'


def test_an_outline() -> None:
    result = {
        "name": "app",
        "description": "The app",
        "args": [{"name": "VERSION", "value": "1", "description": "What"}, {"name": "X"}],
        "secrets": [{"name": "token", "required": True}],
        "ssh": [{"name": "default"}],
    }
    assert shown("outline", result).text == (
        "TARGET:      app\nDESCRIPTION: The app\n\n"
        "BUILD ARG   VALUE   DESCRIPTION\nVERSION     1       What\nX                   \n\n"
        "SECRET   REQUIRED\ntoken    true\n\n"
        "SSH       REQUIRED\ndefault   \n\n"
    )


def test_targets() -> None:
    result = {
        "targets": [{"name": "a", "description": "x"}, {"default": True}, {"name": "b", "default": True}]
    }
    assert shown("targets", result).text == (
        "TARGET      DESCRIPTION\na           x\n(default)   \nb (default) \n"
    )


def test_results_too_new_and_methods_unknown_are_shown_as_the_frontend_wrote_them() -> None:
    assert shown("targets", {}, version="2.0.0", result_txt="text").text == "text"
    assert shown("convert", {}, result_txt="text").text == "text"


def test_methods_are_described_in_columns() -> None:
    methods = [{"name": "frontend.outline", "version": "1.0.0", "description": "List"}, {"name": "other"}]
    assert shown("subrequests.describe", methods).text == (
        "NAME    VERSION DESCRIPTION\noutline 1.0.0   List\nother           \n"
    )


def test_an_answer_that_cannot_be_read() -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        shown("targets", [1])
