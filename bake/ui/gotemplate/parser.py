"""Tokens to a tree, by the rules of text/template/parse/parse.go (Go 1.25), without nested templates."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from bake.source import Span
from bake.ui.gotemplate.lexer import Token, fault, tokens
from bake.ui.gotemplate.tree import Branch, Chain, Dot, Function, Jump, Literal, Node, Operand, Pipe, Text
from bake.ui.gotemplate.tree import Variable as VariableNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

BLOCKS = ("if", "with", "range")
JUMPS = ("break", "continue")
UNSUPPORTED = ("define", "template", "block")
CONSTANTS = {"true": True, "false": False, "nil": None}
KEYWORDS = {*BLOCKS, *JUMPS, *UNSUPPORTED, "else", "end"}
DEPTH = 64
MOST = sys.float_info.max

ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}


def parse(text: str, name: str, functions: Collection[str]) -> tuple[Node, ...]:
    """The tree of `text`, which messages call `name` and which may use `functions`. Raises UsageError."""
    return _Parser(list(tokens(text, name)), functions).whole()


class _Parser:
    """One pass over the tokens; `variables` are those in sight."""

    def __init__(self, found: list[Token], functions: Collection[str]) -> None:
        self.tokens = found
        self.at = 0
        self.functions = functions
        self.variables = ["$"]
        self.loops = 0
        self.depth = 0

    def whole(self) -> tuple[Node, ...]:
        nodes, stopped = self._nodes()
        if stopped.kind != "eof":
            fault(f"unexpected {{{{{stopped.text}}}}}", stopped.span, "no if, with or range is open here")
        return tuple(nodes)

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def _next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _nodes(self) -> tuple[list[Node], Token]:
        """Nodes up to `else`, `end` or the end, and the token that stopped them, which is taken."""
        found: list[Node] = []
        while True:
            token = self._next()
            if token.kind == "text":
                found.append(Text(token.text))
            elif token.kind == "eof":
                return found, token
            elif self.token.kind == "word" and self.token.text in ("else", "end"):
                return found, self._next()
            else:
                found.append(self._action())

    def _action(self) -> Node:
        word = self.token
        if word.kind == "word" and word.text in KEYWORDS:
            self.at += 1
            return self._keyword(word)
        return self._pipe("command", "right")

    def _keyword(self, word: Token) -> Node:
        if word.text in BLOCKS:
            return self._branch(word)
        if word.text in UNSUPPORTED:
            fault(f"{{{{{word.text}}}}} is not supported", word.span, "a format is one template")
        if not self.loops:
            fault(f"{{{{{word.text}}}}} outside {{{{range}}}}", word.span)
        self._expect("right", f"{{{{{word.text}}}}}")
        return Jump(word.text)

    def _branch(self, word: Token) -> Branch:
        kind = word.text
        with self._inside(word):
            pipe = self._pipe(kind, "right")
            in_sight = len(self.variables)
            self.loops += kind == "range"
            body, stopped = self._nodes()
            self.loops -= kind == "range"
            del self.variables[in_sight:]
            otherwise: list[Node] = []
            if stopped.text == "else" and self._continues(kind):
                otherwise = [self._branch(self._next())]
                return Branch(kind, pipe, tuple(body), tuple(otherwise))
            if stopped.text == "else":
                self._expect("right", "else")
                otherwise, stopped = self._nodes()
            if stopped.text != "end":
                self._unfinished(word, stopped)
            self._expect("right", "end")
        return Branch(kind, pipe, tuple(body), tuple(otherwise))

    def _continues(self, kind: str) -> bool:
        """`{{else if x}}` and `{{else with x}}` end together with what they continue."""
        return self.token.kind == "word" and self.token.text == kind and kind != "range"

    def _unfinished(self, word: Token, stopped: Token) -> NoReturn:
        if stopped.kind == "eof":
            fault(f"unexpected EOF: {{{{{word.text}}}}} has no end", word.span, "close it with {{end}}")
        fault(f"expected end; found {{{{{stopped.text}}}}}", stopped.span)

    @contextmanager
    def _inside(self, token: Token) -> Iterator[None]:
        """What is declared in here is not seen outside."""
        kept, self.depth = len(self.variables), self.depth + 1
        if self.depth > DEPTH:
            fault("nested too deeply", token.span)
        yield
        del self.variables[kept:]
        self.depth -= 1

    def _pipe(self, context: str, end: str) -> Pipe:
        start = self.token.span
        names, declares = self._declaration(context)
        commands: list[tuple[Operand, ...]] = []
        while True:
            commands.append(self._command(context))
            stop = self._next()
            if stop.kind == end:
                break
            if stop.kind != "pipe":
                self._unexpected(stop, context)
        self._check(commands)
        if declares:
            self.variables += names
        return Pipe(tuple(commands), Span(start.source, start.start, stop.span.start), names, declares)

    def _check(self, commands: list[tuple[Operand, ...]]) -> None:
        """Only the first command of a pipeline may be a value."""
        for command in commands[1:]:
            if isinstance(command[0], Literal | Dot):
                fault("non executable command in pipeline", command[0].span)

    def _declaration(self, context: str) -> tuple[tuple[str, ...], bool]:
        """`$x :=`, `$x =`, and `$i, $x :=` of range; nothing if none stands here."""
        kept, names = self.at, [self.token.text]
        if self.token.kind != "variable":
            return (), False
        self.at += 1
        if self.token.kind == "comma" and context == "range":
            self.at += 1
            names.append(self._expect("variable", "range").text)
        if self.token.kind not in ("declare", "assign"):
            self.at = kept
            return (), False
        declares = self._next().kind == "declare"
        for name in names:
            if not declares:
                self._known(name, self.tokens[kept])
        return tuple(names), declares

    def _command(self, context: str) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while self.token.kind not in ("right", "pipe", "close"):
            if operands and self.token.glued:
                self._unexpected(self.token, "operand")
            operands.append(self._operand(context))
        if not operands:
            if self.token.kind == "pipe":
                self._unexpected(self.token, context)
            fault(f"missing value for {context}", self.token.span)
        first = operands[0]
        if isinstance(first, Literal) and first.value is None:
            fault("nil is not a command", first.span)
        if len(operands) > 1 and isinstance(first, Literal | Dot):
            fault("can't give argument to non-function", first.span)
        return tuple(operands)

    def _operand(self, context: str) -> Operand:
        token = self._next()
        base, names = self._term(token, context)
        while self.token.kind == "field" and self.token.glued:
            names.append(self._next().text[1:])
        if not names:
            return base
        if isinstance(base, Literal):
            fault(f"unexpected . after term {token.text!r}", token.span)
        end = self.tokens[self.at - 1].span.end
        return Chain(base, tuple(names), Span(token.span.source, token.span.start, end))

    def _term(self, token: Token, context: str) -> tuple[Operand, list[str]]:
        """An operand without the fields behind it, but for a field of dot."""
        names: list[str] = []
        match token.kind:
            case "field":
                term: Operand = Dot(token.span)
                names = [token.text[1:]]
            case "dot":
                term = Dot(token.span)
            case "variable":
                term = self._known(token.text, token)
            case "open":
                with self._inside(token):
                    term = self._pipe("parenthesized pipeline", "close")
            case "word":
                term = self._word(token, context)
            case "string" | "raw" | "char" | "number":
                term = Literal(_constant(token), token.span)
            case _:
                self._unexpected(token, context)
        return term, names

    def _word(self, token: Token, context: str) -> Operand:
        if token.text in CONSTANTS:
            return Literal(CONSTANTS[token.text], token.span)
        if token.text in KEYWORDS:
            self._unexpected(token, context)
        if token.text not in self.functions:
            known = ", ".join(sorted(self.functions))
            fault(f'function "{token.text}" not defined', token.span, f"there are {known}")
        return Function(token.text, token.span)

    def _known(self, name: str, token: Token) -> VariableNode:
        if name not in self.variables:
            fault(f'undefined variable "{name}"', token.span)
        return VariableNode(name, token.span)

    def _expect(self, kind: str, context: str) -> Token:
        token = self._next()
        if token.kind != kind:
            self._unexpected(token, context)
        return token

    def _unexpected(self, token: Token, context: str) -> NoReturn:
        fault(f"unexpected {token.text!r} in {context}", token.span)


def _constant(token: Token) -> str | int | float:
    """The value of a literal, as Go reads it."""
    match token.kind:
        case "string":
            return _unquoted(token.text[1:-1], token)
        case "raw":
            return token.text[1:-1]
        case "char":
            text = _unquoted(token.text[1:-1], token)
            if len(text) != 1:
                fault(f"malformed character constant: {token.text}", token.span)
            return ord(text)
    return _number(token)


def _number(token: Token) -> int | float:
    text = token.text.replace("_", "")
    digits = text.lstrip("+-")
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            value: int | float = int(text, 8)
        else:
            value = int(text, 0) if digits.isalnum() and not _exponent(digits) else float(text)
    except ValueError:
        fault(f"bad number syntax: {token.text!r}", token.span)
    if abs(value) > (2**64 if isinstance(value, int) else MOST):
        fault(f"number out of range: {token.text!r}", token.span)
    return value


def _exponent(digits: str) -> bool:
    return digits[:2].lower() != "0x" and "e" in digits.lower()


def _unquoted(text: str, token: Token) -> str:
    def one(found: re.Match[str]) -> str:
        escape = found[1]
        if escape in SIMPLE:
            return SIMPLE[escape]
        base = 8 if escape.isdigit() else 16
        code = int(escape if base == 8 else escape[1:] or "z", base)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise ValueError(escape)
        return chr(code)

    try:
        return ESCAPE.sub(one, text)
    except ValueError:
        fault(f"invalid syntax in {token.text}", token.span)
