"""What every row is measured in: the programs, a folder, how both commands are called."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.pairs import Contestant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tools.engine.packages import Tools


@dataclass(frozen=True)
class Setting:
    """`environment` is all that both commands see; `rounds` is how often each runs."""

    tools: Tools
    work: Path
    environment: Mapping[str, str]
    rounds: int
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "config", self.work / "docker")
        plugins = self.config / "cli-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        if not (plugins / "docker-buildx").exists():
            (plugins / "docker-buildx").symlink_to(self.tools.program("docker-buildx"))

    def ours(self, *words: str, prepare: Callable[[], object] = bool, **environment: str) -> Contestant:
        """`pybake WORDS`."""
        command = str(Path(sys.executable).with_name("pybake"))
        return Contestant([command, *words], {**self.environment, **environment}, prepare)

    def theirs(
        self, *words: str, plugin_alone: bool = False, prepare: Callable[[], object] = bool
    ) -> Contestant:
        """`docker buildx WORDS`, or the plugin by itself."""
        command = (
            [self.tools.program("docker-buildx")]
            if plugin_alone
            else [self.tools.program("docker"), "buildx"]
        )
        environment = {**self.environment, "DOCKER_CONFIG": str(self.config)}
        return Contestant([*command, *words], environment, prepare)
