"""Templates: strings with interpolations and directives.

A template is a string, but one that is a single interpolation is the value itself. Null cannot be put
into a string. Faults and places are HCL's (hclsyntax expression_template.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.loops import collection_of, rounds_of
from bake.evaluate.types import STRING
from bake.evaluate.values import Value, normalized, string, unknown
from bake.syntax.tree import Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.evaluate.frame import Frame
    from bake.syntax.tree import Expression, Template, TemplateFor, TemplateWrap

EMPTY = string("")
_UNKNOWN_STRING = unknown(STRING)


def template(node: Template, frame: Frame) -> Value:
    """The text of a template; unknown when a part of it is."""
    parts = node.parts
    if not parts:
        return EMPTY
    if len(parts) == 1:
        only = parts[0]
        if type(only) is Literal and type(only.value) is str:
            return Value(STRING, only.value)
    texts = [_text(part, frame) for part in parts]
    known = [text for text in texts if text is not None]
    return _joined(known, frame) if len(known) == len(texts) else _UNKNOWN_STRING


def _joined(texts: Sequence[str], frame: Frame) -> Value:
    text = "".join(texts)
    frame.spend(text)
    return normalized(text)


def template_wrap(node: TemplateWrap, frame: Frame) -> Value:
    return frame.value(node.wrapped)


def template_for(node: TemplateFor, frame: Frame) -> Value:
    """The texts of a `%{ for }` directive's rounds, joined."""
    collection = collection_of(node, frame)
    if not collection.is_known:
        return _UNKNOWN_STRING
    texts = [inner.value(node.body).raw for inner in rounds_of(node, frame, collection)]
    return _joined(texts, frame) if all(type(text) is str for text in texts) else _UNKNOWN_STRING


def _text(part: Expression, frame: Frame) -> str | None:
    if type(part) is Literal and type(part.value) is str:
        return part.value
    value = frame.value(part)
    if value.is_null:
        detail = "The expression result is null. Cannot include a null value in a string template."
        frame.fault("Invalid template interpolation value", part.span, detail)
        return None
    if not value.is_known:
        return None
    try:
        text: str = value.raw if value.type is STRING else convert(value, STRING).raw
    except ConversionError as exc:
        detail = f"Cannot include the given value in a string template: {exc}."
        frame.fault("Invalid template interpolation value", part.span, detail)
        return None
    return text
