"""What is wrong with a text that the grammar refused, in HCL's own words, at HCL's own places.

The grammar only says no. Here the same tokens are walked once more the way hashicorp/hcl's parser.go
(v2.24) walks them, making no tree but noting every fault and recovering as it does, so that all faults
of a file are told at once. Summaries, details and ranges are HCL's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.source import Span
from bake.syntax.diagnose_expression import Expressions
from bake.syntax.diagnose_tokens import token_faults
from bake.syntax.hints import hint_for

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.scan import RawToken

_REQUIRED = "An argument or block definition is required here."
_EQUALS = _REQUIRED + ' To set an argument, use the equals sign "=" to introduce the argument value.'
_UNCLOSED = (
    "Unclosed configuration block",
    "There is no closing brace for this block before the end of the file. "
    "This may be caused by incorrect brace nesting elsewhere in this file.",
)
_HEADER = {
    "EQ": 'The equals sign "=" indicates an argument definition, and must not be used when defining a block.',
    "NEWLINE": 'A block definition must have block content delimited by "{" and "}", starting on the '
    "same line as the block header.",
}
_HEADER_OTHER = 'Either a quoted string block label or an opening brace ("{") is expected here.'
_SINGLE = {
    "COMMA": "Single-line block syntax can include only one argument definition. To define multiple "
    "arguments, use the multi-line block syntax with one argument definition per line.",
    "NEWLINE": "An argument definition on the same line as its containing block creates a single-line block "
    "definition, which must also be closed on the same line. Place the block's closing brace "
    "immediately after the argument definition.",
}
_SINGLE_OTHER = (
    "A single-line block definition must end with a closing brace immediately after its "
    "single argument definition."
)


def diagnose(source: Source, tokens: list[RawToken], kind: str, cause: Exception) -> list[DefinitionError]:
    """The faults of `tokens`: a whole `body`, an `expression` or the inside of a `quote`; at least one.

    `cause` is what refused them; its place is taken where the walk itself finds nothing.
    """
    walk = Structure(source, tokens)
    walks = {"body": walk.file, "expression": walk.only_expression, "quote": walk.only_template}
    try:
        walks[kind]()
    except DefinitionError as exc:  # too deep to walk on
        walk.faults = walk.faults or [exc]
    if faults := token_faults(source, tokens) + walk.faults:
        for fault in faults:
            fault.hint = fault.hint or hint_for(fault)
        return faults
    token = getattr(cause, "token", None)
    start, end = (token.start_pos, token.end_pos) if token else (0, 0)
    detail = "Expected the start of an expression, but found an invalid expression token."
    return [DefinitionError("Invalid expression", Span(source, start, end), detail=detail)]


class Structure(Expressions):
    """Bodies, arguments and blocks."""

    def file(self) -> None:
        self.body("EOF")

    def only_expression(self) -> None:
        self.newlines.append(False)
        self.expression()
        kind, start, end = self.peek()
        if kind != "EOF":
            detail = "An expression was successfully parsed, but extra characters were found after it."
            self.fault("Extra characters after expression", detail, start, end, always=False)

    def only_template(self) -> None:
        self.template("EOF")

    def body(self, end: str) -> None:
        self.deeper()
        _, start, stop = self.previous()
        seen: dict[str, tuple[int, int]] = {}
        while (kind := self.kind()) != end:
            if kind == "NEWLINE":
                self.read()
            elif kind == "NAME":
                self._item(seen)
            else:
                self._no_item(end, start, stop)
                break
        else:
            self.read()
        self.depth -= 1

    def _no_item(self, end: str, start: int, stop: int) -> None:
        kind, at, to = self.read()
        if kind == "OPEN_QUOTE":
            self.fault("Invalid argument name", "Argument names must not be quoted.", at, to, always=False)
        elif kind == "EOF":
            self.fault(*_UNCLOSED, start, stop, always=False)
        else:
            self.fault("Argument or block definition required", _REQUIRED, at, to, always=False)
        self.recover(end)

    def _item(self, seen: dict[str, tuple[int, int]]) -> None:
        name = self.read()
        kind = self.kind()
        if kind == "EQ":
            self._attribute(single=False)
            self._remember(name, seen)
        elif kind in ("OPEN_QUOTE", "LBRACE", "NAME"):
            self._block()
        else:
            self.recover_after_item()
            self.fault("Argument or block definition required", _EQUALS, *name[1:])

    def _remember(self, name: RawToken, seen: dict[str, tuple[int, int]]) -> None:
        _, start, end = name
        text = self.text(name)
        if text in seen:
            earlier = self.place(*seen[text])
            detail = (
                f'The argument "{text}" was already set at {earlier}. Each argument may be set only once.'
            )
            self.fault("Attribute redefined", detail, start, end)
        seen.setdefault(text, (start, end))

    def _attribute(self, *, single: bool) -> None:
        self.read()  # the equals sign
        if self.expression() and self.recovering:
            self.recover_after_item()
        elif not single:
            kind, start, end = self.peek()
            if kind in ("NEWLINE", "EOF"):
                self.read()
                return
            summary, detail = (
                "Missing newline after argument",
                "An argument definition must end with a newline.",
            )
            if kind == "COMMA":
                summary = "Unexpected comma after argument"
                detail = f"Argument definitions must be separated by newlines, not commas. {detail}"
            self.fault(summary, detail, start, end, always=False)
            self.recover_after_item()

    def _block(self) -> None:
        opening = self._header()
        if opening is None:
            return
        if self.kind() in ("NEWLINE", "EOF", "RBRACE"):
            self.body("RBRACE")
        else:
            self._single(opening)
        kind, start, end = self.peek()
        if kind in ("NEWLINE", "EOF"):
            self.read()
            return
        detail = "A block definition must end with a newline."
        self.fault("Missing newline after block definition", detail, start, end, always=False)
        self.recover_after_item()

    def _header(self) -> RawToken | None:
        """Read labels up to the opening brace, which it gives; None when there is none."""
        while True:
            kind, start, end = self.peek()
            if kind == "LBRACE":
                return self.read()
            if kind == "OPEN_QUOTE":
                self.label()
            elif kind == "NAME":
                self.read()
            else:
                detail = _HEADER.get(kind, _HEADER_OTHER)
                self.fault("Invalid block definition", detail, start, end, always=kind in _HEADER)
                self.recover_after_item()
                return None

    def _single(self, opening: RawToken) -> None:
        """`block { name = value }`; the block's own faults come before its argument's, as in HCL."""
        before = len(self.faults)
        self._single_item()
        inner = self.faults[before:]
        del self.faults[before:]
        kind, start, end = self.peek()
        if kind == "RBRACE":
            self.read()
        else:
            if kind == "EOF":
                self.fault(*_UNCLOSED, *opening[1:], always=False)
            else:
                detail = _SINGLE.get(kind, _SINGLE_OTHER)
                summary = "Invalid single-argument block definition"
                self.fault(summary, detail, start, end, always=kind in _SINGLE)
            self.recover("RBRACE")
        self.faults += inner

    def _single_item(self) -> None:
        name = self.read()
        kind, _, end = self.peek()
        if name[0] != "NAME":
            self.recover_after_item()
            self.fault("Argument or block definition required", _REQUIRED, *name[1:])
        elif kind == "EQ":
            self._attribute(single=True)
        elif kind in ("OPEN_QUOTE", "LBRACE", "NAME"):
            detail = (
                "A single-line block definition can contain only a single argument. If you meant to "
                f'define argument "{self.text(name)}", use an equals sign to assign it a value. To '
                "define a nested "
                "block, place it on a line of its own within its parent block."
            )
            self.recover_after_item()
            self.fault("Argument definition required", detail, name[1], end)
        else:
            self.recover_after_item()
            self.fault("Argument or block definition required", _EQUALS, *name[1:])
