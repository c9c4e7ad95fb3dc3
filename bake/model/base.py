"""The root of the model's records: frozen, cheap to make, and checked by Pydantic where people make them.

A field that was given stands in `model_fields_set`, also when its value equals the default: that is how
merging tells an empty list from none. Attributes are spelled with `_`, keys in files with `-`.
Checking is for people who build a definition in Python. What was decoded already is made by `trusted`, which
checks nothing; so Pydantic, whose import costs more than all the rest of a warm `--print`, is imported when
something is first checked (`bake.model.checks`). To Pydantic a record is a model like its own: it may be a
field of other models, and `TypeAdapter(Target)` gives its JSON schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


def hyphenated(name: str) -> str:
    """A field's name as files spell it."""
    return name.replace("_", "-")


class FieldInfo:
    """What a record's class says of a field: how its default is made (None: it must be given), whether dumps
    leave it out, whether it is told in `repr`."""

    __slots__ = ("exclude", "make", "told")

    def __init__(self, make: Callable[[], Any] | None, exclude: bool, told: bool) -> None:
        self.make = make
        self.exclude = exclude
        self.told = told


def declared(
    *,
    default: Any = None,
    default_factory: Callable[[], Any] | None = None,
    exclude: bool = False,
    repr: bool = True,  # noqa: A002
) -> Any:
    """A field with more to say than its default; the words are those of Pydantic's `Field`."""
    return FieldInfo(default_factory or (lambda: default), exclude, repr)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(declared,))
class Model:
    """A frozen record: its annotations are its fields. Making one checks it: raises Pydantic's
    ValidationError, a ValueError."""

    # what Pydantic's core fills and reads, by its names
    __slots__ = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")

    model_config: ClassVar[dict[str, Any]] = {"frozen": True, "extra": "forbid"}
    model_fields: ClassVar[dict[str, FieldInfo]] = {}
    _trusted_defaults: ClassVar[dict[str, Any]] = {}

    if TYPE_CHECKING:
        __pydantic_fields_set__: set[str]
    else:

        def __init__(self, /, **values: Any) -> None:
            checked = self.model_validate(values)
            _fill(self, checked.__dict__, checked.model_fields_set)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        fields = dict(cls.model_fields)
        for name in cls.__annotations__:
            if name in cls.__dict__:
                fields[name] = _info(cls.__dict__[name])
                delattr(cls, name)
            else:
                fields[name] = FieldInfo(None, exclude=False, told=True)
        cls.model_fields = fields
        cls._trusted_defaults = {name: info.make() for name, info in fields.items() if info.make}

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A record of values that have their fields' types; nothing is checked."""
        return cls.trusted_set(values, values)

    @classmethod
    def trusted_set(cls, values: Any, given: Any) -> Self:
        """A record of the mapping `values`, of which those named in `given` count as given."""
        record = cls.__new__(cls)
        _fill(record, {**cls._trusted_defaults, **values}, set(given))
        return record

    @classmethod
    def model_validate(cls, value: object) -> Self:
        """The record that `value` is or describes. Raises Pydantic's ValidationError, a ValueError."""
        from bake.model.checks import validate

        return validate(cls, value)

    @property
    def model_fields_set(self) -> set[str]:
        """The fields that were given."""
        return self.__pydantic_fields_set__

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """A copy with these values, which are not checked and count as given."""
        return self.trusted_set({**self.__dict__, **update}, self.model_fields_set | update.keys())

    def model_dump(self, *, by_alias: bool = False) -> dict[str, Any]:
        """The fields by name, or as files spell them, with what they hold as plain values."""
        from bake.model.checks import dump

        return dump(self, by_alias)

    def __setattr__(self, name: str, value: object) -> None:
        from bake.model.checks import frozen

        raise frozen(self, name, value)

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__[name] for name in self.model_fields))

    def __repr__(self) -> str:
        told = (f"{name}={self.__dict__[name]!r}" for name, info in self.model_fields.items() if info.told)
        return f"{type(self).__name__}({', '.join(told)})"

    def __reduce__(self) -> Any:
        return _restored, (type(self), self.__dict__, self.model_fields_set)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from bake.model.checks import schema

        return schema(cls, hyphenated, handler)


def _info(value: Any) -> FieldInfo:
    return value if isinstance(value, FieldInfo) else declared(default=value)


def _fill(record: Model, values: dict[str, Any], given: set[str]) -> None:
    fill = object.__setattr__
    fill(record, "__dict__", values)
    fill(record, "__pydantic_fields_set__", given)
    fill(record, "__pydantic_extra__", None)
    fill(record, "__pydantic_private__", None)


def _restored(cls: type[Model], values: dict[str, Any], given: set[str]) -> Model:
    return cls.trusted_set(values, given)
