"""Which paths a list of patterns selects: moby/patternmatcher's semantics.

Takes the patterns of a .dockerignore or of a file sync, gives a `Patterns` that judges paths one
directory level after the other. The rule: patterns are read in order, the last that matches a path or
one of its parents decides, and `!` turns a match into an exception. `*` and `?` stop at a slash, `**`
does not.

A walk hands each directory's `Verdict` to its children, as fsutil's filter does. A pattern that could
not change the outcome for a directory is not tried on it, so that its children do not inherit it; for
lists with `!` this differs now and then from judging each path on its own, and decides what the
reference sends (https://github.com/docker/buildx/issues/850 tells why).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from bake.buildkit.fsutil.glob import PatternError, compile_glob, literal_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.buildkit.fsutil.glob import Matcher


class Verdict(NamedTuple):
    """What a list of patterns says of one path: whether it is selected, and which patterns matched it
    or a parent of it (empty for the root, which nothing matches)."""

    selected: bool
    matched: tuple[bool, ...]


ROOT = Verdict(selected=False, matched=())


class Pattern(NamedTuple):
    """One pattern, cleaned as Go's `filepath.Clean` does, and without its `!`."""

    text: str
    exception: bool
    matcher: Matcher
    prefix: str
    """What every path it matches begins with."""


class Patterns:
    """Patterns in their order. Blank ones are dropped; a bad one raises `PatternError`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        cleaned = (pattern.strip() for pattern in patterns)
        self.patterns = tuple(_parse(pattern) for pattern in cleaned if pattern)
        self._exceptions = any(pattern.exception for pattern in self.patterns)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def judge(self, path: str, parent: Verdict = ROOT) -> Verdict:
        """The verdict on `path` (relative, slashes), given that on its parent directory."""
        inherited = parent.matched or (False,) * len(self.patterns)
        selected = False
        matched: list[bool] = []
        for pattern, before in zip(self.patterns, inherited, strict=True):
            hit = before or (pattern.exception == selected and pattern.matcher.fullmatch(path) is not None)
            matched.append(hit)
            if hit:
                selected = not pattern.exception
        return Verdict(selected, tuple(matched))

    def selects(self, path: str) -> bool:
        """The verdict on `path` as a walk from the root would come to it."""
        verdict = ROOT
        parts = path.split("/")
        for count in range(len(parts)):
            verdict = self.judge("/".join(parts[: count + 1]), verdict)
        return verdict.selected

    def may_select_below(self, directory: str) -> bool:
        """Whether something below a directory that is not selected could be: False allows skipping it."""
        return self._reaches(directory, exceptions=False)

    def may_spare_below(self, directory: str) -> bool:
        """Whether something below a selected directory could be an exception: False allows skipping
        a directory that is selected to be left out."""
        return self._exceptions and self._reaches(directory, exceptions=True)

    def _reaches(self, directory: str, *, exceptions: bool) -> bool:
        below = f"{directory}/"
        return any(
            pattern.prefix.startswith(below) or below.startswith(pattern.prefix)
            for pattern in self.patterns
            if pattern.exception == exceptions
        )


def clean(path: str) -> str:
    """Go's `path.Clean`; unlike Python's normpath it leaves no double slash at the start."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _parse(pattern: str) -> Pattern:
    text = clean(pattern)
    exception = text.startswith("!")
    if exception:
        text = text[1:]
    if not text:
        raise PatternError(pattern, "an exception needs a pattern after the `!`")
    return Pattern(text, exception, compile_glob(text), literal_prefix(text))
