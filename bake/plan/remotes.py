"""Which contexts are remote, and how a folder of a Git repository is written.

The rules are BuildKit's (util/gitutil, dfgitutil v0.32): an http(s) URL is always remote; a Git
reference is `git://`, `ssh://`, `USER@HOST:PATH`, or `github.com/…`.
"""

from __future__ import annotations

import posixpath
import re

_SCP = re.compile(r"[a-zA-Z0-9_.-]+@[a-zA-Z0-9.-]+:[^#?]*.*")
_SCHEME = re.compile(r"([a-zA-Z0-9]+)://")
CWD = "cwd://"


def is_http(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def is_git(text: str) -> bool:
    """Whether BuildKit fetches `text` with Git."""
    if text.startswith(("./", "../")):
        return False
    if text.startswith("github.com/"):
        return True
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _SCP.fullmatch(text) is not None
    if is_http(text):
        return re.split(r"[?#]", text)[0].endswith(".git")
    return scheme[1].lower() in ("git", "ssh")


def git_host(text: str) -> str:
    """The host, with its port, that `text` is fetched from with Git; "" if it is no Git reference."""
    if not is_git(text):
        return ""
    if "://" not in text:
        return (
            text.partition("/")[0]
            if text.startswith("github.com/")
            else text.partition("@")[2].partition(":")[0]
        )
    return re.split(r"[/?#]", text.partition("://")[2])[0].rpartition("@")[2]


def is_git_ssh(text: str) -> bool:
    """Whether fetching `text` needs an SSH agent."""
    return text.startswith("ssh://") or (is_git(text) and _SCHEME.match(text) is None and "@" in text)


def is_remote(text: str) -> bool:
    return is_http(text) or is_git(text)


def has_query(text: str) -> bool:
    """Whether a Git reference carries a query, which only newer frontends read."""
    return is_git(text) and "?" in text.partition("#")[0]


def with_subdirectory(url: str, path: str) -> str:
    """`url` narrowed to the folder `path` inside the repository; only Git URLs can be."""
    path = posixpath.normpath(path)
    if path == "." or not is_git(url):
        return url
    base, _, fragment = url.partition("#")
    query = re.search(r"([?&]subdir=)([^&]*)", base)
    if query and not fragment:
        inside = posixpath.normpath(posixpath.join(query[2], path))
        return f"{base[: query.start()]}{query[1]}{inside}{base[query.end() :]}"
    ref, _, folder = fragment.partition(":")
    return f"{base}#{ref}:{posixpath.normpath(posixpath.join(folder, path))}"
