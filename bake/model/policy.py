"""Source policies: which files they are in, and how they are evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.goquote import quoted
from bake.model import csvvalue
from bake.model.base import hyphenated
from bake.model.entry import Entry, Printed, flag, pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Policy(Entry):
    """A source policy: files in Rego, and how they are evaluated."""

    files: tuple[str, ...] = ()
    reset: bool = False
    disabled: bool = False
    strict: bool | None = None
    log_level: str | None = None

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        return cls._from_fields(csvvalue.fields(text))

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        if "files" in attributes:
            return dict(attributes)
        texts = ((key, _text(value)) for key, value in attributes.items() if value not in (None, ""))
        return cls._from_fields([f"{hyphenated(key)}={text}" for key, text in texts])

    @classmethod
    def _from_fields(cls, fields: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        files: list[str] = []
        for field in fields:
            key, value = pair(field)
            match key.lower().strip():
                case "filename" if value:
                    files.append(value)
                case "reset" | "disabled" | "strict" as name:
                    found[name] = flag(field, value)
                case "log-level":
                    found["log_level"] = _log_level(field, value)
                case _:
                    raise ValueError(f"invalid value {field}")
        return {**found, "files": tuple(files)}

    def __str__(self) -> str:
        flags = [("reset", self.reset or None), ("disabled", self.disabled or None), ("strict", self.strict)]
        pairs = [("filename", name) for name in self.files]
        pairs += [(key, _text(value)) for key, value in flags if value is not None]
        return csvvalue.joined(pairs + ([("log-level", self.log_level)] if self.log_level else []))

    def printed(self) -> Printed:
        """Go's own field names: buildx 0.36.1 gives its policies no others."""
        return {
            "Files": [{"Filename": name, "Data": None} for name in self.files] or None,
            "Reset": self.reset,
            "Disabled": self.disabled,
            "Strict": self.strict,
            "LogLevel": self.log_level,
        }


LOG_LEVELS = {
    **{level: level for level in ("panic", "fatal", "error", "warning", "info", "debug", "trace")},
    "warn": "warning",
}
"""Names of log levels, and what they are printed as (logrus)."""


def _log_level(field: str, value: str) -> str:
    try:
        return LOG_LEVELS[value.lower()]
    except KeyError:
        raise ValueError(f"invalid value {field}: not a valid logrus Level: {quoted(value)}") from None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
