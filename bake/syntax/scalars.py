"""Plain YAML scalars → values, as go.yaml.in/yaml/v3 (resolve.go) does: YAML 1.2 with old octals.

`yes`, `no`, `on` and `off` are text, so are dates, and numbers of other bases that 64 bits do not hold;
`.inf` and `.nan` too, which nothing in a compose file can use. A float keeps the digits that were written.
"""

from __future__ import annotations

import re

from bake.syntax.tree import NumberText

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(
    r"([-+]?)(?:(0[xX])([0-9a-fA-F]+)|(0[oO])([0-7]+)|(0[bB])([01]+)|(0)([0-7]+)|(0|[1-9][0-9]*))"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASES = {2: 16, 4: 8, 6: 2, 8: 8}


def resolve(text: str) -> str | NumberText | bool | None:
    """The value of a plain scalar; text when it is nothing else."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text.replace("_", "") if text[0] != "_" else text) or text


def _number(text: str) -> NumberText | None:
    if found := _INTEGER.fullmatch(text):
        sign = "-" if found[1] == "-" else ""
        for prefix, base in _BASES.items():
            if found[prefix]:
                number = int(found[prefix + 1], base)
                return NumberText(f"{sign}{number}") if number < 2**64 else None
        return NumberText(f"{sign}{found[10]}")
    if _FLOAT.fullmatch(text):
        return NumberText(_canonical(text.lstrip("+")))
    return None


def _canonical(text: str) -> str:
    """A decimal with digits on both sides of its point, as HCL would write it."""
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    if digits[0] == ".":
        digits = f"0{digits}"
    return sign + re.sub(r"\.(?![0-9])", "", digits)
