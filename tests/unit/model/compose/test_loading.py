"""`extends`, `include`, and where their paths and variables come from."""

from __future__ import annotations

from typing import Any

import pytest

from bake.model.compose import extends, loading
from tests.unit.model.compose.projects import Project, faults, given, project

EXTENDS = [
    (
        {"compose.yaml": "services: {b: {image: i, build: {args: {A: 1}}}, app: {extends: b, build: x}}"},
        {"context": "x", "args": {"A": "1"}, "tags": ("i",)},
    ),
    (
        {
            "compose.yaml": "services: {app: {extends: {file: sub/c.yaml, service: b}, build: {target: t}}}",
            "sub/c.yaml": "services: {b: {build: {context: ./x, ssh: [k=./k], additional_contexts: {q: r}}}}",
        },
        {"context": "sub/x", "ssh": ("k=sub/k",), "contexts": {"q": "sub/r"}, "target": "t"},
    ),
    (
        {
            "compose.yaml": "services: {app: {extends: {file: s/c.yaml, service: b}}}",
            "s/c.yaml": "services: {b: {extends: {file: d/e.yaml, service: q}, build: {target: t}}}",
            "s/d/e.yaml": "services: {q: {build: ./w}}",
        },
        {"context": "s/d/w", "target": "t"},
    ),
    (
        {
            "compose.yaml": "services: {app: {extends: {file: c.yaml, service: b}}}",
            "c.yaml": "services: {b: {extends: z}, z: {build: w}}",
        },
        {"context": "w"},
    ),
    (
        {
            "compose.yaml": (
                "services: {b: {build: {args: {A: 1}, tags: [t]}}, "
                "app: {extends: b, build: {args: !reset {}, tags: !override [z]}}}"
            )
        },
        {"context": ".", "tags": ("z",)},
    ),
]


@pytest.mark.parametrize(("files", "expected"), EXTENDS)
def test_extends(files: dict[str, str], expected: dict[str, Any]) -> None:
    assert given(Project(files).read().targets["app"]) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{extends: zz}", 'cannot extend service "app" in compose.yaml: service "zz" not found'),
        ("{extends: {file: x}}", "extends.app.service is required"),
        ("{extends: app}", "Circular reference"),
        ("{extends: {file: no.yaml, service: b}}", "open no.yaml: no such file or directory"),
        (
            "{extends: {file: other.yaml, service: b}}",
            'cannot extend service "app" in compose.yaml: service "b" not found in other.yaml',
        ),
        (
            "{extends: {file: empty.yaml, service: b}}",
            "cannot extend a service in empty.yaml: no services section",
        ),
    ],
)
def test_extends_what_is_not_there(text: str, message: str) -> None:
    files = {
        "compose.yaml": f"services: {{app: {text}}}",
        "other.yaml": "services: {z: {build: .}}",
        "empty.yaml": "x-a: 1",
    }
    (fault,) = faults(Project(files))
    assert fault.summary == message


def test_circles_are_told() -> None:
    (fault,) = faults(project("services: {a: {extends: b}, b: {extends: a}}"))
    assert fault.detail == "`a` in compose.yaml extends `b` in compose.yaml extends `a` in compose.yaml"
    (fault,) = faults(Project({"compose.yaml": "include: [i.yaml]", "i.yaml": "include: [compose.yaml]"}))
    assert fault.detail == "compose.yaml includes i.yaml includes compose.yaml"


def test_extends_of_extends_have_an_end() -> None:
    count = extends.MAX_DEPTH
    chain = [f"s{index}: {{extends: s{index + 1}}}" for index in range(count + 1)]
    (fault,) = faults(project(f"services: {{{', '.join(chain)}, s{count + 1}: {{build: .}}}}"))
    assert fault.summary == "Too many services extend one another"


