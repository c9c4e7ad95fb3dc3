"""One pattern of moby/patternmatcher as a Python regular expression.

Takes a cleaned pattern, gives something to be used with `fullmatch`. The rules are those of
moby/patternmatcher, which writes a Go expression while it reads the pattern; so what it does to a
character inside brackets (`[*]` is no class of one star) is done here too. Go's expressions take linear
time. Python's go back and try again for every wildcard, so a pattern with more than a few of them is
matched part by part.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LITERAL: Final = frozenset(".+()|{}$")
"""Special to expressions, not to patterns."""

_ESCAPES: Final = frozenset("dDsSwWafnrtv")
"""Letters that Go's expressions know after a backslash, in and out of brackets."""
_ASSERTIONS: Final = {"b": r"\b", "B": r"\B", "A": r"\A", "z": r"\Z"}

_CLASSES: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}


class PatternError(UsageError):
    """A pattern that moby/patternmatcher refuses; `detail` names it."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(
            "bad pattern",
            detail=f"`{pattern}`: {reason}",
            hint="write a backslash before `[`, `]`, `*` or `?` where it stands for itself",
        )
        self.pattern = pattern


_NAME: Final = "[^/]*"
_FOLDERS: Final = "(.*/)?"
_ANYTHING: Final = ".*"
_WILDCARDS: Final = frozenset({_NAME, _FOLDERS, _ANYTHING})
"""The parts of an expression that match texts of any length."""
FEW: Final = 2
"""Wildcards that an expression may have to be left to Python."""


class Matcher(Protocol):
    """What a pattern is compiled to."""

    def fullmatch(self, path: str, /) -> object | None:
        """Something if `path` matches, else None."""


def compile_glob(pattern: str) -> Matcher:
    """What matches the paths that `pattern` means; raises `PatternError`."""
    _check(pattern)
    plain = _plain(pattern)
    parts = [plain] if plain else _translate(_expression(pattern), pattern)
    try:
        if sum(part in _WILDCARDS or _is_repeated(part) for part in parts) > FEW:
            return _Parts(parts)
        return re.compile("".join(parts), re.ASCII)
    except re.error as exc:
        raise PatternError(pattern, str(exc)) from exc


class _Parts:
    """An expression whose parts are matched one after the other, each from all the places that the one
    before it may end at."""

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = [(part, re.compile(_RUNS.get(part, part), re.ASCII)) for part in parts]

    def fullmatch(self, path: str, /) -> object | None:
        places = {0}
        for part, expression in self._parts:
            if part == _FOLDERS:
                ends = _reached(expression, path, places)
                places |= {place + 1 for place in ends if path.startswith("/", place)}
            elif part in _WILDCARDS or _is_repeated(part):
                places = _reached(expression, path, places)
            else:
                places = {found.end() for place in places if (found := expression.match(path, place))}
        return places if len(path) in places else None


_RUNS: Final = {_FOLDERS: _ANYTHING}
"""Of a wildcard, the run of characters that it may take any number of."""


def _reached(run: re.Pattern[str], path: str, places: set[int]) -> set[int]:
    """All places that a `run`, or a part of one, leads to from `places`."""
    found: set[int] = set()
    for place in sorted(places):
        if place not in found and (taken := run.match(path, place)):
            found.update(range(place, taken.end() + 1))
    return found


def _is_repeated(part: str) -> bool:
    """Whether it is a class with a star behind it, as of `[*]` is made."""
    return part.startswith("[") and part.endswith("*")


def has_wildcards(name: str) -> bool:
    """Whether `name` has an unescaped `*`, `?` or `[`."""
    return re.match(r"(?:\\.|[^\\*?\[])*[*?\[]", name, re.DOTALL) is not None


def literal_prefix(pattern: str) -> str:
    """What every path that `pattern` matches begins with."""
    found = re.match(r"[^*?\[\]\\^]*", pattern)
    return found.group() if found else ""


def _plain(pattern: str) -> str | None:
    """The expression of a pattern that is compared as text: no wildcard but one `**`, first or last.

    Such a `**` is worth more than the one `_expression` writes: `**foo` ends in foo wherever that
    starts, and it takes line feeds too.
    """
    if not re.search(r"[*?\[\]\\]", pattern):
        return re.escape(pattern)
    if not re.search(r"[*?\[\]\\]", pattern[2:]) and pattern.startswith("**"):
        rest = pattern[2:]
        return f"(?s:.*/)?{re.escape(rest[1:])}" if rest.startswith("/") else f"(?s:.*){re.escape(rest)}"
    if not re.search(r"[*?\[\]\\]", pattern[:-2]) and pattern.endswith("**"):
        return f"{re.escape(pattern[:-2])}(?s:.*)"
    return None


def _check(pattern: str) -> None:
    """The syntax of Go's `filepath.Match`: closed brackets with something in them, no last backslash."""
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 2
        elif pattern[at] == "[":
            at = _check_class(pattern, at + 1)
        else:
            at += 1
    if at > len(pattern):
        raise PatternError(pattern, "nothing follows the last backslash")


