"""What evaluating is told about blocks and about the world outside the files.

Takes nothing, gives the records that the model and the caller fill in: which attributes a block type
has and of which types, how a block becomes several (a matrix), and which values variables get from
the command line and the environment.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from bake.evaluate.types import DYNAMIC, Type
from bake.goscalars import GO_TRUE
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.evaluate.config import EvaluatedAttribute
    from bake.evaluate.values import Value
    from bake.host import Host
    from bake.syntax.tree import Block, Expression


@record
class AttributeSchema:
    """What one attribute of a block has to be.

    A value is converted to `type`; DYNAMIC leaves it as the expression gave it, for the model to
    decode. `null_items` allows nulls among the elements of a list or map, `nullable` a null value.
    `seen` gives what expressions that refer to the attribute see, where that is not the value itself
    (buildx shows `output = ["type=local"]` as a list of maps); it is given None for an attribute that is
    not there, and raises DefinitionError.
    """

    type: Type = DYNAMIC
    required: bool = False
    nullable: bool = True
    null_items: bool = False
    seen: Callable[[EvaluatedAttribute | None], Value] | None = None


@record
class Member:
    """One block that a written block stands for: what it is called and, when it comes from a matrix,
    the matrix's values, which its attributes can refer to."""

    name: str
    variables: Mapping[str, Value] | None = None


class Evaluate(Protocol):
    """Evaluates an expression of a block's header with `variables` in reach besides the globals.

    Gives a known value (it may be null); raises DefinitionError, or a group of them.
    """

    def __call__(self, expression: Expression, variables: Mapping[str, Value] | None = None) -> Value: ...


@record
class BlockSchema:
    """One type of block (`target`, `group`).

    `expand` gives the members of a block, in order; it raises DefinitionError for a name that is
    not allowed. Without it a block is its one member. `header` names the attributes that only
    `expand` reads; they are not evaluated otherwise.
    """

    attributes: Mapping[str, AttributeSchema] = field(default_factory=dict)
    expand: Callable[[Block, Evaluate], Sequence[Member]] | None = None
    header: tuple[str, ...] = ("matrix", "name")


@record
class Overrides:
    """Values for variables from outside the files.

    `variables` are those of `--var`, `environment` those looked up when `--var` names none (empty
    when looking up is turned off). `builtin` are names that no file can define or override.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    builtin: Mapping[str, str] = field(default_factory=dict)


def overrides(host: Host, variables: Mapping[str, str], *, command_context: str = "cwd://") -> Overrides:
    """The overrides of one run on `host`.

    `command_context` is BAKE_CMD_CONTEXT. BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP turns the environment
    off when it is true in Go's spelling; what is no boolean is ignored.
    """
    disabled = host.environment.get("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP") in GO_TRUE
    return Overrides(
        variables=variables,
        environment={} if disabled else host.environment,
        builtin={
            "BAKE_CMD_CONTEXT": command_context,
            "BAKE_LOCAL_PLATFORM": str(host.platform) if host.platform else "",
        },
    )
