"""The type that a null or unknown value gets when it is converted: all there is to convert is its type."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bake.evaluate.types import DYNAMIC, List, Map, Object, Set, Tuple, Type

Common = Callable[[Sequence[Type]], Type | None]


def filled(given: Type, wanted: Type, common: Common) -> Type:
    """`wanted` with its wildcards replaced by what a null or unknown value's own type says there.

    `common` gives the type that several have in common, None if there is none.
    """
    if given == DYNAMIC:
        return wanted
    match given, wanted:
        case _, _ if wanted == DYNAMIC:
            return given
        case ((List() | Set()), (List() | Set())):
            return type(wanted)(filled(given.element, wanted.element, common))
        case Map(), Map():
            return Map(filled(given.element, wanted.element, common))
        case Tuple(), (List() | Set()):
            return type(wanted)(_filled_from(given.elements, wanted.element, common))
        case Object(), Map():
            return Map(_filled_from(tuple(given.attributes.values()), wanted.element, common))
        case Map(), Object():
            return Object(
                {key: filled(given.element, inner, common) for key, inner in wanted.attributes.items()}
            )
        case Object(), Object():
            known = given.attributes
            return Object(
                {
                    key: filled(known.get(key, DYNAMIC), inner, common)
                    for key, inner in wanted.attributes.items()
                }
            )
        case Tuple(), Tuple():
            pairs = zip(given.elements, wanted.elements, strict=True)
            return Tuple(tuple(filled(one, other, common) for one, other in pairs))
    return wanted


def _filled_from(elements: tuple[Type, ...], wanted: Type, common: Common) -> Type:
    return filled(common(elements) or DYNAMIC, wanted, common)
