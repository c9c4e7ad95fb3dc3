"""Paths and patterns as Go's `path` package has them, and which texts name no local path."""

from __future__ import annotations

import posixpath
import re

_SPECIAL_SCHEMES = ("cwd://", "target:", "docker-image:", "oci-layout://")
_HTTP = ("https://", "http://")
_GIT_SCHEMES = ("git://", "ssh://")
_SCP = re.compile(r"[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:", re.ASCII)
CWD = "cwd://"


class PatternError(ValueError):
    """The pattern is malformed (path.ErrBadPattern)."""

    def __init__(self) -> None:
        super().__init__("syntax error in pattern")


def clean(path: str) -> str:
    """path.Clean: the shortest form; "" is "."."""
    found = posixpath.normpath(path)
    # POSIX lets two leading slashes mean something else, Go does not
    return found[1:] if found.startswith("//") else found


def join(base: str, path: str) -> str:
    """path.Join of two."""
    return clean(f"{base}/{path}") if base else clean(path)


def is_remote(text: str) -> bool:
    """Whether `text` is an HTTP URL or a Git reference (urlutil.IsRemoteURL of buildx 0.36.1)."""
    if text.startswith(("./", "../")):
        return False
    return text.startswith((*_HTTP, *_GIT_SCHEMES, "github.com/")) or _SCP.match(text) is not None


def is_special_context(text: str) -> bool:
    """Whether a context is something else than a path relative to its file."""
    return text.startswith(_SPECIAL_SCHEMES) or is_remote(text)


def is_pattern(text: str) -> bool:
    return any(character in text for character in "*?[]")


def match(pattern: str, name: str) -> bool:
    """path.Match: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]`, `\\` quotes the next character.

    Raises PatternError where the pattern is malformed, also when the name would not match it.
    """
    return re.fullmatch(_translated(pattern), name, re.DOTALL) is not None


def _translated(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            part, at = _class(pattern, at)
            parts.append(part)
        else:
            if character == "\\":
                character, at = _literal(pattern, at - 1)
            parts.append(re.escape(character))
    return "".join(parts)


def _class(pattern: str, at: int) -> tuple[str, int]:
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _member(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _member(pattern, at + 1)
        ranges.append((low, high))
    # an upside-down range matches nothing in Go, and is an error in Python
    members = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not members:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{members}]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at : at + 1] in ("", "-", "]"):
        raise PatternError
    character, at = _literal(pattern, at)
    if at >= len(pattern):
        raise PatternError
    return character, at


def _literal(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\":
        at += 1
        if at >= len(pattern):
            raise PatternError
    return pattern[at], at + 1
