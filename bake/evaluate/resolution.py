"""The names of a definition, each settled when it is first needed: variables, global attributes,
functions, and the attributes of blocks.

A `Resolution` is the World of all expressions of a definition. It finds what a name needs by looking at
its expression, has that settled first, and so reports circles instead of running in them. A name that
is at fault, or in a circle, is unknown from then on and no further fault by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from bake.errors import DefinitionError
from bake.evaluate import expressions, functions
from bake.evaluate.blocks import BlockState, evaluate_attribute
from bake.evaluate.budget import Budget
from bake.evaluate.calls import unknown_function
from bake.evaluate.frame import Scope
from bake.evaluate.order import Need, Order
from bake.evaluate.references import NONE, references
from bake.evaluate.userfunctions import BROKEN, Signature, define, signature
from bake.evaluate.values import ANY_UNKNOWN, normalized
from bake.evaluate.variables import Lookup, Settled, settle
from bake.source import Cause, Origin
from bake.syntax.tree import AttrStep, Parens, ScopeTraversal, TemplateWrap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bake.errors import BakeError
    from bake.evaluate.blocks import Blocks
    from bake.evaluate.declarations import Declarations
    from bake.evaluate.frame import Frame
    from bake.evaluate.functions import Function
    from bake.evaluate.references import References
    from bake.evaluate.schema import Overrides
    from bake.evaluate.values import Value
    from bake.host import Host
    from bake.syntax.tree import Attribute, Expression


Kind: TypeAlias = Literal["variable", "function", "reference"]


class Task(NamedTuple):
    """Something to settle: a variable or global attribute, a function, or ("reference") an attribute of
    `block`. The kinds are the reference's words for circles of them."""

    kind: Kind
    name: str
    block: BlockState | None = None

    def __str__(self) -> str:
        if self.block is not None:
            return f"{self.block.kind}.{self.block.syntax.labels[0].text}.{self.name}"
        return f"{self.name}()" if self.kind == "function" else self.name


