"""The walk over expressions. Every method reads one construct and says whether it found a fault in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.syntax.diagnose_template import Templates
from bake.syntax.terminals import NUMBER

if TYPE_CHECKING:
    from bake.syntax.scan import RawToken

_BINARY = frozenset(
    {"PLUS", "MINUS", "ASTERISK", "SLASH", "PERCENT", "DOUBLE_EQ", "NEQ"}
    | {"LT", "GT", "LEQ", "GEQ", "DOUBLE_AMP", "DOUBLE_PIPE"}
)
_ELSEWHERE = "This may be caused by incorrect {} nesting elsewhere in this file."
_NO_BRACE = (
    f"There is no corresponding closing brace before the end of the file. {_ELSEWHERE.format('brace')}"
)
_UNTERMINATED_OBJECT = "Unterminated object constructor expression"
_NO_VALUE = 'Expected an attribute value, introduced by an equals sign ("=").'
_NO_EQUALS = 'Expected an equals sign ("=") to mark the beginning of the attribute value.'
_AFTER_KEY = {
    "NEWLINE": ("Missing attribute value", _NO_VALUE),
    "COMMA": ("Missing attribute value", _NO_VALUE),
    "NAME": (
        "Missing key/value separator",
        f"{_NO_EQUALS} If you intended to given an attribute name containing periods or spaces, write the "
        "name in quotes to create a string literal.",
    ),
}
_NO_NAME = "An attribute name is required after a dot."
_LEGACY = (
    "When using the legacy index syntax, chaining two indexes together is not permitted. "
    "Use the proper index syntax {}instead, like [{}][{}]."
)
_NO_COLON = "The conditional operator (...?...:...) requires a false expression, delimited by a colon."
_FOR = "Invalid 'for' expression"


class Expressions(Templates):
    def expression(self) -> bool:
        """A conditional, or anything that binds tighter."""
        before = len(self.faults)
        self.deeper()
        while True:
            start = len(self.faults)
            self._operands()
            if self.recovering and len(self.faults) > start:
                break
            if self.kind() != "QMARK":
                break
            self.read()
            if self.expression() and self.recovering:
                break
            kind, at, to = self.peek()
            if kind != "COLON":
                self.fault("Missing false expression in conditional", _NO_COLON, at, to)
                break
            self.read()
        self.depth -= 1
        return len(self.faults) > before

    def _operands(self) -> None:
        """Operands and the binary operators between them; how tightly they bind does not matter here."""
        while True:
            before = len(self.faults)
            while self.kind() in ("MINUS", "NOT"):
                self.read()
            self._term()
            self._steps()
            if (self.recovering and len(self.faults) > before) or self.kind() not in _BINARY:
                return
            self.read()

    def _term(self) -> None:
        token = self.peek()
        kind, start, end = token
        if kind in _TERMS:
            self.read()
            _TERMS[kind](self, token)
            return
        if kind == "EOF":
            detail = "Expected the start of an expression, but found the end of the file."
            self.fault("Missing expression", detail, start, end, always=False)
        else:
            detail = "Expected the start of an expression, but found an invalid expression token."
            self.fault("Invalid expression", detail, start, end, always=False)
        self.recovering = True

    def _parens(self, _opening: RawToken) -> None:
        self.newlines.append(False)
        if self.expression():
            self.recover("RPAR")
        else:
            kind, start, end = self.peek()
            if kind != "RPAR":
                detail = "Expected a closing parenthesis to terminate the expression."
                self.fault("Unbalanced parentheses", detail, start, end)
                self.recovering = True
            self.read()
        self.newlines.pop()

    def _number(self, token: RawToken) -> None:
        if not NUMBER.fullmatch(self.text(token)):
            detail = "Failed to recognize the value of this number literal."
            self.fault("Invalid number literal", detail, *token[1:])

    def _quoted(self, opening: RawToken) -> None:
        self.template({"OPEN_QUOTE": "CLOSE_QUOTE", "OPEN_HEREDOC": "CLOSE_HEREDOC"}[opening[0]])

    # Names and calls

    def _name(self, name: RawToken) -> None:
        if self.kind() not in ("LPAR", "COLONS"):
            return
        opening = self.read()
        while opening[0] == "COLONS":
            kind, start, end = self.read()
            if kind != "NAME":
                detail = (
                    "Function scope resolution symbol :: must be followed by a function name in this scope."
                )
                self.fault("Missing function name", detail, start, end)
                self.recover_over("LPAR")
                return
            opening = self.read()
        if opening[0] != "LPAR":
            detail = "Function selector must be followed by an open parenthesis to begin the function call."
            self.fault("Missing open parenthesis", detail, *opening[1:])
            self.recover_over("LPAR")
            return
        self.newlines.append(False)
        self._arguments(name[1], opening[2])
        self.newlines.pop()

    def _arguments(self, start: int, end: int) -> None:
        while self.kind() != "RPAR":
            if self.expression() and self.recovering:
                self.recover("RPAR")
                return
            kind, at, to = self.read()
            if kind == "RPAR":
                return
            if kind == "ELLIPSIS":
                self._expanded(at, to)
                return
            if kind == "EOF":
                detail = "There is no closing parenthesis for this function call before the end of the file. "
                detail += _ELSEWHERE.format("parenthesis")
                self.fault("Unterminated function call", detail, start, end)
            elif kind != "COMMA":
                detail = "A comma is required to separate each function argument from the next."
                self.fault("Missing argument separator", detail, at, to)
            if kind != "COMMA":
                self.recover("RPAR")
                return
        self.read()

    def _expanded(self, start: int, end: int) -> None:
        if self.kind() == "RPAR":
            self.read()
            return
        detail = (
            "An expanded function argument (with ...) must be immediately followed by closing parentheses."
        )
        self.fault("Missing closing parenthesis", detail, start, end, always=False)
        self.recover("RPAR")

    # Steps

    def _steps(self) -> None:
        while (kind := self.kind()) in ("DOT", "LSQB"):
            self.read()
            if kind == "DOT":
                self._dotted()
            elif self.kind() == "ASTERISK":
                self._full_splat()
            else:
                self._index()

    def _dotted(self) -> None:
        token = self.peek()
        kind, start, end = token
        if kind == "NAME":
            self.read()
        elif kind == "NUMBER":
            self.read()
            self._legacy(token, token, "")
        elif kind == "ASTERISK":
            self.read()
            self._attribute_splat(token)
        else:
            self.fault("Invalid attribute name", _NO_NAME, start, end)
            self.recovering = True

    def _legacy(self, number: RawToken, place: RawToken, with_splat: str) -> None:
        first, dot, second = self.text(number).partition(".")
        if dot:
            detail = _LEGACY.format(with_splat, first, second)
            self.fault("Invalid legacy index syntax", detail, *place[1:])
        else:
            self._number(number)

    def _attribute_splat(self, star: RawToken) -> None:
        while self.kind() == "DOT":
            self.read()
            token = self.peek()
            if token[0] == "NUMBER":
                self.read()
                self._legacy(token, star, "with a full splat expression [*] ")
            elif token[0] == "NAME":
                self.read()
            else:
                if token[0] == "ASTERISK":
                    detail = (
                        "A splat expression (*) cannot be used inside another attribute-only "
                        "splat expression."
                    )
                    self.fault("Nested splat expression not allowed", detail, *token[1:], always=False)
                else:
                    self.fault("Invalid attribute name", _NO_NAME, *star[1:], always=False)
                self.recovering = True
                return

    def _full_splat(self) -> None:
        self.read()
        if self.read()[0] != "RSQB" and not self.recovering:
            detail = (
                'The star for a full splat operator must be immediately followed by a closing bracket ("]").'
            )
            self._unclosed("Missing close bracket on splat index", detail)

    def _unclosed(self, summary: str, detail: str) -> None:
        """An unclosed index: v2.24 names the place where it has recovered, not that of the fault."""
        self.fault(summary, detail, *self.recover("RSQB")[1:])

    def _index(self) -> None:
        self.newlines.append(False)
        if self.expression() and self.recovering:
            self.recover("RSQB")
        else:
            if self.read()[0] != "RSQB" and not self.recovering:
                detail = 'The index operator must end with a closing bracket ("]").'
                self._unclosed("Missing close bracket on index", detail)
        self.newlines.pop()

    # Collections

    def _tuple(self, opening: RawToken) -> None:
        self.newlines.append(False)
        if self.is_keyword("for"):
            self._for("RSQB")
        else:
            self._elements(opening)
        self.newlines.pop()

    def _elements(self, opening: RawToken) -> None:
        while self.kind() != "RSQB":
            if self.expression() and self.recovering:
                self.recover("RSQB")
                return
            kind, start, end = self.peek()
            if kind == "RSQB":
                break
            if kind != "COMMA":
                if kind == "EOF":
                    detail = "There is no corresponding closing bracket before the end of the file. "
                    detail += _ELSEWHERE.format("bracket")
                    summary = "Unterminated tuple constructor expression"
                    self.fault(summary, detail, *opening[1:], always=False)
                else:
                    detail = "Expected a comma to mark the beginning of the next item."
                    self.fault("Missing item separator", detail, start, end, always=False)
                self.recover("RSQB")
                return
            self.read()
        self.read()

    def _object(self, opening: RawToken) -> None:
        self.newlines.append(False)
        if self.is_keyword("for"):
            self._for("RBRACE")
        else:
            self.newlines.append(True)
            if not self._items(opening):
                self.recover("RBRACE")
            self.newlines.pop()
        self.newlines.pop()

    def _items(self, opening: RawToken) -> bool:
        """The items and the closing brace; False where only recovery helps."""
        while (kind := self.kind()) != "RBRACE":
            if kind == "NEWLINE":
                self.read()
                continue
            if self.expression() and self.recovering:
                return False
            kind, start, end = self.peek()
            if kind == "EOF":
                self.fault(_UNTERMINATED_OBJECT, _NO_BRACE, *opening[1:], always=False)
                return False
            if kind not in ("EQ", "COLON"):
                summary, detail = _AFTER_KEY.get(kind, ("Missing key/value separator", _NO_EQUALS))
                self.fault(summary, detail, start, end, always=False)
                return False
            self.read()
            if self.expression() and self.recovering:
                return False
            kind, start, end = self.peek()
            if kind == "RBRACE":
                break
            if kind == "EOF":
                self.fault(_UNTERMINATED_OBJECT, _NO_BRACE, *opening[1:], always=False)
                return False
            if kind not in ("COMMA", "NEWLINE"):
                detail = "Expected a newline or comma to mark the beginning of the next attribute."
                self.fault("Missing attribute separator", detail, start, end, always=False)
                return False
            self.read()
        self.read()
        return True

    # For-expressions

    def _for(self, closing: str) -> None:
        self.read()  # the keyword
        if not self._for_intro() or not self._for_result(closing):
            self.recover(closing)

    def _for_intro(self) -> bool:
        if not self.for_names(_FOR, "expression", "the 'in' keyword after its name declarations"):
            return False
        if self.expression() and self.recovering:
            return False
        if self.kind() != "COLON":
            return self.refused(_FOR, "For expression requires a colon after the collection expression.")
        self.read()
        return True

    def _for_result(self, closing: str) -> bool:
        """What follows the colon; False where the closing bracket has not been met."""
        before = len(self.faults)
        first = last = self._placed()
        if arrow := self.kind() == "FOR_OBJECT_ARROW":
            self.read()
            last = self._placed()
        if self.recovering and len(self.faults) > before:
            return False
        ellipsis = self.read() if self.kind() == "ELLIPSIS" else None
        if self.is_keyword("if"):
            self.read()
            if self.expression() and self.recovering:
                return False
        if self.kind() == closing:
            self.read()
        else:
            self.refused(_FOR, "Extra characters after the end of the 'for' expression.")
            self.recover(closing)
        if closing == "RSQB" and arrow:
            self.fault(_FOR, "Key expression is not valid when building a tuple.", *first)
        if closing == "RSQB" and ellipsis:
            detail = "Grouping ellipsis (...) cannot be used when building a tuple."
            self.fault(_FOR, detail, *ellipsis[1:])
        if closing == "RBRACE" and not arrow:
            self.fault(_FOR, "Key expression is required when building an object.", *last)
        return True

    def _placed(self) -> tuple[int, int]:
        """Where the expression stands that is read."""
        start = self.peek()[1]
        self.expression()
        return start, self.previous()[2]


_TERMS = {
    "LPAR": Expressions._parens,
    "NUMBER": Expressions._number,
    "NAME": Expressions._name,
    "OPEN_QUOTE": Expressions._quoted,
    "OPEN_HEREDOC": Expressions._quoted,
    "LSQB": Expressions._tuple,
    "LBRACE": Expressions._object,
}
