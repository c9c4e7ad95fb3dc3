"""Entries of a type, with attributes that only the builder knows: outputs, caches, attestations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from pydantic import Field

from bake.goquote import quoted
from bake.goscalars import GO_FALSE, parse_bool
from bake.model import csvvalue
from bake.model.entry import Entry, Printed, flag, pair


class TypedEntry(Entry):
    """An entry of a `type` with attributes that only the builder knows."""

    type: str
    attrs: Mapping[str, str] = Field(default_factory=dict)

    def _pairs(self) -> Iterable[tuple[str, str]]:
        yield "type", self.type

    def __str__(self) -> str:
        return csvvalue.joined([*self._pairs(), *sorted(self.attrs.items())])

    def printed(self) -> Printed:
        return dict(sorted({**self.attrs, **dict(self._pairs())}.items()))


class Output(TypedEntry):
    """Where a result goes: an exporter, its attributes, and a destination on this machine."""

    dest: str = ""

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        fields = csvvalue.fields(text)
        if fields == [text] and not text.startswith("type="):
            return {"type": "tar" if text == "-" else "local", "dest": text, "attrs": {}}
        attributes: dict[str, str] = {}
        for field in fields:
            key, value = pair(field)
            attributes[key.lower().strip()] = value
        return cls._from_attributes(attributes)

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        if not attributes.get("type"):
            raise ValueError("type is required for output")
        return {
            "type": attributes["type"],
            "dest": attributes.get("dest", ""),
            "attrs": _others(attributes, "type", "dest"),
        }

    def _pairs(self) -> Iterable[tuple[str, str]]:
        yield "type", self.type
        if self.dest:
            yield "dest", self.dest

    def printed(self) -> Printed:
        """An archive without a `dest` goes to standard output, and the print says so (CreateExports of
        build/opt.go, 0.36.1, fills it in)."""
        if self.dest or self.type not in ("tar", "oci") or self._is_folder:
            return super().printed()
        return dict(sorted({**super().printed(), "dest": "-"}.items()))

    @property
    def _is_folder(self) -> bool:
        return self.type == "oci" and self.attrs.get("tar") in GO_FALSE


class CacheEntry(TypedEntry):
    """A source or a destination of cache. A bare reference means type=registry."""

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        fields = csvvalue.fields(text)
        if len(fields) == 1 and "=" not in fields[0]:
            return {"type": "registry", "attrs": {"ref": fields[0]}}
        attributes: dict[str, str] = {}
        for field in fields:
            key, value = pair(field)
            attributes[key.lower()] = value
        if not attributes.get("type"):
            raise ValueError(f"type required for {quoted(text)}")
        return cls._from_attributes(attributes)

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        if not attributes.get("type"):
            raise ValueError(f"type required for {quoted(_json(attributes))}")
        return {"type": attributes["type"], "attrs": _others(attributes, "type")}

    @classmethod
    def parse_all(cls, text: str) -> list[Self]:
        """The entries of one text: a text without `=` may list several references."""
        if not text:
            return []
        if "=" in text:
            return [cls.parse(text)]
        return [cls.parse(reference) for reference in csvvalue.fields(text)]

    def __str__(self) -> str:
        if self.type == "registry" and list(self.attrs) == ["ref"]:
            return self.attrs["ref"]
        return super().__str__()


class Attest(TypedEntry):
    """An attestation to make, or not to make when `disabled`."""

    disabled: bool = False

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        known: dict[str, Any] = {"type": "", "disabled": False}
        attrs: dict[str, str] = {}
        for field in csvvalue.fields(text):
            key, value = pair(field)
            match key.lower().strip():
                case "type":
                    known["type"] = value
                case "disabled":
                    known["disabled"] = flag(field, value)
                case _:
                    attrs[key] = value
        if not known["type"]:
            raise ValueError("attestation type not specified")
        return {**known, "attrs": attrs}

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        disabled = attributes.get("disabled", False)
        return {
            "type": attributes.get("type", ""),
            "disabled": disabled if isinstance(disabled, bool) else parse_bool(disabled),
            "attrs": _others(attributes, "type", "disabled"),
        }

    @classmethod
    def shorthand(cls, type_: str, text: str) -> Self | None:
        """The entry that `--sbom TEXT` or `--provenance TEXT` stands for; None for an empty text."""
        if not text:
            return None
        try:
            wanted = parse_bool(text)
        except ValueError:
            return cls.parse(f"type={type_},{text}")
        return cls.trusted(type=type_, disabled=not wanted)

    def _pairs(self) -> Iterable[tuple[str, str]]:
        yield "type", self.type
        if self.disabled:
            yield "disabled", "true"

    def printed(self) -> Printed:
        flags: dict[str, object] = {"disabled": True} if self.disabled else {}
        return dict(sorted({**self.attrs, **flags, "type": self.type}.items()))


def _others(attributes: Mapping[str, Any], *known: str) -> dict[str, str]:
    return {key: value for key, value in attributes.items() if key not in known}


def _json(attributes: Mapping[str, Any]) -> str:
    import json

    return json.dumps(dict(sorted(attributes.items())), separators=(",", ":"), ensure_ascii=False)
