"""The wanted part of a tree, in fsutil's order.

Takes a `Tree` and a `Filter`, gives `Stat`s: depth first, siblings in the order of their names' bytes,
the root left out. The rules are fsutil's: a directory comes before its children, also when it was not
selected but one of them was; a file's second name is a hard link to the first name that is *sent*.

Patterns see names decoded as Python decodes file names, so a byte that is no UTF-8 counts as one
character, as it does in Go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bake.buildkit.fsutil.patterns import ROOT, Patterns, Verdict
from bake.buildkit.fsutil.tree import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.buildkit.fsutil.stat import Stat
    from bake.buildkit.fsutil.tree import Child, Inode, Tree


class Filter(NamedTuple):
    """What of a tree is wanted: `include` selects (all, if it has no patterns), then `exclude` takes away."""

    include: Patterns = Patterns(())
    exclude: Patterns = Patterns(())

    def judge(self, path: bytes, parent: _Level) -> _Judgement:
        """Whether to send `path`, and whether to look below it."""
        text = os.fsdecode(path)
        include, exclude = ROOT, ROOT
        selected = below = True
        if self.include:
            include = self.include.judge(text, parent.include)
            selected = include.selected
            below = selected or self.include.may_select_below(text)
        if self.exclude:
            exclude = self.exclude.judge(text, parent.exclude)
            if exclude.selected:
                selected = False
                below = below and self.exclude.may_spare_below(text)
        return _Judgement(selected, below, include, exclude)


class _Judgement(NamedTuple):
    selected: bool
    below: bool
    include: Verdict
    exclude: Verdict


class _Level:
    """A directory that the walk is in; `waiting` is its own entry while nothing below it was sent."""

    __slots__ = ("children", "exclude", "include", "prefix", "waiting")

    def __init__(
        self,
        children: list[Child],
        prefix: bytes = b"",
        include: Verdict = ROOT,
        exclude: Verdict = ROOT,
        waiting: Stat | None = None,
    ) -> None:
        self.children = iter(children)
        self.prefix = prefix
        self.include = include
        self.exclude = exclude
        self.waiting = waiting


EVERYTHING = Filter()
_YES = _Judgement(selected=True, below=True, include=ROOT, exclude=ROOT)


def walk(tree: Tree, wanted: Filter = EVERYTHING) -> Iterator[Stat]:
    """The wanted entries of `tree`. Raises `TreeError` for what cannot be read and is wanted."""
    links: dict[Inode, bytes] = {}
    filtered = bool(wanted.include or wanted.exclude)
    levels = [_Level(_children(tree, b"", needed=True))]
    while levels:
        level = levels[-1]
        child = next(level.children, None)
        if child is None:
            levels.pop()
            continue
        path = level.prefix + child.name
        verdict = wanted.judge(path, level) if filtered else _YES
        descends = child.is_directory and verdict.below
        if not (verdict.selected or descends):
            continue
        stat = tree.describe(path, child, links)
        if stat is None:
            continue
        if verdict.selected:
            if filtered:
                yield from _release(levels)
            yield stat
        if descends:
            found = _children(tree, path, needed=verdict.selected)
            waiting = None if verdict.selected else stat
            levels.append(_Level(found, path + b"/", verdict.include, verdict.exclude, waiting))


def _release(levels: list[_Level]) -> Iterator[Stat]:
    """The directories above that were held back until something in them was wanted."""
    for level in levels:
        if level.waiting is not None:
            yield level.waiting
            level.waiting = None


def _children(tree: Tree, directory: bytes, *, needed: bool) -> list[Child]:
    """A directory that was not selected itself may be closed to us."""
    try:
        return tree.children(directory)
    except PermissionError as exc:
        if needed:
            raise unreadable(directory, exc) from exc
        return []
