"""Which conversions exist between types, and the one type that several have in common: cty's rules.

A safe conversion can never fail (number to string); an unsafe one depends on the value (string to
number). `find` gives a function from value to value, None when the types can never be converted;
`unify` gives the type that several values are brought to. The two need each other: a tuple becomes a
list by its elements' common type, and a type is common if conversions to it exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bake.evaluate.filling import filled
from bake.evaluate.primitives import Conversion, ConversionError, primitive
from bake.evaluate.type_order import preferred
from bake.evaluate.types import (
    DYNAMIC,
    Collection,
    List,
    Map,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    constraint_name,
    without_optional,
)
from bake.evaluate.values import (
    ANY_UNKNOWN,
    UNKNOWN,
    Value,
    common_type,
    list_of,
    map_of,
    null,
    object_of,
    set_of,
    tuple_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Unification(NamedTuple):
    """A common type, and what brings a value of each of the types to it, in their order."""

    type: Type
    conversions: tuple[Conversion, ...]


def find(given: Type, wanted: Type, *, unsafe: bool = True) -> Conversion | None:
    """The conversion from one type to another. DYNAMIC in `wanted` takes what is there.

    There is none from a primitive type to itself: callers compare first.
    """
    if wanted == DYNAMIC:
        return _keep
    if given == DYNAMIC:
        step: Conversion | None = _late(wanted) if unsafe else None
    else:
        route = _ROUTES.get((type(given), type(wanted)))
        step = route(given, wanted, unsafe) if route else None
    if step is None:
        return None
    return _guarded(step, wanted)


def unify(types: Sequence[Type], *, unsafe: bool = True) -> Unification | None:
    """The type that values of all `types` can be converted to; None if there is none."""
    if not types:
        return None
    kinds = {type(one) for one in types if one != DYNAMIC}
    for kind, structure, merge in _MERGES:
        if kinds == {kind}:
            # cty gives up where an untyped null stands among collections: any type, value unknown
            return Unification(DYNAMIC, (_forget,) * len(types)) if DYNAMIC in types else merge(types, unsafe)
        if kinds == {kind, structure}:
            common = _unify_mixed(kind, structure, types, unsafe)
            if common is not None:
                return common
    if {Object, Tuple} <= kinds:
        return None
    return next(filter(None, (_all_to(types[index], types, unsafe) for index in preferred(types))), None)


def _keep(value: Value) -> Value:
    return value


def _forget(_value: Value) -> Value:
    return ANY_UNKNOWN


def _guarded(step: Conversion, wanted: Type) -> Conversion:
    def convert_any(value: Value) -> Value:
        if value.raw is None or value.raw is UNKNOWN:
            return Value(filled(value.type, without_optional(wanted), _common), value.raw)
        return step(value)

    return convert_any


def _common(types: Sequence[Type]) -> Type | None:
    found = unify(types)
    return found.type if found else None


def _between(given: Type, wanted: Type, unsafe: bool) -> Conversion | None:
    return _keep if given == wanted else find(given, wanted, unsafe=unsafe)


def _late(wanted: Type) -> Conversion:
    def convert_when_known(value: Value) -> Value:
        step = _between(value.type, wanted, True)
        if step is None:
            raise ConversionError(f"{constraint_name(wanted)} required")
        return step(value)

    return convert_when_known


# Collections


def _sequence_to_collection(given: List | Set, wanted: List | Set, unsafe: bool) -> Conversion | None:
    if isinstance(given, List) and isinstance(wanted, Set) and not unsafe:
        return None
    step = _between(given.element, wanted.element, unsafe)
    if step is None:
        return None
    return lambda value: _collected(wanted, given.element, [step(one) for one in value.raw])


def _map_to_map(given: Map, wanted: Map, unsafe: bool) -> Conversion | None:
    step = _between(given.element, wanted.element, unsafe)
    if step is None:
        return None

    def convert_map(value: Value) -> Value:
        elements = {key: step(one) for key, one in value.raw.items()}
        return _mapped(wanted, given.element, elements, False)

    return convert_map


def _tuple_to_collection(given: Tuple, wanted: List | Set, unsafe: bool) -> Conversion | None:
    element = _element_type(given.elements, wanted.element, unsafe)
    if element is None:
        return None
    steps = [_between(one, element, unsafe) for one in given.elements]
    if None in steps:
        return None

    def convert_tuple(value: Value) -> Value:
        elements = [step(one) for step, one in zip(steps, value.raw, strict=True) if step]
        if isinstance(wanted, List):
            elements = _unified(elements, unsafe)
        return _collected(wanted, wanted.element, elements)

    return convert_tuple


def _object_to_map(given: Object, wanted: Map, unsafe: bool) -> Conversion | None:
    element = _element_type(tuple(given.attributes.values()), wanted.element, unsafe)
    if element is None:
        return None
    steps = {key: _between(inner, element, unsafe) for key, inner in given.attributes.items()}
    if None in steps.values():
        return None

    def convert_object(value: Value) -> Value:
        elements = {key: step(one) for key, one in value.raw.items() if (step := steps[key])}
        return _mapped(wanted, wanted.element, elements, unsafe)

    return convert_object


def _element_type(elements: tuple[Type, ...], wanted: Type, unsafe: bool) -> Type | None:
    """The element type that a structure's elements are brought to; None if there is none."""
    if wanted != DYNAMIC or not elements:
        return wanted
    common = unify(elements, unsafe=unsafe)
    if common is None or (common.type == DYNAMIC and any(one != DYNAMIC for one in elements)):
        return None
    return common.type


