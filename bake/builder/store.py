"""buildx's own store of builders, shared with it: `$BUILDX_CONFIG`, else `~/.docker/buildx`.

Takes the folder, gives and keeps `Builder`s in buildx's format (store/, 0.36.1): `instances/NAME` holds a
builder as JSON, `current` the chosen one, `defaults/HASH` one for each docker endpoint, `activity/NAME`
when it was last used, `refs/NAME` what was built on it.

Its rule: files are replaced by a rename, so whoever reads sees the old one or the new one whole; what reads
and changes does so under buildx's lock. What a killed process leaves lies outside of the folders that are
listed, and the next change takes it away.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bake import platforms
from bake.errors import BuilderError, UsageError
from bake.files import becoming
from bake.node import Builder, Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9.\-_]*")
_UNFINISHED = ".pybake-"
"""How the names of files begin that are being written."""
_GROUPS = "__group__"


def valid_name(name: str) -> str:
    """`name` as the store spells it, in lower case. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"invalid name {name}, name needs to start with a letter and may not contain symbols, except ._-"
        )
    return name.lower()


class Store:
    """The store in `folder`, which need not exist yet. `owner` (user, group) gets its files, as buildx has
    it for `sudo`; None leaves them to whoever runs it."""

    def __init__(self, folder: str, owner: tuple[int, int] | None = None) -> None:
        self.folder = folder
        self._owner = owner

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else, buildx neither, changes the store meanwhile. A thread that holds it must not ask
        again."""
        import fcntl

        with _readable(self.folder):
            for kind in ("instances", "defaults", "activity"):  # buildx lists them without looking
                self._make_folder(kind)
            descriptor = os.open(
                os.path.join(self.folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._sweep()
            yield
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Remove what killed processes left."""
        for name in os.listdir(self.folder):
            if name.startswith(_UNFINISHED):
                with suppress(OSError):
                    os.unlink(os.path.join(self.folder, name))

    def _make_folder(self, path: str) -> None:
        folder = os.path.join(self.folder, path)
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._hand_over(self.folder)
            self._hand_over(folder)

    def _hand_over(self, path: str) -> None:
        if self._owner:
            os.chown(path, *self._owner)

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
        text = json.dumps(_as_json(builder), separators=(",", ":"))
        self._write(os.path.join("instances", name), text.encode())

    def remove(self, name: str) -> None:
        """Forget the builder and what was built on it; for use under `locked`."""
        stored = valid_name(name)
        with _readable(self.folder):
            self._remove_refs(stored)
            for path in (("activity", name), ("activity", stored), ("instances", stored)):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.folder, *path))

    def remove_node(self, name: str, node: str) -> None:
        """Forget what was built on a node of a builder; for use under `locked`."""
        with _readable(self.folder):
            self._remove_refs(os.path.join(valid_name(name), valid_name(node)))

    def _remove_refs(self, path: str) -> None:
        """Remove the references under `path`, and the groups that had no others."""
        import shutil

        groups = os.path.join(self.folder, "refs", _GROUPS)
        for group in os.listdir(groups) if os.path.isdir(groups) else ():
            with suppress(OSError, ValueError, AttributeError):
                with open(os.path.join(groups, group), "rb") as file:
                    refs = json.load(file).get("Refs") or []
                if refs and all(str(ref).startswith(f"{path}/") for ref in refs):
                    os.unlink(os.path.join(groups, group))
        shutil.rmtree(os.path.join(self.folder, "refs", path), ignore_errors=True)

    def current(self, endpoint: str) -> str:
        """The name of the builder chosen for the docker endpoint, "" if none was or it is gone."""
        data = self._read("current")
        chosen: Any = _parse(data, os.path.join(self.folder, "current")) if data else {}
        name = str(chosen.get("Name") or "")
        if name and chosen.get("Global") and self.get(name):
            return name
        if name and chosen.get("Key") == endpoint:
            return name if self.get(name) else ""
        data = self._read(os.path.join("defaults", _hash(endpoint)))
        name = (data or b"").decode(errors="replace").strip()
        return name if name and self.get(name) else ""

    def set_current(
        self, endpoint: str, name: str, *, everywhere: bool = False, default: bool = False
    ) -> None:
        """Choose a builder for the endpoint; `everywhere` for all of them, `default` for good.

        An empty name takes the choice back. For use under `locked`.
        """
        choice = {"Key": endpoint, "Name": name, "Global": everywhere}
        kept = os.path.join("defaults", _hash(endpoint))
        self._write("current", json.dumps(choice, separators=(",", ":")).encode())
        if default:
            self._write(kept, name.encode())
        else:
            with suppress(FileNotFoundError), _readable(self.folder):
                os.unlink(os.path.join(self.folder, kept))

    def touch(self, name: str, now: float) -> None:
        """Note that the builder was used at `now`; nothing happens where that cannot be written.

        It takes no lock: a build waits for nobody's `ls`.
        """
        with suppress(BuilderError, FileNotFoundError):
            self._write(os.path.join("activity", name), _utc(now).encode(), durable=False)

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

    def _write(self, path: str, data: bytes, *, durable: bool = True) -> None:
        """`durable` data is on the disk before its name is."""
        beside = os.path.join(self.folder, _UNFINISHED + os.urandom(6).hex())
        with _readable(self.folder):
            self._make_folder(os.path.dirname(path))
            with becoming(os.path.join(self.folder, path), beside, 0o600) as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
                self._hand_over(beside)


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
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


def _damaged(path: str, why: str) -> BuilderError:
    return BuilderError(
        "The builders' store is damaged",
        detail=f"`{path}`: {why}",
        hint="remove the file, and create the builder again",
    )


def _parse(data: bytes, path: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as exc:
        raise _damaged(path, str(exc)) from exc
    if not isinstance(found, dict):
        raise _damaged(path, "not a JSON object")
    return found


def _builder(name: str, data: bytes) -> Builder:
    fields = _parse(data, f"instances/{name}")
    try:
        nodes = tuple(_node(one) for one in fields.get("Nodes") or ())
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise _damaged(f"instances/{name}", "its nodes are not as buildx writes them") from exc
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
