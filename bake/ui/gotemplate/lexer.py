"""A template's text to tokens, by the rules of text/template/parse/lex.go (Go 1.25).

Text outside of actions is one token, trimmed where a marker (`{{- ` or ` -}}`) asks for it; comments vanish.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from bake.errors import UsageError
from bake.record import record
from bake.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT = "{{"
SPACES = " \t\r\n"

TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<raw>`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\[^\n])[^'\n]*')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?))(?!\w)
    |(?P<field>\.[^\W\d]\w*)
    |(?P<dot>\.)
    |(?P<variable>\$\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<open>\()|(?P<close>\))|(?P<comma>,)""",
    re.VERBOSE,
)
BLANK = re.compile(rf"[{SPACES}]*")
END = re.compile(rf"(?P<trim>[{SPACES}]+-)?}}}}")
COMMENT = re.compile(rf"{{{{(?P<before>-[{SPACES}]+)?/\*.*?\*/(?P<after>[{SPACES}]+-)?}}}}", re.DOTALL)


@record
class Token:
    """`kind` is a group of TOKEN, or `text`, `left` (an action begins), `right` (it ends) or `eof`;
    `glued` says that no space stands before it."""

    kind: str
    text: str
    span: Span
    glued: bool = False


def fault(message: str, span: Span, hint: str | None = None) -> NoReturn:
    """Raise UsageError about a stretch of a template, worded as Go does."""
    raise UsageError(f"template: {message}", span=span, hint=hint)


def tokens(text: str, name: str) -> Iterator[Token]:
    """The tokens of a template that messages call `name`. Raises UsageError."""
    source = Source(name, text, "hcl")
    at, trim = 0, False
    while at < len(text):
        left = text.find(LEFT, at)
        left = len(text) if left < 0 else left
        outside = text[at:left].lstrip(SPACES) if trim else text[at:left]
        if text.startswith(LEFT + "-", left) and text[left + 3 : left + 4] in tuple(SPACES):
            outside = outside.rstrip(SPACES)
        if outside:
            yield Token("text", outside, Span(source, at, left))
        if left == len(text):
            break
        comment = COMMENT.match(text, left)
        if comment:
            at, trim = comment.end(), bool(comment["after"])
            continue
        inside = list(_action(source, left))
        yield from inside
        at, trim = inside[-1].span.end, "-" in inside[-1].text
    yield Token("eof", "", Span(source, len(text), len(text)))


def _action(source: Source, left: int) -> Iterator[Token]:
    text = source.text
    start = left + len(LEFT)
    if text.startswith("-", start) and text[start + 1 : start + 2] in tuple(SPACES):
        start += 1
    yield Token("left", LEFT, Span(source, left, start))
    at = start
    while True:
        end = END.match(text, at)
        blank = BLANK.match(text, at)
        after = blank.end() if blank else at
        end = end or END.match(text, after)
        if end:
            yield Token("right", end[0], Span(source, end.start(), end.end()))
            return
        token = TOKEN.match(text, after)
        if token is None:
            _refuse(source, left, after)
        yield Token(str(token.lastgroup), token[0], Span(source, *token.span()), glued=after == at)
        at = token.end()


def _refuse(source: Source, left: int, at: int) -> NoReturn:
    """The faults of lexInsideAction."""
    found = source.text[at : at + 1]
    span = Span(source, at, at + len(found))
    if not found:
        fault("unclosed action", Span(source, left, at), "every {{ needs its }}")
    if source.text.startswith("/*", at):
        fault("comment ends before closing delimiter", span, "a comment fills its action: {{/* text */}}")
    names = {'"': "unterminated quoted string", "`": "unterminated raw quoted string"}
    names |= {"'": "unterminated character constant", ":": "expected :="}
    if found.isdigit() or found in "+-":
        fault(f"bad number syntax: {source.text[at : at + 12]!r}", span)
    fault(names.get(found, f"unexpected {found!r} in action"), span)
