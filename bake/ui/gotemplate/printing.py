"""Go's `printf`: the verbs of package fmt over JSON-like values, with what it writes of wrong ones."""

from __future__ import annotations

import re
from typing import Any

from bake.goquote import quoted
from bake.ui.gotemplate.values import OperandError, kind, text

VERB = re.compile(r"%(?P<flags>[-+ 0#]*)(?P<width>\d{0,4})(?P<precision>\.\d{0,4})?(?P<verb>.?)", re.DOTALL)

INTEGERS = {"d": "d", "x": "x", "X": "X", "o": "o"}
PREFIXES = {"x": "0x", "X": "0X", "o": "0"}
FLOATS = {"e": "e", "E": "E", "f": "f", "F": "f", "g": "g", "G": "G"}


def printf(form: str, *operands: Any) -> str:
    """`form` with its verbs filled in. Raises OperandError for what fmt has and this lacks."""
    left = list(operands)

    def fill(found: re.Match[str]) -> str:
        verb = found["verb"]
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if verb in "*[" or (verb == "v" and "#" in found["flags"]):
            raise OperandError(
                f"printf's {found[0]} is not supported", "use a plain verb, such as %v, %s or %-10s"
            )
        if not left:
            return f"%!{verb}(MISSING)"
        return _filled(found, left.pop(0))

    out = VERB.sub(fill, form)
    if left:
        extra = ", ".join(f"{kind(value)}={text(value)}" for value in left)
        out += f"%!(EXTRA {extra})"
    return out


def _filled(found: re.Match[str], value: Any) -> str:
    verb = found["verb"]
    if isinstance(value, list | tuple) and verb != "v":
        return "[" + " ".join(_filled(found, one) for one in value) + "]"
    body = _body(found, verb, value)
    return _bad(verb, value) if body is None else _padded(found, body, value)


def _bad(verb: str, value: Any) -> str:
    return f"%!{verb}(<nil>)" if value is None else f"%!{verb}({kind(value)}={text(value)})"


def _body(found: re.Match[str], verb: str, value: Any) -> str | None:
    """One value under one verb; None if they do not fit."""
    flags = found["flags"]
    integer = isinstance(value, int) and not isinstance(value, bool)
    if verb == "v":
        return _signed(flags, text(value)) if integer or isinstance(value, float) else text(value)
    if verb == "t":
        return text(value) if isinstance(value, bool) else None
    if isinstance(value, str):
        return _string(found, verb, value)
    if integer:
        return _integer(flags, verb, value)
    if isinstance(value, float) and verb in FLOATS:
        return _float(found, verb, value)
    return None


def _string(found: re.Match[str], verb: str, value: str) -> str | None:
    cut = value if found["precision"] is None else value[: int(found["precision"][1:] or "0")]
    if verb == "s":
        return cut
    if verb == "q":
        return quoted(cut)
    return {"x": cut.encode().hex(), "X": cut.encode().hex().upper()}.get(verb)


def _integer(flags: str, verb: str, value: int) -> str | None:
    if verb in INTEGERS:
        prefix = PREFIXES.get(verb, "") if "#" in flags else ""
        return _signed(flags, ("-" if value < 0 else "") + prefix + format(abs(value), INTEGERS[verb]))
    if verb == "b":
        return _signed(flags, format(value, "b"))
    if verb in "cqU" and 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
        return {"c": chr(value), "q": f"'{chr(value)}'", "U": f"U+{value:04X}"}[verb]
    return None


def _float(found: re.Match[str], verb: str, value: float) -> str:
    precision = found["precision"]
    if precision is None and verb in "gG":
        shown = text(value)
        return _signed(found["flags"], shown.upper() if verb == "G" else shown)
    digits = precision[1:] or "0" if precision else "6"
    return _signed(found["flags"], format(value, f".{digits}{FLOATS[verb]}"))


def _signed(flags: str, number: str) -> str:
    if number.startswith(("-", "+")):
        return number
    return ("+" if "+" in flags else " " if " " in flags else "") + number


def _padded(found: re.Match[str], body: str, value: Any) -> str:
    width, flags = int(found["width"] or "0"), found["flags"]
    if "-" in flags:
        return body.ljust(width)
    if "0" not in flags:
        return body.rjust(width)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return body.zfill(width) if numeric else body.rjust(width, "0")
