"""TOML text → tree: tables are blocks and objects, strings templates, as in the JSON dialect.

`tomllib` decides what is valid and words what is not; then the text is walked once more for the places,
by a reader that may take its validity for granted. `[target.app]` is a block with a label, and so are
`[[…]]`, `[group.default]`, `[variable.X]` and `[function.f]`. Dates and times are text as written, so are
`inf` and `nan`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bake.errors import DefinitionError
from bake.source import Span
from bake.syntax.data import Datum, Members, file
from bake.syntax.limits import MAX_DEPTH, too_deep
from bake.syntax.tree import Comment, NumberText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.source import Source
    from bake.syntax.tree import File

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\r\n]*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = {
    '"""': re.compile(r'"""(?:\r?\n)?((?:[^\\"]|\\(?s:.)|"(?!"")|"(?="""))*?)"""(?!")'),
    "'''": re.compile(r"'''(?:\r?\n)?((?s:.)*?'{0,2})'''(?!')"),
    '"': re.compile(r'"((?:[^"\\\n]|\\.)*)"'),
    "'": re.compile(r"'([^'\n]*)'"),
}
_PLAIN = re.compile(r"[0-9A-Za-z+._:-]+(?: (?=[0-9]{2}:)[0-9:.+Zz-]+)?")
_ESCAPE = re.compile(
    r"\\(?:([btnfre\"\\])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|([ \t]*\r?\n[ \t\r\n]*))|(\r\n)"
)
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_INTEGER = re.compile(r"[+-]?[0-9](?:_?[0-9])*|0[xob][0-9A-Fa-f_]+")
_FLOAT = re.compile(r"[+-]?[0-9_]+(?:\.[0-9_]+)?(?:[eE][+-]?[0-9_]+)?")
_LONG_KEY = re.compile(
    r"(?:^|[{,\[])[ \t]*"
    rf"(?:(?:[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){{{MAX_DEPTH}}}",
    re.MULTILINE,
)
"""A dotted key that nests too deeply: `tomllib` would take a quadratic time for it."""
_PLACE = re.compile(r"(.*?) \((?:at line (\d+), column (\d+)|at end of document)\)", re.DOTALL)


def parse(source: Source) -> File:
    """The tree of a TOML file. Raises DefinitionError, or a group of them."""
    _validate(source)
    reader = _Reader(source)
    return file(source, reader.file(), tuple(reader.comments))


def _validate(source: Source) -> None:
    import tomllib

    if found := _LONG_KEY.search(source.text):
        raise too_deep(source, found.start(), found.start() + 1)
    try:
        tomllib.loads(source.text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as exc:
        raise _worded(source, str(exc)) from exc
    except RecursionError as exc:
        raise too_deep(source, 0, 0) from exc
    except ValueError as exc:  # an integer of too many digits, a date that is none
        raise DefinitionError("Invalid TOML", Span(source, 0, 0), detail=f"{exc}.") from exc


def _worded(source: Source, message: str) -> DefinitionError:
    """tomllib's message at the place that stands at its end."""
    found = _PLACE.fullmatch(message)
    at, problem = len(source.text), message
    if found:
        problem = found[1]
        if found[2]:
            at = source.line_starts[int(found[2]) - 1] + int(found[3]) - 1
    end = min(at + 1, len(source.text))
    hint = "put quotes around a text" if problem == "Invalid value" else None
    return DefinitionError("Invalid TOML", Span(source, min(at, end), end), detail=f"{problem}.", hint=hint)


