"""Files that compose files name: read through the Host, relative to its working directory.

Nothing here touches the machine but by `Host.read`, `exists` and `is_dir`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.model import gopath
from bake.model.compose import dotenv
from bake.source import Source

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.compose.interpolate import Lookup
    from bake.source import Span


def join(base: str, path: str) -> str:
    """filepath.Join: "" where both are empty."""
    return gopath.join(base, path) if base or path else ""


def folder_of(path: str) -> str:
    """filepath.Dir."""
    return gopath.clean(posixpath.dirname(path))


def is_file(host: Host, path: str) -> bool:
    found = _located(host, path)
    return host.exists(found) and not host.is_dir(found)


def exists(host: Host, path: str) -> bool:
    return host.exists(_located(host, path))


def read_source(host: Host, path: str, span: Span | None) -> Source:
    """The compose file at `path`, which `span` names."""
    folder = posixpath.dirname(_located(host, path))
    return Source(path, read_text(host, path, span), "compose", folder)


def read_text(host: Host, path: str, span: Span | None) -> str:
    """The text of the file at `path`. Raises DefinitionError at `span`."""
    try:
        return host.read(_located(host, path)).decode()
    except OSError as exc:
        problem = (exc.strerror or "it cannot be read").lower()
        raise DefinitionError(f"open {path}: {problem}", span) from exc
    except UnicodeDecodeError as exc:
        raise DefinitionError(f"failed to parse {path}: it is not UTF-8", span) from exc


def read_variables(
    host: Host, path: str, span: Span | None, lookup: Lookup, found: dict[str, str]
) -> dict[str, str]:
    """The variables of the `.env` file at `path`, added to `found`. Raises DefinitionError at `span`."""
    text = read_text(host, path, span).removeprefix("\ufeff")
    try:
        return dotenv.parse(text, lookup, found)
    except ValueError as exc:
        raise DefinitionError(f"failed to read {path}: {exc}", span) from exc


def _located(host: Host, path: str) -> str:
    return posixpath.join(host.working_directory, path)
