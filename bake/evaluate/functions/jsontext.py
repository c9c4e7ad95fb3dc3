"""JSON text to the value that it describes, with the complaints of Go's encoding/json.

Objects become objects, arrays tuples, null an untyped null; numbers keep every digit.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from bake.evaluate.number import parse
from bake.evaluate.values import FALSE, NULL, TRUE, Value, normalized, number, object_of, tuple_of
from bake.goquote import quoted, quoted_character

MAX_DEPTH: Final = 100
"""How deep arrays and objects may nest. Go allows 10,000."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_UNFINISHED: Final = re.compile(r"\.|[eE][+-]?")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final = {"n": ("null", NULL), "t": ("true", TRUE), "f": ("false", FALSE)}


class JSONError(ValueError):
    """The text is not JSON; the words are Go's."""


def decode(text: str) -> Value:
    """The value of the whole text; JSONError where it is not one JSON document."""
    reader = _Reader(text)
    reader.skip_space()
    if reader.at == len(text):
        raise JSONError("EOF")
    value = reader.value(0)
    reader.skip_space()
    if reader.at < len(text) and text[reader.at] not in "]}":
        raise JSONError("extraneous data after JSON object")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip_space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        if found:
            self.at = found.end()

    def fail(self, where: str, end: str = "unexpected EOF") -> NoReturn:
        """Complain of the character here, or of the end."""
        if self.at >= len(self.text):
            raise JSONError(end)
        # Go names the first byte of the character
        byte = chr(self.text[self.at].encode()[0])
        raise JSONError(f"invalid character {quoted_character(byte)}{where and ' '}{where}")

    def peek(self) -> str:
        self.skip_space()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise JSONError("exceeded max depth")
        start = self.peek()
        if start == "{":
            return self.object(depth)
        if start == "[":
            return self.array(depth)
        if start == '"':
            return normalized(self.string())
        if start in _WORDS and start:
            return self.word(*_WORDS[start])
        return self.number()

    def word(self, word: str, value: Value) -> Value:
        for expected in word:
            if self.text[self.at : self.at + 1] != expected:
                self.fail(f"in literal {word} (expecting {quoted_character(expected)})")
            self.at += 1
        return value

    def number(self) -> Value:
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            if self.text.startswith("-", self.at):
                self.at += 1
                self.fail("in numeric literal")
            self.fail("looking for beginning of value", "EOF")
        self.at = found.end()
        if unfinished := _UNFINISHED.match(self.text, self.at):
            self.at = unfinished.end()
            where = "after decimal point in" if unfinished[0] == "." else "in exponent of"
            self.fail(f"{where} numeric literal")
        parsed = parse(found[0])
        if parsed is None:
            raise JSONError("a number is required")
        return number(parsed)

    def array(self, depth: int) -> Value:
        self.at += 1
        elements: list[Value] = []
        if self.peek() != "]":
            elements.append(self.value(depth + 1))
            while self.peek() != "]":
                self.step("after array element")
                elements.append(self.value(depth + 1))
        self.at += 1
        return tuple_of(elements)

    def object(self, depth: int) -> Value:
        self.at += 1
        attributes: dict[str, Value] = {}
        if self.peek() != "}":
            self.property(attributes, depth, "")
            while self.peek() != "}":
                self.step("after object key:value pair")
                self.property(attributes, depth, "looking for beginning of object key string")
        self.at += 1
        return object_of(attributes)

    def step(self, where: str) -> None:
        if self.peek() != ",":
            self.fail(where, "EOF")
        self.at += 1

    def property(self, attributes: dict[str, Value], depth: int, where: str) -> None:
        if self.peek() != '"':
            self.fail(where, "EOF")
        key = normalized(self.string()).raw
        if self.peek() != ":":
            self.fail("after object key", "EOF")
        self.at += 1
        value = self.value(depth + 1)
        if key in attributes and attributes[key].type != value.type:
            raise JSONError(f"duplicate {quoted(key)} property in JSON object")
        attributes[key] = value

    def string(self) -> str:
        self.at += 1
        pieces: list[str] = []
        while True:
            found = _PLAIN.match(self.text, self.at)
            pieces.append(found[0] if found else "")
            self.at += len(pieces[-1])
            char = self.text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                return _paired("".join(pieces))
            if char != "\\":
                self.fail("in string literal")
            pieces.append(self.escape())

    def escape(self) -> str:
        self.at += 1
        letter = self.text[self.at : self.at + 1]
        if letter == "u":
            return self.code_unit()
        if letter not in _ESCAPES or not letter:
            self.fail("in string escape code")
        self.at += 1
        return _ESCAPES[letter]

    def code_unit(self) -> str:
        self.at += 1
        start = self.at
        while self.at < start + 4:
            if self.text[self.at : self.at + 1] not in _HEX:
                self.fail("in \\u hexadecimal character escape")
            self.at += 1
        return chr(int(self.text[start : self.at], 16))


_HEX: Final = tuple("0123456789abcdefABCDEF")


def _paired(text: str) -> str:
    """Surrogate pairs joined; Go replaces what stays alone by U+FFFD."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
