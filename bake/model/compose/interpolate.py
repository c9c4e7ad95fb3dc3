"""Variables in compose's texts: `$A`, `${A}`, `$$`, and `${A-b}`, `${A?e}`, `${A+b}`, each with a colon too.

Rules are those of compose-go 2.13 (template, interpolation), quirks included: an operator's argument
ends at the brace that closes it but holds no line end. Names are a case of their own: nothing but
values is interpolated.
"""

from __future__ import annotations

import re
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from bake.errors import BakeError, DefinitionError, raise_all
from bake.model.compose.casts import CASTS
from bake.model.compose.nodes import Node, dotted, fault
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.model.compose.nodes import Path

Lookup: TypeAlias = "Callable[[str], str | None]"

_NAME = "[_a-z][_a-z0-9]*"
_VARIABLE = re.compile(
    rf"\$(?i:(?P<escaped>\$)|(?P<named>{_NAME})|\{{(?:(?P<braced>{_NAME}(?::?[-+?](?:.*))?)\}}|(?P<invalid>)))"
)
MAX_DEPTH = 30
"""How deep the defaults of variables may nest."""
MAX_VALUES = 16 << 20
"""Characters that the values of variables may put into one file."""
MAX_LOOKED_AT = 1 << 28
"""Characters that may be looked at in one text: for each variable in braces, all to the line's last brace."""
_OPERATORS = (":?", "?", ":-", "-", ":+", "+")


class TemplateError(ValueError):
    """The text is no template."""


class SubstitutionError(ValueError):
    """A variable that has to have a value has none, or defaults nest too deep."""


class ValuesError(SubstitutionError):
    """The values of variables have more than `MAX_VALUES` characters."""


class Metered:
    """`lookup`, until what it gave has more than `MAX_VALUES` characters: then it raises ValuesError."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._given = 0

    def __call__(self, name: str) -> str | None:
        value = self._lookup(name)
        self._given += len(value or "")
        if self._given > MAX_VALUES:
            raise ValuesError(f"the values of variables have more than {MAX_VALUES:,} characters")
        return value


def substitute(text: str, lookup: Lookup, blank: Lookup | None = None, depth: int = 0) -> str:
    """`text` with its variables' values. Raises TemplateError and SubstitutionError.

    `blank` looks up what stands without an operator, where no value means a blank string.
    """
    blank = blank or lookup
    if depth > MAX_DEPTH:
        raise SubstitutionError(f"variables may nest {MAX_DEPTH} levels deep")
    parts: list[str] = []
    at = looked_at = 0
    while found := _VARIABLE.search(text, at):
        looked_at += len(found[0])
        if looked_at > MAX_LOOKED_AT:
            raise SubstitutionError("a line has too many variables")
        closing = _closing_brace(found[0])
        end = found.start() + closing + 1 if closing >= 0 else found.end()
        parts.append(text[at : found.start()])
        match _variable(found[0], text[found.start() : end]):
            case "", _, _:
                parts.append("$")
            case name, "", _:
                parts.append(blank(name) or "")
            case name, operator, argument:
                inner = partial(substitute, argument, lookup, blank, depth + 1)
                parts.append(_operate(operator, lookup(name), inner, name))
        at = end
    return "".join(parts) + text[at:]


def _variable(matched: str, text: str) -> tuple[str, str, str]:
    """Name, operator and argument of the variable `text`, the beginning of what `matched`; none for `$$`."""
    found = _VARIABLE.match(text)
    if found is None or found["invalid"] is not None:
        raise TemplateError
    if found["escaped"]:
        return "", "", ""
    if found["named"]:
        return found["named"], "", ""
    return found["braced"].partition(_first_operator(matched))


def _operate(operator: str, value: str | None, argument: Callable[[], str], name: str) -> str:
    present = bool(value) if operator.startswith(":") else value is not None
    kind = operator[-1]
    if kind == "+":
        return argument() if present else value or ""
    if present:
        return value or ""
    if kind == "-":
        return argument()
    reason = argument()
    raise SubstitutionError(
        f"required variable {name} is missing a value" + (f": {reason}" if reason else "")
    )


def _first_operator(text: str) -> str:
    """The operator that stands first; where there is none, the choice does not matter."""
    places = [(text.find(operator), order) for order, operator in enumerate(_OPERATORS)]
    return _OPERATORS[min((place for place in places if place[0] >= 0), default=(0, 0))[1]]


def _closing_brace(text: str) -> int:
    """Where the first brace is closed, -1 if it is not. What follows an opening brace is not looked at."""
    depth = at = 0
    while at < len(text):
        if text[at] == "}":
            depth -= 1
            if not depth:
                return at
        elif text[at] == "{":
            depth += 1
            at += 1
        at += 1
    return -1


@record(frozen=False)
class Interpolation:
    """Interpolates whole files from `variables`; `unset` gathers variables that had no value, each with
    the text that wanted it."""

    variables: Mapping[str, str]
    unset: dict[str, Node] = field(default_factory=dict)

    def within(self, variables: Mapping[str, str]) -> Interpolation:
        """The same with other variables."""
        return Interpolation(variables, self.unset)

    def document(self, node: Node) -> Node:
        """The document with all values interpolated. Raises all faults together."""
        faults: list[BakeError] = []
        done = self._node(node, (), Metered(self.variables.get), faults)
        raise_all(faults, "faults of interpolation")
        return done

    def _node(self, node: Node, path: Path, lookup: Lookup, faults: list[BakeError]) -> Node:
        if not isinstance(node.value, str):
            return node.mapped(partial(self._node, lookup=lookup, faults=faults), path)
        try:
            text = substitute(node.value, lookup, partial(self._blank, lookup=lookup, node=node))
            cast = CASTS.get(path)
            return node.with_value(cast(text) if cast else text)
        except ValuesError as error:
            raise _fault(error, node, path) from error
        except ValueError as error:
            faults.append(_fault(error, node, path))
            return node

    def _blank(self, name: str, lookup: Lookup, node: Node) -> str | None:
        value = lookup(name)
        if value is None:
            self.unset.setdefault(name, node)
        return value

    def warnings(self) -> list[DefinitionError]:
        """A warning for each variable that had no value."""
        wording = 'The "{}" variable is not set. Defaulting to a blank string.'
        return [fault(wording.format(name), node) for name, node in self.unset.items()]


def _fault(error: ValueError, node: Node, path: Path) -> DefinitionError:
    if isinstance(error, TemplateError):
        message = f"invalid interpolation format for {dotted(path)}"
        return fault(message, node, detail=f"found `{node.text}`", hint="write `$$` for a dollar sign")
    problem = (
        str(error) if isinstance(error, SubstitutionError) else f"failed to cast to expected type: {error}"
    )
    return fault(f"error while interpolating {dotted(path)}: {problem}", node)
