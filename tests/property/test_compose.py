"""Compose files that somebody has broken: whatever is in them, the answer is a definition or BakeErrors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.errors import BakeError, flatten
from bake.model.compose.interpolate import SubstitutionError, TemplateError, substitute
from tests.unit.model.compose.projects import Project

if TYPE_CHECKING:
    from bake.model.target import Definition

NOTHING: dict[str, str] = {}
WHOLE = """name: p
include: [i.yaml, {path: [i.yaml], env_file: e.env, project_directory: d}]
x-base: &base {context: ./c, args: {A: 1, B: , C: "${C:-c}"}}
services:
  a:
    image: i:1
    environment: {A: x, B: }
    env_file: [e.env, {path: no.env, required: false}]
    build:
      <<: *base
      labels: ["l=1", m]
      tags: [t1, !reset t2]
      cache_from: [type=gha, r]
      shm_size: 64m
      ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
      extra_hosts: ["h=1.1.1.1", "g:2.2.2.2"]
      ssh: [default, k=./k]
      secrets: [s, {source: s, target: t}]
      additional_contexts: {q: "service:b.c", r: ./r}
      provenance: mode=max
      no_cache: "yes"
      x-bake: {tags: u v, output: ["type=docker"], pull: true, contexts: {z: ./z}}
  b.c:
    extends: {file: i.yaml, service: base}
    build: !override {target: $T}
  d: {extends: a, build: .}
secrets:
  s: {file: ./f}
"""
INCLUDED = "services:\n  base: {build: {context: x, platforms: [p]}}\n"
PIECES = (
    *(
        "",
        " ",
        "\n",
        "\n---\n",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "#",
        "*base",
        "&x ",
        "<<",
        "!reset ",
        "!override ",
    ),
    *(
        "$",
        "${",
        "}",
        "${X:?}",
        "null",
        "5",
        "1.5",
        "true",
        "2024-01-01",
        "~",
        '"',
        "'",
        "\t",
        "é",
        "services:",
    ),
    *(
        "extends: a",
        "[a]",
        "{a: b}",
        "x-bake: 1",
        "a: ",
        "!x ",
        "0x1F",
        "🌍",
        "\ufeff",
        "service:zz",
        "../",
        "//",
    ),
)
EDITS = st.lists(
    st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=5
)


def edited(edits: list[tuple[int, int, str]]) -> str:
    """The file with stretches of it replaced."""
    text = WHOLE
    for at, length, piece in edits:
        text = text[:at] + piece + text[at + length :]
    return text


def answer(project: Project, *names: str) -> Definition | list[BakeError]:
    try:
        return project.read(*names)
    except BakeError as error:
        return [error]
    except ExceptionGroup as group:
        return flatten(group)


@settings(max_examples=150)
@given(EDITS, EDITS)
def test_broken_files_give_faults(
    first: list[tuple[int, int, str]], second: list[tuple[int, int, str]]
) -> None:
    files = {
        "compose.yaml": edited(first),
        "over.yaml": edited(second),
        "i.yaml": INCLUDED,
        "e.env": "A=1\n",
        "d/.env": "",
    }
    for names in (("compose.yaml",), ("compose.yaml", "over.yaml")):
        found = answer(Project(files, {"T": "t"}), *names)
        if isinstance(found, list):
            assert all(fault.summary for fault in found)
        else:
            assert found.groups or not found.targets


@given(st.text(alphabet="$X{}:-+?a \n"), st.dictionaries(st.sampled_from("Xa"), st.text(max_size=3)))
def test_any_text_is_a_template_or_a_fault(text: str, variables: dict[str, str]) -> None:
    try:
        done = substitute(text, variables.get)
    except (TemplateError, SubstitutionError):
        assert "$" in text
        return
    assert "$" in text or done == text


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_dollars_stays(text: str) -> None:
    assert substitute(text, NOTHING.get) == text
    assert substitute(text.replace("a", "$$"), NOTHING.get) == text.replace("a", "$")


@given(st.text(alphabet="AB=:\"'\\$#\n {}01é", max_size=30))
def test_any_env_file_is_read_or_refused(text: str) -> None:
    files = {"compose.yaml": "services: {a: {build: {args: [A, B]}}}", ".env": text}
    found = answer(Project(files))
    assert isinstance(found, list) or set(found.targets) == {"a"}
