"""`include`: other compose files whose resources are part of this one.

Rules are those of compose-go 2.13 (loader/include.go).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.model import gopath
from bake.model.compose import files
from bake.model.compose.nodes import fault
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.host import Host
    from bake.model.compose.nodes import Node


@record
class Inclusion:
    """One element of `include`: the files, the folders they are read with (see `loading.Reading`), and the
    files of further variables."""

    node: Node
    paths: tuple[str, ...]
    folder: str
    directory: str
    env_files: tuple[str, ...]

    def environment(self, host: Host, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables that the included files see: those outside count more than those of its files."""
        found: dict[str, str] = {}
        for path in self.env_files:
            if not files.is_file(host, path):
                raise DefinitionError(f"couldn't find env file: {path}", self.node.span)
            files.read_variables(
                host, path, self.node.span, lambda name: variables.get(name, found.get(name)), found
            )
        return {**found, **variables}


def inclusions(include: Node, host: Host, folder: str, directory: str) -> Iterator[Inclusion]:
    """What a file that is read with `folder` and `directory` includes. Raises DefinitionError."""
    if include.value is None:
        return
    if not isinstance(include.value, list):
        raise fault("`include` must be a list", include, detail=f"found {include.kind}")
    for element in include.elements:
        if not isinstance(element.value, str | dict):
            raise fault("an element of `include` must be a string or a mapping", element)
        yield _inclusion(element, host, folder, directory)


def _inclusion(element: Node, host: Host, folder: str, directory: str) -> Inclusion:
    paths = tuple(files.join(folder, path) for path in _texts(element, "path"))
    project = element.get("project_directory")
    main = paths[0] if paths else ""
    project_text = project.text if project else ""
    if not project_text:
        inner = posixpath.dirname(main) or "."
        base = _relative(folder, inner)
    elif project_text.startswith("/"):
        inner = base = project_text
    else:
        inner, base = files.join(directory, project_text), _project(project_text, host, folder)
    return Inclusion(element, paths, inner, base, _env_files(element, host, inner, directory))


def _project(text: str, host: Host, folder: str) -> str:
    """A project's directory as its files' paths are joined to it: where no such folder is, its parent."""
    if host.is_dir(posixpath.join(host.working_directory, files.join(folder, text))):
        return gopath.clean(text)
    return files.folder_of(text)


def _relative(folder: str, path: str) -> str:
    """`path`, which was found in `folder`, as seen from there (the reference joins a relative one anew)."""
    both_absolute = path.startswith("/") and folder.startswith("/")
    return posixpath.relpath(path, folder) if both_absolute else gopath.clean(path)


def _env_files(element: Node, host: Host, folder: str, directory: str) -> tuple[str, ...]:
    given = _texts(element, "env_file")
    if not given:
        own = files.join(folder, ".env")
        return (own,) if files.is_file(host, own) else ()
    return tuple(
        path if path.startswith("/") else files.join(directory, path) for path in given if path != "/dev/null"
    )


def _texts(element: Node, key: str) -> list[str]:
    """A text, or a list of texts; a plain element is its own `path`."""
    found = element if key == "path" and isinstance(element.value, str) else element.get(key)
    if found is None or found.value is None:
        return []
    nodes = found.elements if isinstance(found.value, list) else [found]
    for node in nodes:
        if not isinstance(node.value, str):
            raise fault(f"include.{key} must be a string or a list of strings", node)
    return [node.text for node in nodes]
