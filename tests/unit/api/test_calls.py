from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bake.api.calls import Called, found, messages
from bake.engine.outcome import Outcome, TargetResult
from bake.model.target import Definition, Group, Target
from bake.solve import SolveKey, SolveResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLEAN = {"result.json": {"warnings": []}, "result.statuscode": 0}
WARNED = {"result.json": {"warnings": [{"ruleName": "R", "detail": "d"}]}, "result.statuscode": 3}
BROKEN = {"result.json": {"buildError": {"message": "bad"}}, "result.statuscode": 1}


def frame(name: str, _lines: Sequence[str], _ranges: Iterable[tuple[int, int]]) -> list[str]:
    return [f"[{name}]"]


def result(metadata: dict[str, Any], **response: str) -> TargetResult:
    encoded = {key: json.dumps(value).encode() for key, value in metadata.items()}
    return TargetResult("", (SolveResult(SolveKey("k"), "ref", metadata=encoded),), response)


def called(
    asked: str, targets: dict[str, dict[str, Any]], call: str | None = "lint", **fields: Any
) -> Called:
    definition = Definition(
        targets={name: Target(name=name, call=call, **fields) for name in targets},
        groups={"default": Group(name="default", targets=tuple(targets))},
    )
    outcome = Outcome({name: result(metadata) for name, metadata in targets.items()}, {}, {})
    return found(outcome, definition, asked, frame)


def test_a_build_calls_nothing() -> None:
    assert called("build", {"a": {}}, call=None) == Called("", 0)


def test_targets_one_after_the_other_by_name() -> None:
    assert called("check", {"b": CLEAN, "a": CLEAN}, description="what it is") == Called(
        "a\nwhat it is\n\nCheck complete, no warnings found.\n"
        "\n"
        "b\nwhat it is\n\nCheck complete, no warnings found.\n"
    )


def test_an_error_stands_below_its_target() -> None:
    assert called("check", {"a": BROKEN}) == Called("a\n\nerror: bad\n\n", 1)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Dockerfile"),
        ({"context": "sub"}, "sub/Dockerfile"),
        ({"context": "sub", "dockerfile": "../Other"}, "Other"),
        ({"context": "cwd://sub", "dockerfile": "/abs/Other"}, "/abs/Other"),
        ({"context": "https://example.com/a.git", "dockerfile": "sub/Other"}, "sub/Other"),
        ({"dockerfile_inline": "FROM scratch"}, "inline"),
    ],
)
def test_places_name_the_dockerfile_as_seen_from_here(fields: dict[str, str], name: str) -> None:
    place = {"sourceIndex": 0, "ranges": [{"start": {"line": 1}, "end": {"line": 1}}]}
    source = {"filename": "Dockerfile", "data": ""}
    warned = {"warnings": [{"ruleName": "R", "location": place}], "sources": [source]}
    assert f"[{name}]\n" in called("check", {"a": {"result.json": warned}}, **fields).text


@pytest.mark.parametrize(
    ("asked", "targets", "code"),
    [
        ("check", {"a": CLEAN, "b": WARNED}, 3),
        ("check", {"a": WARNED, "b": BROKEN}, 1),
        ("check,ignorestatus=true", {"a": WARNED}, 0),
        ("check,ignorestatus=true", {"a": BROKEN}, 1),
        ("check,format=json", {"a": WARNED}, 3),
        ("check,format=json", {"a": BROKEN}, 1),
    ],
)
def test_exit_codes(asked: str, targets: dict[str, dict[str, Any]], code: int) -> None:
    assert called(asked, targets).exit_code == code


def test_json_holds_the_definition_and_what_was_found() -> None:
    document = json.loads(called("check,format=json", {"a": BROKEN}).text)
    assert document["group"] == {"default": {"targets": ["a"]}}
    assert document["target"]["a"]["build"]["call"] == "lint"
    assert document["target"]["a"]["check"] == {"buildError": {"message": "bad"}, "error": "bad\n"}


def test_what_is_no_object_stands_under_the_calls_name() -> None:
    document = json.loads(called("outline,format=json", {"a": {"result.json": [1]}}, call="outline").text)
    assert document["target"]["a"]["outline"] == {"outline": [1]}


def test_messages_of_frontends() -> None:
    said = {"frontend.result.inlinemessage": "hello"}
    assert messages(Outcome({"b": result({}, **said), "a": result({})}, {}, {})) == "\n# b\nhello\n"
