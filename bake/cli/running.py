"""What `pybake bake` does with its options: definition, print or list or build, results."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from bake.cli.options import asked_call
from bake.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.api.definition import Definition, Files, Selection
    from bake.api.remote import Fetched, Words
    from bake.host import Host


def bake(options: Mapping[str, Any]) -> int:
    """Run the command; `options` are click's, by their long names."""
    from bake.api import definition as stages
    from bake.api import remote
    from bake.api.machine import this_machine

    if options["printing"] and options["listing"]:
        raise UsageError("--print and --list are mutually exclusive")
    host = this_machine(os.environ)
    words = remote.split(options["targets"])
    definition, root = _definition(options, words, host)
    if options["listing"]:
        return _list(definition, options["listing"])
    selected = stages.select(definition, _selection(options, words.targets, root), host)
    stages.check(selected, host, terminal=sys.stdout.isatty())
    if options["printing"]:
        return _print(selected)
    from bake.cli.building import Remote, build

    return build(selected, options, host, Remote(bool(words.url), root))


def _definition(options: Mapping[str, Any], words: Words, host: Host) -> tuple[Definition, str]:
    """The definition, and the URL that its contexts are inside of, "" for this machine."""
    from bake.api import definition as stages
    from bake.api.machine import cache_folder

    files = stages.Files(options["files"], options["data"], options["define"])
    reading = stages.Reading(
        stages.variables_from(options["variables"]),
        bool(options["strict"]),
        os.path.join(cache_folder(host), "syntax"),
        words.command_context,
    )
    if not words.url:
        return stages.load(stages.sources(files, host, sys.stdin.buffer.read), host, reading), ""
    found = _fetch(words.url, files, options, host)
    return stages.load(found.sources, host, reading), found.root


def _fetch(url: str, files: Files, options: Mapping[str, Any], host: Host) -> Fetched:
    from bake.api import building, remote
    from bake.api import definition as stages

    reader = stages.reader(files, host, sys.stdin.buffer.read)
    with building.connected(host, options["builder"] or "") as connection:
        return remote.fetch(url, stages.names_of(files, host), connection, reader)


def _selection(options: Mapping[str, Any], targets: tuple[str, ...], root: str) -> Selection:
    from bake.api.definition import Selection

    return Selection(
        targets=targets,
        remote=root,
        overrides=options["overrides"],
        push=bool(options["push"]),
        load=bool(options["load"]),
        call=asked_call(options),
        no_cache=options["no_cache"],
        pull=options["pull"],
        sbom=options["sbom"] or "",
        provenance=options["provenance"] or "",
        policy=options["policy"],
        strict=bool(options["strict"]),
    )


def _list(definition: Definition, wanted: str) -> int:
    from bake.api.definition import listed

    _warn(definition.warnings)
    print(listed(definition, wanted))
    return ExitCode.OK


def _print(definition: Definition) -> int:
    from bake.api.definition import printed

    _warn(definition.warnings)
    print(printed(definition))
    return ExitCode.OK


def _warn(warnings: Sequence[Any]) -> None:
    """Faults that stop nobody, on standard error."""
    for warning in warnings:
        hint = f"\n  {warning.hint}" if warning.hint else ""
        sys.stderr.write(f"WARNING: {warning}{hint}\n")
