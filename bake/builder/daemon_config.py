"""A BuildKit daemon's configuration, made ready for a node that is elsewhere.

Takes the path of a `buildkitd.toml`, gives the files that the node gets under `/etc/buildkit`: the
configuration, and the certificates of its registries, which it then names by their new places
(util/confutil/container.go, 0.36.1).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FOLDER = "/etc/buildkit"
"""Where the files stand on the node."""
CONFIG = "buildkitd.toml"
LARGEST = 1 << 20
"""Bytes of a file that are taken, as in buildx."""
_UNSAFE = re.compile(r"[^a-zA-Z0-9.-]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def load(path: str, read: Callable[[str], bytes]) -> dict[str, bytes]:
    """The files for the node, by their paths under `FOLDER`. Raises UsageError."""
    config = parse(path, read)
    files: dict[str, bytes] = {}
    registries = config.get("registry") or {}
    if not isinstance(registries, dict):
        raise _invalid(path, "`registry` is no table")
    for name, registry in registries.items():
        if not isinstance(registry, dict):
            raise _invalid(path, f"`registry.{name}` is no table")
        if not _are(str, registry.get("ca")) or not _are(dict, registry.get("keypair")):
            raise _invalid(path, f"`registry.{name}`: `ca` is a list of paths, `keypair` one of tables")
        folder = posixpath.join("certs", _UNSAFE.sub("_", name))
        registries[name] = _moved(registry, folder, lambda place: _content(place, read), files)
    files[CONFIG] = write(config).encode()
    return files


def write(table: Mapping[str, Any]) -> str:
    """`table` as TOML."""
    return "".join(f"{line}\n" for line in _lines(table, ()))


def parse(path: str, read: Callable[[str], bytes]) -> dict[str, Any]:
    """The configuration in the file. Raises UsageError."""
    import tomllib

    try:
        return tomllib.loads(read(path)[:LARGEST].decode())
    except FileNotFoundError as exc:
        raise UsageError(f"buildkit configuration file not found: {path}") from exc
    except OSError as exc:
        raise UsageError(
            f"failed to read buildkit configuration file: {path}", detail=exc.strerror or str(exc)
        ) from exc
    except ValueError as exc:
        raise _invalid(path, str(exc)) from exc


def _are(kind: type, values: object) -> bool:
    """Whether `values` is left out, or a list of such."""
    return values is None or (isinstance(values, list) and all(isinstance(one, kind) for one in values))


def _invalid(path: str, why: str) -> UsageError:
    return UsageError(f"failed to parse buildkit configuration file: {path}", detail=why)


def _content(path: str, read: Callable[[str], bytes]) -> bytes:
    try:
        return read(path)[:LARGEST]
    except OSError as exc:
        raise UsageError(f"failed to read certificate file: {path}", detail=exc.strerror or str(exc)) from exc


def _moved(
    registry: Mapping[str, Any], folder: str, content: Callable[[str], bytes], files: dict[str, bytes]
) -> dict[str, Any]:
    """`registry` with its certificates in `folder`; their contents are put into `files`."""

    def move(place: object) -> str:
        target = posixpath.join(folder, posixpath.basename(str(place)))
        files[target] = content(str(place))
        return posixpath.join(FOLDER, target)

    moved = dict(registry)
    if registry.get("ca"):
        moved["ca"] = [move(place) for place in registry["ca"]]
    if registry.get("keypair"):
        moved["keypair"] = [
            {role: move(pair[role]) for role in ("key", "cert") if pair.get(role)}
            for pair in registry["keypair"]
        ]
    return moved


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """`table` as TOML: plain values first, then the tables in it."""
    for key, value in table.items():
        if not _is_table(value) and not _is_tables(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        name = ".".join(map(_key, (*path, key)))
        if _is_table(value):
            yield f"[{name}]"
            yield from _lines(value, (*path, key))
        elif _is_tables(value):
            for one in value:
                yield f"[[{name}]]"
                yield from _lines(one, (*path, key))


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())}}}"
    return str(value)


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for the one character that JSON leaves alone."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