def _collected(wanted: List | Set, given_element: Type, elements: Sequence[Value]) -> Value:
    make = list_of if isinstance(wanted, List) else set_of
    if not elements:
        return make(given_element if wanted.element == DYNAMIC else without_optional(wanted.element), ())
    elements = [null(without_optional(one.type)) if one.raw is None else one for one in elements]
    common = common_type(elements)
    if common is None:
        kind = "list" if isinstance(wanted, List) else "set"
        raise ConversionError(f"element types must all match for conversion to {kind}")
    return make(common, elements)


def _mapped(wanted: Map, given_element: Type, elements: dict[str, Value], unsafe: bool) -> Value:
    if not elements:
        return map_of(given_element if wanted.element == DYNAMIC else without_optional(wanted.element), {})
    if isinstance(wanted.element, Collection | Object):
        elements = dict(zip(elements, _unified(list(elements.values()), unsafe), strict=True))
    common = common_type(list(elements.values()))
    if common is None:
        raise ConversionError("element types must all match for conversion to map")
    return map_of(common, elements)


def _unified(elements: list[Value], unsafe: bool) -> list[Value]:
    # a wildcard inside the element type may have let them differ
    if not elements:
        return elements
    common = unify([one.type for one in elements], unsafe=unsafe)
    if common is None:
        raise ConversionError("cannot find a common base type for all elements")
    return [step(one) for step, one in zip(common.conversions, elements, strict=True)]


# Structures


def _object_to_object(given: Object, wanted: Object, unsafe: bool) -> Conversion | None:
    steps: dict[str, Conversion] = {}
    for key, inner in wanted.attributes.items():
        if key in given.attributes:
            step = _between(given.attributes[key], inner, unsafe)
            if step is None:
                return None
            steps[key] = step
        elif key not in wanted.optional:
            return None

    def convert_object(value: Value) -> Value:
        found = {key: step(value.raw[key]) for key, step in steps.items()}
        return _with_optional(wanted, found)

    return convert_object


def _map_to_object(given: Map, wanted: Object, unsafe: bool) -> Conversion | None:
    if not unsafe:
        return None
    steps = {key: _between(given.element, inner, unsafe) for key, inner in wanted.attributes.items()}
    if any(step is None and key not in wanted.optional for key, step in steps.items()):
        return None

    def convert_map(value: Value) -> Value:
        found = {}
        for key, one in value.raw.items():
            if key in steps:
                step = steps[key]
                if step is None:
                    wanted_name = constraint_name(wanted.attributes[key])
                    raise ConversionError(
                        f'map element type is incompatible with attribute "{key}": {wanted_name} required'
                    )
                found[key] = step(one)
        for key in wanted.attributes:
            if key not in found and key not in wanted.optional:
                raise ConversionError(f'map has no element for required attribute "{key}"')
        return _with_optional(wanted, found)

    return convert_map


def _with_optional(wanted: Object, found: dict[str, Value]) -> Value:
    for key, one in found.items():
        if one.raw is None:
            found[key] = null(without_optional(one.type))
    for key in wanted.optional - found.keys():
        found[key] = null(without_optional(wanted.attributes[key]))
    return object_of(found)


