from __future__ import annotations

import pytest

from bake import reference
from bake.reference import Reference, normalize, parse

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("written", "meant", "familiar"),
    [
        ("alpine", "docker.io/library/alpine", "alpine"),
        ("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"),
        ("foo/bar", "docker.io/foo/bar", "foo/bar"),
        ("docker.io/alpine", "docker.io/library/alpine", "alpine"),
        ("index.docker.io/library/alpine", "docker.io/library/alpine", "alpine"),
        ("library/alpine", "docker.io/library/alpine", "alpine"),
        ("localhost/x", "localhost/x", "localhost/x"),
        ("localhost:5000/x:1", "localhost:5000/x:1", "localhost:5000/x:1"),
        ("ghcr.io/a/b/c:t", "ghcr.io/a/b/c:t", "ghcr.io/a/b/c:t"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000/x", "127.0.0.1:5000/x"),
        ("[::1]:5000/x", "[::1]:5000/x", "[::1]:5000/x"),
        (f"a@{DIGEST}", f"docker.io/library/a@{DIGEST}", f"a@{DIGEST}"),
        (f"a:1@{DIGEST}", f"docker.io/library/a:1@{DIGEST}", f"a:1@{DIGEST}"),
        ("UPPER/x", "UPPER/x", "UPPER/x"),
    ],
)
def test_normalize(written: str, meant: str, familiar: str) -> None:
    found = normalize(written)
    assert str(found) == meant
    assert found.familiar == familiar


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "must have a repository name"),
        ("Alpine", "must be lowercase"),
        ("a:", "not an image reference"),
        ("a//b", "not an image reference"),
        ("-a", "not an image reference"),
        ("a:" + "x" * 129, "not an image reference"),
        ("a@sha256:abc", "not an image reference"),
        ("a@md5:" + "0" * 32, "unsupported digest algorithm"),
        ("a@sha256:" + "0" * 63, "64 lowercase hexadecimal digits"),
        ("a" * 256, "255 characters"),
    ],
)
def test_parse_refuses(written: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse(written)


def test_an_id_is_no_name() -> None:
    with pytest.raises(ValueError, match="is an image's id"):
        normalize("a" * 64)


def test_parse_adds_nothing() -> None:
    assert parse("alpine") == Reference("", "alpine")
    assert parse("foo/bar:1") == Reference("foo", "bar", "1")
    assert str(parse("foo/bar:1")) == "foo/bar:1"


def test_the_default_tag_comes_only_where_nothing_is_named() -> None:
    assert str(reference.with_default_tag(parse("a"))) == "a:latest"
    assert str(reference.with_default_tag(parse(f"a@{DIGEST}"))) == f"a@{DIGEST}"
