"""The limits of a target's build steps."""

from __future__ import annotations

from typing import Any

from bake.goscalars import parse_int64
from bake.model.base import hyphenated
from bake.model.entry import Entry, Printed


class Resources(Entry):
    """Limits for the containers of build steps; None leaves a limit to the builder."""

    memory: str | None = None
    memory_swap: str | None = None
    cpu_shares: int | None = None
    cpu_period: int | None = None
    cpu_quota: int | None = None
    cpuset_cpus: str | None = None
    cpuset_mems: str | None = None

    def merged(self, other: Resources) -> Resources:
        """This with what `other` sets laid over it."""
        return Resources.trusted(**{**self._given(), **other._given()})

    def with_limit(self, name: str, text: str) -> Resources:
        """This with the limit that files spell `name` set to `text`."""
        field = name.replace("-", "_")
        if field not in Resources.__pydantic_fields__ or "_" in name:
            raise ValueError(f"unknown resources key {name}")
        value: str | int = text
        if field in INTEGER_LIMITS:
            try:
                value = parse_int64(text)
            except ValueError as exc:
                raise ValueError(f"invalid value {text} for int64 key resources.{name}") from exc
        return Resources.trusted(**{**self._given(), field: value})

    def _given(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if value is not None}

    def printed(self) -> Printed:
        return {hyphenated(name): value for name, value in self._given().items()}


INTEGER_LIMITS = frozenset({"cpu_shares", "cpu_period", "cpu_quota"})
"""The limits that are whole numbers; the others are text."""
