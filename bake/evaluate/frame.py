"""What an expression sees while it is evaluated: names, functions, and where its faults go.

Evaluating never raises for a faulty expression: it reports the fault and gives an unknown value, as
HCL does, so that one expression's faults are found together and a branch that is not taken cannot
fail. Unknown values come from faults, from HCL's trial run of a `for`'s condition, and where cty cannot
unify collections with untyped nulls in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bake.errors import DefinitionError
from bake.evaluate.values import ANY_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bake.errors import BakeError
    from bake.evaluate.budget import Budget
    from bake.evaluate.functions import Function
    from bake.evaluate.values import Value
    from bake.host import Host
    from bake.source import Span
    from bake.syntax.tree import Expression


class Scope:
    """Names and their values, the inner ones first."""

    __slots__ = ("outer", "values")

    def __init__(self, values: Mapping[str, Value], outer: Scope | None = None) -> None:
        self.values = values
        self.outer = outer

    def find(self, name: str) -> Value | None:
        scope: Scope | None = self
        while scope is not None:
            value = scope.values.get(name)
            if value is not None:
                return value
            scope = scope.outer
        return None

    def names(self) -> Iterator[str]:
        scope: Scope | None = self
        while scope is not None:
            yield from scope.values
            scope = scope.outer


class World(Protocol):
    """What is the same for all expressions of a definition."""

    @property
    def host(self) -> Host: ...

    @property
    def budget(self) -> Budget: ...

    def function(self, name: str) -> Function | None:
        """The function of that name, built in or defined in the files."""
        ...

    def function_names(self) -> Sequence[str]: ...

    def global_names(self) -> Sequence[str]:
        """The names of all variables, global attributes and types of blocks, settled or not."""
        ...

    def block(self, kind: str, name: str) -> Value | None:
        """The object of a block that expressions can refer to, None if there is none of that name."""
        ...

    def block_names(self, kind: str) -> Sequence[str] | None:
        """The names of all blocks of a type, None if expressions cannot refer to such blocks."""
        ...


class Frame:
    """One expression's surroundings. `scope` and `world` are None where only constants are allowed."""

    __slots__ = ("evaluators", "faults", "item", "scope", "world")

    def __init__(
        self,
        evaluators: Mapping[type, Callable[..., Value]],
        scope: Scope | None,
        world: World | None,
        faults: list[BakeError],
        item: Value = ANY_UNKNOWN,
    ) -> None:
        self.evaluators = evaluators
        self.scope = scope
        self.world = world
        self.faults = faults
        self.item = item

    def value(self, node: Expression) -> Value:
        """The value of an expression; unknown when it or a part of it is at fault."""
        return self.evaluators[type(node)](node, self)

    def fault(self, summary: str, span: Span, detail: str, hint: str | None = None) -> Value:
        """Report a fault; gives the unknown value to go on with."""
        self.faults.append(DefinitionError(summary, span, detail=detail, hint=hint))
        return ANY_UNKNOWN

    def spend(self, made: object = None) -> None:
        """Pay for a step and what it made; see `budget`."""
        if self.world is not None:
            self.world.budget.spend(made)

    def within(self, values: Mapping[str, Value]) -> Frame:
        """This frame with more names in reach."""
        return Frame(self.evaluators, Scope(values, self.scope), self.world, self.faults, self.item)

    def at(self, item: Value) -> Frame:
        """This frame inside a splat that stands at `item`."""
        return Frame(self.evaluators, self.scope, self.world, self.faults, item)

    def apart(self) -> Frame:
        """This frame with its faults kept apart, for branches that may not count."""
        return Frame(self.evaluators, self.scope, self.world, [], self.item)
