"""The root of the model's records: frozen Pydantic models that are cheap to make.

A field that was given stands in `model_fields_set`, also when its value equals the default: that is how
merging tells an empty list from none. Attributes are spelled with `_`, keys in files with `-`.
Validation is for people who build a definition in Python; what was decoded already is made by
`trusted`, which checks nothing, so no validator is ever built on the way of a plain `--print`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator


def hyphenated(name: str) -> str:
    """A field's name as files spell it."""
    return name.replace("_", "-")


class Model(BaseModel):
    """A frozen record."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        populate_by_name=True,
        alias_generator=hyphenated,
        arbitrary_types_allowed=True,
    )

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A record of values that have their fields' types; nothing is checked."""
        return cls.trusted_set(values, values)

    @classmethod
    def trusted_set(cls, values: Any, given: Any) -> Self:
        """A record of the mapping `values`, of which those named in `given` count as given."""
        # what model_construct does, without its look at aliases, which costs more than all the rest
        record = cls.__new__(cls)
        fill = object.__setattr__
        fill(record, "__dict__", {**_defaults(cls), **values})
        fill(record, "__pydantic_fields_set__", set(given))
        fill(record, "__pydantic_extra__", None)
        fill(record, "__pydantic_private__", None)
        return record

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """What was given: a default says nothing."""
        return ((name, value) for name, value in super().__repr_args__() if name in self.model_fields_set)


def _defaults(cls: type[Model]) -> dict[str, Any]:
    defaults: dict[str, Any] | None = cls.__dict__.get("_trusted_defaults")
    if defaults is None:
        fields = cls.__pydantic_fields__.items()
        defaults = {
            name: field.get_default(call_default_factory=True)
            for name, field in fields
            if not field.is_required()
        }
        type.__setattr__(cls, "_trusted_defaults", defaults)
    return defaults
