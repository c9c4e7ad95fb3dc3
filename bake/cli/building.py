"""How a plan is carried out by a command: progress while it runs, results after it, Ctrl-C in between."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bake.api import building, calls
from bake.api.building import Cancellation
from bake.api.library import connect
from bake.api.tracing import traced
from bake.cli import reporting
from bake.cli.builder_options import shown
from bake.cli.consent import obtain
from bake.cli.options import progress_mode
from bake.cli.run_options import balances, rules
from bake.progress import Event, Note, Summary
from bake.record import record
from bake.ui.display import Pump, make_display, summarizes
from bake.ui.snippets import framed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.api.building import Settings
    from bake.api.definition import Definition
    from bake.api.library import Builder, Plan
    from bake.api.outcome import Result
    from bake.api.tracing import Tracing
    from bake.cli.reporting import Wanted
    from bake.host import Host
    from bake.progress import Emit


@record
class Telling:
    """Who is told of a run: the display called `mode`, the `reports`, and the trace that it is part of."""

    mode: str
    reports: Sequence[Wanted] = ()
    tracing: Tracing | None = None


def build(definition: Definition, options: Mapping[str, Any], host: Host) -> int:
    """Build everything in `definition` (selected) and show it. Raises what a person must act on."""
    with traced(host, " ".join(["bake", *options["targets"]])) as tracing:
        result = _build(definition, options, host, tracing)
        result.raise_errors()
    called = calls.found(result.outcome, definition, options["call"], framed)
    sys.stdout.write(called.text + calls.messages(result.outcome))
    return called.exit_code


def _build(definition: Definition, options: Mapping[str, Any], host: Host, tracing: Tracing | None) -> Result:
    """Build, and write the files that tell of it."""
    mode = progress_mode(options["progress"], host)
    telling = Telling(mode, reporting.wanted(options["report"], host), tracing)
    settings = building.Settings(rules=rules(options), stdout=sys.stdout.buffer)
    with shown(mode) as emit:
        connected = connect(options["builder"] or "", host=host, on_event=emit, balance=balances(options))
    with connected as builder:
        plan = builder.plan(definition)
        missing = builder.missing_privileges(plan, options["allow"])
        obtain(missing, mode)
        allow = [*options["allow"], *(one.flag for one in missing)]
        result = carry_out(builder, plan, telling, settings, allow)
        if options["metadata_file"] and result.outcome.counts:
            builder.write_metadata(options["metadata_file"], plan, result)
    return result


def carry_out(
    builder: Builder, plan: Plan, telling: Telling, settings: Settings, allow: Sequence[str]
) -> Result:
    """Build what was planned, shown as `telling` says; Ctrl-C cancels it. Failures are in the result.

    Raises what `Builder.start` and `Run.wait` raise, and ExportError for a report.
    """
    display = make_display(telling.mode, sys.stderr, time.time, builder.description, builder.host.environment)
    summarized = summarizes(telling.mode, sys.stderr, len(plan.definition.targets))
    settings = replace(settings, summary=summarized or bool(telling.reports))
    tracing = telling.tracing
    if tracing:
        tracing.delegate([builder.client(node.name) for node in builder.nodes])
        settings = replace(settings, traceparent=tracing.traceparent)
    recorder = reporting.recorder(builder, plan) if telling.reports else None
    cancellation = Cancellation()
    with Pump(display) as emit, canceled_by_signals(cancellation, emit):
        tell = told(emit, tuple(filter(None, (recorder, tracing))), summarized=summarized)
        run = builder.start(plan, allow=allow, on_event=tell, settings=settings, cancellation=cancellation)
        result = run.wait()
    if recorder:
        reporting.write(telling.reports, recorder)
    return result


def told(emit: Emit, recorders: Sequence[Emit], *, summarized: bool) -> Emit:
    """Tells `recorders` everything, and the display behind `emit` all but a summary that it does not show."""

    def tell(event: Event) -> None:
        for recorder in recorders:
            recorder(event)
        if summarized or not isinstance(event.body, Summary):
            emit(event)

    return tell if recorders else emit


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
