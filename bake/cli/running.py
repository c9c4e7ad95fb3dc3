"""What `pybake bake` does with its options: definition, print or list or build, results."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from bake.cli.definition_options import load, select
from bake.cli.options import progress_mode
from bake.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.api.definition import Definition
    from bake.host import Host


def bake(options: Mapping[str, Any]) -> int:
    """Run the command; `options` are click's, by their long names."""
    from bake.api import remote
    from bake.api.definition import check
    from bake.api.machine import this_machine

    listing = _listing(options)
    if options["printing"] and listing:
        raise UsageError("--print and --list are mutually exclusive")
    host = this_machine()
    _check_words(options, host)
    words = remote.split(options["targets"])
    definition = load(options, words, host)
    if listing:
        _warn(definition, options["diagnostics"])
        return _list(definition, listing)
    selected = select(definition, options, words, host)
    check(selected, host, terminal=sys.stdout.isatty())
    _warn(selected, options["diagnostics"])
    if options["printing"]:
        return _print(selected)
    from bake.cli.building import build

    return build(selected, options, host)


def _listing(options: Mapping[str, Any]) -> str:
    """What to list, "" for nothing: buildx still takes the two flags that `--list` has replaced."""
    if options["listing"]:
        return str(options["listing"])
    for what in ("targets", "variables"):
        if options[f"list_{what}"]:
            sys.stderr.write(f"Flag --list-{what} is deprecated, use --list={what} instead\n")
            return what
    return ""


def _check_words(options: Mapping[str, Any], host: Host) -> None:
    """What cannot be meant is refused, whether or not something is built. Raises UsageError."""
    if options["progress"] or "BUILDKIT_PROGRESS" in host.environment:
        progress_mode(options["progress"], host)
    if options["allow"]:
        from bake.api.definition import check_grants

        check_grants(options["allow"])


def _list(definition: Definition, wanted: str) -> int:
    from bake.api.definition import listed

    print(listed(definition, wanted))
    return ExitCode.OK


def _print(definition: Definition) -> int:
    from bake.api.definition import printed

    print(printed(definition))
    return ExitCode.OK


def _warn(definition: Definition, form: str) -> None:
    """Faults that stop nobody, on standard error."""
    if not definition.warnings:
        return
    from bake.diagnostic import diagnostics
    from bake.ui.diagnostics import FORMATS

    sys.stderr.write(FORMATS[form](diagnostics(warnings=definition.warnings)))
