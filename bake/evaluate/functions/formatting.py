"""`format` and `formatlist`: cty's verbs, which are Go's as far as numbers go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bake.evaluate import digits
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.functions.arguments import bounded
from bake.evaluate.functions.encoding import json_text
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.graphemes import clusters
from bake.evaluate.types import BOOL, NUMBER, STRING, List, Set, Tuple, Type
from bake.evaluate.values import Value, is_wholly_known, list_of, normalized, unknown
from bake.goquote import quoted, quoted_character
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.evaluate.number import Number
    from bake.host import Host

MAX_WIDTH: Final = 1_000_000
"""The largest width and precision, Go's own."""

_STRINGS: Final = List(STRING)
_VERB: Final = re.compile(
    r"%(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z])"
)
_VERB_START: Final = re.compile(r"%[0#\-+ ]*(?:[1-9][0-9]*)?(?:\.[0-9]*)?(?:\[(?:[1-9][0-9]*\]?)?)?")


@record
class _Verb:
    """One verb: as it is written, and where (in bytes); the argument it takes, counted from 1."""

    raw: str
    offset: int
    mode: str
    flags: str
    width: int | None
    precision: int | None
    argument: int

    def refuse(self, reason: object) -> FunctionError:
        return FunctionError(f"unsupported value for {quoted(self.raw)} at {self.offset}: {reason}")

    def padded(self, text: str) -> str:
        """Text filled up to the width, counted in grapheme clusters."""
        missing = (self.width or 0) - len(clusters(text))
        fill = ("0" if "0" in self.flags else " ") * missing
        return text + fill if "-" in self.flags else fill + text


def _format(arguments: Sequence[Value], _host: Host) -> Value:
    if not all(map(is_wholly_known, arguments)):
        return unknown(STRING)
    return normalized(_filled(arguments[0].raw, arguments[1:]))


def _format_list(arguments: Sequence[Value], _host: Host) -> Value:
    template, *given = arguments
    if not all(map(is_wholly_known, given)):
        return unknown(_STRINGS)
    if not given:
        return list_of(STRING, [normalized(_filled(template.raw, ()))])
    count = _iterations(given)
    lines: list[Value] = []
    size = 0
    for step in range(1 if count is None else count):
        row = [one.raw[step] if _iterates(one) else one for one in given]
        try:
            line = _filled(template.raw, row)
        except FunctionError as error:
            raise FunctionError(f"error on format iteration {step}: {error}") from error
        size += len(line)
        bounded(size)
        lines.append(normalized(line))
    return list_of(STRING, lines)


def _iterates(value: Value) -> bool:
    return isinstance(value.type, List | Set | Tuple) and value.raw is not None


def _iterations(given: Sequence[Value]) -> int | None:
    """The common length of all sequences, None when there is none."""
    chooser: int | None = None
    for index, one in enumerate(given):
        if not _iterates(one):
            continue
        if chooser is None:
            chooser = index
        elif len(one.raw) != len(given[chooser].raw):
            raise FunctionError(
                f"argument {index + 1} has length {len(one.raw)}, which is inconsistent with argument"
                f" {chooser + 1} of length {len(given[chooser].raw)}",
                index + 1,
            )
    return None if chooser is None else len(given[chooser].raw)


def _filled(template: str, arguments: Sequence[Value]) -> str:
    pieces: list[str] = []
    size = at = highest = 0
    following = 1
    while at < len(template):
        start = template.find("%", at)
        if start < 0:
            pieces.append(template[at:])
            break
        pieces.append(template[at:start])
        if template.startswith("%%", start):
            pieces.append("%")
            at = start + 2
            continue
        verb, at = _verb(template, start, following)
        highest = max(highest, verb.argument)
        following = verb.argument + 1
        pieces.append(_written(verb, arguments))
        size += len(pieces[-1])
        bounded(size)
    if highest < len(arguments):
        used = f"only {highest} used by format string" if highest else "no verbs in format string"
        raise FunctionError(f"too many arguments; {used}", highest + 1)
    return "".join(pieces)


def _verb(template: str, start: int, following: int) -> tuple[_Verb, int]:
    offset = len(template[:start].encode())
    found = _VERB.match(template, start)
    if found is None:
        raise _bad_verb(template, start)
    width, precision = found["width"], found["precision"]
    verb = _Verb(
        raw=found[0],
        offset=offset,
        mode=found["mode"],
        flags=found["flags"],
        width=_count(width),
        precision=None if precision is None else _count(precision or "0"),
        argument=_count(found["index"]) or following,
    )
    return verb, found.end()


def _count(digits_text: str | None) -> int | None:
    if digits_text is None:
        return None
    digits_text = digits_text.lstrip("0") or "0"
    if len(digits_text) > 7 or int(digits_text) > MAX_WIDTH:
        raise FunctionError(f"a width or precision of more than {MAX_WIDTH} in the format string")
    return int(digits_text)


