"""`record`: frozen dataclasses with slots that are compiled when they are used, not when they are defined.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for every class when its module is
imported, 3 to 5 million instructions a class. A build of one target defines some 180 of them and makes
instances of a part: dataclasses were more than a third of all it executed. A record's `__init__` is compiled
when its second instance is made, for half of those that have one have no other; comparing, hashing and
telling are done by functions that all records share.
To `dataclasses.fields`, `replace` and `asdict` a record is a dataclass.

Rule: a record does what `dataclass(slots=True)` does with the same words; `field` is that of dataclasses.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_MISSING = dataclasses.MISSING


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, frozen: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(cls: type[T] | None = None, /, *, frozen: bool = True, eq: bool = True) -> Any:
    """A class like `cls`, whose annotations are its fields: with slots, frozen and compared by value unless
    the words say otherwise."""
    return _made(cls, True, True) if cls else partial(_made, frozen=frozen, eq=eq)


def _made(cls: type[T], frozen: bool, eq: bool) -> type[T]:
    space = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    inherited: dict[str, Any] = getattr(cls, "__record__", {})
    own = {name: space.pop(name, _MISSING) for name in _fields(space.get("__annotations__", {}))}
    specs = {**inherited, **own}
    space["__record__"] = specs
    space["__slots__"] = tuple(name for name in own if name not in inherited)
    space["__match_args__"] = tuple(name for name, spec in specs.items() if getattr(spec, "init", True))
    space["__dataclass_fields__"] = _Fields()
    if space.get("__hash__", True) is None:
        del space["__hash__"]  # Python's own answer to a class with an __eq__
    for name, method in _methods(specs, frozen, eq):
        space.setdefault(name, method)
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, space)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _lazy(made)
    found: type[T] = made
    return found


def names(kind: type) -> tuple[str, ...]:
    """The names of a record's fields, in their order."""
    found: dict[str, Any] = kind.__record__  # type: ignore[attr-defined]
    return tuple(found)


def _fields(annotations: dict[str, str]) -> Iterator[str]:
    return (name for name, annotation in annotations.items() if not str(annotation).startswith("ClassVar"))


class _Fields:
    """What dataclasses know of a record, made when it is first asked for."""

    def __get__(self, instance: object, owner: Any) -> Any:
        kind = next(each for each in owner.__mro__ if vars(each).get("__dataclass_fields__") is self)
        annotations = {name: kind for each in reversed(kind.__mro__) for name, kind in _annotated(each)}
        fields = [
            (name, annotations[name], spec if spec is not _MISSING else dataclasses.field())
            for name, spec in kind.__record__.items()
        ]
        shadow: Any = dataclasses.make_dataclass(
            kind.__name__, fields, namespace={"__doc__": kind.__name__}, init=False, repr=False, eq=False
        )
        kind.__dataclass_fields__ = shadow.__dataclass_fields__
        return kind.__dataclass_fields__


def _annotated(kind: type) -> Any:
    return vars(kind).get("__annotations__", {}).items()


def _lazy(kind: Any) -> Callable[..., None]:
    is_first = True

    def __init__(self: object, *values: Any, **named: Any) -> None:  # noqa: N807
        nonlocal is_first
        if not (is_first and _fill(self, kind, values, named)):
            kind.__init__ = _compiled(kind)
            kind.__init__(self, *values, **named)
        is_first = False

    return __init__


def _fill(instance: object, kind: Any, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Fill the slots of a record that may be the only one of its kind. False where `__init__` would raise."""
    parameters = kind.__match_args__
    given = {**dict(zip(parameters, values, strict=False)), **named}
    if len(given) != len(values) + len(named) or not given.keys() <= set(parameters):
        return False
    for name, spec in kind.__record__.items():
        value = given[name] if name in given else _default(spec)
        if value is not _MISSING:
            object.__setattr__(instance, name, value)
        elif name in parameters:
            return False
    if hasattr(kind, "__post_init__"):
        instance.__post_init__()  # type: ignore[attr-defined]
    return True


def _default(spec: Any) -> Any:
    if not isinstance(spec, dataclasses.Field):
        return spec
    return spec.default_factory() if spec.default_factory is not _MISSING else spec.default


def _compiled(kind: Any) -> Any:
    """A record's `__init__`, which fills its slots."""
    known: dict[str, Any] = {"_missing": _MISSING}
    parameters, lines = ["_self"], []
    for name, spec in kind.__record__.items():
        known[f"_set_{name}"] = getattr(kind, name).__set__
        plain = not isinstance(spec, dataclasses.Field)
        default = spec if plain else spec.default
        made = _MISSING if plain else spec.default_factory
        if default is not _MISSING:
            known[f"_default_{name}"] = default
            parameter, value = f"{name}=_default_{name}", f"_default_{name}"
        elif made is not _MISSING:
            known[f"_make_{name}"] = made
            parameter, value = f"{name}=_missing", f"_make_{name}()"
        else:
            parameter, value = name, ""
        if plain or spec.init:
            parameters.append(parameter)
            value = f"{value} if {name} is _missing else {name}" if made is not _MISSING else name
        if value:
            lines.append(f" _set_{name}(_self, {value})")
    if hasattr(kind, "__post_init__"):
        lines.append(" _self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)
    known["__init__"].__qualname__ = f"{kind.__qualname__}.__init__"
    return known["__init__"]


def _methods(specs: dict[str, Any], frozen: bool, eq: bool) -> Iterator[tuple[str, Any]]:
    yield "__repr__", _told
    if eq:
        key = _key(specs)
        yield "__eq__", _comparing(key)
        yield "__hash__", _hashing(key) if frozen else None
    if frozen:
        yield "__setattr__", _refuse_to_set
        yield "__delattr__", _refuse_to_delete
        yield "__getstate__", _state
        yield "__setstate__", _restore


def _key(specs: dict[str, Any]) -> Callable[[object], tuple[Any, ...]]:
    compared = [name for name, spec in specs.items() if getattr(spec, "compare", True)]
    if not compared:
        return lambda _one: ()
    # twice the same where there is one, so that it is a tuple, whose comparison looks at identity first
    return attrgetter(*compared, *compared[: len(compared) == 1])


def _comparing(key: Callable[[object], tuple[Any, ...]]) -> Callable[[object, object], bool]:
    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hashing(key: Callable[[object], tuple[Any, ...]]) -> Callable[[object], int]:
    def __hash__(self: object) -> int:  # noqa: N807
        return hash(key(self))

    return __hash__


def _told(self: Any) -> str:
    told = (name for name, spec in self.__record__.items() if getattr(spec, "repr", True))
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in told)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record__]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__record__, state, strict=True):
        object.__setattr__(self, name, value)
