"""buildx's own store of builders, shared with it: `$BUILDX_CONFIG`, else `~/.docker/buildx`.

Takes the folder, gives and keeps `Builder`s in buildx's format (store/, 0.36.1): `instances/NAME` holds a
builder as JSON, `current` the chosen one, `defaults/HASH` one for each docker endpoint, `activity/NAME`
when it was last used. Its rule: files are replaced by a rename, changes happen under buildx's lock.
"""

from __future__ import annotations

import base64
import json
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bake import platforms
from bake.errors import BuilderError, UsageError
from bake.node import Builder, Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9.\-_]*")


def valid_name(name: str) -> str:
    """`name` as the store spells it, in lower case. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "Invalid builder name", detail=f"`{name}` must start with a letter, then letters, digits and ._-"
        )
    return name.lower()


class Store:
    """The store in `folder`, which need not exist yet."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes the store meanwhile."""
        import fcntl

        with _readable(self.folder):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            descriptor = os.open(
                os.path.join(self.folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        try:
            return sorted(os.listdir(os.path.join(self.folder, "instances")))
        except OSError:
            return []

    def get(self, name: str) -> Builder | None:
        """The builder called `name`, None if there is none. Raises BuilderError for a damaged one."""
        if not _NAME.fullmatch(name):
            return None
        data = self._read(os.path.join("instances", name.lower()))
        return None if data is None else _builder(name, data)

    def builders(self) -> list[Builder]:
        found = (self.get(name) for name in self.names())
        return [builder for builder in found if builder is not None]

    def save(self, builder: Builder) -> None:
        """Keep `builder`, in the place of one of the same name. Raises UsageError for its name."""
        name = valid_name(builder.name)
        with self.locked():
            self._write(os.path.join("instances", name), json.dumps(_as_json(builder)).encode())

    def remove(self, name: str) -> None:
        name = valid_name(name)
        for kind in ("instances", "activity"):
            with suppress(FileNotFoundError), _readable(self.folder):
                os.unlink(os.path.join(self.folder, kind, name))

    def current(self, endpoint: str) -> str:
        """The name of the builder chosen for the docker endpoint, "" if none was or it is gone."""
        data = self._read("current")
        chosen: Any = _parse(data, os.path.join(self.folder, "current")) if data else {}
        name = str(chosen.get("Name") or "")
        if name and (chosen.get("Global") or chosen.get("Key") == endpoint):
            return name if self.get(name) else ""
        data = self._read(os.path.join("defaults", _hash(endpoint)))
        name = (data or b"").decode(errors="replace").strip()
        return name if name and self.get(name) else ""

    def set_current(
        self, endpoint: str, name: str, *, everywhere: bool = False, default: bool = False
    ) -> None:
        """Choose a builder for the endpoint; `everywhere` for all of them, `default` for good.

        An empty name takes the choice back.
        """
        choice = {"Key": endpoint, "Name": name, "Global": everywhere}
        kept = os.path.join("defaults", _hash(endpoint))
        with self.locked():
            self._write("current", json.dumps(choice, separators=(",", ":")).encode())
            if default:
                self._write(kept, name.encode())
            else:
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.folder, kept))

    def touch(self, name: str, now: float) -> None:
        """Note that the builder was used at `now`; nothing happens where that cannot be written."""
        with suppress(BuilderError):
            self._write(os.path.join("activity", name), _utc(now).encode())

    def last_activity(self, name: str) -> str:
        """When it was last used, as RFC 3339, "" if never."""
        return (self._read(os.path.join("activity", name)) or b"").decode(errors="replace")

    def _read(self, path: str) -> bytes | None:
        with _readable(self.folder):
            try:
                with open(os.path.join(self.folder, path), "rb") as file:
                    return file.read()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def _write(self, path: str, data: bytes) -> None:
        target = os.path.join(self.folder, path)
        beside = f"{target}.{os.urandom(6).hex()}"
        with _readable(self.folder):
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
            os.replace(beside, target)


@contextmanager
def _readable(folder: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise BuilderError(
            "The builders' store cannot be used",
            detail=f"`{exc.filename or folder}`: {exc.strerror or exc}",
            hint="BUILDX_CONFIG names another folder for it",
        ) from exc


def _hash(endpoint: str) -> str:
    from hashlib import sha256

    return sha256(endpoint.encode()).hexdigest()[:20]


def _utc(now: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse(data: bytes, path: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as exc:
        raise BuilderError("The builders' store is damaged", detail=f"`{path}`: {exc}") from exc
    if not isinstance(found, dict):
        raise BuilderError("The builders' store is damaged", detail=f"`{path}`: not a JSON object")
    return found


def _builder(name: str, data: bytes) -> Builder:
    fields = _parse(data, f"instances/{name}")
    try:
        nodes = tuple(_node(one) for one in fields.get("Nodes") or ())
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise BuilderError("The builders' store is damaged", detail=f"`instances/{name}`: {exc!r}") from exc
    return Builder(
        str(fields.get("Name") or name), str(fields.get("Driver") or ""), nodes, bool(fields.get("Dynamic"))
    )


def _node(fields: Mapping[str, Any]) -> Node:
    written = (fields.get("Files") or {}).items()
    files = {name: base64.b64decode(data, validate=True) for name, data in written}
    return Node(
        name=str(fields["Name"]),
        endpoint=str(fields.get("Endpoint") or ""),
        platforms=tuple(
            platforms.normalize(platforms.from_json(one)) for one in fields.get("Platforms") or ()
        ),
        driver_opts={key: str(value) for key, value in (fields.get("DriverOpts") or {}).items()},
        buildkitd_flags=tuple(fields.get("Flags") or ()),
        files=files,
    )


def _as_json(builder: Builder) -> dict[str, object]:
    return {
        "Name": builder.name,
        "Driver": builder.driver,
        "Nodes": [_node_as_json(node) for node in builder.nodes],
        "Dynamic": builder.dynamic,
    }


def _node_as_json(node: Node) -> dict[str, object]:
    return {
        "Name": node.name,
        "Endpoint": node.endpoint,
        "Platforms": [platforms.to_json(one) for one in node.platforms] or None,
        "DriverOpts": dict(node.driver_opts) or None,
        "Flags": list(node.buildkitd_flags) or None,
        "Files": {name: base64.b64encode(data).decode() for name, data in node.files.items()} or None,
    }
