"""The building half of `pybake bake`: progress while it runs, results after it, Ctrl-C in between."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bake.api import building, calls, results
from bake.api.building import Cancellation
from bake.cli.consent import obtain
from bake.cli.options import asked_call
from bake.cli.run_options import rules
from bake.errors import UsageError
from bake.progress import Event, Note, SolveStatus
from bake.ui.display import MODES, Pump, make_display, summarizes
from bake.ui.snippets import framed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.api.building import Connection, Outcome, Plan, Settings
    from bake.api.definition import Definition
    from bake.host import Host
    from bake.progress import Emit, VertexWarning
    from bake.ui.display import Display


@dataclass(frozen=True, slots=True)
class Remote:
    """Whether a definition came from elsewhere, and the URL that its contexts are inside of, if they are."""

    definition: bool = False
    root: str = ""


def build(definition: Definition, options: Mapping[str, Any], host: Host, remote: Remote) -> int:
    """Build everything in `definition` (selected) and show it. Raises what a person must act on."""
    mode = progress_mode(options["progress"], host)
    settings = building.Settings(rules=rules(options), stdout=sys.stdout.buffer)
    with building.connected(host, options["builder"] or "") as connection:
        plan = building.plan(definition, connection, host, remote=remote.root)
        obtain(
            building.missing_privileges(plan, definition, options["allow"], host, remote=remote.definition),
            mode,
        )
        display = make_display(mode, sys.stderr, time.time, connection.description, host.environment)
        settings = replace(settings, summary=summarizes(mode, sys.stderr, len(plan.joins)))
        outcome, warnings = carry_out(plan, connection, display, settings)
        if options["metadata_file"] and outcome.counts:
            results.write_metadata(
                options["metadata_file"],
                results.responses(outcome, plan, connection),
                told_warnings(warnings, host),
            )
        outcome.raise_errors()
    called = calls.found(outcome, definition, asked_call(options), framed)
    sys.stdout.write(called.text + calls.messages(outcome))
    return called.exit_code


def carry_out(
    plan: Plan, connection: Connection, display: Display, settings: Settings
) -> tuple[Outcome, list[VertexWarning]]:
    """Build what was planned, shown on `display`: the outcome and BuildKit's warnings. Ctrl-C cancels it."""
    cancellation = Cancellation()
    warnings: list[VertexWarning] = []
    with Pump(display) as emit, canceled_by_signals(cancellation, emit):
        outcome = building.build(plan, connection, noting_warnings(emit, warnings), settings, cancellation)
    return outcome, warnings


def progress_mode(asked: str | None, host: Host) -> str:
    """The display's name: `--progress`, else BUILDKIT_PROGRESS, else `auto`. Raises UsageError."""
    mode = asked or host.environment.get("BUILDKIT_PROGRESS") or "auto"
    if mode not in MODES:
        raise UsageError(f"invalid progress mode {mode}", detail=f"expected one of {', '.join(MODES)}")
    return mode


@contextmanager
def canceled_by_signals(cancellation: Cancellation, emit: Emit) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks the build to stop, the second one ends the process at once.

    `emit` is called in a signal handler: it may put into a queue, not wait for a lock.
    """

    def stop(number: int, _frame: object) -> None:
        if cancellation.requested:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        cancellation.cancel()
        emit(Event(Note("stopping the build; once more to leave at once")))

    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def noting_warnings(emit: Emit, found: list[VertexWarning]) -> Emit:
    """`emit`, with every warning of BuildKit's put down in `found` on the way, once."""

    def note(event: Event) -> None:
        if isinstance(event.body, SolveStatus):
            found.extend(one for one in event.body.warnings if one not in found)
        emit(event)

    return note


def told_warnings(warnings: Sequence[VertexWarning], host: Host) -> Sequence[VertexWarning]:
    """Those for the metadata file: all of them, if BUILDX_METADATA_WARNINGS asks for them."""
    from bake.cli.arguments import GO_TRUE

    return warnings if host.environment.get("BUILDX_METADATA_WARNINGS") in GO_TRUE else ()