class _Reader:
    """A walk over valid TOML. Every table is one `Datum`, wherever its parts stand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 1 if self.text.startswith("\ufeff") else 0
        self.depth = 0
        self.comments: list[Comment] = []

    def file(self) -> Datum:
        root = table = Datum(0, len(self.text), Members())
        while self._blank() < len(self.text):
            if self.text[self.at] == "[":
                table = self._header(root)
            else:
                self._pair(table)
                table.end = max(table.end, self.at)
        return root

    # Tables

    def _header(self, root: Datum) -> Datum:
        start = self.at
        several = self.text.startswith("[[", start)
        self.at += 2 if several else 1
        *parents, key = self._keys()
        self.at += 2 if several else 1
        table = root
        for parent in parents:
            table = _table(table, parent)
            table.end = max(table.end, self.at)
        if not several:
            return _table(table, key)
        array = _members(table).last.get(str(key.value))
        if array is None:
            array = Datum(start, self.at, [])
            _members(table).add(key, array)
        assert isinstance(array.value, list)
        array.value.append(Datum(start, self.at, Members()))
        return array.value[-1]

    def _pair(self, table: Datum) -> None:
        *parents, key = self._keys()
        for parent in parents:
            table = _table(table, parent)
        self.at += 1  # the equals sign
        self._space()
        value = self._value()
        table.end = max(table.end, value.end)
        _members(table).add(key, value)

    def _keys(self) -> list[Datum]:
        keys = []
        while True:
            self._space()
            keys.append(self._key())
            self._space()
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _key(self) -> Datum:
        if self.text[self.at] in "\"'":
            return self._string(self.text[self.at])
        found = self._take(_BARE)
        return Datum(found.start(), found.end(), found[0], found.start())

    # Values

    def _value(self) -> Datum:
        first = self.text[self.at]
        if first in "\"'":
            mark = first * 3 if self.text.startswith(first * 3, self.at) else first
            return self._string(mark)
        if first == "[":
            return self._bracketed(self._array)
        if first == "{":
            return self._bracketed(self._inline)
        found = self._take(_PLAIN)
        return Datum(found.start(), found.end(), _plain(found[0]), found.start())

    def _bracketed(self, read: Any) -> Datum:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep(self.source, self.at, self.at + 1)
        start = self.at
        self.at += 1
        value = read()
        self.depth -= 1
        return Datum(start, self.at, value)

    def _array(self) -> list[Datum]:
        elements = []
        while self._next("]"):
            elements.append(self._value())
        return elements

    def _inline(self) -> Members:
        table = Datum(self.at, self.at, Members())
        while self._next("}"):
            self._pair(table)
        return _members(table)

    def _next(self, closing: str) -> bool:
        """Go to the next element; False behind the closing bracket."""
        self._blank()
        if self.text[self.at] == ",":
            self.at += 1
            self._blank()
        if self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def _string(self, mark: str) -> Datum:
        found = self._take(_STRINGS[mark])
        raw, content = found[1], found.start(1)
        start, end = found.span()
        escapes = "\\" in raw and mark[0] == '"'
        if not escapes and "\r" not in raw:
            return Datum(start, end, raw, content)
        pieces = list(_pieces(raw, escapes=escapes))
        value = "".join(text for text, _ in pieces)

        def offsets() -> list[int]:
            return [content + at for text, at in pieces for _ in text] + [content + len(raw)]

        return Datum(start, end, value, content, offsets)

    # The way through the text

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found

    def _space(self) -> None:
        self._take(_SPACE)

    def _blank(self) -> int:
        """Go behind blanks and comments, which are noted."""
        start = self.at
        self._take(_BLANK)
        for found in _COMMENT.finditer(self.text, start, self.at):
            self.comments.append(Comment(self.source, found.start(), found.end(), found[0]))
        return self.at


def _members(table: Datum) -> Members:
    assert isinstance(table.value, Members)
    return table.value


def _table(table: Datum, key: Datum) -> Datum:
    """The table at `key`, made when missing; of an array of tables the last."""
    known = _members(table).last.get(str(key.value))
    if known is None:
        known = Datum(key.start, key.end, Members())
        _members(table).add(key, known)
    return known.value[-1] if isinstance(known.value, list) else known


def _plain(text: str) -> str | NumberText | bool:
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return NumberText(int(text, 0 if text[:2] in ("0x", "0o", "0b") else 10))
    if _FLOAT.fullmatch(text):
        return NumberText(text.replace("_", "").lstrip("+"))
    return text


def _pieces(raw: str, *, escapes: bool) -> Iterator[tuple[str, int]]:
    """The characters that `raw` stands for, each with its place; a continued line stands for none."""
    at = 0
    while at < len(raw):
        found = _ESCAPE.match(raw, at) if raw[at] == "\r" or (escapes and raw[at] == "\\") else None
        if found:
            yield _unescaped(found), at
            at = found.end()
        else:
            yield raw[at], at
            at += 1


def _unescaped(found: re.Match[str]) -> str:
    simple, *codes, _, newline = found.groups()
    if simple:
        return _SIMPLE[simple]
    code = next((code for code in codes if code), None)
    return chr(int(code, 16)) if code else "\n" if newline else ""
