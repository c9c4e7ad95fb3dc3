"""Which variables count: `--var`, the environment, `.env`; and the project's name."""

from __future__ import annotations

import pytest

from tests.unit.model.compose.projects import Project, faults, project

TEXT = "services: {app: {build: {target: $T}}}"
FILES = {"compose.yaml": TEXT, ".env": "T=file\n"}


@pytest.mark.parametrize(
    ("environment", "variables", "expected"),
    [
        ({}, {}, "file"),
        ({"T": "env"}, {}, "env"),
        ({"T": "env"}, {"T": "var"}, "var"),
        ({"T": "env", "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP": "1"}, {}, "file"),
        ({"T": "env", "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP": "1"}, {"T": "var"}, "var"),
    ],
)
def test_what_counts_more(environment: dict[str, str], variables: dict[str, str], expected: str) -> None:
    assert Project(FILES, environment, variables).read().targets["app"].target == expected


@pytest.mark.parametrize(
    ("name", "environment", "expected"),
    [
        ("", {}, "bake"),
        ("", {"COMPOSE_PROJECT_NAME": "outside"}, "outside"),
        ("name: mine\n", {"COMPOSE_PROJECT_NAME": "outside"}, "mine"),
        ("name: my-$A\n", {"A": "x"}, "my-x"),
        ("name: 5\n", {}, "5"),
        ("name: [a]\n", {}, "bake"),
    ],
)
def test_the_project_has_a_name(name: str, environment: dict[str, str], expected: str) -> None:
    text = f"{name}services: {{app: {{build: {{target: $COMPOSE_PROJECT_NAME}}}}}}"
    assert project(text, environment).read().targets["app"].target == expected


def test_a_variable_without_a_value_is_warned_of_once() -> None:
    found = project("services: {app: {build: {target: $T, network: $T}}}").read()
    (warning,) = found.warnings
    assert warning.summary == 'The "T" variable is not set. Defaulting to a blank string.'
    assert warning.span.text == "$T"


@pytest.mark.parametrize("text", ["${T:-x}", "${T-x}", "${T:+x}", "${T+x}", "${T:-${U-x}}"])
def test_a_variable_with_another_word_for_no_value_is_not(text: str) -> None:
    assert project(f"services: {{app: {{build: {{target: '{text}'}}}}}}").read().warnings == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "services: {app: {build: {target: '${T:?m}'}}}",
            "error while interpolating services.app.build.target: required variable T is missing a value: m",
        ),
        ("x-a: ['${']\nservices: {app: {build: .}}", "invalid interpolation format for x-a.[]"),
        (
            "services: {app: {build: ., privileged: $T}}",
            "error while interpolating services.app.privileged: "
            "failed to cast to expected type: invalid boolean: ",
        ),
    ],
)
def test_faults(text: str, message: str) -> None:
    (fault,) = faults(project(text))
    assert fault.summary == message


def test_all_faults_of_interpolation_come_together() -> None:
    found = faults(project("services: {app: {build: {args: ['A=${P:?no}', 'B=${Q:?no}']}}}"))
    assert len(found) == 2


def test_a_faulty_dotenv_file() -> None:
    (fault,) = faults(Project({**FILES, ".env": "A B=1\n"}))
    assert fault.summary == "failed to read .env: line 1: key cannot contain a space"


def test_keys_are_no_templates() -> None:
    assert project("services: {app: {build: {labels: {$A: $A}}}}", {"A": "x"}).read().targets[
        "app"
    ].labels == {"$A": "x"}