INCLUDES = [
    (
        {
            "compose.yaml": "include: [s/i.yaml]\nservices: {a: {build: x}}",
            "s/i.yaml": "services: {app: {build: ./y}}",
        },
        {"context": "s/y"},
    ),
    (
        {
            "compose.yaml": "include: [{path: [s/i.yaml, s/o.yaml], env_file: x.env}]",
            "s/i.yaml": "services: {app: {build: ./y}}",
            "s/o.yaml": "services: {app: {build: {target: $T}}}",
            "x.env": "T=tt\n",
        },
        {"context": "s/y", "target": "tt"},
    ),
    (
        {
            "compose.yaml": "include: [s/i.yaml]",
            "s/i.yaml": 'services: {app: {build: {target: "$T-$U"}}}',
            "s/.env": "T=inner\nU=inner\n",
            ".env": "U=outer\n",
        },
        {"context": "s", "target": "inner-outer"},
    ),
    (
        {
            "compose.yaml": "include: [{path: s/i.yaml, project_directory: p}]",
            "s/i.yaml": "services: {app: {build: ./y}}",
            "p/here": "",
        },
        {"context": "p/y"},
    ),
    (
        {
            "compose.yaml": "include: [s/i.yaml]\nservices: {app: {build: {target: q}}}",
            "s/i.yaml": "services: {app: {build: {context: ./y, args: {A: 1}}}}",
        },
        {"context": "s/y", "args": {"A": "1"}, "target": "q"},
    ),
    (
        {
            "compose.yaml": "include: [s/i.yaml]\nservices: {app: {extends: c}}",
            "s/i.yaml": "services: {c: {build: x}}",
        },
        {"context": "s/x"},
    ),
]


@pytest.mark.parametrize(("files", "expected"), INCLUDES)
def test_include(files: dict[str, str], expected: dict[str, Any]) -> None:
    assert given(Project(files).read().targets["app"]) == expected


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("i.yaml", "`include` must be a list"),
        ("[5]", "an element of `include` must be a string or a mapping"),
        ("[{path: [5]}]", "include.path must be a string or a list of strings"),
        ("[no.yaml]", "open no.yaml: no such file or directory"),
        ("[{path: i.yaml, env_file: no.env}]", "couldn't find env file: no.env"),
        ("[i.yaml]", "include cycle detected"),
    ],
)
def test_includes_that_cannot_be(include: str, message: str) -> None:
    files = {
        "compose.yaml": f"include: {include}\nservices: {{a: {{build: .}}}}",
        "i.yaml": "include: [compose.yaml]",
    }
    (fault,) = faults(Project(files))
    assert fault.summary == message


def test_includes_have_an_end() -> None:
    count = loading.MAX_DEPTH + 1
    files = {f"{index}.yaml": f"include: [{index + 1}.yaml]" for index in range(count)}
    files |= {"compose.yaml": "include: [0.yaml]", f"{count}.yaml": "services: {a: {build: .}}"}
    (fault,) = faults(Project(files))
    assert fault.summary == "Too many includes"


def test_files_that_multiply_have_an_end() -> None:
    files = {f"{index}.yaml": f"include: [{index + 1}.yaml, {index + 1}.yaml]" for index in range(20)}
    files |= {"compose.yaml": "include: [0.yaml]", "20.yaml": "services: {a: {build: .}}"}
    (fault,) = faults(Project(files))
    assert fault.summary == "Too many files"


def test_only_resources_are_included() -> None:
    files = {
        "compose.yaml": "include: [c.yaml]\nx-a: [1]\nname: a\nservices: {app: {build: .}}",
        "c.yaml": "x-a: {b: 1}\nname: [c]\nservices: {b: {build: x, ports: ['1:2']}}\nvolumes: {v: }",
    }
    assert sorted(Project(files).read().targets) == ["app", "b"]
    files["c.yaml"] = "services: {b: {build: x, ports: ['a:b']}}"
    assert [fault.summary for fault in faults(Project(files))] == ["invalid containerPort: b"]
