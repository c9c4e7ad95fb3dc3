"""JSON text → tree, by HCL's JSON rules: an own scanner and parser, for the places and the messages.

Wording, places and recovery follow hashicorp/hcl's json/scanner.go and json/parser.go (v2.24), lone
surrogates become U+FFFD as in Go. Columns count a tab as one, where HCL's JSON scanner counts two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from bake.errors import DefinitionError, raise_all
from bake.source import Span
from bake.syntax.data import Datum, Members, file
from bake.syntax.limits import MAX_DEPTH, too_deep
from bake.syntax.tree import NumberText

if TYPE_CHECKING:
    from bake.errors import BakeError
    from bake.source import Source
    from bake.syntax.tree import File

Token: TypeAlias = tuple[str, int, int]

_TOKEN = re.compile(
    r"""
      [ \t\r\n]+
    | (?P<punctuation>[][{},:=])
    | (?P<string>"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*(?:"|\\?))
    | (?P<number>[-+.0-9][-+.0-9eE]*)
    | (?P<keyword>[A-Za-z][A-Za-z_]*)
    | (?P<invalid>(?s:.))
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(
    r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4})(?:(?<=[dD][89abAB]..)\\u([dD][c-fC-F][0-9a-fA-F]{2}))?)'
)
_BAD_STRING = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_GOOD_START = re.compile(r'"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*(?:\\(?:u[0-9a-fA-F]{0,3})?)?')
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_KEYWORDS = {"false": False, "true": True, "null": None}
_STARTS = "A JSON value must start with a brace, a bracket, a number, a string, or a keyword."
_NO_VALUE = {
    "}": ("Missing JSON value", _STARTS),
    "]": ("Missing array element value", _STARTS),
    "EOF": ("Missing value", "The JSON data ends prematurely."),
}
_AFTER_PROPERTY = "A comma must appear between each property definition in an object."
_AFTER_ELEMENT = {
    ":": ("Invalid array value", "A colon is not used to introduce values in a JSON array."),
    "}": ("Mismatched brackets", "A JSON array must be closed with a bracket, not a brace."),
}
_AFTER_KEY = {
    "}": ("Missing object value", "A JSON object attribute must have a value, introduced by a colon."),
    ",": ("Missing object value", "A JSON object attribute must have a value, introduced by a colon."),
    "=": (
        "Missing property value colon",
        "JSON uses a colon as its name/value delimiter, not an equals sign.",
    ),
}


def parse(source: Source) -> File:
    """The tree of a JSON file. Raises DefinitionError, or a group of them."""
    reader = _Reader(source)
    root = reader.file()
    raise_all(reader.faults)
    return file(source, root)


