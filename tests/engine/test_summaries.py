"""How runs end on a terminal, in a log and for programs, of real builds."""

from __future__ import annotations

import json
import os
import pty
import select
import struct
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.engine.bakefile import BOTH, ROOT, define, word
from tests.unit.ui.test_screen import Terminal
from tools import schemas

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

VALIDATOR = Draft202012Validator(json.loads(schemas.PROGRESS.read_text()))


@pytest.fixture
def several(project: Path) -> Path:
    """Two targets that build, one that fails, and one that needs that."""
    define(
        project,
        {"default": ["fine", "both", "bad", "after"]},
        fine={"dockerfile": f"{ROOT}RUN echo {word()}\n", "tags": ["summary/fine:1"]},
        both={"platforms": BOTH, "output": ["type=local,dest=out"], "context": "rootfs/amd64/etc"}
        | {"dockerfile": "FROM scratch\nCOPY . /\n"},
        bad={"dockerfile": f"{ROOT}RUN echo said; exit 3 # {word()}\n"},
        after={"dockerfile": "FROM base\nCOPY Dockerfile /\n", "contexts": {"base": "target:bad"}},
    )
    return project


def table(text: str) -> dict[str, list[str]]:
    """The table's lines by target, cut into words."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("TARGET  "))
    end = next(index for index in range(start, len(lines)) if " targets: " in lines[index])
    return {line.split()[0]: line.split()[1:] for line in lines[start + 1 : end]}


def test_a_log_ends_with_the_table_and_then_the_errors(several: Path, pybake: Command) -> None:
    done = pybake("--keep-going", "--metadata-file=meta.json")
    metadata = json.loads((several / "meta.json").read_text())

    rows = table(done.stderr)
    assert list(rows) == ["fine", "both", "after", "bad"]
    assert rows["fine"][:2] == ["linux/amd64", "built"]
    assert rows["fine"][-1] == metadata["fine"]["containerimage.digest"]
    assert rows["fine"][-2].endswith("MB")
    assert rows["both"][:2] == ["linux/amd64,linux/arm64", "built"]
    assert rows["bad"][1:4] == ["failed", "at", "Dockerfile:4"]
    assert rows["after"][1:4] == ["skipped:", "`bad`", "failed"]
    assert "4 targets: 2 built, 1 skipped, 1 failed\n" in done.stderr
    assert done.stderr.index("4 targets: ") < done.stderr.index("\nERROR: ")
    assert (done.code, done.stdout) == (2, "")


def test_a_log_of_one_target_has_no_table(several: Path, pybake: Command) -> None:
    assert "TARGET  " not in pybake("fine").ok().stderr
    assert several


def test_events_are_those_of_the_schema(several: Path, pybake: Command) -> None:
    done = pybake("--keep-going", "--progress=json")

    records = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [error.message for record in records for error in VALIDATOR.iter_errors(record)] == []
    assert records[0]["type"] == "run"
    ends = {one["target"]: one for one in records[-1]["targets"]}
    assert {name: one["result"] for name, one in ends.items()} == {
        "fine": "finished",
        "both": "finished",
        "bad": "failed",
        "after": "skipped",
    }
    assert ends["bad"]["place"] == "Dockerfile:4"
    assert ends["fine"]["size"] > 100_000
    assert {one["type"] for one in records} >= {"run", "target", "step", "transfer", "log", "summary"}
    assert any(one["type"] == "log" and one["target"] == "bad" and "said" in one["text"] for one in records)
    assert several


def on_a_terminal(command: Command, width: int, height: int, *words: str) -> Terminal:
    """Run the command on a terminal of that size, and what it shows in the end."""
    import codecs
    import fcntl
    import subprocess
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    terminal = Terminal(width, height)
    decoder = codecs.getincrementaldecoder("utf-8")()  # what is read may end within a character
    running = subprocess.Popen(
        [*command.words, *words],
        cwd=command.folder,
        env={**command.environment, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as file:
        while select.select([file], [], [], 120)[0]:
            try:
                data = file.read(65536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not data:
                break
            terminal.write(decoder.decode(data))
    running.wait(60)
    return terminal


@pytest.mark.parametrize(("width", "height"), [(120, 24), (60, 8)])
def test_a_terminal_keeps_the_log_of_a_failure_and_the_table(
    several: Path, pybake: Command, width: int, height: int
) -> None:
    rows = on_a_terminal(pybake, width, height, "--keep-going").rows

    assert rows[0] == 'building with "default" instance using docker driver'
    failed = next(index for index, row in enumerate(rows) if row == "------")
    assert rows[failed + 1].startswith(" > [bad 2/2] RUN echo said; exit 3")
    assert "said" in rows[failed + 2 : failed + 6]
    assert "4 targets: 2 built, 1 skipped, 1 failed" in rows, rows
    assert not any("[+]" in row or "▸" in row for row in rows)
    assert several


def test_a_terminal_keeps_the_steps_of_one_target(several: Path, pybake: Command) -> None:
    rows = on_a_terminal(pybake, 100, 24, "fine").rows

    assert any("[2/2] RUN echo " in row for row in rows)
    assert "1 target: 1 built" in rows
    assert several
