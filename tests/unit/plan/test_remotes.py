from __future__ import annotations

import pytest

from bake.plan import remotes


@pytest.mark.parametrize(
    ("written", "git", "remote"),
    [
        ("https://github.com/a/b.git", True, True),
        ("https://github.com/a/b.git#main:sub", True, True),
        ("https://github.com/a/b.git?tag=1", True, True),
        ("https://github.com/a/b", False, True),
        ("http://x/y.tar.gz", False, True),
        ("git://x/y", True, True),
        ("ssh://git@x/y", True, True),
        ("git@github.com:a/b.git", True, True),
        ("github.com/a/b", True, True),
        (".", False, False),
        ("./x@y:z", False, False),
        ("../github.com/a", False, False),
        ("/abs", False, False),
        ("a@b", False, False),
    ],
)
def test_what_is_remote(written: str, git: bool, remote: bool) -> None:
    assert (remotes.is_git(written), remotes.is_remote(written)) == (git, remote)


@pytest.mark.parametrize("url", ["ssh://git@x/y.git", "git@x:y.git"])
def test_what_needs_an_agent(url: str) -> None:
    assert remotes.is_git_ssh(url)
    assert not remotes.is_git_ssh("https://x/y.git")
    assert not remotes.is_git_ssh("github.com/a/b")


@pytest.mark.parametrize(
    ("url", "path", "narrowed"),
    [
        ("https://x/y.git", ".", "https://x/y.git"),
        ("https://x/y.git", "sub", "https://x/y.git#:sub"),
        ("https://x/y.git#main", "a/../b", "https://x/y.git#main:b"),
        ("https://x/y.git#main:a", "b", "https://x/y.git#main:a/b"),
        ("https://x/y.git?subdir=a&tag=1", "b", "https://x/y.git?subdir=a/b&tag=1"),
        ("https://x/y.git?tag=1", "b", "https://x/y.git?tag=1#:b"),
        ("https://x/y.tgz", "b", "https://x/y.tgz"),
    ],
)
def test_with_subdirectory(url: str, path: str, narrowed: str) -> None:
    assert remotes.with_subdirectory(url, path) == narrowed


def test_the_server_of_a_git_reference() -> None:
    assert remotes.git_host("https://me:x@host:8443/a.git#main") == "host:8443"
    assert remotes.git_host("git@host:a/b.git") == "host"
    assert remotes.git_host("github.com/a/b") == "github.com"
    assert remotes.git_host("ssh://host/a.git") == "host"
    assert remotes.git_host("https://host/a.tgz") == ""
    assert remotes.git_host("sub") == ""