def _bad_verb(template: str, start: int) -> FunctionError:
    found = _VERB_START.match(template, start)
    end = found.end() if found else start + 1
    offset = len(template[:end].encode())
    if end >= len(template):
        return FunctionError(f"invalid format string starting at offset {offset}")
    char = quoted_character(template[end])
    return FunctionError(f"unrecognized format character {char} at offset {offset}")


def _written(verb: _Verb, arguments: Sequence[Value]) -> str:
    if verb.argument > len(arguments):
        raise FunctionError(
            f"not enough arguments for {quoted(verb.raw)} at {verb.offset}: need index {verb.argument}"
            f" but have {len(arguments)} total"
        )
    value = arguments[verb.argument - 1]
    if verb.mode != "v" and value.is_null:
        raise verb.refuse("null value cannot be formatted")
    write = _MODES.get(verb.mode)
    if write is None:
        mode, raw = quoted_character(verb.mode), quoted(verb.raw)
        raise FunctionError(f"unsupported format verb {mode} in {raw} at offset {verb.offset}")
    return write(verb, value)


def _as_is(verb: _Verb, value: Value) -> str:
    plain = "#" not in verb.flags and not value.is_null
    if plain and value.type == STRING:
        return verb.padded(value.raw)
    if plain and value.type == NUMBER:
        return verb.padded(digits.general(value.raw))
    try:
        return verb.padded(json_text(value))
    except FunctionError as error:
        raise verb.refuse(error) from error


def _converted(verb: _Verb, value: Value, wanted: Type) -> Value:
    try:
        return convert(value, wanted)
    except ConversionError as error:
        raise verb.refuse(error) from error


def _bool(verb: _Verb, value: Value) -> str:
    return "true" if _converted(verb, value, BOOL).raw else "false"


def _string(verb: _Verb, value: Value) -> str:
    text = _converted(verb, value, STRING).raw
    if verb.precision:
        text = "".join(clusters(text)[: verb.precision])
    return verb.padded(json_text(normalized(text)) if verb.mode == "q" else text)


_BASES: Final = {"b": ("b", "0b"), "d": ("d", ""), "o": ("o", "0"), "x": ("x", "0x"), "X": ("X", "0X")}


def _integer(verb: _Verb, value: Value) -> str:
    number = _converted(verb, value, NUMBER).raw
    if not number.is_integer:
        raise verb.refuse("an integer is required")
    base, prefix = _BASES[verb.mode]
    size = abs(int(number))
    text = digits.whole_text(size) if base == "d" else f"{size:{base}}"
    if verb.precision == 0 and not size:
        return ""
    text = text.rjust(verb.precision or 0, "0")
    lead = _sign(verb, number.sign < 0) + (prefix if "#" in verb.flags else "")
    zeros = "0" in verb.flags and "-" not in verb.flags and verb.precision is None
    return _aligned(verb, lead, text, zeros)


def _float(verb: _Verb, value: Value) -> str:
    number: Number = _converted(verb, value, NUMBER).raw
    text = _FLOATS[verb.mode](abs(number), verb.precision).removeprefix("+")
    lead = _sign(verb, number.negative)
    if number.infinite and not number.negative:
        lead = " " if " " in verb.flags and "+" not in verb.flags else "+"
    zeros = "0" in verb.flags and "-" not in verb.flags and not number.infinite
    return _aligned(verb, lead, text, zeros)


def _sign(verb: _Verb, negative: bool) -> str:
    if negative:
        return "-"
    return "+" if "+" in verb.flags else " " if " " in verb.flags else ""


def _aligned(verb: _Verb, lead: str, text: str, zeros: bool) -> str:
    missing = (verb.width or 0) - len(lead) - len(text)
    if "-" in verb.flags:
        return lead + text + " " * missing
    return lead + "0" * missing + text if zeros else " " * missing + lead + text


_FLOATS: Final[dict[str, Callable[[Number, int | None], str]]] = {
    "e": lambda number, precision: digits.scientific(number, 6 if precision is None else precision),
    "E": lambda number, precision: digits.scientific(number, 6 if precision is None else precision, "E"),
    "f": lambda number, precision: digits.fixed(number, 6 if precision is None else precision),
    "g": digits.general,
    "G": lambda number, precision: digits.general(number, precision, "E"),
}
_MODES: Final[dict[str, Callable[[_Verb, Value], str]]] = {
    "v": _as_is,
    "t": _bool,
    "s": _string,
    "q": _string,
    **dict.fromkeys(_BASES, _integer),
    **dict.fromkeys(_FLOATS, _float),
}
_FORMAT: Final = (Parameter("format", STRING),)
_ARGS: Final = Parameter("args", allow_null=True, allow_unknown=True, allow_dynamic=True)
FUNCTIONS: Final = {
    "format": Function(_format, _FORMAT, _ARGS, STRING),
    "formatlist": Function(_format_list, _FORMAT, _ARGS, _STRINGS),
}
