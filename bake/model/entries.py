"""What stands in a target's lists: outputs, caches, secrets, SSH keys, attestations, policies; and its
resource limits.

Each entry has a string form (`type=registry,ref=x`, buildx's CSV) and an object form (a map of text);
`parse` reads the one, `of` the other, `str()` writes the first, `printed` gives the object that
`--print` shows, its keys in the order that buildx prints. Rules and messages are those of
util/buildflags of buildx 0.36.1; they travel as ValueError.

Size: one record for each kind of entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeAlias

from pydantic import Field, model_validator

from bake.goquote import quoted
from bake.goscalars import GO_FALSE, parse_bool, parse_int64
from bake.model import csvvalue
from bake.model.base import Model, hyphenated

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
            key, value = _pair(field)
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
            key, value = _pair(field)
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
            key, value = _pair(field)
            match key.lower().strip():
                case "type":
                    known["type"] = value
                case "disabled":
                    known["disabled"] = _flag(field, value)
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
            flag = parse_bool(text)
        except ValueError:
            return cls.parse(f"type={type_},{text}")
        return cls.trusted(type=type_, disabled=not flag)

    def _pairs(self) -> Iterable[tuple[str, str]]:
        yield "type", self.type
        if self.disabled:
            yield "disabled", "true"

    def printed(self) -> Printed:
        flags: dict[str, object] = {"disabled": True} if self.disabled else {}
        return dict(sorted({**self.attrs, **flags, "type": self.type}.items()))


class Secret(Entry):
    """A secret by reference: a file (`src`) or an environment variable (`env`); with neither, the
    variable called `id` if there is one, else the file called so."""

    id: str = ""
    src: str = ""
    env: str = ""

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        try:
            fields = csvvalue.fields(text)
        except ValueError as exc:
            raise ValueError(f"failed to parse csv secret: {exc}") from exc
        found: dict[str, Any] = {}
        kind = ""
        for field in fields:
            key, separator, value = field.partition("=")
            key = key.lower()
            if not separator:
                raise ValueError(f"invalid field '{field}' must be a key=value pair")
            if key == "type":
                if value not in ("file", "env"):
                    raise ValueError(f"unsupported secret type {quoted(value)}")
                kind = value
            elif key in _SECRET_KEYS:
                found[_SECRET_KEYS[key]] = value
            else:
                raise ValueError(f"unexpected key '{key}' in '{field}'")
        if kind == "env" and not found.get("env"):
            found["env"] = found.pop("src", "")
        return found

    def __str__(self) -> str:
        return csvvalue.joined((key, str(value)) for key, value in self.printed().items())

    def printed(self) -> Printed:
        return {key: value for key in ("id", "src", "env") if (value := getattr(self, key))}


_SECRET_KEYS = {"id": "id", "source": "src", "src": "src", "env": "env"}


class SSH(Entry):
    """A forwarded SSH agent: an agent's socket or key files; no paths mean $SSH_AUTH_SOCK."""

    id: str = ""
    paths: tuple[str, ...] = ()

    @classmethod
    def _from_text(cls, text: str) -> dict[str, Any]:
        identity, separator, paths = text.partition("=")
        return {"id": identity, "paths": tuple(paths.split(",")) if separator else ()}

    @classmethod
    def _from_attributes(cls, attributes: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(attributes)
        if isinstance(found.get("paths"), list):
            found["paths"] = tuple(found["paths"])
        return found

    def __str__(self) -> str:
        return f"{self.id}={','.join(self.paths)}" if self.paths else self.id

    def printed(self) -> Printed:
        found: dict[str, object] = {"id": self.id} if self.id else {}
        return {**found, "paths": list(self.paths)} if self.paths else found


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
            key, value = _pair(field)
            match key.lower().strip():
                case "filename" if value:
                    files.append(value)
                case "reset" | "disabled" | "strict" as flag:
                    found[flag] = _flag(field, value)
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


def _pair(field: str) -> tuple[str, str]:
    key, separator, value = field.partition("=")
    if not separator:
        raise ValueError(f"invalid value {field}")
    return key, value


def _flag(field: str, value: str) -> bool:
    try:
        return parse_bool(value)
    except ValueError as exc:
        raise ValueError(f"invalid value {field}: {exc}") from exc


def _log_level(field: str, value: str) -> str:
    try:
        return LOG_LEVELS[value.lower()]
    except KeyError:
        raise ValueError(f"invalid value {field}: not a valid logrus Level: {quoted(value)}") from None


def _others(attributes: Mapping[str, Any], *known: str) -> dict[str, str]:
    return {key: value for key, value in attributes.items() if key not in known}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json(attributes: Mapping[str, Any]) -> str:
    import json

    return json.dumps(dict(sorted(attributes.items())), separators=(",", ":"), ensure_ascii=False)
