"""A project of compose files in memory, read as bake reads it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bake.errors import BakeError, flatten
from bake.host import Host
from bake.model.compose import definition
from bake.source import Source
from bake.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.model.target import Definition, Target

FOLDER = "/project"


@dataclass(frozen=True)
class Project:
    """Files by their names in the project's folder, the environment, and `--var`."""

    files: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def host(self) -> Host:
        contents = {posixpath.join(FOLDER, name): text.encode() for name, text in self.files.items()}
        folders = {posixpath.dirname(name) for name in contents}

        def read(path: str) -> bytes:
            try:
                return contents[posixpath.normpath(path)]
            except KeyError:
                raise FileNotFoundError(2, "No such file or directory", path) from None

        return Host(
            environment=self.environment,
            working_directory=FOLDER,
            home="/home/user",
            read=read,
            exists=lambda path: posixpath.normpath(path) in {*contents, *folders},
            is_dir=lambda path: posixpath.normpath(path) in folders,
        )

    def read(self, *names: str) -> Definition:
        """What the files called `names` define; `compose.yaml` if none is named."""
        trees = [
            parse(Source(name, self.files[name], "compose", FOLDER)) for name in names or ("compose.yaml",)
        ]
        return definition(trees, self.host(), self.variables)


def project(text: str, environment: Mapping[str, str] | None = None, **variables: str) -> Project:
    """A project of one file."""
    return Project({"compose.yaml": text}, environment or {}, variables)


def target(text: str, **environment: str) -> Target:
    """The target of the service `app` in `text`."""
    return project(text, environment).read().targets["app"]


def build(text: str, **environment: str) -> Target:
    """The target of a service whose build is the YAML flow mapping `text`."""
    return target(f"services: {{app: {{build: {text}}}}}", **environment)


def given(found: Target) -> dict[str, Any]:
    """The fields that were given, entries in their string form."""
    return {
        name: tuple(str(item) for item in value) if isinstance(value, tuple) else value
        for name, value in found.given().items()
    }


def faults(found: Project, *names: str) -> list[BakeError]:
    """What is wrong with a project."""
    try:
        found.read(*names)
    except (BakeError, ExceptionGroup) as error:
        return flatten(error)
    return []
