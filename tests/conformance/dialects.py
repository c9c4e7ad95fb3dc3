"""One definition in three dialects: HCL, JSON and TOML, from the same blocks.

An attribute holds an expression as HCL text; in JSON and TOML it becomes a template that is nothing but
that expression. `Words` are texts that no dialect takes for expressions: types, parameters, descriptions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class Words:
    """What is no expression: `hcl` as HCL writes it, `data` as JSON and TOML do."""

    hcl: str
    data: Any


Attributes = dict[str, "str | Words"]


@dataclass
class Block:
    """A block with at most one label."""

    kind: str
    label: str = ""
    attributes: Attributes = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Definition:
    """What one file holds: global attributes and blocks."""

    attributes: Attributes = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


def hcl(definition: Definition) -> str:
    """The file in HCL."""
    lines = [f"{name} = {_hcl(value)}" for name, value in definition.attributes.items()]
    for block in definition.blocks:
        lines += _block(block, "")
    return "\n".join(lines) + "\n"


def _block(block: Block, indent: str) -> Iterator[str]:
    label = f' "{block.label}"' if block.label else ""
    yield f"{indent}{block.kind}{label} {{"
    for name, value in block.attributes.items():
        yield f"{indent}  {name} = {_hcl(value)}"
    for inner in block.blocks:
        yield from _block(inner, indent + "  ")
    yield f"{indent}}}"


def _hcl(value: str | Words) -> str:
    return value.hcl if isinstance(value, Words) else value


def data(definition: Definition) -> dict[str, Any]:
    """The file as plain data: what JSON writes, and TOML."""
    found: dict[str, Any] = _attributes(definition.attributes)
    for block in definition.blocks:
        found.setdefault(block.kind, {})[block.label] = _body(block)
    return found


def _body(block: Block) -> dict[str, Any]:
    body = _attributes(block.attributes)
    for inner in block.blocks:
        body.setdefault(inner.kind, []).append(_body(inner))
    return body


def _attributes(attributes: Attributes) -> dict[str, Any]:
    return {
        name: value.data if isinstance(value, Words) else f"${{{value}}}"
        for name, value in attributes.items()
    }


def to_json(definition: Definition) -> str:
    """The file in JSON."""
    return json.dumps(data(definition), indent=2)


def to_toml(definition: Definition) -> str:
    """The file in TOML; its basic strings are spelled like those of JSON."""
    found = data(definition)
    plain = {key: value for key, value in found.items() if not isinstance(value, dict)}
    lines = [*_pairs(plain)]
    for kind, blocks in found.items():
        if isinstance(blocks, dict):
            for label, body in blocks.items():
                lines += [f"[{kind}.{json.dumps(label)}]", *_pairs(body)]
    return "\n".join(lines) + "\n"


def _pairs(values: dict[str, Any]) -> Iterable[str]:
    return (f"{json.dumps(key)} = {_toml(value)}" for key, value in values.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(_pairs(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")