def scan(text: str) -> list[Token]:
    """The tokens of `text`; the last is `EOF`, which comes early behind a character of no use."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None
        if kind := found.lastgroup:
            tokens.append((found[0] if kind == "punctuation" else kind, at, found.end()))
        at = found.end()
        if kind == "invalid":
            break
    tokens.append(("EOF", at, at))
    return tokens


class _Reader:
    """A recursive descent over the tokens that keeps going after a fault, as HCL's does."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = scan(source.text)
        self.at = 0
        self.depth = 0
        self.faults: list[BakeError] = []

    def file(self) -> Datum:
        root = self.value()
        kind, start, end = self.tokens[self.at]
        if not self.faults and kind != "EOF":
            self._fault(
                "Extraneous data after value", "Extra characters appear after the JSON value.", start, end
            )
        if not isinstance(root.value, (Members, list)):
            detail = (
                "The root value in a JSON-based configuration must be either a JSON object or a "
                "JSON array of objects."
            )
            self._fault("Root value must be object", detail, root.start, root.end)
        elif isinstance(root.value, list):
            # HCL would take objects in an array, but bake asks for the whole's arguments (JustAttributes)
            detail = "A JSON object is required here, setting the arguments for this block."
            self._fault("Incorrect JSON value type", detail, root.start, root.start + 1)
        return root

    def value(self) -> Datum:
        kind, start, end = self.tokens[self.at]
        if kind in ("{", "["):
            return self._nested(kind)
        if kind in ("string", "number", "keyword"):
            self._read()
            return {"string": self._string, "number": self._number, "keyword": self._keyword}[kind](
                start, end
            )
        summary, detail = _NO_VALUE.get(kind, ("Invalid start of value", _STARTS))
        self._fault(summary, detail, start, end)
        return Datum(start, end, None)

    def _nested(self, kind: str) -> Datum:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep(self.source, *self.tokens[self.at][1:])
        datum = self._object() if kind == "{" else self._array()
        self.depth -= 1
        return datum

    def _object(self) -> Datum:
        _, start, end = self._read()
        members = Members()
        while self._peek() != "}":
            key = self.value()
            if not isinstance(key.value, str) or isinstance(key.value, NumberText):
                detail = "A JSON object property name must be a string"
                return self._bad("Invalid object property name", detail, (key.start, key.end), start, end)
            colon = self._read()
            if colon[0] != ":":
                self._recover(colon, "{", "}")
                detail = "A colon must appear between an object property's name and its value."
                summary, detail = _AFTER_KEY.get(colon[0], ("Missing property value colon", detail))
                return self._bad(summary, detail, colon[1:], start, end)
            members.add(key, self.value())
            fault = self._after_property(start, end)
            if fault:
                return fault
        return Datum(start, self._read()[2], members)

    def _after_property(self, start: int, end: int) -> Datum | None:
        """None at a comma or the closing brace, else what is left of the object."""
        kind = self._peek()
        if kind == "}":
            return None
        if kind == ",":
            comma = self._read()
            if self._peek() != "}":
                return None
            detail = "JSON does not permit a trailing comma after the final property in an object."
            return self._bad("Trailing comma in object", detail, comma[1:], start, end)
        if kind == "EOF":
            return self._bad(
                "Unclosed object",
                "No closing brace was found for this JSON object.",
                (start, end),
                start,
                end,
            )
        if kind == "]":
            self._read()
            detail = "A JSON object must be closed with a brace, not a bracket."
            return self._bad("Mismatched braces", detail, self.tokens[self.at][1:], start, end)
        self._recover(self._read(), "{", "}")
        return self._bad(
            "Missing attribute seperator comma", _AFTER_PROPERTY, self.tokens[self.at][1:], start, end
        )

    def _array(self) -> Datum:
        _, start, end = self._read()
        elements: list[Datum] = []
        while self._peek() != "]":
            elements.append(self.value())
            kind = self._peek()
            if kind == "]":
                break
            token = self._read()
            if kind == ",":
                if self._peek() != "]":
                    continue
                detail = "JSON does not permit a trailing comma after the final value in an array."
                return self._bad("Trailing comma in array", detail, token[1:], start, end)
            self._recover(token, "[", "]")
            if kind == "EOF":
                detail = "No closing bracket was found for this JSON array."
                return self._bad("Unclosed object", detail, (start, end), start, end)
            comma = (
                "Missing attribute seperator comma",
                "A comma must appear between each value in an array.",
            )
            summary, detail = _AFTER_ELEMENT.get(kind, comma)
            return self._bad(summary, detail, self.tokens[self.at][1:], start, end)
        return Datum(start, self._read()[2], elements)

    # Scalars

    def _string(self, start: int, end: int) -> Datum:
        text = self.source.text
        raw = text[start + 1 : end - 1]
        bad = _BAD_STRING.search(re.sub(r"\\\\", "..", raw))
        if bad or end - start < 2 or text[end - 1] != '"':
            at = min(start + _read_of_bad(text[start:end]), len(text))
            detail = "There is a syntax error in the given JSON string."
            self._fault("Invalid JSON string", detail, at, min(at + 1, len(text)))
            return Datum(start, end, None)
        if "\\" not in raw:
            return Datum(start, end, raw, start + 1)
        return Datum(start, end, _ESCAPE.sub(_unescape, raw), start + 1, lambda: _offsets(raw, start + 1))

    def _number(self, start: int, end: int) -> Datum:
        text = self.source.text[start:end]
        if not _NUMBER.fullmatch(text):
            self._fault(
                "Invalid JSON number", "There is a syntax error in the given JSON number.", start, end
            )
        return Datum(start, end, NumberText(text))

    def _keyword(self, start: int, end: int) -> Datum:
        word = self.source.text[start:end]
        if word not in _KEYWORDS:
            self._fault("Invalid JSON keyword", _keyword_detail(word), start, end)
        return Datum(start, end, _KEYWORDS.get(word))

    # The way through the tokens

    def _peek(self) -> str:
        return self.tokens[self.at][0]

    def _read(self) -> Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _recover(self, token: Token, opening: str, closing: str) -> None:
        """Go on to what looks like the end of the bracket that is open; HCL's own way, with its quirk that
        it stops at the first closing one."""
        nesting = 1
        while token[0] != "EOF":
            nesting += (token[0] == opening) - (token[0] == closing)
            if token[0] == closing and nesting <= 1:
                return
            token = self._read()

    def _fault(self, summary: str, detail: str, start: int, end: int) -> None:
        hint = None
        if self.source.text.startswith("\ufeff", start):  # which is to be seen nowhere
            hint = "save the file without a byte order mark, which JSON does not allow"
        self.faults.append(DefinitionError(summary, Span(self.source, start, end), detail=detail, hint=hint))

    def _bad(self, summary: str, detail: str, place: tuple[int, int], start: int, end: int) -> Datum:
        self._fault(summary, detail, *place)
        return Datum(start, end, None)


def _read_of_bad(token: str) -> int:
    """How many bytes of a faulty string Go reads until it gives up, the wrong character with them. HCL takes
    them for columns (json/parser.go, 2.24), and so places the fault behind it."""
    good = _GOOD_START.match(token)
    assert good is not None
    return len(token[: good.end() + 1].encode("utf-8", "surrogatepass"))


def _keyword_detail(word: str) -> str:
    if word in ("undefined", "NaN", "Infinity"):
        return f'The JavaScript identifier "{word}" cannot be used in JSON.'
    from bake.syntax.spelling import suggestion

    return f'"{word}" is not a valid JSON keyword.' + suggestion(word, _KEYWORDS)


def _unescape(match: re.Match[str]) -> str:
    simple, unit, low = match.groups()
    if simple:
        return _SIMPLE[simple]
    code = int(unit, 16)
    if low:
        return chr(0x10000 + ((code - 0xD800) << 10) + (int(low, 16) - 0xDC00))
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def _offsets(raw: str, start: int) -> list[int]:
    """Where each character that `raw` stands for was written, and where it ends."""
    offsets: list[int] = []
    at = 0
    while at < len(raw):
        offsets.append(start + at)
        found = _ESCAPE.match(raw, at)
        at = found.end() if found else at + 1
    return [*offsets, start + len(raw)]
