"""Commands as a person runs them: subprocesses with an environment that holds only what is said."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    """What a command did: its exit code and both its streams."""

    code: int
    stdout: str
    stderr: str

    def ok(self) -> Result:
        """This result, asserting that the command succeeded."""
        assert self.code == 0, f"exit code {self.code}\n{self.stdout}\n{self.stderr}"
        return self


@dataclass(frozen=True)
class Command:
    """A program with its first arguments, its whole environment and its working directory."""

    words: Sequence[str]
    environment: Mapping[str, str]
    folder: Path

    def __call__(self, *arguments: object, stdin: str = "", **environment: str) -> Result:
        """Run with more arguments, text on standard input, more environment."""
        done = subprocess.run(
            [*self.words, *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def runs(self, *words: object) -> Command:
        """Another program under the same circumstances."""
        return replace(self, words=[*map(str, words)])

    def at(self, folder: Path) -> Command:
        """The same command in another folder."""
        return replace(self, folder=folder)

    def where(self, **environment: str) -> Command:
        """The same command with more environment."""
        return replace(self, environment={**self.environment, **environment})
