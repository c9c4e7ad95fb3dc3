"""RE2's syntax to a program of the machine, with the error texts of Go's regexp/syntax.

One pass, no tree: each part becomes a `Piece` of code with relative jumps, and groups are kept on a
stack, so that deep nesting costs no recursion.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from bake.evaluate.patterns import classes, places
from bake.evaluate.patterns.machine import Operation, Pattern
from bake.evaluate.patterns.pieces import Piece, alternated, joined, repeated
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.evaluate.patterns.classes import Test

MAX_INSTRUCTIONS: Final = 200_000
MAX_DEPTH: Final = 1000
MAX_REPEAT: Final = 1000


class PatternError(ValueError):
    """What RE2 refuses: `code` says why, `expression` which part of the pattern."""

    def __init__(self, code: str, expression: str) -> None:
        super().__init__(f"error parsing regexp: {code}: `{expression}`")
        self.code = code
        self.expression = expression


@record
class _Flags:
    fold: bool = False
    many_lines: bool = False
    dot_newline: bool = False
    lazy: bool = False


@record(frozen=False)
class _Group:
    """A group that is still open: its finished alternatives, and the parts of the one being read."""

    flags_outside: _Flags
    number: int | None = None
    alternatives: list[Piece] = field(default_factory=list)
    parts: list[Piece] = field(default_factory=list)


def compile_pattern(text: str) -> Pattern:
    """The pattern that `text` means; PatternError where RE2 would refuse it."""
    parser = _Parser(text)
    piece = parser.parse()
    return Pattern(piece.code, parser.names)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.flags = _Flags()
        self.names: list[str | None] = []
        self.groups = [_Group(self.flags)]

    def parse(self) -> Piece:
        last_repeat: int | None = None
        while self.at < len(self.text):
            start = self.at
            char = self.text[start]
            if char in "*+?":
                self.at += 1
                low, high = _COUNTS[char]
                self.repeat(start, last_repeat, low, high)
                last_repeat = start
            elif char == "{" and (counts := self.counts()) is not None:
                self.repeat(start, last_repeat, *counts)
                last_repeat = start
            else:
                last_repeat = None
                _PARSERS.get(char, _Parser.read_literal)(self)
        if len(self.groups) > 1:
            raise PatternError("missing closing )", self.text)
        return self.finished(self.groups.pop())

    # Parts

    def add(self, piece: Piece) -> None:
        self.groups[-1].parts.append(piece)

    def add_test(self, test: Test) -> None:
        self.add(Piece(((Operation.TEST, test),), nullable=False))

    def add_assertion(self, holds: Callable[[str, int], bool]) -> None:
        self.add(Piece(((Operation.ASSERT, holds),)))

    def add_literal(self, char: str) -> None:
        self.add_test(classes.literal(char, fold=self.flags.fold))

    def read_literal(self) -> None:
        self.add_literal(self.text[self.at])
        self.at += 1

    def read_dot(self) -> None:
        self.at += 1
        self.add_test(places.anything if self.flags.dot_newline else places.not_newline)

    def read_caret(self) -> None:
        self.at += 1
        self.add_assertion(places.at_line_start if self.flags.many_lines else places.at_start)

    def read_dollar(self) -> None:
        self.at += 1
        self.add_assertion(places.at_line_end if self.flags.many_lines else places.at_end)

    def read_bar(self) -> None:
        self.at += 1
        group = self.groups[-1]
        group.alternatives.append(joined(group.parts))
        group.parts = []

    def read_class(self) -> None:
        self.add_test(self.bracketed())

    def read_backslash(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following in _ASSERTIONS:
            self.at += 2
            self.add_assertion(_ASSERTIONS[following])
        elif following == "Q":
            quoted, _, _ = self.text[self.at + 2 :].partition("\\E")
            self.at = min(self.at + 4 + len(quoted), len(self.text))
            for char in quoted:
                self.add_literal(char)
        else:
            self.add_test(self.escaped_class() or classes.literal(self.escape(), fold=self.flags.fold))

    # Groups

    def open_group(self) -> None:
        if len(self.groups) > MAX_DEPTH:
            raise PatternError("expression nests too deeply", self.text)
        if self.text.startswith("(?", self.at):
            self.open_special()
            return
        self.at += 1
        self.open_capture(None)

    def open_capture(self, name: str | None) -> None:
        self.names.append(name)
        self.groups.append(_Group(self.flags, len(self.names)))

    def open_special(self) -> None:
        start = self.at
        for mark in ("(?P<", "(?<"):
            if self.text.startswith(mark, start) and len(self.text) > start + len(mark):
                self.open_named(start + len(mark))
                return
        self.at += 2
        changes: dict[str, bool] = {}
        negative, seen = False, True
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char in _FLAG_NAMES:
                changes[_FLAG_NAMES[char]] = not negative
                seen = True
            elif char == "-" and not negative:
                negative, seen = True, False
            elif char in ":)" and seen:
                outside = self.flags
                self.flags = replace(outside, **changes)
                if char == ":":
                    self.groups.append(_Group(outside))
                return
            else:
                break
        raise PatternError("invalid or unsupported Perl syntax", self.text[start : self.at])

    def open_named(self, name_start: int) -> None:
        end = self.text.find(">", name_start)
        if end < 0:
            raise PatternError("invalid named capture", self.text[self.at :])
        name = self.text[name_start:end]
        valid = name and all((char.isalnum() and char.isascii()) or char == "_" for char in name)
        if not valid:
            raise PatternError("invalid named capture", self.text[self.at : end + 1])
        self.at = end + 1
        self.open_capture(name)

    def close_group(self) -> None:
        if len(self.groups) == 1:
            raise PatternError("unexpected )", self.text)
        self.at += 1
        group = self.groups.pop()
        self.flags = group.flags_outside
        self.add(self.finished(group))

    def finished(self, group: _Group) -> Piece:
        piece = alternated([*group.alternatives, joined(group.parts)])
        self.check_size(piece)
        if group.number is None:
            return piece
        start, end = (Operation.SAVE, 2 * group.number), (Operation.SAVE, 2 * group.number + 1)
        return replace(piece, code=(start, *piece.code, end))

    # Repetition

    def counts(self) -> tuple[int, int | None] | None:
        """The counts of a `{low,high}` here, and step behind it; None when it is no repetition."""
        import re

        found = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}", re.ASCII).match(self.text, self.at)
        if found is None:
            return None
        low_text, comma, high_text = found.groups()
        self.at = found.end()
        too_many = max(len(low_text), len(high_text or "")) > 8
        low = 0 if too_many else int(low_text)
        high = low if not comma else int(high_text) if high_text and not too_many else None
        if too_many or max(low, high or 0) > MAX_REPEAT or (high is not None and low > high):
            raise PatternError("invalid repeat count", found[0])
        return low, high

    def repeat(self, start: int, last_repeat: int | None, low: int, high: int | None) -> None:
        lazy = self.flags.lazy
        if self.text.startswith("?", self.at):
            self.at += 1
            lazy = not lazy
        if last_repeat is not None:
            raise PatternError("invalid nested repetition operator", self.text[last_repeat : self.at])
        expression = self.text[start : self.at]
        parts = self.groups[-1].parts
        if not parts:
            raise PatternError("missing argument to repetition operator", expression)
        piece = parts[-1]
        times = low if high is None else high
        if times >= 2 and piece.repeats * times > MAX_REPEAT:
            raise PatternError("invalid repeat count", expression)
        if len(piece.code) * max(times, 1) > MAX_INSTRUCTIONS:
            raise PatternError("expression too large", self.text)
        whole = repeated(piece, low, high, lazy)
        parts[-1] = replace(whole, repeats=piece.repeats * max(times, 1)) if times >= 2 else whole

    def check_size(self, piece: Piece) -> None:
        if len(piece.code) > MAX_INSTRUCTIONS:
            raise PatternError("expression too large", self.text)

    # Classes and escapes

    def bracketed(self) -> Test:
        start = self.at
        self.at += 1
        negative = self.text.startswith("^", self.at)
        self.at += negative
        tests: list[Test] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            tests.append(self.posix_class() or self.escaped_class() or self.range(start))
        self.at += 1
        test = classes.any_of(tests)
        return classes.none_of(test) if negative else test

    def posix_class(self) -> Test | None:
        if not self.text.startswith("[:", self.at):
            return None
        end = self.text.find(":]", self.at + 2)
        if end < 0:
            return None
        name = self.text[self.at + 2 : end]
        ranges = classes.POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise PatternError("invalid character class range", self.text[self.at : end + 2])
        self.at = end + 2
        test = classes.in_ranges(ranges, fold=self.flags.fold)
        return classes.none_of(test) if name.startswith("^") else test

    def escaped_class(self) -> Test | None:
        """\\d, \\pL, \\p{Greek} and their like; None when something else stands here."""
        if not self.text.startswith("\\", self.at):
            return None
        letter = self.text[self.at + 1 : self.at + 2]
        if letter and letter in "pP":
            return self.unicode_class(letter == "P")
        ranges = _PERL.get(letter.lower())
        if ranges is None:
            return None
        self.at += 2
        test = classes.in_ranges(ranges, fold=self.flags.fold)
        return classes.none_of(test) if letter.isupper() else test

    def unicode_class(self, negative: bool) -> Test:
        start = self.at
        if self.text.startswith("{", start + 2):
            end = self.text.find("}", start)
            if end < 0:
                raise PatternError("invalid character class range", self.text[start:])
            name, self.at = self.text[start + 3 : end], end + 1
        else:
            name, self.at = self.text[start + 2 : start + 3], min(start + 3, len(self.text))
        negative ^= name.startswith("^")
        test = classes.unicode_class(name.removeprefix("^"), fold=self.flags.fold)
        if test is None:
            raise PatternError("invalid character class range", self.text[start : self.at])
        return classes.none_of(test) if negative else test

    def range(self, class_start: int) -> Test:
        start = self.at
        low = high = self.class_character(class_start)
        following = self.text[self.at : self.at + 2]
        if len(following) == 2 and following[0] == "-" and following[1] != "]":
            self.at += 1
            high = self.class_character(class_start)
            if high < low:
                raise PatternError("invalid character class range", self.text[start : self.at])
        return classes.in_ranges([(ord(low), ord(high))], fold=self.flags.fold)

    def class_character(self, class_start: int) -> str:
        if self.at >= len(self.text):
            raise PatternError("missing closing ]", self.text[class_start:])
        char = self.text[self.at]
        if char == "\\":
            return self.escape()
        self.at += 1
        return char

    def escape(self) -> str:
        """The one character that an escape here stands for."""
        start = self.at
        letter = self.text[start + 1 : start + 2]
        if not letter:
            raise PatternError("trailing backslash at end of expression", "")
        self.at += 2
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter.isascii() and not letter.isalnum():
            return letter
        if letter == "0" or (letter in "1234567" and self.text[self.at : self.at + 1] in tuple("01234567")):
            return self.octal(letter)
        if letter == "x" and (char := self.hexadecimal()) is not None:
            return char
        raise PatternError("invalid escape sequence", self.text[start : self.at])

    def octal(self, digits: str) -> str:
        while len(digits) < 3 and self.text[self.at : self.at + 1] in tuple("01234567"):
            digits += self.text[self.at]
            self.at += 1
        return chr(int(digits, 8))

    def hexadecimal(self) -> str | None:
        if not self.text.startswith("{", self.at):
            digits = self.text[self.at : self.at + 2]
            self.at += len(digits)
            return chr(int(digits, 16)) if len(digits) == 2 and _HEX.issuperset(digits) else None
        self.at += 1
        code = 0
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == "}":
                return chr(code) if self.at > start + 1 else None
            if char not in _HEX:
                return None
            code = code * 16 + int(char, 16)
            if code > 0x10FFFF:
                return None
        return None


_ASSERTIONS: Final[dict[str, Callable[[str, int], bool]]] = {
    "A": places.at_start,
    "z": places.at_end,
    "b": places.at_word_boundary,
    "B": lambda text, position: not places.at_word_boundary(text, position),
}
_COUNTS: Final[dict[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_FLAG_NAMES: Final = {"i": "fold", "m": "many_lines", "s": "dot_newline", "U": "lazy"}
_PERL: Final = {"d": classes.DIGIT, "s": classes.SPACE, "w": classes.WORD}
_ESCAPES: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_PARSERS: Final[dict[str, Callable[[_Parser], None]]] = {
    "(": _Parser.open_group,
    ")": _Parser.close_group,
    "|": _Parser.read_bar,
    "^": _Parser.read_caret,
    "$": _Parser.read_dollar,
    ".": _Parser.read_dot,
    "[": _Parser.read_class,
    "\\": _Parser.read_backslash,
}
