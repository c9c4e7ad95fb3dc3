"""The `.env` format as compose-go 2.13 reads it (dotenv/parser.go).

`KEY=VALUE` or `KEY: VALUE` in each line, `export ` before it or not, comments, quotes, escapes and
variables in unquoted and double-quoted values; a bare `KEY` takes its value from outside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.goquote import quoted
from bake.model.compose.interpolate import Metered, TemplateError, substitute

if TYPE_CHECKING:
    from bake.model.compose.interpolate import Lookup

_BLANKS = "\t\v\f\r \x85\xa0"
_SPACE = _BLANKS + "\n"
_EXPORT = re.compile(r"export\s+", re.ASCII)
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})', re.ASCII)
_SHORT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}


class DotenvError(ValueError):
    """The text is no `.env` file; the message names the line, as compose-go does."""


def parse(text: str, lookup: Lookup, found: dict[str, str] | None = None) -> dict[str, str]:
    """The variables of `text`, added to `found`. `lookup` goes before them in values and gives bare names
    their values. Raises DotenvError."""
    return _Parser(text, lookup, {} if found is None else found).run()


class _Parser:
    """Reads at `at` in `text`; `line` counts as the reference counts."""

    def __init__(self, text: str, lookup: Lookup, found: dict[str, str]) -> None:
        self.text = text
        self.lookup = lookup
        self.inner_lookup = Metered(self._known)
        self.found = found
        self.at = 0
        self.line = 1

    def run(self) -> dict[str, str]:
        while self._to_statement():
            key, bare = self._key()
            if " " in key:
                raise self._fault("key cannot contain a space")
            if not bare:
                self.found[key] = self._value()
            elif (value := self.lookup(key)) is not None:
                self.found[key] = value
        return self.found

    def _fault(self, problem: str) -> DotenvError:
        return DotenvError(f"line {self.line}: {problem}")

    def _to_statement(self) -> bool:
        """Skip spaces and comments; whether anything is left."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "#":
                self.at = self._line_end()
            elif character in _SPACE or character.isspace():
                self.line += character == "\n"
                self.at += 1
            else:
                return True
        return False

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANKS:
            self.at += 1

    def _key(self) -> tuple[str, bool]:
        """The key of the statement, and whether it stands alone."""
        if exported := _EXPORT.match(self.text, self.at):
            self.at = exported.end()
        start, end = self.at, self._name_end()
        key = self.text[start:end]
        bare = self.text[end : end + 1] == "\n"
        # a name at the very end of the text, without a line end, is nobody's: the reference drops it
        key = key if end < len(self.text) else ""
        self.line += bare and " " not in key
        self.at = min(end + 1, len(self.text))
        self._skip_blanks()
        return key.rstrip(), bare

    def _name_end(self) -> int:
        for at in range(self.at, len(self.text)):
            character = self.text[at]
            if character in "=:\n":
                return at
            if not (character in _BLANKS or character in "_.-[]" or character.isalnum()):
                line = self.text[self.at : self._line_end()]
                message = f"unexpected character {quoted(character)} in variable name {quoted(line)}"
                raise self._fault(message)
        return len(self.text)

    def _value(self) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote not in ('"', "'"):
            return self._unquoted()
        value = self._quoted(quote)
        return self._expanded(_unescaped(value)) if quote == '"' else value

    def _unquoted(self) -> str:
        end = self._line_end()
        value = self.text[self.at : end].partition(" #")[0].rstrip()
        self.at = min(end + 1, len(self.text))
        self.line += 1
        return self._expanded(value)

    def _quoted(self, quote: str) -> str:
        """The text between quotes; a backslash keeps a quote from ending it, and stays elsewhere."""
        start = self.at
        parts: list[str] = []
        at = start + 1
        while at < len(self.text):
            character = self.text[at]
            if character == quote:
                self.at = at + 1
                return "".join(parts)
            if character == "\\" and self.text[at + 1 : at + 2]:
                at += 1
                character = self.text[at] if self.text[at] == quote else f"\\{self.text[at]}"
            self.line += character.endswith("\n")
            parts.append(character)
            at += 1
        raise self._fault(f"unterminated quoted value {self.text[start : self._line_end()]}")

    def _expanded(self, value: str) -> str:
        try:
            return substitute(value, self.inner_lookup)
        except TemplateError as exc:
            raise DotenvError(f"Invalid template: {quoted(value)}") from exc

    def _known(self, name: str) -> str | None:
        value = self.lookup(name)
        return self.found.get(name) if value is None else value


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _escape(found[0]), text)


def _escape(text: str) -> str:
    """Go's escapes, `\\$` for a dollar that begins no variable, and octal ones with a zero before them."""
    if text == "\\$":
        return "$$"
    digits = text.removeprefix("\\0")
    if digits != text:
        is_octal = len(digits) == 3 and not set(digits) & set("89") and int(digits, 8) < 256
        return chr(int(digits, 8)) if is_octal else f"\\{digits}"
    return _SHORT.get(text[1:], text)
