"""What a field can hold: text, a flag, a list, a map, entries, limits.

A kind says which type evaluating converts to, how the value is decoded into the model (with the
messages of buildx's decoders, as DefinitionError at the element at fault), what `--print` shows of it,
and what a JSON Schema says of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.errors import DefinitionError, raise_all
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.mismatch import message
from bake.evaluate.positions import value_start
from bake.evaluate.schema import AttributeSchema
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Tuple
from bake.evaluate.values import string
from bake.goscalars import INT64
from bake.model.entries import CacheEntry
from bake.model.held import Held
from bake.model.origins import Mark
from bake.model.policy import Policy
from bake.model.resources import INTEGER_LIMITS, Resources
from bake.model.secrets import SSH, Secret
from bake.model.seen import entries_seen, limits_seen
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bake.errors import BakeError
    from bake.evaluate.config import EvaluatedAttribute
    from bake.evaluate.number import Number
    from bake.evaluate.types import Type
    from bake.evaluate.values import Value
    from bake.model.entry import Entry

NULL_REFUSED = "null value is not allowed"


@record
class Kind:
    """`decode` gives None for a null: the attribute counts as not given."""

    schema: AttributeSchema
    decode: Callable[[EvaluatedAttribute], Held | None]
    printed: Callable[[Any], Any]
    json_schema: Mapping[str, Any]


def unsuitable(attribute: EvaluatedAttribute, problem: str) -> DefinitionError:
    """gohcl's fault of a value or one of its elements: where the whole value starts."""
    detail = f"Unsuitable value: {problem}"
    return DefinitionError("Unsuitable value type", value_start(attribute.syntax), detail=detail)


def _scalar(attribute: EvaluatedAttribute) -> Held | None:
    raw = attribute.value.raw
    return None if raw is None else Held(raw, Mark(attribute))


def _texts(attribute: EvaluatedAttribute) -> Held | None:
    elements = attribute.value.raw
    if elements is None:
        return None
    marks = tuple([Mark(attribute, index) for index in range(len(elements))])
    return Held(tuple([element.raw for element in elements]), marks)


def _map(attribute: EvaluatedAttribute) -> Held | None:
    elements = attribute.value.raw
    if elements is None:
        return None
    # a null removes nothing that is inherited and adds nothing (Target.Merge skips it)
    texts = {key: element.raw for key, element in elements.items() if element.raw is not None}
    return Held(texts, {key: Mark(attribute, key) for key in texts})


def _same(value: Any) -> Any:
    return value


def _sorted(value: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(value.items()))


def _entries_printed(value: tuple[Entry, ...]) -> list[Any]:
    return [entry.printed() for entry in value]


