"""The building half of `pybake bake`: progress while it runs, results after it, Ctrl-C in between."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bake.api import building, calls
from bake.api.building import Cancellation
from bake.api.library import connect, noting_warnings
from bake.api.tracing import traced
from bake.cli import reporting
from bake.cli.builder_options import shown
from bake.cli.consent import obtain
from bake.cli.options import asked_call
from bake.cli.run_options import balances, rules
from bake.errors import UsageError
from bake.progress import Event, Note, Summary
from bake.ui.display import MODES, Pump, make_display, summarizes
from bake.ui.snippets import framed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.api.building import Connection, Outcome, Plan, Settings
    from bake.api.definition import Definition
    from bake.api.outcome import Result
    from bake.api.tracing import Tracing
    from bake.host import Host
    from bake.progress import Emit, VertexWarning
    from bake.ui.display import Display


def build(definition: Definition, options: Mapping[str, Any], host: Host) -> int:
    """Build everything in `definition` (selected) and show it. Raises what a person must act on."""
    with traced(host, " ".join(["bake", *options["targets"]])) as tracing:
        result = _build(definition, options, host, tracing)
        result.raise_errors()
    called = calls.found(result.outcome, definition, asked_call(options), framed)
    sys.stdout.write(called.text + calls.messages(result.outcome))
    return called.exit_code


def _build(definition: Definition, options: Mapping[str, Any], host: Host, tracing: Tracing | None) -> Result:
    """Build, and write the files that tell of it."""
    mode = progress_mode(options["progress"], host)
    reports = reporting.wanted(options["report"], host)
    settings = building.Settings(rules=rules(options), stdout=sys.stdout.buffer)
    with shown(mode) as emit:
        connected = connect(options["builder"] or "", host=host, on_event=emit, balance=balances(options))
    with connected as builder:
        plan = builder.plan(definition)
        missing = builder.missing_privileges(plan, options["allow"])
        obtain(missing, mode)
        allow = [*options["allow"], *(one.flag for one in missing)]
        display = make_display(mode, sys.stderr, time.time, builder.description, host.environment)
        summarized = summarizes(mode, sys.stderr, len(plan.definition.targets))
        settings = replace(settings, summary=summarized or bool(reports))
        if tracing:
            tracing.delegate([builder.client(node.name) for node in builder.nodes])
            settings = replace(settings, traceparent=tracing.traceparent)
        recorder = reporting.recorder(builder, plan) if reports else None
        cancellation = Cancellation()
        with Pump(display) as emit, canceled_by_signals(cancellation, emit):
            telling = told(emit, tuple(filter(None, (recorder, tracing))), summarized=summarized)
            result = builder.start(
                plan, allow=allow, on_event=telling, settings=settings, cancellation=cancellation
            ).wait()
        if recorder:
            reporting.write(reports, recorder)
        if options["metadata_file"] and result.outcome.counts:
            builder.write_metadata(options["metadata_file"], plan, result)
    return result


def told(emit: Emit, recorders: Sequence[Emit], *, summarized: bool) -> Emit:
    """Tells `recorders` everything, and the display behind `emit` all but a summary that it does not show."""

    def tell(event: Event) -> None:
        for recorder in recorders:
            recorder(event)
        if summarized or not isinstance(event.body, Summary):
            emit(event)

    return tell if recorders else emit


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