class Resolution:
    """See the module. `settled` are the variables by name, `faults` all that was found so far."""

    def __init__(self, declared: Declarations, blocks: Blocks, host: Host, overrides: Overrides) -> None:
        self.host = host
        self.budget = Budget()
        self.faults: list[BakeError] = list(declared.faults)
        self.settled: dict[str, Settled] = {}
        self._declared = declared
        self._blocks = blocks
        self._lookup = Lookup(overrides, declared.variables)
        self._values: dict[str, Value] = {name: normalized(text) for name, text in overrides.builtin.items()}
        self._builtin = frozenset(overrides.builtin)
        self._functions: dict[str, Function] = {}
        self._signatures: dict[str, Signature | None] = {}
        self._broken: set[Task] = set()
        self._order: Order[Task] = Order(self._needs, self._do, self._circular)

    # What expressions see

    def function(self, name: str) -> Function | None:
        return self._functions.get(name) or functions.find(name)

    def function_names(self) -> Sequence[str]:
        return [*functions.names(), *self._declared.functions]

    def block(self, kind: str, name: str) -> Value | None:
        return self._blocks.value(kind, name, self.faults)

    def block_names(self, kind: str) -> Sequence[str] | None:
        return self._blocks.names(kind)

    def global_names(self) -> Sequence[str]:
        return [*self._builtin, *self._declared.variables, *self._declared.attributes, *self._blocks.kinds]

    def frame(self) -> Frame:
        """The surroundings of an expression that stands in no block."""
        return expressions.frame(Scope(self._values), self, self.faults)

    # What the stages ask for

    def settle(self, name: str) -> None:
        """Settle a variable or global attribute, after what it needs."""
        self._order.reach(Task("variable", name))

    def define(self, name: str) -> None:
        self._order.reach(Task("function", name))

    def evaluate(self, block: BlockState, attribute: Attribute) -> None:
        self._order.reach(Task("reference", attribute.name.text, block))

    def prepare(self, expression: Expression) -> None:
        """Settle what `expression` refers to."""
        for need in self._needs_of(expression):
            self._order.reach(need.task)

    # What a task needs

    def _needs(self, task: Task) -> Iterable[Need[Task]]:
        if task.block is not None:
            attribute = task.block.syntax.body.attributes[task.name]
            return self._needs_of(attribute.value, task.block.own_names)
        if task.kind == "function":
            found = self._signature(task.name)
            return self._needs_of(found.result, found.names) if found else ()
        definition = self._definition(task.name)
        return self._needs_of(definition.value) if definition else ()

    def _needs_of(self, expression: Expression, own: Collection[str] = ()) -> Iterable[Need[Task]]:
        found = references(expression)
        return () if found is NONE else self._needs_among(found, own, expression)

    def _needs_among(
        self, found: References, own: Collection[str], whole: Expression
    ) -> Iterator[Need[Task]]:
        for call in found.calls:
            if call.name.text in self._declared.functions:
                yield Need(Task("function", call.name.text), call.name.span)
        for node in found.names:
            name = node.root.text
            if self._blocks.is_published(name):
                yield from self._block_needs(node, whole)
            elif name in own:
                continue
            elif name in self._declared.attributes or name in self._declared.variables:
                yield Need(Task("variable", name), node.span)

    def _block_needs(self, node: ScopeTraversal, whole: Expression) -> Iterator[Need[Task]]:
        step = node.steps[0] if node.steps else None
        if not isinstance(step, AttrStep):
            self._misused(node, whole)
            return
        state = self._blocks.state(node.root.text, step.name)
        if state is None:
            return
        inner = node.steps[1] if len(node.steps) > 1 else None
        for attribute in state.wanted():
            name = attribute.name.text
            if not isinstance(inner, AttrStep) or inner.name == name:
                yield Need(Task("reference", name, state), node.span)

    def _misused(self, node: ScopeTraversal, whole: Expression) -> None:
        # the reference looks for it before it evaluates anything, in branches not taken and `can` too,
        # and places it at the whole value
        kind = node.root.text
        detail = (
            f"cannot traverse {kind} without attribute"
            if node.steps
            else f"cannot access {kind} as a variable"
        )
        self.faults.append(DefinitionError("Invalid expression", whole.span, detail=detail))

    def _definition(self, name: str) -> Attribute | None:
        definition = self._declared.attributes.get(name)
        if definition is not None or name not in self._declared.variables:
            return definition
        return self._declared.variables[name].body.attributes.get("default")

    def _signature(self, name: str) -> Signature | None:
        if name not in self._signatures:
            self._signatures[name] = signature(self._declared.functions[name], self.frame())
        return self._signatures[name]

    # Doing a task

    def _do(self, task: Task) -> None:
        if task.kind == "variable":
            self._values[task.name] = ANY_UNKNOWN if task in self._broken else self._settled(task.name)
        elif task.kind == "function":
            self._functions[task.name] = self._defined(task)
        elif task.block is not None and task not in self._broken:
            attribute = task.block.syntax.body.attributes[task.name]
            evaluate_attribute(task.block, attribute, self.frame(), self._origin)

    def _settled(self, name: str) -> Value:
        attribute = self._declared.attributes.get(name)
        block = self._declared.variables.get(name)
        if block is not None:
            self.settled[name] = settle(block, attribute, self._lookup, self.frame())
            return self.settled[name].value
        assert attribute is not None
        return expressions.evaluate(attribute.value, self.frame())

    def _defined(self, task: Task) -> Function:
        found = self._signature(task.name)
        if found is None or task in self._broken or not self._is_sound(found):
            return BROKEN
        return define(found, self.frame())

    def _is_sound(self, found: Signature) -> bool:
        # a function is wrong from the start when its result names what does not exist, called or not;
        # the reference also refuses what `can` and `try` are there for, and the types of `convert` (0.36)
        missing: list[BakeError] = []
        needed = references(found.result, beside=("can", "try"))
        frame = expressions.frame(Scope(self._values), self, missing)
        for node in needed.names:
            if node.root.text not in found.names and node.root.text not in self._values:
                expressions.unknown_name(node, frame)
        for call in needed.calls:
            if self.function(call.name.text) is None:
                unknown_function(call, frame)
        # and places it at the whole result; the name is in the fault's detail
        placed = [
            DefinitionError(each.summary, found.result.span, detail=each.detail, hint=each.hint)
            for each in missing
        ]
        self.faults += {each.detail: each for each in placed}.values()
        return not missing

    def _value_of(self, task: Task) -> Expression | None:
        """The whole expression that settles `task`: the reference places a circle where the last one stands
        that leads back to the first."""
        if task.block is not None:
            return task.block.syntax.body.attributes[task.name].value
        if task.kind == "function":
            found = self._signature(task.name)
            return found.result if found else None
        definition = self._definition(task.name)
        return definition.value if definition else None

    def _origin(self, attribute: Attribute, own: Collection[str]) -> Origin | None:
        """Where a value is from that is nothing but a variable from outside."""
        node: Expression = attribute.value
        while isinstance(node, Parens | TemplateWrap):
            node = node.inner if isinstance(node, Parens) else node.wrapped
        if not isinstance(node, ScopeTraversal) or node.root.text in own:
            return None
        settled = self.settled.get(node.root.text)
        if settled is None or settled.origin.cause not in (Cause.ENVIRONMENT, Cause.VARIABLE):
            return None
        return Origin(settled.origin.cause, node.span, settled.origin.detail)

    def _circular(self, needs: Sequence[Need[Task]]) -> None:
        if needs[-1].task.block is not None:  # the reference goes round once more before it sees it
            needs = [*needs[1:], needs[0]]
        first = needs[-1].task
        users = [first, *(need.task for need in needs[:-1])]
        told = [
            f"{user} refers to {need.task} at {need.place}" for user, need in zip(users, needs, strict=True)
        ]
        detail = f"{first.kind} cycle not allowed for {first}: {', '.join(told)}"
        value = self._value_of(users[-1])
        place = value.span if value is not None else needs[-1].place
        hint = f"give {needs[-1].task} a value that does without the others"
        self.faults.append(
            DefinitionError("Invalid expression", place, detail=detail, hint=hint, code="variable-cycle")
        )
        self._broken.update(users)
