"""The mistakes that people make most, and the whole of what they are told.

A case is a folder of `cases/`: `case.toml` says what is mistaken and what is typed, `expected.txt` is what
stands in the terminal then, the rest is the project. `python -m tests.errors` writes the expected texts anew,
so that a change of wording is read as a diff.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import struct
import subprocess
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from tests.commands import Command

CASES = Path(__file__).parent / "cases"
OWN = ("case.toml", "expected.txt")
"""Files of a case that are none of its project."""

CHANGING = {
    r"sha256:[0-9a-f]{64}": "sha256:…",
    r"ref \w{25}::\w{25}": "ref …",
    r"\b\d+\.\d+s\b": "N.Ns",
    r"(?<=127\.0\.0\.1:)\d{4,5}|(?<=0\.0\.0\.0:)\d{4,5}": "PORT",
}
"""What differs from run to run → what is written for it."""


@dataclass(frozen=True)
class Case:
    """A mistake: `words` behind `pybake`, typed in a copy of `folder`'s files, in a `situation`.

    `engine` says that it takes a real engine; then the words may name what the test has: `{registry}`, ….
    """

    folder: Path
    mistake: str
    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    situation: str = ""
    engine: str = ""

    @classmethod
    def read(cls, folder: Path) -> Case:
        said = tomllib.loads((folder / "case.toml").read_text())
        return cls(folder=folder, **{**said, "words": tuple(said["words"])})

    @property
    def expected(self) -> Path:
        """The file that holds what is told."""
        return self.folder / "expected.txt"

    def lay_out(self, project: Path, names: Mapping[str, str]) -> None:
        """Copy its files to `project`, with `{name}`s of theirs filled in."""
        for path in sorted(self.folder.rglob("*")):
            place = project / path.relative_to(self.folder)
            if path.is_file() and path.name not in OWN:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(_filled(path.read_text(), names))


def cases(*, engine: bool) -> dict[str, Case]:
    """The cases that take an engine, or those that do not, by name."""
    found = {path.parent.name: Case.read(path.parent) for path in sorted(CASES.glob("*/case.toml"))}
    return {name: case for name, case in found.items() if bool(case.engine) == engine}


def _filled(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"<{name}>", value)
    return text


def told(case: Case, pybake: Command, names: Mapping[str, str]) -> str:
    """What stands in the terminal when the case is typed into it; `names` are filled in and masked again."""
    case.lay_out(pybake.folder, names)
    variables = {name: _filled(value, names) for name, value in case.environment.items()}
    words = [_filled(word, names) for word in case.words]
    with SITUATIONS[case.situation](pybake) as command:
        done = command.where(**variables)(*words, stdin=case.stdin)
    typed = " ".join(["pybake", *(word if word.strip("{}") == word else f"'{word}'" for word in case.words)])
    text = f"{done.stdout}{done.stderr}"
    masks = {value: f"<{name}>" for name, value in names.items()}
    masks |= {
        str(pybake.folder): "HERE",
        str(pybake.folder.parent): "ABOVE",
        pybake.environment["HOME"]: "HOME",
    }
    masks[pybake.environment["DOCKER_HOST"].removeprefix("unix://")] = "ENGINE"
    for value in sorted(masks, key=len, reverse=True):  # folders before those that they are in
        text = text.replace(value, masks[value])
    for pattern, mask in CHANGING.items():
        text = re.sub(pattern, mask, text)
    return f"$ {typed}\n{text}exit code {done.code}\n"


@contextmanager
def _as_it_is(pybake: Command) -> Iterator[Command]:
    yield pybake


@contextmanager
def _bound(pybake: Command) -> Iterator[Command]:
    """Permissions count, also where root runs the tests."""
    if os.geteuid():
        yield pybake
        return
    passes = "-dac_override,-dac_read_search"
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv (util-linux) puts root's privileges aside; it is not there"
    yield replace(
        pybake, words=[setpriv, f"--inh-caps={passes}", f"--bounding-set={passes}", "--", *pybake.words]
    )


@contextmanager
def _socket_of_others(pybake: Command) -> Iterator[Command]:
    """An engine listens, at a socket that is not for us."""
    path = Path(pybake.environment["HOME"]) / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener, _bound(pybake) as bound:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o000)
        yield bound.where(DOCKER_HOST=f"unix://{path}")


@contextmanager
def _folder_of_others(pybake: Command) -> Iterator[Command]:
    """`theirs` is a folder that we may not write to."""
    folder = pybake.folder / "theirs"
    folder.mkdir()
    folder.chmod(0o555)
    with _bound(pybake) as bound:
        yield bound
    folder.chmod(0o755)


@contextmanager
def _full_disk(pybake: Command) -> Iterator[Command]:
    """`small` is a file system with room for next to nothing."""
    folder = pybake.folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    try:
        yield pybake
    finally:
        subprocess.run(["umount", str(folder)], check=True)


LOONGARCH = 258
"""Of the ELF header: a machine that no test emulates."""


@contextmanager
def _foreign_program(pybake: Command) -> Iterator[Command]:
    """`hello` is a program of a machine that nobody emulates: its header, which is all that is read."""
    start, offset = 0x10000, 64 + 56
    program = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, LOONGARCH, 1, start + offset, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    program += struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, offset, offset, 0x1000)
    (pybake.folder / "hello").write_bytes(program)
    (pybake.folder / "hello").chmod(0o755)
    yield pybake


@contextmanager
def _no_engine(pybake: Command) -> Iterator[Command]:
    yield pybake.where(DOCKER_HOST=f"unix://{pybake.environment['HOME']}/no-engine.sock")


SITUATIONS: dict[str, Callable[[Command], AbstractContextManager[Command]]] = {
    "": _as_it_is,
    "no engine": _no_engine,
    "a socket of others": _socket_of_others,
    "a folder of others": _folder_of_others,
    "a full disk": _full_disk,
    "a program of another machine": _foreign_program,
}
"""What the machine is like."""


def judge(case: Case, text: str, *, rewrite: bool) -> None:
    """Compare with what is expected, or expect it from now on."""
    if rewrite:
        case.expected.write_text(text)
    assert text == case.expected.read_text(), "python -m tests.errors writes the expected texts anew"


def main(arguments: list[str]) -> int:
    """Write the expected texts anew, of all cases or of those that are named."""
    import pytest

    words = [
        "--rewrite-errors",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/errors",
        "tests/engine/test_mistakes.py",
    ]
    return int(pytest.main([*words, *(("-k", " or ".join(arguments)) if arguments else ())]))
