"""Tests of one character: literals, ranges, named classes, with or without regard to case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from unicodedata import category

Test = Callable[[str], bool]
Range = tuple[int, int]

DIGIT: Final[tuple[Range, ...]] = ((0x30, 0x39),)
SPACE: Final[tuple[Range, ...]] = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
WORD: Final[tuple[Range, ...]] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
POSIX: Final[dict[str, tuple[Range, ...]]] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": DIGIT,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
_NAMES: Final = {"C": "cfos", "L": "lmotu", "M": "cen", "N": "dlo", "P": "cdefios", "S": "ckmo", "Z": "lps"}
_CATEGORIES: Final = {
    (major + minor).lower(): major + minor for major, minors in _NAMES.items() for minor in ("", *minors)
} | {
    "letter": "L",
    "lowercaseletter": "Ll",
    "uppercaseletter": "Lu",
    "titlecaseletter": "Lt",
    "modifierletter": "Lm",
    "otherletter": "Lo",
    "mark": "M",
    "combiningmark": "M",
    "number": "N",
    "decimalnumber": "Nd",
    "letternumber": "Nl",
    "othernumber": "No",
    "punctuation": "P",
    "punct": "P",
    "symbol": "S",
    "mathsymbol": "Sm",
    "currencysymbol": "Sc",
    "separator": "Z",
    "spaceseparator": "Zs",
    "control": "Cc",
    "cntrl": "Cc",
    "digit": "Nd",
    "other": "C",
}
_SPECIAL: Final[dict[str, Test]] = {
    "any": lambda _char: True,
    "ascii": str.isascii,
    "assigned": lambda char: category(char) != "Cn",
    "cn": lambda char: category(char) == "Cn",
    "lc": lambda char: category(char) in ("Lu", "Ll", "Lt"),
}


def literal(char: str, *, fold: bool = False) -> Test:
    """Exactly this character, or with `fold` any that differs in case alone."""
    if not fold:
        return char.__eq__
    wanted = folded(char)
    return lambda other: other == char or folded(other) == wanted


def in_ranges(ranges: Iterable[Range], *, fold: bool = False) -> Test:
    """A character inside one of the ranges of code points (both ends included)."""
    held = tuple(ranges)

    def test(char: str) -> bool:
        code = ord(char)
        return any(low <= code <= high for low, high in held)

    return _folding(test) if fold else test


def any_of(tests: Iterable[Test]) -> Test:
    held = tuple(tests)
    return held[0] if len(held) == 1 else lambda char: any(test(char) for test in held)


def none_of(test: Test) -> Test:
    return lambda char: not test(char)


def unicode_class(name: str, *, fold: bool = False) -> Test | None:
    """The class that `\\p{name}` means: a general category or a script; None if there is none.

    Case, blanks, `_` and `-` in names do not matter (since Go 1.25, as Unicode's TR18 wants).
    """
    plain = name.lower().replace(" ", "").replace("_", "").replace("-", "")
    if plain in _SPECIAL:
        test = _SPECIAL[plain]
    elif plain in _CATEGORIES:
        wanted = _CATEGORIES[plain]
        test = lambda char: category(char).startswith(wanted)  # noqa: E731
    else:
        by_script = _script(plain)
        if by_script is None:
            return None
        test = by_script
    return _folding(test) if fold else test


def _script(name: str) -> Test | None:
    import regex  # the standard library knows no scripts

    # what it also takes, and RE2 does not, are the four letters of ISO 15924
    if not (name.isascii() and name.isalpha()) or len(name) < 3:
        return None
    try:
        matches = regex.compile(rf"\p{{Script={name}}}").match
    except regex.error:
        return None
    return lambda char: matches(char) is not None


def folded(char: str) -> str:
    """A common form of all characters that differ in case alone (Unicode's simple folding)."""
    if char in _CASELESS:
        return char
    upper = char.upper()
    lower = (upper if len(upper) == 1 else char).lower()
    return lower if len(lower) == 1 else char


def _folding(test: Test) -> Test:
    return lambda char: any(map(test, _same_but_case(char)))


def _same_but_case(char: str) -> set[str]:
    lower = folded(char)
    forms = {char, lower, lower.upper(), lower.title(), *_MORE_FORMS.get(lower, "")}
    return {form for form in forms if len(form) == 1}


# U+0130 and U+0131 fold only in Turkish
_CASELESS: Final = frozenset("\u0130\u0131")
# characters beside the two of each letter that fold to it
_MORE_FORMS: Final = {
    "k": "\u212a",
    "s": "\u017f",
    "å": "\u212b",
    "ß": "\u1e9e",
    "ω": "\u2126",
    "μ": "\u00b5",
    "σ": "\u03c2",
    "ι": "\u0345\u1fbe",
    "β": "\u03d0",
    "ε": "\u03f5",
    "θ": "\u03d1\u03f4",
    "κ": "\u03f0",
    "π": "\u03d6",
    "ρ": "\u03f1",
    "φ": "\u03d5",
    "ṡ": "\u1e9b",
}
