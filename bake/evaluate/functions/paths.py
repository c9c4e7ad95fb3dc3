"""Slash-separated paths, as Go's path package cuts them, and the home folder."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, Parameter
from bake.evaluate.types import STRING
from bake.evaluate.values import Value, normalized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host


def _base(arguments: Sequence[Value], _host: Host) -> Value:
    path = arguments[0].raw
    if not path:
        return normalized(".")
    return normalized(path.rstrip("/").rpartition("/")[2] or "/")


def _dir(arguments: Sequence[Value], _host: Host) -> Value:
    folder, slash, _ = arguments[0].raw.rpartition("/")
    cleaned = normpath(folder + slash)
    # Python keeps two leading slashes, Go does not
    return normalized("/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned)


def _home(_arguments: Sequence[Value], host: Host) -> Value:
    return normalized(host.home)


FUNCTIONS: Final = {
    "basename": Function(_base, (Parameter("path", STRING),), returns=STRING),
    "dirname": Function(_dir, (Parameter("path", STRING),), returns=STRING),
    "homedir": Function(_home, returns=STRING),
}
