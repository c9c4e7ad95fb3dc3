"""`--driver-opt`: what a node's options set, for every driver alike.

Takes a node and its driver's table, gives the settings by name. Its rule: a row says what an option sets and
how its text is read, and nobody else reads it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from bake.errors import BuilderError
from bake.goscalars import GO_FALSE, GO_TRUE
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.node import Node


def text(value: str) -> str | None:
    """Any text; an empty one is as good as none."""
    return value or None


def flag(value: str) -> bool:
    """A Go boolean. Raises ValueError."""
    if value not in GO_TRUE | GO_FALSE:
        raise ValueError("expected true or false")
    return value in GO_TRUE


def absolute(value: str) -> str:
    """An absolute path. Raises ValueError."""
    if not posixpath.isabs(value):
        raise ValueError("expected an absolute path")
    return value


@record
class Option:
    """One option. `sets` names a setting, `group.part` a part of one that is a mapping, "" nothing.

    `read` gives the setting's value, None for one that is not set; it raises ValueError. `fault` is what is
    said then, of the option's `name` and `value`, and `why`.
    """

    sets: str
    read: Callable[[str], object] = text
    fault: str = "invalid value for {name}: {why}"
    hint: str | None = None


def path(sets: str) -> Option:
    """An option that is an absolute path."""
    return Option(sets, absolute, "non-absolute path '{value}' provided for {name}")


ENVIRONMENT = {"env.": Option("environment.", str)}
"""The row for `env.NAME=VALUE`; a name that ends in a dot stands for all that begin with it."""


def settings(node: Node, table: Mapping[str, Option], driver: str) -> dict[str, Any]:
    """What the node's options set. `driver` is what messages call the driver.

    Raises BuilderError for an option that is unknown or cannot be read.
    """
    found: dict[str, Any] = {}
    for name, given in node.driver_opts.items():
        family, dot, member = name.partition(".")
        option = table.get(name) or table.get(family + dot)
        if option is None:
            raise _unknown(name, node, table, driver)
        if option.sets.endswith(".") and not member:
            raise BuilderError(f'invalid {family} option "{name}", expecting {family}.FOO=bar')
        value = _read(name, given, option, node)
        if value is None or not option.sets:
            continue
        group, dot, part = option.sets.partition(".")
        if dot:
            found.setdefault(group, {})[part or member] = value
        else:
            found[group] = value
    return found


def _read(name: str, given: str, option: Option, node: Node) -> object:
    try:
        return option.read(given)
    except ValueError as exc:
        raise BuilderError(
            option.fault.format(name=name, value=given, why=exc),
            detail=f"node `{node.name}`: `{name}={given}`",
            hint=option.hint,
        ) from exc


def _unknown(name: str, node: Node, table: Mapping[str, Option], driver: str) -> BuilderError:
    allowed = (f"{one}NAME" if one.endswith(".") else one for one in table)
    return BuilderError(
        f"invalid driver option {name} for {driver}",
        detail=f"node `{node.name}` can have {', '.join(allowed)}",
    )