def _tuple_to_tuple(given: Tuple, wanted: Tuple, unsafe: bool) -> Conversion | None:
    if len(given.elements) != len(wanted.elements):
        return None
    steps = [_between(one, two, unsafe) for one, two in zip(given.elements, wanted.elements, strict=True)]
    if None in steps:
        return None
    return lambda value: tuple_of(step(one) for step, one in zip(steps, value.raw, strict=True) if step)


_ROUTES: Final[dict[tuple[type[Type], type[Type]], Callable[[Any, Any, bool], Conversion | None]]] = {
    (Primitive, Primitive): primitive,
    (List, List): _sequence_to_collection,
    (Set, List): _sequence_to_collection,
    (List, Set): _sequence_to_collection,
    (Set, Set): _sequence_to_collection,
    (Map, Map): _map_to_map,
    (Tuple, List): _tuple_to_collection,
    (Tuple, Set): _tuple_to_collection,
    (Object, Map): _object_to_map,
    (Object, Object): _object_to_object,
    (Map, Object): _map_to_object,
    (Tuple, Tuple): _tuple_to_tuple,
}


# Unification


def _all_to(wanted: Type, types: Iterable[Type], unsafe: bool) -> Unification | None:
    steps = [_between(one, wanted, unsafe) for one in types]
    return Unification(wanted, tuple(step for step in steps if step)) if None not in steps else None


def _unify_collections(types: Sequence[Any], unsafe: bool) -> Unification | None:
    element = unify([one.element for one in types], unsafe=unsafe)
    return _all_to(type(types[0])(element.type), types, unsafe) if element else None


def _unify_objects(types: Sequence[Any], unsafe: bool) -> Unification | None:
    names = types[0].attributes.keys()
    if any(one.attributes.keys() != names for one in types):
        return _unify_objects_as_maps(types, unsafe)
    attributes: dict[str, Type] = {}
    for key in names:
        common = unify([one.attributes[key] for one in types], unsafe=unsafe)
        if common is None:
            return None
        attributes[key] = common.type
    return _all_to(Object(attributes), types, unsafe) or _unify_objects_as_maps(types, unsafe)


def _unify_tuples(types: Sequence[Any], unsafe: bool) -> Unification | None:
    if len({len(one.elements) for one in types}) > 1:
        return _unify_tuples_as_lists(types, unsafe)
    elements: list[Type] = []
    for column in zip(*(one.elements for one in types), strict=True):
        common = unify(column, unsafe=unsafe)
        if common is None:
            return None
        elements.append(common.type)
    return _all_to(Tuple(tuple(elements)), types, unsafe) or _unify_tuples_as_lists(types, unsafe)


def _unify_objects_as_maps(types: Sequence[Any], unsafe: bool) -> Unification | None:
    element = unify([inner for one in types for inner in one.attributes.values()], unsafe=unsafe)
    return _all_to(Map(element.type), types, unsafe) if element else None


def _unify_tuples_as_lists(types: Sequence[Any], unsafe: bool) -> Unification | None:
    element = unify([inner for one in types for inner in one.elements], unsafe=unsafe)
    return _all_to(List(element.type), types, unsafe) if element else None


def _unify_mixed(
    kind: type[Type], structure: type[Type] | None, types: Sequence[Type], unsafe: bool
) -> Unification | None:
    """Collections among structures: the structures become collections first."""
    as_collections = _unify_objects_as_maps if structure is Object else _unify_tuples_as_lists
    structures = [one for one in types if type(one) is structure]
    first = as_collections(structures, unsafe)
    if first is None:
        return None
    common = unify([first.type if type(one) is structure else one for one in types], unsafe=unsafe)
    if common is None or type(common.type) is not kind:
        return None
    early = iter(first.conversions)
    steps = [
        _chained(next(early), late) if type(one) is structure else late
        for one, late in zip(types, common.conversions, strict=True)
    ]
    return Unification(common.type, tuple(steps))


def _chained(early: Conversion, late: Conversion) -> Conversion:
    return lambda value: late(early(value))


_MERGES: Final[
    tuple[tuple[type[Type], type[Type] | None, Callable[[Sequence[Any], bool], Unification | None]], ...]
] = (
    (Map, Object, _unify_collections),
    (List, Tuple, _unify_collections),
    (Set, None, _unify_collections),
    (Object, None, _unify_objects),
    (Tuple, None, _unify_tuples),
)
