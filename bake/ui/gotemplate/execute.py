"""A template's tree and a mapping to text, by the rules of text/template/exec.go (Go 1.25)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.gostruct import Struct
from bake.ui.gotemplate.functions import LAZY, compact_json, table
from bake.ui.gotemplate.lexer import fault
from bake.ui.gotemplate.parser import parse
from bake.ui.gotemplate.tree import Branch, Chain, Dot, Function, Jump, Literal, Pipe, Text, Variable
from bake.ui.gotemplate.values import OperandError, field, pairs, printed, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.ui.gotemplate.functions import Operation
    from bake.ui.gotemplate.tree import Node, Operand

MISSING = object()
"""No value came through the pipe."""


def render(template: str, data: Mapping[str, Any], *, json: Callable[[Any], str] = compact_json) -> str:
    """`template` over `data`, whose own fields are the only ones at the top.

    `json` writes what the function of that name writes.
    Raises UsageError, with the place, for a template that Go would not take or that is out of this subset.
    """
    functions = table(json)
    nodes = parse(template, "--format", functions)
    top = data if isinstance(data, Struct) else Struct(data)
    out: list[str] = []
    _Run(functions, out, top).walk(nodes, top)
    return "".join(out)


class _Run:
    """One execution; `variables` is a stack, the latest of a name wins."""

    def __init__(self, functions: Mapping[str, Operation], out: list[str], top: Struct) -> None:
        self.functions = functions
        self.out = out
        self.variables: list[tuple[str, Any]] = [("$", top)]

    def walk(self, nodes: Sequence[Node], dot: Any) -> str:
        """Write `nodes`; the `break` or `continue` that cut it short, else ""."""
        for node in nodes:
            jump = self.step(node, dot)
            if jump:
                return jump
        return ""

    def step(self, node: Node, dot: Any) -> str:
        match node:
            case Text(text):
                self.out.append(text)
            case Branch():
                return self.branch(node, dot)
            case Jump(kind):
                return kind
            case Pipe():
                value = self.pipe(node, dot)
                if not node.names:
                    self.out.append(printed(value))
        return ""

    def branch(self, node: Branch, dot: Any) -> str:
        kept = len(self.variables)
        jump = self.loop(node, dot) if node.kind == "range" else self.choice(node, dot)
        del self.variables[kept:]
        return jump

    def choice(self, node: Branch, dot: Any) -> str:
        value = self.pipe(node.pipe, dot)
        inner = value if node.kind == "with" and truth(value) else dot
        return self.walk(node.body if truth(value) else node.otherwise, inner)

    def loop(self, node: Branch, dot: Any) -> str:
        value = self.pipe(Pipe(node.pipe.commands, node.pipe.span), dot)
        try:
            found = list(pairs(value))
        except OperandError as error:
            fault(str(error), node.pipe.span, error.hint)
        kept = len(self.variables)
        for pair in found:
            self.bind(node.pipe, pair)
            jump = self.walk(node.body, pair[1])
            del self.variables[kept:]
            if jump == "break":
                break
        return "" if found else self.walk(node.otherwise, dot)

    def bind(self, pipe: Pipe, pair: tuple[Any, Any]) -> None:
        """One name is given the element, two the index and the element."""
        values = pair[-len(pipe.names) :] if pipe.names else ()
        for name, value in zip(pipe.names, values, strict=True):
            self.put(name, value, declares=pipe.declares)

    def put(self, name: str, value: Any, *, declares: bool) -> None:
        if declares:
            self.variables.append((name, value))
            return
        at = max(index for index, (known, _) in enumerate(self.variables) if known == name)
        self.variables[at] = (name, value)

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        value: Any = MISSING
        for command in pipe.commands:
            value = self.command(command, dot, value)
        for name in pipe.names:
            self.put(name, value, declares=pipe.declares)
        return value

    def command(self, operands: tuple[Operand, ...], dot: Any, final: Any) -> Any:
        """A function with its operands, or one value."""
        first = operands[0]
        if isinstance(first, Function):
            return self.call(first, operands[1:], dot, final)
        if len(operands) > 1 or final is not MISSING:
            fault(f"{first.span.text} has arguments but cannot be invoked as function", first.span)
        return self.operand(first, dot)

    def operand(self, operand: Operand, dot: Any) -> Any:
        match operand:
            case Literal(value, _):
                return value
            case Dot():
                return dot
            case Variable(name, _):
                return next(value for known, value in reversed(self.variables) if known == name)
            case Function():
                return self.call(operand, (), dot, MISSING)
            case Pipe():
                return self.pipe(operand, dot)
        return self.chain(operand, dot)

    def chain(self, chain: Chain, dot: Any) -> Any:
        value = self.operand(chain.base, dot)
        for name in chain.names:
            try:
                value = field(value, name)
            except OperandError as error:
                fault(f'executing "{chain.span.text}": {error}', chain.span, error.hint)
        return value

    def call(self, function: Function, operands: Sequence[Operand], dot: Any, final: Any) -> Any:
        if function.name in LAZY:
            return self.decide(function, operands, dot, final)
        values = [self.operand(one, dot) for one in operands]
        return self.apply(function, [*values, *(() if final is MISSING else (final,))])

    def decide(self, function: Function, operands: Sequence[Operand], dot: Any, final: Any) -> Any:
        """`and` and `or` evaluate no more than they need."""
        values = []
        for one in operands:
            values.append(self.operand(one, dot))
            if truth(values[-1]) is (function.name == "or"):
                return values[-1]
        return self.apply(function, [*values, *(() if final is MISSING else (final,))])

    def apply(self, function: Function, values: list[Any]) -> Any:
        try:
            return self.functions[function.name](*values)
        except OperandError as error:
            fault(f"error calling {function.name}: {error}", function.span, error.hint)
        except TypeError:
            fault(f"wrong number of args for {function.name}: got {len(values)}", function.span)
