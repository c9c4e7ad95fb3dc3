"""Evaluating for tests: texts in, plain Python values and lines of faults out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.errors import BakeError, flatten
from bake.evaluate import expressions, functions
from bake.evaluate.budget import Budget
from bake.evaluate.evaluate import evaluate
from bake.evaluate.frame import Scope
from bake.evaluate.schema import AttributeSchema, BlockSchema, Member, overrides
from bake.evaluate.types import BOOL, STRING, List, Map
from bake.evaluate.values import UNKNOWN, Value
from bake.host import Host
from bake.source import Source
from bake.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.evaluate.config import Config, EvaluatedBlock
    from bake.evaluate.functions import Function
    from bake.evaluate.schema import Evaluate
    from bake.source import Dialect
    from bake.syntax.tree import Block, Expression

LEAD = "x = "
"""What stands before an expression in the file that the helpers write: columns start at 5."""


def expression(text: str) -> Expression:
    """The tree of an expression that stands behind LEAD in `f.hcl`."""
    source = Source("f.hcl", f"{LEAD}{text}\n", "hcl")
    return parse(source).body.attributes["x"].value


class Plain:
    """A world without blocks and without functions of its own."""

    host = Host()

    def __init__(self) -> None:
        self.budget = Budget()

    def function(self, name: str) -> Function | None:
        return functions.find(name)

    def function_names(self) -> Sequence[str]:
        return list(functions.names())

    def global_names(self) -> Sequence[str]:
        return ["version"]

    def block(self, kind: str, name: str) -> Value | None:
        raise AssertionError((kind, name))

    def block_names(self, kind: str) -> Sequence[str] | None:
        assert kind
        return None


def evaluated(text: str, **names: Value) -> tuple[Value, list[BakeError]]:
    """The value of an expression with `names` in reach, and its faults."""
    faults: list[BakeError] = []
    frame = expressions.frame(Scope(names), Plain(), faults)
    return expressions.evaluate(expression(text), frame), faults


def value(text: str, **names: Value) -> Value:
    """The value of an expression that has no faults."""
    found, faults = evaluated(text, **names)
    assert not faults, [str(fault) for fault in faults]
    return found


def faults(text: str, **names: Value) -> list[str]:
    """The faults of an expression, a line for each."""
    return [str(fault) for fault in evaluated(text, **names)[1]]


def plain(found: Value) -> Any:
    """A value without its types: whole numbers as int, others as the text cty writes."""
    raw = found.raw
    if isinstance(raw, dict):
        return {key: plain(one) for key, one in raw.items()}
    if isinstance(raw, tuple):
        return [plain(one) for one in raw]
    if raw is None or raw is UNKNOWN or isinstance(raw, str | bool):
        return raw
    return int(raw) if raw.is_integer else float(raw)


def expand(block: Block, evaluate_header: Evaluate) -> Sequence[Member]:
    """A matrix of one axis, `matrix = { axis = […] }`, named by `name`."""
    matrix, name = (block.body.attributes.get(key) for key in ("matrix", "name"))
    if matrix is None or name is None:
        return [Member(block.labels[0].text)]
    ((axis, values),) = evaluate_header(matrix.value).raw.items()
    combinations = [{axis: one} for one in values.raw]
    return [Member(evaluate_header(name.value, one).raw, one) for one in combinations]


TEXT, TEXTS, FLAG = AttributeSchema(STRING), AttributeSchema(List(STRING)), AttributeSchema(BOOL)
SCHEMAS = {
    "target": BlockSchema(
        {
            "context": TEXT,
            "tags": TEXTS,
            "inherits": TEXTS,
            "args": AttributeSchema(Map(STRING), null_items=True),
            "contexts": AttributeSchema(Map(STRING)),
            "pull": FLAG,
            "description": AttributeSchema(STRING, nullable=False),
            "output": AttributeSchema(),
        },
        expand,
    ),
    "group": BlockSchema({"targets": AttributeSchema(List(STRING), required=True)}),
}


def config(
    *texts: str, variables: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Config:
    """The texts as files `f.hcl`, `f2.hcl`, … of one definition; JSON where one starts with a brace."""
    files = [parse(_source(number, text)) for number, text in enumerate(texts, 1)]
    host = Host(environment=environment or {})
    return evaluate(files, SCHEMAS, host, overrides(host, variables or {}))


def _source(number: int, text: str) -> Source:
    dialect: Dialect = "json" if text.startswith("{") else "hcl"
    return Source(f"f{number if number > 1 else ''}.{dialect}", text, dialect)


def refused(*texts: str, **outside: Mapping[str, str]) -> list[str]:
    """The faults of a definition, a line for each."""
    return [str(fault) for fault in refusals(*texts, **outside)]


def refusals(*texts: str, **outside: Mapping[str, str]) -> list[BakeError]:
    try:
        config(*texts, **outside)
    except (BakeError, ExceptionGroup) as exc:
        return flatten(exc)
    raise AssertionError("nothing was refused")


def attribute(text: str, path: str = "target.t.args", **outside: Mapping[str, str]) -> Any:
    """The plain value of one attribute of a definition, by `type.name.attribute`."""
    kind, name, key = path.split(".")
    return plain(block(config(text, **outside), kind, name).attributes[key].value)


def block(found: Config, kind: str, name: str) -> EvaluatedBlock:
    blocks = found.targets if kind == "target" else found.groups
    return next(one for one in blocks if one.name == name)
