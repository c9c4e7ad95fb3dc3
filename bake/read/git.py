"""What git says of a work tree. A git that refuses, hangs or is not there has nothing to say."""

from __future__ import annotations

import re
import subprocess
from typing import Any

SECONDS = 10


def ask(directory: str, *words: str) -> str:
    """The first line of git's answer; empty where it has none."""
    try:
        done = subprocess.run(
            ["git", "-C", directory, "-c", "log.showSignature=false", *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout.partition("\n")[0].strip()


def template_facts(directory: str) -> dict[str, Any]:
    """`sha`, `short_sha`, `branch`, `tag`, `dirty`, `commit_time` of the repository around `directory`.

    Outside of a repository, or before its first commit, all are empty and `dirty` is False.
    """
    sha = ask(directory, "rev-parse", "--verify", "HEAD")
    if not sha:
        return {"sha": "", "short_sha": "", "branch": "", "tag": "", "dirty": False, "commit_time": ""}
    return {
        "sha": sha,
        "short_sha": ask(directory, "rev-parse", "--short", "HEAD"),
        "branch": ask(directory, "symbolic-ref", "--quiet", "--short", "HEAD"),
        "tag": ask(directory, "describe", "--tags", "--exact-match", "HEAD"),
        "dirty": bool(ask(directory, "status", "--porcelain")),
        "commit_time": ask(directory, "show", "-s", "--format=%cI", "HEAD"),
    }


def remote_url(directory: str) -> str:
    """The URL of the branch's remote, else of `origin`, else of `upstream`; without credentials.

    Source: util/gitutil of buildx 0.36.1.
    """
    branch = ask(directory, "symbolic-ref", "-q", "HEAD")
    tracked = ask(directory, "for-each-ref", "--format=%(upstream:remotename)", branch) if branch else ""
    for name in filter(None, (tracked, "origin", "upstream")):
        url = ask(directory, "remote", "get-url", name)
        if url:
            return without_credentials(url)
    return ""


def without_credentials(url: str) -> str:
    """`url` with the user and password in it replaced, as BuildKit's urlutil does it."""
    return re.sub(
        r"^([A-Za-z][A-Za-z0-9+.-]*://)([^/?#:]*)(:[^/?#]*)?@",
        lambda found: f"{found[1]}{'xxxxx' if found[2] else ''}{':xxxxx' if found[3] else ''}@",
        url,
    )
