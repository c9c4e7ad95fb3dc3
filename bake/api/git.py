"""Git's facts about the contexts of a build, for provenance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.goscalars import GO_FALSE, GO_TRUE
from bake.plan.records import GitFacts
from bake.read import git

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.host import Host


def of_contexts(directories: Iterable[str], host: Host) -> dict[str, GitFacts]:
    """What git knows of each of the folders that are in a work tree; nothing when nobody wants it."""
    environment = host.environment
    labels = environment.get("BUILDX_GIT_LABELS", "")
    if environment.get("BUILDX_GIT_INFO", "1") in GO_FALSE and labels != "full" and labels not in GO_TRUE:
        return {}
    known: dict[str, GitFacts | None] = {}
    found = {}
    for directory in directories:
        top = _work_tree(directory)
        if top is None:
            continue
        if top not in known:
            known[top] = _facts(directory, host)
        facts = known[top]
        if facts is not None:
            found[directory] = facts
    return found


def _work_tree(directory: str) -> str | None:
    """The nearest folder upwards with a `.git`, so that git is not started for nothing."""
    while not os.path.exists(os.path.join(directory, ".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    return directory


def _facts(directory: str, host: Host) -> GitFacts | None:
    root = git.ask(directory, "rev-parse", "--show-toplevel")
    if not root:
        return None
    revision = git.ask(directory, "rev-parse", "--verify", "HEAD")
    if revision and host.environment.get("BUILDX_GIT_CHECK_DIRTY") in GO_TRUE:
        revision += "-dirty" if git.ask(directory, "status", "--porcelain", "--ignored") else ""
    return GitFacts(root, revision, git.remote_url(directory))
