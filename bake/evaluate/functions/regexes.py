"""Matching and replacing by regular expressions of RE2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.arguments import bounded
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.patterns import Pattern, PatternError, compile_pattern
from bake.evaluate.types import DYNAMIC, STRING, List, Object, Tuple, Type
from bake.evaluate.values import Value, list_of, normalized, null

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.evaluate.patterns.machine import Captures
    from bake.host import Host


def _regex(arguments: Sequence[Value], _host: Host) -> Value:
    pattern, type_ = _pattern(arguments[0].raw)
    text = arguments[1].raw
    found = pattern.search(text)
    if found is None:
        raise FunctionError("pattern did not match any part of the given string")
    return _result(pattern, text, found, type_)


def _regex_all(arguments: Sequence[Value], _host: Host) -> Value:
    pattern, type_ = _pattern(arguments[0].raw)
    text = arguments[1].raw
    return list_of(type_, [_result(pattern, text, found, type_) for found in pattern.matches(text)])


def _pattern(text: str) -> tuple[Pattern, Type]:
    """The pattern, and the type of what a match gives: its groups, or the whole without groups."""
    try:
        pattern = compile_pattern(text)
    except PatternError as error:
        raise FunctionError(f"invalid regexp pattern: {error.code} in {error.expression}", 0) from error
    named = [name for name in pattern.names if name]
    if named and len(named) < len(pattern.names):
        message = "invalid regexp pattern: cannot mix both named and unnamed capture groups"
        raise FunctionError(message, 0)
    if named:
        return pattern, Object(dict.fromkeys(sorted(named), STRING))
    return pattern, Tuple((STRING,) * len(pattern.names)) if pattern.names else STRING


def _result(pattern: Pattern, text: str, found: Captures, type_: Type) -> Value:
    if type_ == STRING:
        return normalized(text[found[0] : found[1]])
    groups = [
        normalized(text[start:end]) if start >= 0 else null(STRING)
        for start, end in zip(found[2::2], found[3::2], strict=True)
    ]
    if isinstance(type_, Tuple):
        return Value(type_, tuple(groups))
    by_name = {name or "": group for name, group in zip(pattern.names, groups, strict=True)}
    return Value(type_, dict(sorted(by_name.items())))


def _regex_replace(arguments: Sequence[Value], _host: Host) -> Value:
    text, pattern_text, template = (argument.raw for argument in arguments)
    try:
        pattern = compile_pattern(pattern_text)
    except PatternError as error:
        raise FunctionError(str(error)) from error
    pieces = _template(template)
    size = 0

    def expand(found: Captures) -> str:
        nonlocal size
        expanded = "".join(
            piece if isinstance(piece, str) else _group(pattern, text, found, piece[0]) for piece in pieces
        )
        size += len(expanded)
        bounded(size)
        return expanded

    return normalized(pattern.replace(text, expand))


def _template(template: str) -> list[str | tuple[str]]:
    """Plain text, and names of groups in tuples of one: `$name`, `${name}`, `$$`."""
    pieces: list[str | tuple[str]] = []
    before, dollar, rest = template.partition("$")
    while dollar:
        pieces.append(before)
        if rest.startswith("$"):
            pieces.append("$")
            rest = rest[1:]
        elif name := _group_name(rest):
            pieces.append((name,))
            rest = rest[len(name) + 2 * rest.startswith("{") :]
        else:
            pieces.append("$")
        before, dollar, rest = rest.partition("$")
    return [*pieces, before]


def _group_name(text: str) -> str:
    # the longest run of letters, digits and underscores: `$1x` is the group "1x"
    braced = text.startswith("{")
    inner = text[braced:]
    size = next((place for place, char in enumerate(inner) if not _in_name(char)), len(inner))
    return "" if braced and not inner.startswith("}", size) else inner[:size]


def _in_name(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


def _group(pattern: Pattern, text: str, found: Captures, name: str) -> str:
    numeric = name.isascii() and name.isdecimal() and (name == "0" or not name.startswith("0"))
    if numeric and len(name) <= 8:
        numbers = [int(name)]
    else:
        numbers = [number for number, one in enumerate(pattern.names, 1) if one == name]
    for number in numbers:
        if number <= len(pattern.names) and found[2 * number] >= 0:
            return text[found[2 * number] : found[2 * number + 1]]
    return ""


FUNCTIONS: Final = {
    "regex": Function(_regex, (Parameter("pattern", STRING), Parameter("string", STRING))),
    "regex_replace": Function(
        _regex_replace,
        (Parameter("str", STRING), Parameter("pattern", STRING), Parameter("replace", STRING)),
        returns=STRING,
    ),
    "regexall": Function(
        _regex_all, (Parameter("pattern", STRING), Parameter("string", STRING)), returns=List(DYNAMIC)
    ),
}