def _check_class(pattern: str, start: int) -> int:
    at = start + 1 if pattern.startswith("^", start) else start
    first = at
    while at == first or not pattern.startswith("]", at):
        at = _check_member(pattern, at)
        if pattern.startswith("-", at):
            at = _check_member(pattern, at + 1)
    return at + 1


def _check_member(pattern: str, at: int) -> int:
    if pattern[at : at + 1] in ("-", "]"):
        raise PatternError(pattern, f"unexpected `{pattern[at]}` in a character class")
    at += 2 if pattern.startswith("\\", at) else 1
    if at >= len(pattern):
        raise PatternError(pattern, "missing `]`")
    return at


def _expression(pattern: str) -> str:
    """The Go expression that moby/patternmatcher makes, without its anchors."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 2 if pattern.startswith("/", at + 1) else 1
            out.append(_FOLDERS if at < len(pattern) else _ANYTHING)
        elif char == "\\":
            out.append(pattern[at - 1 : at + 1])
            at += 1
        else:
            out.append(_SHORT.get(char) or (f"\\{char}" if char in _LITERAL else char))
    return "".join(out)


_SHORT: Final = {"*": _NAME, "?": "[^/]"}


def _translate(expression: str, pattern: str) -> list[str]:
    """The parts of a Go expression, of the few kinds `_expression` writes, in Python's syntax."""
    out: list[str] = []
    at = 0
    while at < len(expression):
        char = expression[at]
        if wildcard := next((one for one in _WILDCARDS if expression.startswith(one, at)), None):
            out.append(wildcard)
            at += len(wildcard)
        elif char == "\\":
            out.append(_escape(expression[at + 1], pattern, _ASSERTIONS))
            at += 2
        elif char == "[":
            text, at = _class(expression, at + 1, pattern)
            out.append(text)
        elif char == "*":
            out[-1] += char
            at += 1
        else:
            out.append("\\]" if char == "]" else char)
            at += 1
    return out


def _class(expression: str, at: int, pattern: str) -> tuple[str, int]:
    """The class whose members start at `at`; gives it and the place after its `]`."""
    out = ["["]
    if expression.startswith("^", at):
        out.append("^")
        at += 1
    first = at
    while at == first or not expression.startswith("]", at):
        named = re.compile(r"\[:(\^?)(\w+):\]").match(expression, at)
        if named and named[2] in _CLASSES and not named[1]:
            out.append(_CLASSES[named[2]])
            at = named.end()
        elif at >= len(expression):
            raise PatternError(pattern, "missing `]`")
        elif expression[at] == "\\":
            out.append(_escape(expression[at + 1], pattern, {}))
            at += 2
        else:
            out.append("-" if expression[at] == "-" else re.escape(expression[at]))
            at += 1
    return "".join((*out, "]")), at + 1


def _escape(char: str, pattern: str, assertions: dict[str, str]) -> str:
    if char in assertions:
        return assertions[char]
    if char in _ESCAPES:
        return f"\\{char}"
    if char.isascii() and not char.isalnum():
        return re.escape(char)
    raise PatternError(pattern, f"unknown escape `\\{char}`")
