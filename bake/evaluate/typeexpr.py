"""Type constraints as they are written: `string`, `list(number)`, `object({ a = optional(bool) })`.

Takes an expression, gives the type; faults and their places are HCL's (ext/typeexpr). A default for
an optional attribute is not part of the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.positions import between, parenthesis
from bake.evaluate.static import keyword, static_call
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from bake.evaluate.wording import did_you_mean
from bake.goquote import quoted
from bake.source import Span
from bake.syntax.tree import Literal, ObjectCons, TupleCons

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.errors import BakeError
    from bake.syntax.tree import Call, Expression

_KEYWORDS: dict[str, Type] = {"bool": BOOL, "string": STRING, "number": NUMBER, "any": DYNAMIC}

_ELEMENT = "The {} type constructor requires one argument specifying the element type."
_NEEDS: dict[str, str] = {
    "list": _ELEMENT.format("list"),
    "map": _ELEMENT.format("map"),
    "set": _ELEMENT.format("set"),
    "object": (
        "The object type constructor requires one argument specifying the attribute types and values as a "
        "map."
    ),
    "tuple": "The tuple type constructor requires one argument specifying the element types as a list.",
}
_NO_ARGUMENTS = {
    "any": "Type constraint keyword {} does not expect arguments.",
    "bool": "Primitive type keyword {} does not expect arguments.",
    "number": "Primitive type keyword {} does not expect arguments.",
    "string": "Primitive type keyword {} does not expect arguments.",
}


def type_constraint(expression: Expression, faults: list[BakeError]) -> Type:
    """The type that `expression` describes; what is wrong with it goes to `faults`."""
    return _Reader(faults).read(expression)


class _Reader:
    def __init__(self, faults: list[BakeError]) -> None:
        self._faults = faults

    def read(self, expression: Expression) -> Type:
        word = keyword(expression)
        if word is not None:
            return self._keyword(word, expression)
        call = static_call(expression)
        if call is None:
            detail = (
                "A type specification is either a primitive type keyword (bool, number, string) or a complex "
                "type constructor call, like list(string)."
            )
            return self._fault(expression.span, detail)
        return self._constructor(call, expression)

    def _fault(self, span: Span, detail: str, hint: str | None = None) -> Type:
        self._faults.append(DefinitionError("Invalid type specification", span, detail=detail, hint=hint))
        return DYNAMIC

    def _keyword(self, word: str, expression: Expression) -> Type:
        found = _KEYWORDS.get(word)
        if found is not None:
            return found
        if word in _NEEDS:
            return self._fault(expression.span, _NEEDS[word])
        detail = f"The keyword {quoted(word)} is not a valid type specification."
        return self._fault(expression.span, detail, did_you_mean(word, [*_KEYWORDS, *_NEEDS]))

    def _constructor(self, call: Call, expression: Expression) -> Type:
        word = call.name.text
        if word in _NO_ARGUMENTS:
            return self._fault(_arguments(call), _NO_ARGUMENTS[word].format(quoted(word)))
        if word in _NEEDS and len(call.args) != 1:
            extra = between(call.args[1], call.args[-1]) if len(call.args) > 1 else _arguments(call)
            return self._fault(extra, _NEEDS[word])
        build = _CONSTRUCTORS.get(word)
        if build is not None:
            return build(self, call.args[0])
        if word == "optional":
            detail = f"Keyword {quoted(word)} is valid only as a modifier for object type attributes."
            return self._fault(call.name.span, detail)
        detail = f"Keyword {quoted(word)} is not a valid type constructor."
        return self._fault(expression.span, detail, did_you_mean(word, _NEEDS))

    def _tuple(self, elements: Expression) -> Type:
        if not isinstance(elements, TupleCons):
            return self._fault(elements.span, "Tuple type constructor requires a list of element types.")
        return Tuple(tuple(self.read(element) for element in elements.items))

    def _object(self, attributes: Expression) -> Type:
        if not isinstance(attributes, ObjectCons):
            detail = (
                "Object type constructor requires a map whose keys are attribute names and whose values are "
                "the corresponding attribute types."
            )
            return self._fault(attributes.span, detail)
        found: dict[str, Type] = {}
        optional: set[str] = set()
        for item in attributes.items:
            name = _attribute_name(item.key)
            if name is None:
                self._fault(item.key.span, "Object constructor map keys must be attribute names.")
            elif name in found:
                self._fault(item.key.span, "Object constructor map keys must be unique.")
            else:
                self._attribute(name, item.value, found, optional)
        return Object(found, frozenset(optional))

    def _attribute(
        self, name: str, expression: Expression, found: dict[str, Type], optional: set[str]
    ) -> None:
        call = static_call(expression)
        if call is None or call.name.text != "optional":
            found[name] = self.read(expression)
            return
        if not call.args:
            detail = "Optional attribute modifier requires the attribute type as its argument."
            self._fault(_arguments(call), detail)
            return
        if len(call.args) == 1:
            optional.add(name)
        else:
            detail = "Optional attribute modifier expects only one argument: the attribute type."
            self._fault(_arguments(call), detail)
        found[name] = self.read(call.args[0])


_CONSTRUCTORS: dict[str, Callable[[_Reader, Expression], Type]] = {
    "list": lambda reader, element: List(reader.read(element)),
    "set": lambda reader, element: Set(reader.read(element)),
    "map": lambda reader, element: Map(reader.read(element)),
    "tuple": _Reader._tuple,
    "object": _Reader._object,
}


def _attribute_name(key: Expression) -> str | None:
    # a bare word is a Literal; a quoted one is no attribute name
    return key.value if isinstance(key, Literal) and isinstance(key.value, str) else None


def _arguments(call: Call) -> Span:
    return Span(call.source, parenthesis(call), call.end)
