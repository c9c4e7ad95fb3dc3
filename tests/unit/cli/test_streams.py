"""Commands whose standard streams are closed, full or without a reader, started by a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands import Command, Result

BAKE = 'target "default" {}\n'
REFUSED = "ERROR: cannot write to standard output: "


def in_shell(pybake: Command, line: str) -> Result:
    (pybake.folder / "docker-bake.hcl").write_text(BAKE)
    return pybake.runs("sh", "-c", line, "sh", *pybake.words)()


@pytest.mark.parametrize("words", ["--print", "version", "--help", "build --help", "--list=targets"])
@pytest.mark.parametrize(
    ("standard_output", "why"),
    [("/dev/full", "No space left on device"), ("&-", "Bad file descriptor")],
    ids=["full", "closed"],
)
def test_a_result_that_cannot_be_written(pybake: Command, words: str, standard_output: str, why: str) -> None:
    done = in_shell(pybake, f'"$@" {words} >{standard_output}')

    assert (done.code, done.stderr) == (1, f"{REFUSED}{why}\n")


@pytest.mark.parametrize("standard_error", ["/dev/full", "&-"])
@pytest.mark.parametrize(("words", "code"), [("--print", 0), ("nobody", 1)])
def test_what_cannot_be_told_is_no_failure(
    pybake: Command, words: str, code: int, standard_error: str
) -> None:
    done = in_shell(pybake, f'"$@" {words} 2>{standard_error}')

    assert (done.code, done.stderr) == (code, "")
    assert ('"default"' in done.stdout) == (code == 0)


def test_an_error_goes_before_what_could_not_be_written(pybake: Command) -> None:
    done = in_shell(pybake, '"$@" nobody >&-')

    assert done.code == 1
    assert done.stderr.startswith("ERROR: failed to find target nobody\n")
    assert REFUSED not in done.stderr


def test_a_file_does_not_become_a_closed_stream(pybake: Command) -> None:
    done = in_shell(pybake, '"$@" --print <&- >&- 2>&-; echo $?; cat docker-bake.hcl')

    assert done.stdout == f"1\n{BAKE}"


def test_a_reader_that_has_gone(pybake: Command) -> None:
    done = in_shell(pybake, '{ "$@" --print; echo $? >code; } | true; cat code')

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_working_directory_that_has_gone(pybake: Command) -> None:
    done = in_shell(pybake, 'mkdir gone; cd gone; rmdir ../gone; "$@" --print')

    assert done.code == 1
    assert "ERROR: The working directory cannot be found; No such file or directory" in done.stderr
    assert "change to one that exists" in done.stderr