TEXT = Kind(AttributeSchema(STRING), _scalar, _same, {"type": "string"})
DESCRIPTION = Kind(
    AttributeSchema(STRING, nullable=False, seen=lambda given: given.value if given else string("")),
    _scalar,
    _same,
    {"type": "string"},
)
FLAG = Kind(AttributeSchema(BOOL), _scalar, _same, {"type": "boolean"})
TEXTS = Kind(AttributeSchema(List(STRING)), _texts, list, {"type": "array", "items": {"type": "string"}})
MAP = Kind(
    AttributeSchema(Map(STRING)),
    _map,
    _sorted,
    {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
)
NULLABLE_MAP = Kind(
    AttributeSchema(Map(STRING), null_items=True),
    _map,
    _sorted,
    {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
)


def _optional(**attributes: Type) -> Object:
    spelled = {name.replace("_", "-"): type_ for name, type_ in attributes.items()}
    return Object(spelled, frozenset(spelled))


_FORMS: dict[type[Entry], Type] = {
    Secret: _optional(id=STRING, src=STRING, env=STRING),
    SSH: _optional(id=STRING, paths=List(STRING)),
}
"""The object forms of entries; where none is named, any map of text."""

_ATTRIBUTES = Map(STRING)


def entries(entry: type[Entry], **properties: Mapping[str, Any]) -> Kind:
    """A list of entries, each in its string or its object form."""
    form = _FORMS.get(entry, _ATTRIBUTES)
    closed = {"additionalProperties": form is _ATTRIBUTES and {"type": ["string", "number", "boolean"]}}
    item = {"anyOf": [{"type": "string"}, {"type": "object", "properties": properties, **closed}]}
    return Kind(
        AttributeSchema(
            DYNAMIC,
            nullable=False,
            seen=lambda attribute: entries_seen(
                entry, _entries(entry, form, attribute).value if attribute else ()
            ),
        ),
        lambda attribute: _entries(entry, form, attribute),
        _entries_printed,
        {"type": "array", "items": item},
    )


def _entries(entry: type[Entry], form: Type, attribute: EvaluatedAttribute) -> Held:
    given = attribute.value.type
    if not isinstance(given, Tuple | List):
        raise unsuitable(attribute, message(given, List(form)))
    found: list[Entry] = []
    marks: list[Mark] = []
    faults: list[BakeError] = []
    for index, element in enumerate(attribute.value.raw or ()):
        try:
            read = list(_read(entry, form, element))
        except ValueError as exc:
            faults.append(unsuitable(attribute, str(exc)))
            continue
        found += read
        marks += [Mark(attribute, index)] * len(read)
    raise_all(faults)
    return Held(tuple(found), tuple(marks))


def _read(entry: type[Entry], form: Type, element: Value) -> Iterator[Entry]:
    if element.raw is None:
        raise ValueError(NULL_REFUSED)
    if element.type == STRING:
        if issubclass(entry, CacheEntry):
            yield from entry.parse_all(element.raw)
        elif element.raw:  # a condition's way to say nothing
            yield entry.parse(element.raw)
    elif issubclass(entry, Policy):
        yield Policy.of(_policy_attributes(element))
    else:
        yield entry.of(_attributes(convert(element, form)))


def _attributes(element: Value) -> dict[str, Any]:
    """The attributes of an object form; optional ones that are null are left out."""
    found: dict[str, Any] = {}
    for key, value in element.raw.items():
        if value.raw is None:
            if isinstance(element.type, Map):
                raise ValueError(NULL_REFUSED)
        elif isinstance(value.raw, tuple):
            found[key] = tuple(item.raw for item in value.raw)
        else:
            found[key] = value.raw
    return found


def _policy_attributes(element: Value) -> dict[str, Any]:
    if not isinstance(element.type, Object | Map):
        raise ValueError(message(element.type, _ATTRIBUTES))
    known = {key: value for key, value in element.raw.items() if value.raw is not None}
    for value in known.values():
        if value.type not in (STRING, BOOL, NUMBER):
            raise ValueError(message(value.type, STRING))
    return {key: convert(value, STRING).raw for key, value in known.items()}


_LIMITS = _optional(
    **{
        name: NUMBER if name in INTEGER_LIMITS else STRING
        for name in ("memory", "memory_swap", *sorted(INTEGER_LIMITS), "cpuset_cpus", "cpuset_mems")
    }
)


def _limits(attribute: EvaluatedAttribute) -> Held | None:
    if attribute.value.raw is None:
        return None
    try:
        given = convert(attribute.value, _LIMITS).raw
        found = {
            name.replace("-", "_"): _whole(value.raw) if value.type == NUMBER else value.raw
            for name, value in given.items()
            if value.raw is not None
        }
    except (ConversionError, ValueError) as exc:
        raise unsuitable(attribute, str(exc)) from exc
    limits = Resources.trusted(**found)
    return Held(limits, {name: Mark(attribute, name) for name in limits.printed()})


def _whole(number: Number) -> int:
    if not number.is_integer:
        raise ValueError("value must be a whole number")
    if number.magnitude > 64 or int(number) not in INT64:
        raise ValueError(f"value must be between {INT64.start} and {INT64.stop - 1} inclusive")
    return int(number)


def _limits_seen(attribute: EvaluatedAttribute | None) -> Value:
    held = _limits(attribute) if attribute else None
    return limits_seen(held.value if held else None, _LIMITS.attributes)


LIMITS = Kind(
    AttributeSchema(DYNAMIC, seen=_limits_seen),
    _limits,
    lambda value: value.printed(),
    {
        "type": "object",
        "properties": {
            name: {"type": ["number", "string"] if type_ == NUMBER else "string"}
            for name, type_ in _LIMITS.attributes.items()
        },
    },
)
