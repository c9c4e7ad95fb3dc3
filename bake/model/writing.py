"""Targets as the HCL text that gives them again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake.model.fields import FIELDS
from bake.source import Source
from bake.syntax.format import canonical
from bake.syntax.scan import is_identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.model.target import Target


class Template(str):
    """A text whose `${…}` is one."""

    __slots__ = ()


def attributes(target: Target) -> dict[str, Any]:
    """What `target` sets, by the names of bake files, as texts, lists and mappings."""
    given, values = target.model_fields_set, target.__dict__
    return {
        field.name: field.kind.printed(values[attribute])
        for attribute, field in FIELDS.items()
        if attribute in given and not (field.omit_empty and not values[attribute])
    }


def hcl(blocks: Mapping[str, Mapping[str, Mapping[str, Any]]], *, preface: str = "") -> str:
    """Blocks by type and label, their values being texts, lists and mappings; in canonical form.

    `preface` is HCL that stands before it all.
    """
    texts = [_block(kind, name, given) for kind, named in blocks.items() for name, given in named.items()]
    return canonical(Source("bake.hcl", "\n\n".join(filter(None, (preface.strip(), *texts))), "hcl"))


def _block(kind: str, name: str, given: Mapping[str, Any]) -> str:
    lines = "".join(f"{key} = {_value(value)}\n" for key, value in given.items())
    return f"{kind} {_text(name)} {{\n{lines}}}"


def _value(value: Any) -> str:
    match value:
        case dict():
            return "{\n" + "\n".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "\n}"
        case list():
            return _list(value)
        case str():
            return _text(value)
    return json.dumps(value)


def _list(values: Sequence[Any]) -> str:
    """On one line when it holds one plain value."""
    texts = [_value(value) for value in values]
    if len(texts) < 2 and all("\n" not in text for text in texts):
        return f"[{''.join(texts)}]"
    return "[\n" + "".join(f"{text},\n" for text in texts) + "]"


def _key(key: str) -> str:
    return key if is_identifier(key) else _text(key)


def _text(text: str) -> str:
    if not isinstance(text, Template):
        text = text.replace("${", "$${").replace("%{", "%%{")
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    """HCL knows fewer escapes than JSON."""
    known = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return known.get(character) or (character if character.isprintable() else f"\\U{ord(character):08x}")
