"""What `pybake build` does with its options: one target of them, its build, its id, metadata, call."""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from bake.api import building, calls, results, single
from bake.api import definition as stages
from bake.api.library import connect
from bake.api.machine import this_machine
from bake.api.tracing import traced
from bake.cli import reporting
from bake.cli.builder_options import shown
from bake.cli.building import Telling, carry_out
from bake.cli.options import progress_mode
from bake.cli.run_options import balances, rules
from bake.errors import UsageError
from bake.ui.snippets import framed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.api.outcome import Result
    from bake.api.single import Single
    from bake.host import Host

LIMITS = ("memory", "memory-swap", "cpu-shares", "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems")
"""Options of their own before `--resource` came (commands/build.go, 0.36.1)."""
WITHOUT_EFFECT = {
    "isolation": "isolation flag is deprecated with BuildKit.",
    "security_opt": "security-opt flag is deprecated. "
    '"RUN --security=insecure" should be used with BuildKit.',
    "squash": "experimental flag squash is removed with BuildKit. You should squash inside build using a "
    "multi-stage Dockerfile for efficiency.",
}
SILENT = ("quiet", "none")


def build(options: Mapping[str, Any]) -> int:
    """Run the command; `options` are click's, by their long names."""
    host = this_machine()
    for name, text in WITHOUT_EFFECT.items():
        if options[name]:
            sys.stderr.write(f"WARNING: {text}\n")
    mode = _mode(options, host)
    call = options["printed"] or options["call"]
    asked = _asked(options, call)
    telling = Telling(mode, reporting.wanted(options["report"], host))
    if asked.iidfile:
        results.remove_image_id(asked.iidfile)
    with (
        single.made(asked, host, sys.stdin.buffer) as made,
        traced(host, f"build {asked.context}") as tracing,
    ):
        stages.check(made.definition, host, terminal=sys.stdout.isatty())
        return _build(made, options, host, replace(telling, tracing=tracing), call)


def _build(made: Single, options: Mapping[str, Any], host: Host, telling: Telling, call: str) -> int:
    place = os.path.abspath(os.path.join(host.working_directory, options["contexts"][0]))
    settings = building.Settings(rules(options), sys.stdout.buffer, made.uploads)
    with shown(telling.mode) as emit:
        connected = connect(
            options["builder"] or "", host=host, on_event=emit, balance=balances(options), place=place
        )
    with connected as builder:
        made = single.with_remote_dockerfile(made, builder)
        plan = builder.plan(made.definition, cgroup_parent=options["cgroup_parent"] or "")
        # what a person names on the command line is allowed by that
        allow = [one.flag for one in builder.missing_privileges(plan)]
        result = carry_out(builder, plan, telling, settings, allow)
        result.raise_errors()
        if options["iidfile"]:
            results.write_image_id(options["iidfile"], result.outcome.results[single.NAME].response)
        if options["metadata_file"]:
            builder.write_metadata_alone(options["metadata_file"], plan, result)
    return _tell(made, result, options, call)


def _tell(made: Single, result: Result, options: Mapping[str, Any], call: str) -> int:
    """Say what came of it."""
    built = result.outcome.results[single.NAME]
    if _says_id(options) and made.definition.targets[single.NAME].call is None:
        print(results.image_id(built.response))
    called = calls.found_alone(built, call, framed, made.dockerfile)
    sys.stdout.write(called.text + calls.message_alone(built))
    if called.error:
        sys.stderr.write(f"ERROR: {called.error}\n")
    return called.exit_code


def _asked(options: Mapping[str, Any], call: str) -> single.Build:
    contexts = options["contexts"]
    if len(contexts) != 1:
        raise UsageError(
            "pybake build requires 1 argument",
            detail=f"{len(contexts)} were given",
            hint='give it a context, "pybake build ." for the current directory; '
            "see 'pybake build --help' for its options",
        )
    limits = [f"{name}={value}" for name in LIMITS if (value := options[name.replace("-", "_")]) is not None]
    given = {field.name: options[field.name] for field in fields(single.Build) if options.get(field.name)}
    given |= {"call": call, "resource": (*limits, *options["resource"]), "context": contexts[0]}
    return single.Build(**given)


def _says_id(options: Mapping[str, Any]) -> bool:
    """`--progress=none` is as silent, but does not say the image's id at the end."""
    return bool(options["quiet"]) or options["progress"] == "quiet"


def _mode(options: Mapping[str, Any], host: Host) -> str:
    """The display's name. Raises UsageError."""
    if not options["quiet"]:
        return progress_mode(options["progress"], host)
    asked = options["progress"] or "auto"
    if asked not in ("auto", *SILENT):
        raise UsageError(f"progress={asked} and quiet cannot be used together")
    return "quiet"
