"""Compose's data: YAML trees as plain values that know where they were written.

A `Node` is a scalar, a list or a mapping of Nodes. The stages of reading give new nodes and change none.
Paths are tuples of keys; an element of a list has the key `[]`. Errors name them as compose-go 2.13
does, with dots.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from bake.errors import DefinitionError, raise_all
from bake.goscalars import float_text
from bake.record import record
from bake.source import Span
from bake.syntax.scalars import resolve
from bake.syntax.tree import Call, Literal, NumberText, ObjectCons, TupleCons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bake.errors import BakeError
    from bake.syntax.tree import Body, Expression, ObjectItem

Path: TypeAlias = tuple[str, ...]
Scalar: TypeAlias = "str | int | float | bool | None"

ELEMENT = "[]"
"""The key of every element of a list."""
_KINDS = {
    str: "string",
    int: "int",
    float: "float64",
    bool: "bool",
    type(None): "<nil>",
    list: "[]interface {}",
    dict: "map[string]interface {}",
}


@record
class Node:
    """A value and its place. `tag` is `!reset` or `!override` where the file says so."""

    value: Scalar | list[Node] | dict[str, Node]
    span: Span
    tag: str = ""

    @property
    def items(self) -> Mapping[str, Node]:
        """The entries of a mapping; of anything else none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def elements(self) -> list[Node]:
        """The elements of a list; of anything else none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """The text of a string; of anything else none."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def kind(self) -> str:
        """The type as Go prints it, for messages."""
        return _KINDS[type(self.value)]

    def with_value(self, value: Scalar | list[Node] | dict[str, Node]) -> Node:
        return Node(value, self.span)

    def with_items(self, items: Mapping[str, Node]) -> Node:
        """This mapping with `items` laid over its own."""
        return Node({**self.items, **items}, self.span)

    def without(self, *keys: str) -> Node:
        return Node({key: item for key, item in self.items.items() if key not in keys}, self.span)

    def only(self, *keys: str) -> Node:
        return Node({key: item for key, item in self.items.items() if key in keys}, self.span)

    def get(self, *keys: str) -> Node | None:
        """The node that `keys` lead to through mappings."""
        found: Node | None = self
        for key in keys:
            found = found.items.get(key) if found else None
        return found

    def mapped(self, change: Callable[[Node, Path], Node], path: Path) -> Node:
        """The collection with `change` done to each of its elements; a scalar as it is."""
        if isinstance(self.value, dict):
            return Node({key: change(item, (*path, key)) for key, item in self.value.items()}, self.span)
        if isinstance(self.value, list):
            return Node([change(item, (*path, ELEMENT)) for item in self.value], self.span)
        return self


T = TypeVar("T")


class PathTable(Generic[T]):
    """Rows by patterns of paths, `services.*.build`: a `*` stands for any one key."""

    def __init__(self, rows: Mapping[str, T]) -> None:
        self._rows: dict[tuple[int, str], list[tuple[Path, T]]] = {}
        for pattern, row in rows.items():
            parts = tuple(pattern.split("."))
            self._rows.setdefault((len(parts), parts[-1]), []).append((parts, row))

    def get(self, path: Path) -> T | None:
        for last in (*path[-1:], "*"):
            for pattern, row in self._rows.get((len(path), last), ()):
                if all(part in ("*", key) for part, key in zip(pattern, path, strict=True)):
                    return row
        return None


def dotted(path: Path) -> str:
    """A path as messages show it."""
    return ".".join(path)


def fault(message: str, node: Node, *, detail: str = "", hint: str | None = None) -> DefinitionError:
    return DefinitionError(message, node.span, detail=detail, hint=hint)


@contextmanager
def refused(node: Node) -> Iterator[None]:
    """A ValueError as the fault of `node`."""
    try:
        yield
    except ValueError as exc:
        raise fault(str(exc), node) from exc


def documents(body: Body) -> list[Node]:
    """The documents of a file, one after the other; none for an empty file. Raises DefinitionErrors."""
    faults: list[BakeError] = []
    found = [_document(body, faults)] if body.attributes else []
    found += [_document(block.body, faults) for block in body.of_type("document")]
    raise_all(faults, "keys that are no strings")
    return found


def _document(body: Body, faults: list[BakeError]) -> Node:
    items = {}
    for name, attribute in body.attributes.items():
        faults += _key_faults(name, attribute.name.span, "")
        items[name] = _node(attribute.value, name, faults)
    return Node(items, Span(body.source, body.start, body.end))


def _node(expression: Expression, path: str, faults: list[BakeError]) -> Node:
    """The value that a tree of YAML stands for; `path` is what messages call it."""
    span = expression.span
    match expression:
        case ObjectCons(items=items):
            return Node(dict(_items(items, path, faults)), span)
        case TupleCons(items=elements):
            nodes = [_node(element, f"{path}[{index}]", faults) for index, element in enumerate(elements)]
            return Node(nodes, span)
        case Call(name=name, args=(argument,)):
            return Node(_node(argument, path, faults).value, span, name.text)
        case Literal(value=value):
            return Node(_number(value) if isinstance(value, NumberText) else value, span)
    raise AssertionError(f"not a tree of YAML: {expression}")


def _items(items: Iterable[ObjectItem], path: str, faults: list[BakeError]) -> Iterator[tuple[str, Node]]:
    for item in items:
        assert isinstance(item.key, Literal)
        key = str(item.key.value)
        faults += _key_faults(key, item.key.span, path)
        yield key, _node(item.value, f"{path}.{key}", faults)


def _key_faults(key: str, span: Span, path: str) -> Iterator[DefinitionError]:
    """A plain key that YAML takes for something else than text is a fault."""
    if span.text == key and type(resolve(key)) is not str:
        where = f"in {path}" if path else "at top level"
        yield DefinitionError(f"non-string key {where}: {key}", span, hint="put the key in quotes")


def _number(digits: NumberText) -> int | float | str:
    """YAML's integers are 64 bits wide, as in Go; a longer one is a float."""
    text = str(digits)
    if text.lstrip("-").isdecimal() and len(text) <= 20 and -(2**63) <= int(text) < 2**64:
        return int(text)
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number


def go_text(value: Scalar) -> str:
    """A scalar as Go's fmt.Sprint writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    return "<nil>" if value is None else str(value)


def scalar(node: Node) -> str:
    """The same of the node of one."""
    assert not isinstance(node.value, dict | list)
    return go_text(node.value)
