"""Symlinks on the way to the files that a build copies: fsutil's `FollowLinks`.

Takes a tree and the paths of COPY instructions, which may hold wildcards; gives patterns that select
the paths, every symlink met on the way, and what the symlinks lead to. The rule: a symlink never leads
out of the tree; `..` stops at its root, as in a chroot.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from bake.buildkit.fsutil.glob import PatternError, compile_glob, has_wildcards
from bake.buildkit.fsutil.patterns import Patterns
from bake.buildkit.fsutil.walk import Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bake.buildkit.fsutil.tree import Tree

MAX_LINKS = 40
"""How many symlinks may follow one another; the kernel's own limit."""


def make_filter(
    tree: Tree, include: Sequence[str], exclude: Sequence[str], follow: Sequence[str] | None
) -> Filter:
    """The filter that BuildKit asks for. `follow` is None where nothing was said about paths to follow.

    Raises `PatternError`.
    """
    if follow is None:
        return Filter(Patterns(include), Patterns(exclude))
    patterns = [*include, *follow_links(tree, follow)]
    return Filter(Patterns(() if "." in patterns else patterns), Patterns(exclude))


def follow_links(tree: Tree, paths: Iterable[str]) -> list[str]:
    """`paths` and what their symlinks lead to, sorted, as include patterns; "." stands for the root."""
    resolved: set[str] = set()
    seen: set[str] = set()
    waiting = [(path, 0) for path in paths]
    while waiting:
        path, links = waiting.pop()
        path = _inside(path)
        if path in seen or links > MAX_LINKS:
            continue
        seen.add(path)
        current, targets = _first_link(tree, path)
        resolved.add(current)
        waiting += [(target, links + 1) for target in targets]
    return sorted(resolved)


def _first_link(tree: Tree, path: str) -> tuple[str, list[str]]:
    """The part of `path` up to its first symlink, and where the whole leads; all of it, if it has none."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        current = "/".join(parts[:count])
        rest = "/".join(parts[count:])
        targets = [posixpath.join(target, rest) for target in _targets(tree, current)]
        if targets:
            return current, targets
    return path, []


def _targets(tree: Tree, path: str) -> Iterator[str]:
    """Where `path` leads if it is a symlink, or where the symlinks lead that its last name matches."""
    parent, name = posixpath.split(path)
    if not has_wildcards(name):
        yield from _target(tree, path)
        return
    try:
        matches = compile_glob(name).fullmatch
        children = tree.children(os.fsencode(parent))
    except (PatternError, PermissionError):
        return
    for child in children:
        if child.is_symlink and matches(os.fsdecode(child.name)):
            yield from _target(tree, posixpath.join(parent, os.fsdecode(child.name)))


def _target(tree: Tree, path: str) -> Iterator[str]:
    link = tree.readlink(os.fsencode(path))
    if link is not None:
        yield posixpath.join("/", posixpath.dirname(path), os.fsdecode(link))


def _inside(path: str) -> str:
    """`path` relative to the root, with no way out of it; "." for the root."""
    return posixpath.normpath(f"/{path}").lstrip("/") or "."
