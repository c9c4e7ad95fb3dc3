"""Several files and documents laid over one another: compose's rules, `!reset` and `!override`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.compose.projects import Project, faults, given

FILES = ("compose.yaml", "over.yaml")


def pair(base: str, over: str, **environment: str) -> Project:
    return Project({FILES[0]: base, FILES[1]: over}, environment)


def builds(base: str, over: str, **environment: str) -> Project:
    wrapped = (f"services: {{app: {{build: {text}}}}}" for text in (base, over))
    return pair(*wrapped, **environment)


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ("x", "y", {"context": "y"}),
        ("x", "{target: t}", {"context": "x", "target": "t"}),
        ("{target: t}", "y", {"context": "y", "target": "t"}),
        ("{args: {A: 1, B: 2}}", "{args: [B=3, C=4]}", {"args": {"A": "1", "B": "3", "C": "4"}}),
        ("{labels: [a=1]}", "{labels: {a: 2, b: }}", {"labels": {"a": "2", "b": ""}}),
        ("{tags: [a, b]}", "{tags: [b, c]}", {"tags": ("a", "b", "c")}),
        ("{platforms: [a]}", "{platforms: [a, b]}", {"platforms": ("a", "a", "b")}),
        (
            '{extra_hosts: ["a=1"]}',
            '{extra_hosts: {a: "1", b: "2", c: ["3", "4"]}}',
            {"extra_hosts": {"a": "1", "b": "2", "c": "3,4"}},
        ),
        (
            "{additional_contexts: {a: x, b: y}}",
            "{additional_contexts: [a=z]}",
            {"contexts": {"a": "z", "b": "y"}},
        ),
        ("{ssh: [default]}", "{ssh: {x: /k}}", {"ssh": ("default", "x=/k")}),
        ("{x-bake: {tags: [a]}}", "{x-bake: {tags: [b], pull: true}}", {"tags": ("a", "b"), "pull": True}),
        ("{args: {A: 1}, target: t}", "{args: !reset {}}", {"target": "t"}),
        ("{args: {A: 1, B: 2}}", "{args: {A: !reset null}}", {"args": {"B": "2"}}),
        ("{tags: [a], args: {A: 1}}", "{tags: !override [z]}", {"tags": ("z",), "args": {"A": "1"}}),
        ("{tags: [a]}", "{tags: [!reset b, c]}", {"tags": ("a", "c")}),
        ("{target: t}", "!override {context: y}", {"context": "y"}),
    ],
)
def test_later_files_count_more(base: str, over: str, expected: dict[str, Any]) -> None:
    found = builds(base, over).read(*FILES).targets["app"]
    assert given(found) == {"context": ".", **expected}


def test_resources_of_several_files() -> None:
    project = pair(
        "services: {a: {build: x}, b: {build: {secrets: [s]}}}",
        "services: {c: {build: z}, a: !reset }\nsecrets: {s: {environment: E}}",
    )
    # each file is read alone first, but what services want of others is looked at when all are together
    assert list(project.read(*FILES).targets) == ["b", "c"]


def test_files_without_text_are_left_out() -> None:
    assert list(pair("services: {a: {build: x}}", "").read(*FILES).targets) == ["a"]


def test_documents_of_one_file() -> None:
    text = "services: {a: {build: x}}\n---\nservices: {b: {build: y}, a: {build: {target: t}}}\n"
    found = Project({"compose.yaml": text}).read()
    assert given(found.targets["a"]) == {"context": "x", "target": "t"}
    assert list(found.targets) == ["a", "b"]


@pytest.mark.parametrize(
    ("base", "over", "message"),
    [
        ("{x-bake: {tags: a}}", "{x-bake: {tags: [b]}}", None),
        ("{x-bake: {tags: [a]}}", "{x-bake: {tags: b}}", "cannot override services.app.build.x-bake.tags"),
        ("{tags: [a]}", "{tags: b}", "services.app.build.tags must be a array"),
    ],
)
def test_kinds_that_do_not_go_together(base: str, over: str, message: str | None) -> None:
    found = faults(builds(base, over), *FILES)
    assert [fault.summary for fault in found] == ([message] if message else [])


def test_faults_name_the_file_they_are_in() -> None:
    (fault,) = faults(builds("x", "{targt: t}"), *FILES)
    assert fault.span is not None
    assert fault.span.source.name == "over.yaml"
    assert fault.hint == "did you mean `target`?"


def test_contexts_may_be_relative_to_the_first_file() -> None:
    files = {
        "one/a.yaml": "services: {a: {build: x}, b: {build: {additional_contexts: {q: ./r, p: /abs}}}}",
        "two/b.yaml": 'services: {a: {build: y}, c: {build: "https://h/r.git"}}',
    }
    found = Project(files, {"BUILDX_BAKE_FILE_RELATIVE_PATHS": "1"}).read(*files).targets
    assert {name: target.context for name, target in found.items()} == {
        "a": "one/y",
        "b": "one",
        "c": "https://h/r.git",
    }
    assert found["b"].contexts == {"q": "one/r", "p": "/abs"}
    assert Project(files).read(*files).targets["a"].context == "y"


@pytest.mark.parametrize(
    ("key", "base", "over"),
    [
        ("depends_on", "[a]", "{b: {condition: service_started}}"),
        ("networks", "{a: {aliases: [x]}}", "[a, b]"),
        ("labels", "{a: 1}", "[b=2]"),
        ("command", "x", "[y, z]"),
        ("dns", "a", "[b]"),
    ],
)
def test_forms_that_may_be_mixed(key: str, base: str, over: str) -> None:
    texts = (f"services: {{app: {{build: ., {key}: {text}}}}}" for text in (base, over))
    assert faults(pair(*texts), *FILES) == []


def test_a_short_form_is_written_out_before_the_next_file() -> None:
    texts = ["services: {app: {build: ., gpus: all}}"] * 2
    assert [fault.summary for fault in faults(pair(*texts), *FILES)] == ["cannot override services.app.gpus"]
