from __future__ import annotations

import pytest

from bake.buildkit.giturl import GitReference, parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "https://host/a/b.git#main:sub/dir",
            GitReference("https", "https://host/a/b.git", "host", "/a/b.git", "main", "sub/dir"),
        ),
        ("git://host:9418/b.git", GitReference("git", "git://host:9418/b.git", "host:9418", "/b.git")),
        (
            "ssh://me@host:22/a.git#:x",
            GitReference("ssh", "ssh://me@host:22/a.git", "host:22", "/a.git", folder="x"),
        ),
        ("git@host:a/b.git#v1", GitReference("ssh", "git@host:a/b.git", "host", "a/b.git", "v1")),
        ("github.com/a/b#v1", GitReference("https", "https://github.com/a/b", "github.com", "/a/b", "v1")),
        (
            "https://host/b.git?branch=main&subdir=x&checksum=abc&keep-git-dir&submodules=false&mtime=commit",
            GitReference(
                "https",
                "https://host/b.git",
                "host",
                "/b.git",
                ref="refs/heads/main",
                folder="x",
                checksum="abc",
                keep_git_dir=True,
                submodules=False,
                mtime="commit",
            ),
        ),
        (
            "https://host/b.git?tag=v1&fetch-by-commit=1",
            GitReference(
                "https", "https://host/b.git", "host", "/b.git", ref="refs/tags/v1", fetch_by_commit=True
            ),
        ),
        ("https://host/b.tar.gz", None),
        ("https://github.com/a/archive.zip", None),
        ("https://host/page?x=.git", None),
        ("./b.git", None),
        ("app", None),
        ("ftp://host/b.git", None),
    ],
)
def test_references(text: str, found: GitReference | None) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ref=a&tag=b", "ref conflicts"),
        ("ref=a&ref=b", "multiple values"),
        ("ref=", "has no value"),
        ("subdir=a#m:b", "subdir conflicts"),
        ("submodules=maybe", "invalid submodules value"),
        ("mtime=now", "invalid mtime value"),
        ("depth=1", "unexpected query"),
    ],
)
def test_queries_that_make_no_sense(query: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(f"https://host/b.git?{query}")


def test_a_folder_stays_inside_the_repository() -> None:
    found = parse("https://host/b.git#main:../../etc")
    assert found is not None
    assert found.folder == "etc"
