"""Variables: their types, their defaults, and what the command line and the environment say instead.

Takes the block that declares a variable and the frame of the globals, gives a `Settled` value with its
origin. Order of precedence: `--var`, environment, default. Rules and messages are buildx's
(hclparser resolveValue); faults of a variable as a whole point at the start of its block's body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bake.evaluate import expressions
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.positions import missing_place, value_start
from bake.evaluate.static import keyword
from bake.evaluate.typeexpr import type_constraint
from bake.evaluate.types import (
    BOOL,
    STRING,
    Type,
    name,
    without_optional,
)
from bake.evaluate.values import Value, null, string
from bake.record import record
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Collection

    from bake.evaluate.frame import Frame
    from bake.evaluate.schema import Overrides
    from bake.syntax.tree import Attribute, Block

_JSON_SUFFIX = "_JSON"


class Settled(NamedTuple):
    """A variable's value, where it is from, and its type if one was declared."""

    value: Value
    origin: Origin
    type: Type | None


class Override(NamedTuple):
    """What was said from outside: the text, whether it is JSON, and who said it under which name."""

    text: str
    is_json: bool
    cause: Cause
    name: str


@record
class Lookup:
    """Finds overrides. A name that is itself declared is never taken for another one's JSON."""

    overrides: Overrides
    declared: Collection[str]

    def find(self, variable: str, *, prefers_json: bool) -> Override | None:
        plain = self._plain(variable)
        if plain is not None and not prefers_json:
            return plain
        with_suffix = variable + _JSON_SUFFIX
        if with_suffix in self.declared or with_suffix in self.overrides.builtin:
            return plain
        found = self._plain(with_suffix)
        return found._replace(is_json=True) if found else plain

    def _plain(self, variable: str) -> Override | None:
        if variable in self.overrides.variables:
            return Override(self.overrides.variables[variable], False, Cause.VARIABLE, variable)
        if variable in self.overrides.environment:
            return Override(self.overrides.environment[variable], False, Cause.ENVIRONMENT, variable)
        return None


def settle(block: Block, definition: Attribute | None, lookup: Lookup, frame: Frame) -> Settled:
    """The value of the variable that `block` declares. A global attribute of the same name
    (`definition`) stands in for its type and default."""
    wanted = None if definition is not None else _declared_type(block, frame)
    default = definition if definition is not None else block.body.attributes.get("default")
    override = lookup.find(block.labels[0].text, prefers_json=wanted is not None)
    faults = len(frame.faults)
    value = _default(default, wanted, block, frame)
    origin = Origin(Cause.DEFAULT, default.value.span if default else block.header)
    if override is None or len(frame.faults) > faults:
        return Settled(value, origin, wanted)
    inferred = None if default is None else value.type
    value = _overridden(override, wanted, inferred, block, frame)
    return Settled(value, Origin(override.cause, block.header, override.name), wanted)


def description(block: Block, frame: Frame) -> str:
    """A variable's description; only constants are allowed in it."""
    attribute = block.body.attributes.get("description")
    if attribute is None:
        return ""
    constant = expressions.frame(None, None, frame.faults)
    faults = len(frame.faults)
    value = expressions.evaluate(attribute.value, constant)
    if len(frame.faults) > faults:
        return ""
    try:
        text = convert(value, STRING).raw
    except ConversionError as exc:
        text, reason = None, str(exc)
    else:
        reason = "null value is not allowed"
    if text is None:
        frame.fault("Unsuitable value type", value_start(attribute), f"Unsuitable value: {reason}")
    return text or ""


def _declared_type(block: Block, frame: Frame) -> Type | None:
    attribute = block.body.attributes.get("type")
    if attribute is None or keyword(attribute.value) == "null":
        return None
    return type_constraint(attribute.value, frame.faults)


def _default(default: Attribute | None, wanted: Type | None, block: Block, frame: Frame) -> Value:
    if default is None:
        return string("") if wanted is None else null(without_optional(wanted))
    value = expressions.evaluate(default.value, frame)
    if wanted is None or not value.is_known:
        return value
    try:
        return convert(value, wanted)
    except ConversionError as exc:
        variable = block.labels[0].text
        reason = f"invalid type {name(wanted)} for variable {variable} default value: {exc}"
        return frame.fault("Invalid value", missing_place(block), reason)


def _overridden(
    override: Override, wanted: Type | None, inferred: Type | None, block: Block, frame: Frame
) -> Value:
    from bake.evaluate import overriding  # few variables are overridden

    variable = block.labels[0].text
    try:
        if wanted is None:
            return overriding.untyped(variable, override.text, inferred)
        read = overriding.from_json if override.is_json else overriding.typed
        return read(variable, override.text, wanted)
    except overriding.OverridingError as exc:
        who = "--var" if override.cause is Cause.VARIABLE else "the environment variable"
        hint = f"The value comes from {who} {override.name}."
        return frame.fault("Invalid value", missing_place(block), str(exc), hint)


def validate(variable: str, rule: Block, frame: Frame) -> None:
    """Check one `validation` block of `variable`; what it says against the value is a fault."""
    condition = rule.body.attributes.get("condition")
    if condition is None:
        _refuse(rule, frame, "Condition expression must return either true or false, not null.")
        return
    faults = len(frame.faults)
    value = expressions.evaluate(condition.value, frame)
    if len(frame.faults) > faults or not value.is_known:
        return
    if value.is_null:
        detail = "Condition expression must return either true or false, not null."
        frame.fault("Invalid condition result", condition.value.span, detail)
        return
    try:
        holds = convert(value, BOOL).raw
    except ConversionError as exc:
        detail = f"Invalid condition result value: {exc}"
        frame.fault("Invalid condition result", condition.value.span, detail)
        return
    if not holds:
        message = _error_message(rule, frame)
        if message is not None:
            hint = f"Give {variable} another value: --var {variable}=VALUE, or in the environment"
            frame.fault("Validation failed", condition.value.span, message, hint)


def _refuse(rule: Block, frame: Frame, detail: str) -> None:
    frame.fault("Invalid condition result", missing_place(rule), detail)


def _error_message(rule: Block, frame: Frame) -> str | None:
    attribute = rule.body.attributes.get("error_message")
    fallback = "This check failed, but has an invalid error message."
    if attribute is None:
        return fallback
    faults = len(frame.faults)
    value = expressions.evaluate(attribute.value, frame)
    if len(frame.faults) > faults:
        return None
    return value.raw if value.type == STRING and isinstance(value.raw, str) else fallback
