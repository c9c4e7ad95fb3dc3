"""What an entry of a target's lists is: an output, a cache, a secret, …

Each has a string form (`type=registry,ref=x`, buildx's CSV) and an object form (a map of text); `parse`
reads the one, `of` the other, `str()` writes the first, `printed` gives the object that `--print` shows, its
keys in the order that buildx prints. Rules and messages are those of util/buildflags of buildx 0.36.1; they
travel as ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeAlias

from pydantic import model_validator

from bake.goscalars import parse_bool
from bake.model.base import Model

Printed: TypeAlias = Mapping[str, object]


class Entry(Model):
    """One entry of a list."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The entry that `text` is the string form of."""
        return cls.trusted(**cls._from_text(text))

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self:
        """The entry that `attributes` are the object form of."""
        return cls.trusted(**cls._from_attributes(attributes))

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return dict(attributes)

    def printed(self) -> Printed:
        """The object form as `--print` shows it."""
        raise NotImplementedError

    @model_validator(mode="before")
    @classmethod
    def _any_form(cls, value: object) -> object:
        if isinstance(value, str):
            return cls._from_text(value)
        if isinstance(value, Mapping) and not isinstance(value.get("attrs"), Mapping):
            return cls._from_attributes(value)
        return value


def pair(field: str) -> tuple[str, str]:
    """The key and the value of a field `key=value`. Raises ValueError."""
    key, separator, value = field.partition("=")
    if not separator:
        raise ValueError(f"invalid value {field}")
    return key, value


def flag(field: str, value: str) -> bool:
    """The boolean that is the value of `field`. Raises ValueError."""
    try:
        return parse_bool(value)
    except ValueError as exc:
        raise ValueError(f"invalid value {field}: {exc}") from exc
