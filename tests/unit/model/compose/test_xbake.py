"""`x-bake`: what it adds to a service's build, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.compose.projects import build, faults, given, project


@pytest.mark.parametrize(
    ("base", "extension", "expected"),
    [
        ("tags: [a]", "tags: [b, a]", {"tags": ("a", "b")}),
        ("tags: [a]", "tags: b  c", {"tags": ("a", "b", "c")}),
        ("tags: [a]", "tags: []", {"tags": ("a",)}),
        ("cache_from: [a]", "cache-from: b a", {"cache_from": ("a", "b")}),
        ("target: t", "cache-to: type=gha", {"target": "t", "cache_to": ("type=gha",)}),
        ("target: t", "target: u", {"target": "t"}),
        ("target: t", 'secret: ["id=a,src=b", "id=a,src=c"]', {"target": "t", "secret": ("id=a,src=c",)}),
        ('ssh: ["b=x"]', 'ssh: ["a=y"]', {"ssh": ("a=y", "b=x")}),
        ("platforms: [p]", "platforms: q", {"platforms": ("p", "q")}),
        ("tags: [a]", 'output: "type=docker"', {"tags": ("a",), "output": ("type=docker",)}),
        ("pull: true", "pull: false, no-cache: on", {"pull": False, "no_cache": True}),
        ("tags: [a]", "no-cache-filter: a b", {"tags": ("a",), "no_cache_filter": ("a", "b")}),
        (
            "additional_contexts: {q: ./q}",
            'contexts: {q: ./r, s: "service:a.b"}',
            {"contexts": {"q": "./r", "s": "target:a_b"}},
        ),
        ("tags: [a]", "unknown: 1", {"tags": ("a",)}),
    ],
)
def test_extension(base: str, extension: str, expected: dict[str, Any]) -> None:
    found = given(build(f"{{{base}, x-bake: {{{extension}}}}}"))
    assert found == {"context": ".", **expected}


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        ("[a]", "x-bake must be a mapping"),
        ("{tags: {a: b}}", "x-bake takes a text here, or a list of texts"),
        ("{tags: [[a]]}", "x-bake takes a text here, or a list of texts"),
        ("{pull: maybe}", "x-bake takes true or false here"),
        ("{contexts: [a]}", "x-bake takes a mapping of texts here"),
        ("{secret: foo}", "invalid field 'foo' must be a key=value pair"),
    ],
)
def test_faults(extension: str, message: str) -> None:
    (fault,) = faults(project(f"services: {{app: {{build: {{x-bake: {extension}}}}}}}"))
    assert fault.summary == message
    assert fault.span is not None
