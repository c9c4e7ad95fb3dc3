"""Text: case, trimming, cutting by grapheme clusters, joining and splitting. Results are NFC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.arguments import bounded, int_argument
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.graphemes import clusters
from bake.evaluate.types import NUMBER, STRING, List
from bake.evaluate.values import Value, is_wholly_known, list_of, normalized, string, unknown, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host

_STRINGS: Final = List(STRING)


def _text(compute: Callable[..., str], *names: str, dynamic: bool = False) -> Function:
    """A function of strings that gives a string and cannot fail."""

    def body(arguments: Sequence[Value], _host: Host) -> Value:
        return normalized(compute(*(argument.raw for argument in arguments)))

    parameters = tuple(Parameter(one, STRING, allow_dynamic=dynamic) for one in names)
    return Function(body, parameters, returns=STRING)


def _upper(text: str) -> str:
    # Go maps rune by rune, so what has no single capital stays ("ß"); Python's would give "SS"
    return text.upper() if text.isascii() else "".join(map(_one_upper, text))


def _one_upper(char: str) -> str:
    upper = char.upper()
    return upper if len(upper) == 1 else _SIMPLE_UPPER.get(char, char)


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_one_lower, text))


def _one_lower(char: str) -> str:
    # U+0130 is the only letter whose full mapping is longer than the simple one
    lower = char.lower()
    return lower if len(lower) == 1 else "i"


# letters whose full capital is several characters, but which have a simple one: Greek with iota subscript
_SIMPLE_UPPER: Final = {
    small: capital
    for start in (0x1F80, 0x1F90, 0x1FA0)
    for small, capital in zip(
        map(chr, range(start, start + 8)), map(chr, range(start + 8, start + 16)), strict=True
    )
} | {"ᾳ": "ᾼ", "ῃ": "ῌ", "ῳ": "ῼ"}


def _title(text: str) -> str:
    # Go's strings.Title: a letter is raised when what stands before it separates words
    return "".join(
        _one_title(char) if _separates(before) else char
        for before, char in zip(" " + text, text, strict=False)
    )


def _one_title(char: str) -> str:
    title = char.title()
    return title if len(title) == 1 else _SIMPLE_UPPER.get(char, char)


def _separates(char: str) -> bool:
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return not (char.isalpha() or char.isdecimal()) and char.isspace()


def _reverse(text: str) -> str:
    return text[::-1] if text.isascii() and "\r" not in text else "".join(reversed(clusters(text)))


def _strlen(arguments: Sequence[Value], _host: Host) -> Value:
    return whole(len(clusters(arguments[0].raw)))


def _substr(arguments: Sequence[Value], _host: Host) -> Value:
    parts = clusters(arguments[0].raw)
    offset, length = int_argument(arguments[1]), int_argument(arguments[2])
    if offset < 0:
        offset += len(parts)
    elif length == 0:
        return string("")
    parts = parts[max(offset, 0) :]
    # with a negative offset a length of zero means the whole rest, as in the reference (cty 1.17)
    return normalized("".join(parts if length <= 0 else parts[:length]))


def _join(arguments: Sequence[Value], _host: Host) -> Value:
    separator, *lists = arguments
    if not lists:
        raise FunctionError("at least one list is required")
    if not all(map(is_wholly_known, lists)):
        return unknown(STRING)
    items: list[str] = []
    for number, one in enumerate(lists, 1):
        for place, element in enumerate(one.raw):
            if element.raw is None:
                where = f"element {place} of list {number}" if len(lists) > 1 else f"element {place}"
                raise FunctionError(f"{where} is null; cannot concatenate null values", number)
            items.append(element.raw)
    bounded(sum(map(len, items)) + len(separator.raw) * len(items))
    return normalized(separator.raw.join(items))


def _sort(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    if not is_wholly_known(given):
        return unknown(_STRINGS)
    for place, element in enumerate(given.raw):
        if element.raw is None:
            raise FunctionError(f"given list element {place} is null; a null string cannot be sorted")
    return list_of(STRING, sorted(given.raw, key=lambda element: str(element.raw)))


def _split(arguments: Sequence[Value], _host: Host) -> Value:
    separator, text = (argument.raw for argument in arguments)
    # without a separator Go splits into characters
    parts = text.split(separator) if separator else list(text)
    return list_of(STRING, map(normalized, parts))


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(arguments: Sequence[Value], _host: Host) -> Value:
    spaces, text = int_argument(arguments[0]), arguments[1].raw
    if spaces < 0:
        raise FunctionError("the number of spaces must not be negative")
    if "\n" not in text:
        return normalized(text)
    bounded(len(text) + spaces * text.count("\n"))
    return normalized(text.replace("\n", "\n" + " " * spaces))


def _replace(arguments: Sequence[Value], _host: Host) -> Value:
    text, old, new = (argument.raw for argument in arguments)
    bounded(len(text) + len(new) * (text.count(old) if old else len(text) + 1))
    return normalized(text.replace(old, new))


def _trim_space(text: str) -> str:
    return text.strip(_SPACES)


# Go's unicode.IsSpace; Python's str.strip takes U+001C to U+001F too
_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def _sanitize(text: str) -> str:
    return "".join(char if char.isascii() and (char.isalnum() or char in "_-") else "_" for char in text)


FUNCTIONS: Final = {
    "chomp": _text(_chomp, "str"),
    "indent": Function(_indent, (Parameter("spaces", NUMBER), Parameter("str", STRING)), returns=STRING),
    "join": Function(_join, (Parameter("separator", STRING),), Parameter("lists", _STRINGS), STRING),
    "lower": _text(_lower, "str", dynamic=True),
    "replace": Function(
        _replace,
        (Parameter("str", STRING), Parameter("substr", STRING), Parameter("replace", STRING)),
        returns=STRING,
    ),
    "reverse": _text(_reverse, "str", dynamic=True),
    "sanitize": _text(_sanitize, "name"),
    "sort": Function(_sort, (Parameter("list", _STRINGS, allow_unknown=True),), returns=_STRINGS),
    "split": Function(_split, (Parameter("separator", STRING), Parameter("str", STRING)), returns=_STRINGS),
    "strlen": Function(_strlen, (Parameter("str", STRING, allow_dynamic=True),), returns=NUMBER),
    "substr": Function(
        _substr,
        (
            Parameter("str", STRING, allow_dynamic=True),
            Parameter("offset", NUMBER, allow_dynamic=True),
            Parameter("length", NUMBER, allow_dynamic=True),
        ),
        returns=STRING,
    ),
    "title": _text(_title, "str"),
    "trim": _text(lambda text, cutset: text.strip(cutset) if cutset else text, "str", "cutset"),
    "trimprefix": _text(str.removeprefix, "str", "prefix"),
    "trimspace": _text(_trim_space, "str"),
    "trimsuffix": _text(str.removesuffix, "str", "suffix"),
    "upper": _text(_upper, "str", dynamic=True),
}
