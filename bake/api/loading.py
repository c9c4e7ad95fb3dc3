"""A library's first steps: files, texts and objects to a definition, a definition to what is to be built.

These are the stages of `bake.api.definition` with the process's own machine filled in. Nothing is built and
no engine is asked, but for a definition that lies elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from bake.api import definition as stages
from bake.api.machine import cache_folder, read_stdin, this_machine
from bake.model.flags import Selection
from bake.model.target import Definition, Group, Target
from bake.read.lookup import CWD
from bake.source import Source

if TYPE_CHECKING:
    from typing import TypeAlias, Unpack

    from bake.api.definition import Reading
    from bake.api.remote import Fetched
    from bake.host import Host

    Part: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]

PYTHON = "<python>"
"""What messages call a definition that was written in Python."""


class Choices(TypedDict, total=False):
    """How targets are changed on their way: the options of `pybake bake` by the same names.

    `set` holds texts `TARGET.KEY=VALUE`, or a mapping of `TARGET.KEY` to values.
    """

    set: Mapping[str, str] | Sequence[str]
    push: bool
    load: bool
    no_cache: bool | None
    pull: bool | None
    call: str
    sbom: str
    provenance: str
    policy: Sequence[str]
    strict: bool


def load(
    *parts: Part,
    variables: Mapping[str, str] | None = None,
    data: Sequence[str] = (),
    defines: Sequence[str] = (),
    strict: bool = False,
    url: str = "",
    command_context: str = CWD,
    builder: str = "",
    cache: bool = True,
    host: Host | None = None,
) -> Definition:
    """The whole definition that `parts` make, later ones over earlier ones; nothing is selected yet.

    A part is the name of a bake or compose file, or a mapping in the shape of a JSON bake file. Without any,
    files are looked for as `pybake bake` does. `url` takes the files from a remote definition, fetched by the
    builder called `builder`. `data` and `defines` are for templates, `cache` keeps parsed files in the user's
    cache folder. Raises UsageError and DefinitionError, or a group of them.
    """
    host = host or this_machine()
    names = tuple(os.fspath(part) for part in parts if not isinstance(part, Mapping))
    files = stages.Files(names, tuple(data), tuple(defines))
    reading = stages.Reading(
        variables or {},
        strict,
        os.path.join(cache_folder(host), "syntax") if cache else None,
        command_context,
    )
    if url:
        return _load_remote(url, files, reading, builder, host)
    texts = iter(stages.sources(files, host, read_stdin) if names or not parts else ())
    made = [_source(part, host) if isinstance(part, Mapping) else next(texts) for part in parts]
    return stages.load([*made, *texts], host, reading)


def define(*parts: Target | Group) -> Definition:
    """The definition of targets and groups that were made in Python. Their fields are taken as they are:
    nothing is evaluated in them."""
    return Definition.trusted().with_(*parts)


def select(
    definition: Definition, *names: str, host: Host | None = None, **choices: Unpack[Choices]
) -> Definition:
    """What is to be built of `definition`: the targets and groups that `names` (or patterns) stand for, the
    group `default` without any, resolved and changed by `choices`, with what they link to.

    Raises UsageError for names and choices, DefinitionError for the files, or a group of them.
    """
    host = host or this_machine()
    overrides = choices.get("set", ())
    texts = (
        [f"{key}={value}" for key, value in overrides.items()]
        if isinstance(overrides, Mapping)
        else overrides
    )
    selection = Selection(
        targets=names,
        overrides=tuple(texts),
        push=choices.get("push", False),
        load=choices.get("load", False),
        call=choices.get("call", ""),
        no_cache=choices.get("no_cache"),
        pull=choices.get("pull"),
        sbom=choices.get("sbom", ""),
        provenance=choices.get("provenance", ""),
        policy=tuple(choices.get("policy", ())),
        remote=definition.root,
        strict=choices.get("strict", False),
    )
    return stages.select(definition, selection, host)


def _source(part: Mapping[str, Any], host: Host) -> Source:
    return Source(PYTHON, json.dumps(part, indent=2), "json", directory=host.working_directory)


def fetch(url: str, files: stages.Files, host: Host, builder: str = "") -> Fetched:
    """The texts of a remote definition, fetched by the builder called `builder`.

    Raises UsageError for a malformed URL and files that are not there, BuilderError.
    """
    from bake.api import building, remote

    reader = stages.reader(files, host, read_stdin)
    with building.connected(host, builder) as connection:
        return remote.fetch(url, stages.names_of(files, host), connection, reader)


def _load_remote(url: str, files: stages.Files, reading: Reading, builder: str, host: Host) -> Definition:
    found = fetch(url, files, host, builder)
    whole = stages.load(found.sources, host, reading)
    return whole.model_copy(update={"url": url, "root": found.root})
