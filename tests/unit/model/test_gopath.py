"""Go's paths and patterns, and what names no local path."""

from __future__ import annotations

import pytest

from bake.model import gopath


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("", "."),
        (".", "."),
        ("./a/../b/", "b"),
        ("a//b", "a/b"),
        ("../..", "../.."),
        ("//a", "/a"),
        ("/..", "/"),
        ("a/../..", ".."),
    ],
)
def test_clean(path: str, clean: str) -> None:
    assert gopath.clean(path) == clean


@pytest.mark.parametrize(
    ("base", "path", "joined"), [("sub", "../x", "x"), ("", "./x", "x"), (".", "x", "x"), ("a", ".", "a")]
)
def test_join(base: str, path: str, joined: str) -> None:
    assert gopath.join(base, path) == joined


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/x.tar",
        "http://example.com",
        "git://host/repo",
        "ssh://git@host/repo",
        "git@github.com:owner/repo.git#main",
        "github.com/owner/repo",
    ],
)
def test_remote(text: str) -> None:
    assert gopath.is_remote(text)
    assert gopath.is_special_context(text)


@pytest.mark.parametrize(
    "text", ["", ".", "a/b", "/abs", "../github.com/x", "./git@host:x", "cwd://x", "a:b"]
)
def test_not_remote(text: str) -> None:
    assert not gopath.is_remote(text)


@pytest.mark.parametrize("text", ["cwd://x", "target:base", "docker-image://alpine", "oci-layout://dir"])
def test_special_contexts(text: str) -> None:
    assert gopath.is_special_context(text)


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "abc", True),
        ("*", "a/c", False),
        ("a*c", "abbc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a?c", "a/c", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("[c-a]", "b", False),
        ("[^c-a]", "b", True),
        ("[]a]", "]", None),
        (r"[\]]", "]", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a.c", "abc", False),
        ("", "", True),
        ("a\n*", "a\nb", True),
        ("[", "a", None),
        ("[a", "a", None),
        ("[a-", "a", None),
        ("[-]", "-", None),
        ("a\\", "a", None),
        ("[]", "a", None),
    ],
)
def test_match(pattern: str, name: str, matches: bool | None) -> None:
    """None stands for a malformed pattern."""
    if matches is None:
        with pytest.raises(gopath.PatternError, match="syntax error in pattern"):
            gopath.match(pattern, name)
    else:
        assert gopath.match(pattern, name) is matches


@pytest.mark.parametrize(("text", "pattern"), [("app", False), ("app*", True), ("a[b", True), ("a]b", True)])
def test_is_pattern(text: str, pattern: bool) -> None:
    assert gopath.is_pattern(text) is pattern
