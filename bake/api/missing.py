"""A file that is not found, by `COPY` or as Dockerfile: whether .dockerignore leaves it out, what is there.

BuildKit only has what it was sent. Here the context itself can be looked at, where it is on this machine.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING

from bake.buildkit.fsutil.glob import PatternError
from bake.buildkit.fsutil.patterns import Patterns
from bake.errors import SolveError
from bake.solve import LocalTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.engine.outcome import Outcome
    from bake.plan.records import Plan
    from bake.solve import Solve

_NOT_FOUND = re.compile(r'failed to calculate checksum of ref \S+: "/([^"]+)": not found$')
_NO_DOCKERFILE = re.compile(r"failed to read dockerfile: open (.+): no such file or directory$")
_FROM = re.compile(r"\s--from=|,from=")
_OUTSIDE = re.compile(r"\s\.\./")
IGNORE = ".dockerignore"
OUTSIDE = (
    "`..` does not lead out of the context: give the target the folder as a context of its own, "
    '`contexts = { other = "../FOLDER" }`, and write `COPY --from=other`'
)


def explain(outcome: Outcome, plan: Plan) -> None:
    """Give failures to find a file of the main context, or the Dockerfile, a hint that says where it is."""
    for target, error in outcome.errors.items():
        if isinstance(error, SolveError):
            solves = [one for one in plan.solves.values() if one.target == target]
            error.hint = next(filter(None, (_hint(error, solve) for solve in solves)), error.hint)


def _hint(error: SolveError, solve: Solve) -> str | None:
    if found := _NO_DOCKERFILE.search(error.detail):
        folder = solve.locals.get("dockerfile")
        if not isinstance(folder, LocalTree):
            return None
        there, near = _instead(found[1], folder.path, "")
        return there and f"{there}; {near or '`dockerfile` says which one to take'}"
    found = _NOT_FOUND.search(error.detail)
    instruction = _instruction(error) if found else ""
    if _OUTSIDE.search(instruction):
        return OUTSIDE
    return _of_context(found[1], solve) if found and not _FROM.search(instruction) else None


def _instruction(error: SolveError) -> str:
    """The lines of the Dockerfile that the error is about."""
    lines = (
        (source.text.split("\n"), first, last) for source in error.sources for first, last in source.ranges
    )
    return "\n".join("\n".join(text[first - 1 : last]) for text, first, last in lines)


def _of_context(path: str, solve: Solve) -> str | None:
    context = solve.locals.get("context")
    if not isinstance(context, LocalTree):
        return None
    if os.path.lexists(os.path.join(context.path, path)):
        return _ignored(path, context, solve)
    return "; ".join(filter(None, _instead(path, context.path, "the context")))


def _ignored(path: str, context: LocalTree, solve: Solve) -> str | None:
    """The line of the file of patterns that leaves it out."""
    for name, file in _pattern_files(context, solve):
        try:
            with open(file, encoding="utf-8", errors="replace") as opened:
                lines = [_pattern(line) for line in opened]
        except OSError:
            continue
        number = _deciding(lines, path)
        if not number:
            return None
        return f"`{path}` is there, but {name} leaves it out: line {number}, `{lines[number - 1]}`"
    return None


def _pattern_files(context: LocalTree, solve: Solve) -> Iterable[tuple[str, str]]:
    """That of the Dockerfile itself counts before the context's (dockerui/config.go of BuildKit)."""
    dockerfile = solve.locals.get("dockerfile")
    if isinstance(dockerfile, LocalTree):
        name = f"{solve.attrs.get('filename', 'Dockerfile')}{IGNORE}"
        yield name, os.path.join(dockerfile.path, name)
    yield IGNORE, os.path.join(context.path, IGNORE)


def _pattern(line: str) -> str:
    """A line as a pattern: comments are none, paths begin at the context (patternmatcher/ignorefile)."""
    text = "" if line.startswith("#") else line.strip()
    exception = "!" if text.startswith("!") else ""
    text = text[len(exception) :].strip()
    return exception + posixpath.normpath(text).lstrip("/") if text else ""


def _deciding(lines: Sequence[str], path: str) -> int | None:
    """The number of the line that leaves `path` out, None if none does."""
    try:
        if not Patterns(lines).selects(path):
            return None
        return next(
            number for number in range(len(lines), 0, -1) if not Patterns(lines[: number - 1]).selects(path)
        )
    except PatternError:
        return None


def _instead(path: str, top: str, called: str) -> tuple[str, str]:
    """The first part of the path that is not in `top`, a folder that may be `called` something, and what has
    nearly that name; "" for what nothing is known of."""
    from difflib import get_close_matches

    folder, done = top, ""
    for part in path.split("/"):
        if not os.path.lexists(os.path.join(folder, part)):
            break
        folder, done = os.path.join(folder, part), posixpath.join(done, part)
    else:
        return "", ""
    try:
        near = get_close_matches(part, sorted(os.listdir(folder)), n=1)
    except OSError:
        near = []
    where = done or called
    there = f"there is no `{part}` in {f'{where} ({folder})' if where else folder}"
    return there, f"did you mean `{posixpath.join(done, near[0])}`?" if near else ""
