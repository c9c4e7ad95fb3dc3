"""A browser without a window, to look at pages as people do: the machine's own, else Debian's package of it.

Takes a page, gives its document after scripts have run, or a picture. The browser gets no network: every name
resolves to nothing, and every connection goes to a proxy that is not there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.engine import machine
from tools.engine.locks import locked
from tools.engine.machine import ToolError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "chromium-headless-shell"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9"),
    "--virtual-time-budget=2000",
)


@dataclass(frozen=True)
class Browser:
    """A program, and the folders with libraries that it brought along."""

    program: str
    libraries: tuple[str, ...] = ()

    def document(self, page: Path, *more: str) -> str:
        """The page's document as HTML, after its scripts have run. Raises ToolError."""
        return self._run(page, "--dump-dom", *more)

    def picture(
        self, page: Path, into: Path, *, size: tuple[int, int] = (1200, 900), dark: bool = False
    ) -> None:
        """Write a PNG of the page to `into`. Raises ToolError."""
        scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ()
        self._run(page, f"--screenshot={into}", f"--window-size={size[0]},{size[1]}", *scheme)
        if not into.exists():
            raise ToolError(f"{self.program} made no picture of {page}")

    def _run(self, page: Path, *arguments: str) -> str:
        paths = ":".join(self.libraries)
        environment = {**os.environ, **({"LD_LIBRARY_PATH": paths} if paths else {})}
        with_profile = (*FLAGS, f"--user-data-dir={page.parent / '.browser'}", *arguments, page.as_uri())
        done = subprocess.run(
            [self.program, *with_profile],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise ToolError(f"{self.program} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout


def obtain() -> Browser:
    """The browser of this machine, taken from Debian's packages (100 MB, once) where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return Browser(found)
    folder = machine.cache() / f"browser-{machine.codename()}-{machine.architecture()}"
    if not folder.exists():
        with locked(machine.cache() / "browser.lock"):
            if not folder.exists():
                _unpack(folder.with_suffix(".work")).rename(folder)
                shutil.rmtree(folder.with_suffix(".work"), ignore_errors=True)
    return Browser(
        str(folder / "usr/lib/chromium" / PACKAGE), tuple(json.loads((folder / "libraries.json").read_text()))
    )


def _unpack(work: Path) -> Path:
    """Download the package with what this machine lacks of its dependencies; nothing is installed."""
    print("Taking a browser from Debian's packages (about 100 MB, once) …", file=sys.stderr, flush=True)
    shutil.rmtree(work, ignore_errors=True)
    (work / "cache/archives/partial").mkdir(parents=True)
    options = (f"-oDir::Cache={work / 'cache'}", "-oDebug::NoLocking=1", "-oAPT::Sandbox::User=root")
    _run("apt-get", "-q", "-y", "--no-install-recommends", "--download-only", *options, "install", PACKAGE)
    tree = work / "tree"
    tree.mkdir()
    for deb in (work / "cache/archives").glob("*.deb"):
        _run("dpkg-deb", "-x", str(deb), str(tree))
    final = work.with_suffix("")
    folders = {final / path.relative_to(tree).parent for path in tree.rglob("*.so*")}
    (tree / "libraries.json").write_text(json.dumps(sorted(map(str, folders))))
    return tree


def _run(*command: str) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise ToolError(f"`{' '.join(command)}` failed: {finished.stderr[-2000:]}; try apt-get update first")


def has_color(picture: Path, color: tuple[int, int, int]) -> bool:
    """Whether some pixel of a PNG, as browsers make them (8 bits, RGB or RGBA), has this color."""
    import zlib

    data, at, width, channels, packed = picture.read_bytes(), 8, 0, 3, b""
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, channels = int.from_bytes(body[:4], "big"), 4 if body[9] == 6 else 3
        elif kind == b"IDAT":
            packed += body
        at += length + 12
    return _is_in(bytes(color), zlib.decompress(packed), width * channels, channels)


def _is_in(color: bytes, rows: bytes, stride: int, channels: int) -> bool:
    """Undo each row's filter (PNG, 9.2), and look."""
    above = bytearray(stride)
    for start in range(0, len(rows), stride + 1):
        row = bytearray(rows[start + 1 : start + 1 + stride])
        for at in range(stride):
            left = row[at - channels] if at >= channels else 0
            corner = above[at - channels] if at >= channels else 0
            row[at] = (row[at] + _predicted(rows[start], left, above[at], corner)) & 0xFF
        if any(row[at : at + 3] == color for at in range(0, stride, channels)):
            return True
        above = row
    return False


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda one: abs(guess - one))
    return (0, left, up, (left + up) // 2)[kind]
