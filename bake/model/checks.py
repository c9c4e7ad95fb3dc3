"""Pydantic over the model's records: a class → its validator, built when it is first asked for.

A record's schema is the one that Pydantic's core has for models of its own, made of what the class's
annotations say; so faults read as they do anywhere else. It is kept apart from `bake.model.base` because
nothing else imports Pydantic.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import CoreSchema, ValidationError, core_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler

    from bake.model.base import FieldInfo, Model

M = TypeVar("M", bound="Model")


def _adapter(cls: type[Model]) -> TypeAdapter[Any]:
    return TypeAdapter(cls, config=ConfigDict(arbitrary_types_allowed=True))


adapter: Callable[..., TypeAdapter[Any]] = functools.cache(_adapter)
"""What validates and dumps records of a class."""


def validate(cls: type[M], value: object) -> M:
    """The record that `value` is or describes. Raises ValidationError."""
    checked: M = adapter(cls).validate_python(value)
    return checked


def dump(record: Model, by_alias: bool) -> dict[str, Any]:
    """The fields of a record that are not excluded, as plain values."""
    found: dict[str, Any] = adapter(type(record)).dump_python(record, by_alias=by_alias)
    return found


def frozen(record: Model, name: str, value: object) -> ValidationError:
    """What is raised when an attribute of a record is set."""
    fault: Any = {"type": "frozen_instance", "loc": (name,), "input": value}
    return ValidationError.from_exception_data(type(record).__name__, [fault])


def schema(cls: type[Model], spell: Callable[[str], str], handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of a class, for Pydantic; `spell` makes the alias of a field from its name."""
    hints = get_type_hints(cls)
    fields = {
        name: _field(spell(name), info, handler.generate_schema(hints[name]))
        for name, info in cls.model_fields.items()
    }
    model = core_schema.model_schema(
        cls,
        core_schema.model_fields_schema(fields, model_name=cls.__name__),
        frozen=True,
        config=core_schema.CoreConfig(
            title=cls.__name__, extra_fields_behavior="forbid", validate_by_name=True, validate_by_alias=True
        ),
    )
    before = getattr(cls, "before_checks", None)
    return core_schema.no_info_before_validator_function(before, model) if before else model


def _field(alias: str, info: FieldInfo, value: CoreSchema) -> core_schema.ModelField:
    if info.make:
        value = core_schema.with_default_schema(value, default_factory=info.make)
    return core_schema.model_field(
        value,
        validation_alias=alias,
        serialization_alias=alias,
        serialization_exclude=info.exclude or None,
    )
