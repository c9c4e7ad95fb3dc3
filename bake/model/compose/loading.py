"""Compose files → one model: includes and extends followed, files laid over one another, short forms
written out.

The order of steps is that of compose-go 2.13 (loader/loader.go). What a build is not made of is read as
well, for what compose refuses of it is refused here.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from bake.model.compose import files
from bake.model.compose.canonical import canonical, with_default_contexts, with_paths
from bake.model.compose.extends import Extending
from bake.model.compose.include import inclusions
from bake.model.compose.merge import merge, unique
from bake.model.compose.nodes import Node, documents, fault
from bake.model.compose.reset import split, without
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host
    from bake.model.compose.include import Inclusion
    from bake.model.compose.interpolate import Interpolation
    from bake.model.compose.reset import Resets
    from bake.source import Source

MAX_DEPTH = 40
"""How deep files may include one another."""
MAX_FILES = 1000
"""How many files a project may include and extend, counted each time one is read."""
_RESOURCES = ("services", "volumes", "networks", "secrets", "configs", "models")
"""What is included of a file."""


@record
class Reading:
    """How the files of one project are read.

    `folder` is where the files that they name are looked up, `directory` what their other paths are
    joined to; both are "" for the files that were asked for. `outer` names the files that lead here by
    `include`, `opened` gathers the names of all files that were read.
    """

    host: Host
    interpolation: Interpolation
    folder: str = ""
    directory: str = ""
    outer: tuple[str, ...] = ()
    opened: list[str] = field(default_factory=list)

    def documents(self, path: str, named: Node) -> list[Node]:
        """The documents of the compose file at `path`, which `named` names."""
        self.opened.append(path)
        if len(self.opened) > MAX_FILES:
            raise fault("Too many files", named, detail=f"A project may read {MAX_FILES:,} files.")
        return read(files.read_source(self.host, path, named.span))


def read(source: Source) -> list[Node]:
    """The documents of one text. Raises DefinitionError, or a group of them."""
    from bake.syntax.yaml import parse

    return documents(parse(source).body)


def load(roots: Sequence[tuple[str, Sequence[Node]]], reading: Reading) -> Node | None:
    """The model of these files, each with its name and its documents; None when all are empty.

    Raises DefinitionErrors, or groups of them.
    """
    model: Node | None = None
    for name, found in roots:
        for document in found:
            model = _with_document(model, document, name, reading)
    if model is None:
        return None
    return with_paths(with_default_contexts(model), folder=reading.directory, home=reading.host.home)


def _with_document(model: Node | None, document: Node, name: str, reading: Reading) -> Node:
    written, resets = split(document)
    content = reading.interpolation.document(written)
    over = _with_inclusions(content.without("include"), content.get("include"), resets, reading, name)
    over = Extending(name, lambda file: _base_file(file, reading)).document(over, resets)
    return _laid_over(without(model, resets) if model else None, over)


def _laid_over(model: Node | None, over: Node) -> Node:
    return unique(canonical(unique(merge(model, over) if model else over)))


def _with_inclusions(model: Node, include: Node | None, resets: Resets, reading: Reading, name: str) -> Node:
    """`model` laid over what its document includes."""
    if include is None:
        return model
    reading = replace(reading, outer=(*reading.outer, name))
    for inclusion in inclusions(include, reading.host, reading.folder, reading.directory):
        included = _included(inclusion, reading)
        if included is not None:
            model = merge(_present_without(included, model, resets), model)
    return model


def _present_without(included: Node, model: Node, resets: Resets) -> Node:
    """`included` without the resets of what includes it, where both have a resource."""
    paths = frozenset(path for path in resets if model.get(*path[:2]) is not None)
    return without(included, paths)


def _included(inclusion: Inclusion, reading: Reading) -> Node | None:
    if not inclusion.paths:
        return None
    outer = reading.outer
    if len(outer) > MAX_DEPTH:
        raise fault("Too many includes", inclusion.node, detail=f"They may nest {MAX_DEPTH} levels deep.")
    if inclusion.paths[0] in outer:
        detail = " includes ".join((*outer, inclusion.paths[0]))
        raise fault("include cycle detected", inclusion.node, detail=detail)
    interpolation = reading.interpolation.within(
        inclusion.environment(reading.host, reading.interpolation.variables)
    )
    inner = replace(
        reading, interpolation=interpolation, folder=inclusion.folder, directory=inclusion.directory
    )
    model = load([(path, reading.documents(path, inclusion.node)) for path in inclusion.paths], inner)
    return model.only(*_RESOURCES) if model else None


def _base_file(named: Node, reading: Reading) -> tuple[Node, Resets]:
    """The services of the file that an `extends` names, and the file's resets."""
    path = files.join(reading.folder, named.text)
    model: Node | None = None
    resets: Resets = frozenset()
    for document in reading.documents(path, named):
        written, resets = split(document)
        content = reading.interpolation.document(written)
        model = _laid_over(without(model, resets) if model else None, content)
    if model is None or "services" not in model.items:
        raise fault(f"cannot extend a service in {path}: no services section", named)
    model = with_paths(model, folder=files.folder_of(named.text), home=reading.host.home)
    return model.items["services"], resets
