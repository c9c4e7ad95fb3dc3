"""Names to sources: the files named with `-f`, those of the environment, or the ones that lie in the
working directory under a default name.

Rules are buildx's (bake.ReadLocalFiles, commands/bake.go), with TOML names and `*.j2` beside each.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.errors import BakeError, DefinitionError, UsageError, raise_all
from bake.record import record
from bake.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host
    from bake.source import Dialect, Rendering

DEFAULT_NAMES = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.toml",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
    "docker-bake.override.toml",
)
TEMPLATE_SUFFIX = ".j2"
STDIN = "-"
CWD = "cwd://"


@record
class Reader:
    """What reading needs from outside.

    `stdin` gives standard input whole. `dialect_of` decides from name and text. `render` renders a
    `*.j2` and raises DefinitionError.
    """

    host: Host
    stdin: Callable[[], bytes]
    dialect_of: Callable[[str, str], Dialect]
    render: Callable[[Source], tuple[str, Rendering]]


def lookup(names: Sequence[str], reader: Reader) -> list[Source]:
    """The sources for `names`, or for the default names that exist where `names` is empty.

    Empty files count as not there, as in the reference. Raises UsageError for files that cannot be read, all
    of them together, and where nothing is found.
    """
    faults: list[BakeError] = []
    sources: list[Source] = []
    for name in names or default_files(reader.host):
        try:
            sources.append(read(name.removeprefix(CWD), reader))
        except BakeError as fault:
            faults.append(fault)
    raise_all(faults, "unreadable bake files")
    found = [source for source in sources if source.text or source.name == STDIN]
    if not found:
        empty = ", ".join(f"`{source.name}`" for source in sources)
        raise UsageError(
            "couldn't find a bake definition",
            detail=f"{empty} is empty"
            if empty
            else f"none of {', '.join(DEFAULT_NAMES)} is in {reader.host.working_directory}",
            hint="name a file with -f, change to the folder it is in, or have `pybake init` write one",
        )
    return found


def default_files(host: Host) -> list[str]:
    """The default names that exist in the working directory, in buildx's order."""
    found = []
    for name in DEFAULT_NAMES:
        here = [each for each in (name, name + TEMPLATE_SUFFIX) if host.exists(host.absolute(each))]
        if len(here) == 2:
            raise UsageError(
                "ambiguous bake definition",
                detail=f"both `{name}` and `{name}{TEMPLATE_SUFFIX}` are here",
                hint="remove one of them, or name the one that is meant with -f",
            )
        found += here
    return found


def names_from_environment(host: Host) -> list[str]:
    """The files of BUILDX_BAKE_FILE, split at BUILDX_BAKE_PATH_SEPARATOR or the system's `:`."""
    value = host.environment.get("BUILDX_BAKE_FILE")
    if value is None:
        return []
    separator = host.environment.get("BUILDX_BAKE_PATH_SEPARATOR") or ":"
    return [name for part in value.split(separator) if (name := part.strip())]


def read(name: str, reader: Reader) -> Source:
    """One source: a file's, or standard input's for `-`."""
    source = read_text(name, reader)
    plain_name = name.removesuffix(TEMPLATE_SUFFIX)
    if plain_name == name:
        return source
    rendered, rendering = reader.render(source)
    dialect = reader.dialect_of(plain_name, rendered)
    return Source(plain_name, rendered, dialect, source.directory, rendering=rendering)


def read_text(name: str, reader: Reader) -> Source:
    """The text called `name`, as it is: a template stays one."""
    text = decode(name, _bytes_of(name, reader))
    directory = None if name == STDIN else posixpath.dirname(reader.host.absolute(name))
    return Source(name, text, reader.dialect_of(name.removesuffix(TEMPLATE_SUFFIX), text), directory)


def _bytes_of(name: str, reader: Reader) -> bytes:
    try:
        if name == STDIN:
            return reader.stdin()
        return reader.host.read(reader.host.absolute(name))
    except OSError as exc:
        reason = (exc.strerror or str(exc)).lower()
        hint = None if name == STDIN else _elsewhere(name, reader.host)
        shown = "standard input" if name == STDIN else name
        raise UsageError(f"open {shown}: {reason}", hint=hint) from exc


def _elsewhere(name: str, host: Host) -> str:
    """Where it was looked for, and the file there that is called most like it."""
    from difflib import get_close_matches

    here = [other for other in DEFAULT_NAMES if host.exists(host.absolute(other))]
    near = get_close_matches(name, here, n=1, cutoff=0.8)
    looked = f"looked in {host.working_directory}"
    return f"{looked}; did you mean `{near[0]}`?" if near else looked


def decode(name: str, data: bytes) -> str:
    """The text of a file. Raises DefinitionError where it is no UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        before = data[: exc.start].decode("utf-8", "replace")
        source = Source(name, data.decode("utf-8", "replace"), "hcl")
        raise DefinitionError(
            "Invalid character encoding",
            Span(source, len(before), len(before) + 1),
            detail="All input files must be UTF-8 encoded. "
            "Ensure that UTF-8 encoding is selected in your editor.",
        ) from exc
