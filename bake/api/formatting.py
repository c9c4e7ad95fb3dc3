"""HCL files to their canonical form: what is formatted, what would change, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host

STDIN = "-"


@record
class Formatted:
    """A file's text before and after. `path` is "" for standard input."""

    name: str
    path: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def difference(self) -> str:
        """A unified diff, "" for none."""
        from difflib import unified_diff

        before, after = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(unified_diff(before, after, self.name, self.name))


def names_in(folders_and_files: Sequence[str], host: Host) -> list[str]:
    """The HCL files that are meant: those named, and the bake files of default names in folders.

    None means the working directory. Raises UsageError where nothing is found.
    """
    found = [name for given in folders_and_files or ("",) for name in _names(given, host)]
    if not found:
        raise UsageError(
            "no HCL bake file to format",
            detail=f"none of {', '.join(_default_names())} is in {host.working_directory}",
            hint="name the file: pybake fmt FILE",
        )
    return list(dict.fromkeys(found))


def formatted(name: str, host: Host, stdin: Callable[[], bytes]) -> Formatted:
    """What the file `name`, or standard input for `-`, becomes; nothing is written.

    Raises UsageError for what cannot be read or is no HCL, DefinitionError for faults in it.
    """
    from bake.api.definition import Files, reader
    from bake.read.lookup import TEMPLATE_SUFFIX, read_text
    from bake.syntax.format import canonical

    source = read_text(name, reader(Files(), host, stdin))
    if source.dialect != "hcl" or name.endswith(TEMPLATE_SUFFIX):
        kind = "a template" if name.endswith(TEMPLATE_SUFFIX) else source.dialect
        raise UsageError(
            f"`{name}` cannot be formatted", detail=f"it is {kind}, only HCL has a canonical form"
        )
    after = canonical(source)
    return Formatted(name, "" if name == STDIN else _path(name, host), source.text, after)


def write(result: Formatted) -> None:
    """Replace the file's text, whole or not at all. Raises UsageError."""
    from bake import files

    try:
        files.replace(result.path, result.after.encode())
    except OSError as exc:
        raise UsageError(f"`{result.name}` cannot be written", detail=exc.strerror or str(exc)) from exc


def _names(given: str, host: Host) -> list[str]:
    import os

    folder = _path(given, host)
    if given and not os.path.isdir(folder):
        return [given]
    paths = [os.path.join(given, name) for name in _default_names()]
    return [path for path in paths if host.exists(_path(path, host))]


def _default_names() -> list[str]:
    from bake.read.lookup import DEFAULT_NAMES

    return [name for name in DEFAULT_NAMES if name.endswith(".hcl")]


def _path(name: str, host: Host) -> str:
    import os

    return os.path.join(host.working_directory, name)
