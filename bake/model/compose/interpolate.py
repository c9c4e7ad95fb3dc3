"""Variables in compose's texts: `$A`, `${A}`, `$$`, and `${A-b}`, `${A?e}`, `${A+b}`, each with a colon too.

Rules are those of compose-go 2.13 (template, interpolation), quirks included: an operator's argument
ends at the brace that closes it but holds no line end. Names are a case of their own: nothing but
values is interpolated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from bake.errors import BakeError, DefinitionError, raise_all
from bake.model.compose.casts import CASTS
from bake.model.compose.nodes import Node, dotted, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.model.compose.nodes import Path

Lookup: TypeAlias = "Callable[[str], str | None]"

_NAME = "[_a-z][_a-z0-9]*"
_VARIABLE = re.compile(
    rf"\$(?i:(?P<escaped>\$)|(?P<named>{_NAME})|\{{(?:(?P<braced>{_NAME}(?::?[-+?](?:.*))?)\}}|(?P<invalid>)))"
)
_OPERATORS = (":?", "?", ":-", "-", ":+", "+")


class TemplateError(ValueError):
    """The text is no template."""


class RequiredError(ValueError):
    """A variable that has to have a value has none."""


def substitute(text: str, lookup: Lookup) -> str:
    """`text` with its variables' values. Raises TemplateError and RequiredError."""
    if "$" not in text:
        return text
    return _VARIABLE.sub(lambda found: _replacement(found[0], lookup), text)


def _replacement(text: str, lookup: Lookup) -> str:
    operator = _first_operator(text)
    closing = _closing_brace(text)
    rest = text[closing + 1 :] if closing >= 0 else ""
    found = _VARIABLE.match(text[: closing + 1] if closing >= 0 else text)
    if found is None or found["invalid"] is not None:
        raise TemplateError
    if found["escaped"]:
        return "$"
    if found["named"]:
        return lookup(found["named"]) or ""
    name, given, argument = found["braced"].partition(operator)
    if not given:
        return lookup(name) or ""
    return _operate(operator, name, argument, lookup) + substitute(rest, lookup)


def _operate(operator: str, name: str, argument: str, lookup: Lookup) -> str:
    value = lookup(name)
    present = bool(value) if operator.startswith(":") else value is not None
    kind = operator[-1]
    if kind == "+":
        return substitute(argument, lookup) if present else value or ""
    if present:
        return value or ""
    replacement = substitute(argument, lookup)
    if kind == "?":
        reason = f": {replacement}" if replacement else ""
        raise RequiredError(f"required variable {name} is missing a value{reason}")
    return replacement


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


@dataclass(slots=True)
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
        done = self._node(node, (), faults)
        raise_all(faults, "faults of interpolation")
        return done

    def _node(self, node: Node, path: Path, faults: list[BakeError]) -> Node:
        if not isinstance(node.value, str):
            return node.mapped(lambda item, at: self._node(item, at, faults), path)
        try:
            text = substitute(node.value, lambda name: self._lookup(name, node))
            cast = CASTS.get(path)
            return node.with_value(cast(text) if cast else text)
        except ValueError as error:
            faults.append(_fault(error, node, path))
            return node

    def _lookup(self, name: str, node: Node) -> str | None:
        value = self.variables.get(name)
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
    problem = str(error) if isinstance(error, RequiredError) else f"failed to cast to expected type: {error}"
    return fault(f"error while interpolating {dotted(path)}: {problem}", node)
