"""Diagnostics in every form of `--diagnostics`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic_sarif.model import (  # type: ignore[import-untyped]
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif,
)

from bake.cli.check import command
from bake.codes import RULES
from bake.diagnostic import Diagnostic, diagnostics
from bake.errors import DefinitionError, Failure, SolveError, SourceExcerpt, UsageError
from bake.source import Rendering, Source, Span
from bake.ui.diagnostics import FORMATS, summed_up
from tools import schemas

TEXT = 'target "é" {\n  tagz = [\n  ]\n}\n'
SOURCE = Source("sub dir/docker-bake.hcl", TEXT, "hcl", "/")
TEMPLATE = Source("docker-bake.hcl.j2", "{% for x in y %}\nbad\n{% endfor %}\n", "hcl", "/")
RENDERED = Source(
    "docker-bake.hcl.j2", "bad\nbad\n", "hcl", "/", rendering=Rendering(TEMPLATE, (0, 4), (2, 2))
)


def found() -> tuple[Diagnostic, ...]:
    at = TEXT.index("tagz")
    faults = [
        DefinitionError(
            "Unsupported argument", Span(SOURCE, at, at + 4), detail="100%, no:\r\n", hint='"tags"?'
        ),
        UsageError("couldn't find a bake definition"),
    ]
    warning = DefinitionError("Unused variable", Span(SOURCE, 0, len(TEXT)))
    return diagnostics(ExceptionGroup("faults", faults), [warning])


def test_text_has_the_lines_the_place_the_code_and_the_hint() -> None:
    told = FORMATS["text"](found())
    assert "sub dir/docker-bake.hcl:2:3\n" in told
    assert "   2 | >>>   tagz = [\n     |       ^^^^\n" in told
    assert "ERROR: sub dir/docker-bake.hcl:2,3-7: Unsupported argument; 100%, no:" in told
    assert '[unknown-attribute]\n  "tags"?\n' in told
    assert "\nERROR: couldn't find a bake definition [no-definition]\n" in told
    assert "\nWARNING: sub dir/docker-bake.hcl:1,1-5,1: Unused variable [unused-variable]\n" in told


def test_github_gets_a_command_a_line() -> None:
    assert FORMATS["github"](found()).splitlines() == [
        "::error file=sub dir/docker-bake.hcl,line=2,endLine=2,col=3,endColumn=6,"
        'title=Unsupported argument (unknown-attribute)::100%25, no:%0D%0A%0A"tags"?',
        "::error title=couldn't find a bake definition (no-definition)::couldn't find a bake definition",
        "::warning file=sub dir/docker-bake.hcl,line=1,endLine=5,title=Unused variable (unused-variable)"
        "::Unused variable",
    ]


@pytest.mark.parametrize(
    ("ranges", "place"),
    [
        ([(2, 2)], "file=web/Dockerfile,line=2,endLine=2,col=1,endColumn=8,"),
        ([(1, 2)], "file=web/Dockerfile,line=1,endLine=2,"),
        ([(4, 4)], ""),
        ([], ""),
    ],
)
def test_a_failed_step_is_told_at_its_line(ranges: list[tuple[int, int]], place: str) -> None:
    excerpt = SourceExcerpt("web/Dockerfile", "FROM a\nCOPY b /\n", ranges)
    error = SolveError("It broke", failure=Failure.STEP, detail="b: not found", sources=[excerpt])

    told = FORMATS["github"](diagnostics(error))

    assert told == f"::error {place}title=It broke (build-failed)::b: not found\n"


def test_properties_of_commands_are_escaped() -> None:
    source = Source("a:b,c%.hcl", "x", "hcl", "/")
    (one,) = diagnostics(DefinitionError("X", Span(source, 0, 1)))
    assert FORMATS["github"]([one]).startswith("::error file=a%3Ab%2Cc%25.hcl,line=1,")


def test_json_is_what_its_schema_says() -> None:
    document = json.loads(FORMATS["json"](found()))
    Draft202012Validator(json.loads(schemas.diagnostics_text())).validate(document)
    assert (document["version"], document["errors"], document["warnings"]) == (1, 2, 1)
    first, second, third = document["diagnostics"]
    assert (first["severity"], first["code"]) == ("error", "unknown-attribute")
    assert first["range"] == {
        "filename": "sub dir/docker-bake.hcl",
        "start": {"line": 2, "column": 3, "offset": 15},
        "end": {"line": 2, "column": 7, "offset": 19},
    }
    assert [line["number"] for line in first["lines"]] == [1, 2, 3, 4]
    assert first["lines"][1]["text"] == "  tagz = ["
    assert second.keys() == {"severity", "code", "summary", "detail"}
    assert third["severity"] == "warning"


def test_nothing_is_a_document_too() -> None:
    assert json.loads(FORMATS["json"](()))["diagnostics"] == []
    assert json.loads(FORMATS["sarif"](()))["runs"][0]["results"] == []
    assert FORMATS["text"](()) == FORMATS["github"](()) == ""


def sarif(diagnostics: tuple[Diagnostic, ...]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FORMATS["sarif"](diagnostics))
    Sarif.model_validate(document)
    return document


def test_sarif_is_what_the_standard_says() -> None:
    document = sarif(found())
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["no-definition", "unknown-attribute", "unused-variable"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    attribute, definition, variable = run["results"]
    assert (attribute["level"], variable["level"]) == ("error", "warning")
    assert "locations" not in definition
    assert attribute["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "sub%20dir/docker-bake.hcl", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "endLine": 2, "startColumn": 3, "endColumn": 7},
    }


def test_columns_of_sarif_count_code_points() -> None:
    source = Source("/a/é.hcl", "e\u0301 = x\n", "hcl", "/")
    (one,) = diagnostics(DefinitionError("X", Span(source, 5, 6)))
    place = sarif((one,))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"]["startColumn"] == 6
    assert place["artifactLocation"] == {"uri": "file:///a/%C3%A9.hcl"}


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_a_template_is_told_by_its_own_line(form: str) -> None:
    (one,) = diagnostics(DefinitionError("X", Span(RENDERED, 4, 7)))
    told = FORMATS[form]([one])
    if form == "github":
        assert told.startswith("::error file=docker-bake.hcl.j2,line=2,endLine=2,title=")
    else:
        region = sarif((one,))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
        assert region == {"startLine": 2, "endLine": 2}


def test_json_names_the_templates_line_beside_the_rendered_one() -> None:
    (one,) = diagnostics(DefinitionError("X", Span(RENDERED, 4, 7)))
    place = json.loads(FORMATS["json"]([one]))["diagnostics"][0]["range"]
    assert place["start"] == {"line": 2, "column": 1, "offset": 4}
    assert place["template_line"] == 2


@pytest.mark.parametrize(
    ("number", "told"), [(3, "2 errors, 1 warning in 3 targets"), (0, "2 errors, 1 warning")]
)
def test_the_sum(number: int, told: str) -> None:
    assert summed_up(found(), number) == told


def test_the_sum_of_nothing() -> None:
    assert summed_up((), 1) == "no faults in 1 target"


def test_the_option_takes_every_form() -> None:
    (option,) = [one for one in command.params if one.name == "diagnostics"]
    assert list(option.type.choices) == list(FORMATS)  # type: ignore[attr-defined]


def test_every_code_of_a_diagnostic_has_a_rule() -> None:
    assert {one.code for one in found()} <= RULES.keys()
