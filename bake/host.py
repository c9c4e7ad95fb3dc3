"""Everything the pure rooms may know of the machine they run on, as one frozen value."""

from __future__ import annotations

import posixpath
from dataclasses import field
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.platforms import Platform


@record
class Host:
    """The machine, handed in.

    `now` gives seconds since the epoch; `random` gives that many random bytes; `read` gives the bytes
    of a named file and raises OSError; `exists`, `is_dir`, `resolve` (symlinks followed) ask about paths.
    `working_directory` and `home` are absolute. The environment holds secrets, so it is not shown.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    working_directory: str = "/"
    home: str = "/"
    platform: Platform | None = None
    now: Callable[[], float] = field(default=lambda: 0.0)
    random: Callable[[int], bytes] = field(default=lambda count: b"\0" * count)
    read: Callable[[str], bytes] = field(default=lambda path: _absent(path))
    exists: Callable[[str], bool] = field(default=lambda _path: False)
    is_dir: Callable[[str], bool] = field(default=lambda _path: False)
    resolve: Callable[[str], str] = field(default=lambda path: path)

    def absolute(self, path: str) -> str:
        """`path` from the working directory on, in its shortest form; links are not looked at."""
        return posixpath.normpath(posixpath.join(self.working_directory, path))


def _absent(path: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", path)
