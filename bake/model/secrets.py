"""What steps may use and no image holds: secrets, by reference, and SSH agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.goquote import quoted
from bake.model import csvvalue
from bake.model.entry import Entry, Printed

if TYPE_CHECKING:
    from collections.abc import Mapping


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
