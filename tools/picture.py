"""The picture of the README: examples/monorepo, baked in a terminal of its own on an engine of its own.

    python -m tools.picture

Takes what pybake draws on a terminal, gives the last screens as docs/terminal.svg. Base images are stood
in for by a busybox: no public registry is asked.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tools.engine import emulation
from tools.engine.dockerd import Engine
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyte.screens import Char

    from tools.engine.packages import Tools

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/terminal.svg"
COLUMNS, LINES = 100, 60
SESSION = ("pybake graph", "pybake", "pybake web")
"""What is typed."""
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
FROM = re.compile(r"^FROM (\S+:\S+)", re.MULTILINE)
STAND_IN = "FROM scratch AS stand-in\nARG TARGETARCH\nCOPY rootfs/${TARGETARCH}/ /\n\n"


def main() -> int:
    tools = obtain()
    emulation.ensure(tools)
    with Engine(tools) as engine, tempfile.TemporaryDirectory() as folder:
        project = _project(Path(folder), tools)
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "DOCKER_HOST": engine.host,
        }
        screens = {line: drawn(line, project, environment) for line in SESSION}
    PICTURE.write_text(picture(screens))
    return 0


def _project(folder: Path, tools: Tools) -> Path:
    """A copy of the example whose Dockerfiles begin with what there is here."""
    project = folder / "monorepo"
    shutil.copytree(ROOT / "examples/monorepo", project)
    for file in project.rglob("*Dockerfile"):
        text = file.read_text()
        if FROM.search(text):
            file.write_text(STAND_IN + FROM.sub("FROM stand-in", text))
            shutil.copytree(tools.rootfs, file.parent / "rootfs", symlinks=True)
    return project


def drawn(line: str, folder: Path, environment: Mapping[str, str]) -> pyte.Screen:
    """What stands on a terminal when the command line has ended."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if not child:
        os.chdir(folder)
        os.execve("/bin/sh", ["sh", "-c", f"stty columns {COLUMNS} rows {LINES}; {line}"], environment)
    while True:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # the child has closed its side
            break
        if not data:
            break
        stream.feed(data)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("\n".join(screen.display).rstrip())
    return screen


def picture(screens: Mapping[str, pyte.Screen]) -> str:
    """The screens as one SVG, each below its command line, and without fonts from elsewhere."""
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        for line, screen in screens.items():
            console.print(Text(f"$ {line}", "bold green"))
            rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
            while rows and not "".join(cell.data for cell in rows[-1]).strip():
                rows.pop()
            for row in rows:
                console.print(_line(row), highlight=False)
            console.print()
    return FONTS.sub("", console.export_svg(title="examples/monorepo", unique_id="pybake"))


def _line(row: Sequence[Char]) -> Text:
    text = Text()
    for style, cells in groupby(row, key=_style):
        text.append("".join(cell.data for cell in cells), style)
    text.rstrip()
    return text


def _style(cell: Char) -> Style:
    return Style(color=_color(cell.fg), bold=cell.bold, reverse=cell.reverse)


_NAMES = {"brown": "yellow", "brightbrown": "bright_yellow", "default": None}


def _color(name: str) -> str | None:
    """pyte's name of a colour as rich's."""
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return _NAMES.get(name, name.replace("bright", "bright_") if name.startswith("bright") else name)


if __name__ == "__main__":
    sys.exit(main())
