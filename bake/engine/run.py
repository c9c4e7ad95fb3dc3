"""`run`: a plan carried out. The scheduler decides, this does; a thread for each running Solve.

Takes a `Plan`, a client for each node, a function that is told everything as `Event`s, and options; gives
an `Outcome`. Its rule: one thread, the caller's, talks to the scheduler; the others post facts to it.
Failures of builds are part of the outcome; anything else that goes wrong in a thread is raised here.
"""

from __future__ import annotations

import threading
import time
from dataclasses import field, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from bake.engine import decisions
from bake.engine.attachments import Attachments, Means
from bake.engine.cancellation import Cancellation
from bake.engine.facts import (
    Broken,
    CancelWished,
    Evaluated,
    Failed,
    Finished,
    Published,
    Registered,
    Started,
)
from bake.engine.outcome import Outcome, TargetResult
from bake.engine.preparing import held, results_for, rules_of
from bake.engine.schedule import Rules, Schedule, Task
from bake.engine.serving import Node
from bake.engine.states import ENDED, State
from bake.errors import BakeError, BuilderError, Failure, SolveError, TimeoutExceeded
from bake.progress import Event, Note, Phase, TargetPhase
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bake.buildkit.client import Client
    from bake.buildkit.solve import RunningSolve
    from bake.engine.decisions import Decision
    from bake.engine.facts import Fact
    from bake.plan.records import Join, Plan
    from bake.progress import Emit, SolveStatus
    from bake.solve import Solve, SolveKey, SolveResult

    Publisher: TypeAlias = Callable[[Join, Sequence[SolveResult]], Mapping[str, str]]


def first_response(join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:  # noqa: ARG001
    """The response of a target that one Solve made: there is nothing to join."""
    return results[0].response


@record
class RunOptions:
    """How to run.

    `publish` joins the results of a target once all of them are there, pushes what is pushed afterwards,
    and gives the response of the whole; it may raise BakeError. `now` gives seconds since the epoch.
    `traceparent` gives the span that BuildKit's spans of a build are below of, "" without one.
    """

    rules: Rules = field(default_factory=Rules)
    means: Means = field(default_factory=Means)
    publish: Publisher = first_response
    node_id: str = ""
    now: Callable[[], float] = time.time
    traceparent: Callable[[Solve], str] = lambda _solve: ""


def run(
    plan: Plan,
    clients: Mapping[str, Client],
    emit: Emit,
    options: RunOptions | None = None,
    cancellation: Cancellation | None = None,
) -> Outcome:
    """Build everything in `plan`; `clients` are by the node's name. `emit` is called by one thread at a time.

    Returns when nothing runs any more, also after a cancel, unless an engine does not confirm it.
    """
    return _Run(plan, clients, emit, options or RunOptions()).carry_out(cancellation or Cancellation())


class _Run:
    """One run's state, touched by the caller's thread only, but for what is said to be shared."""

    def __init__(self, plan: Plan, clients: Mapping[str, Client], emit: Emit, options: RunOptions) -> None:
        self._plan = plan
        self._options = options
        self._solves = {key: held(solve) for key, solve in plan.solves.items()}
        self._targets = results_for(plan)
        self._emit_event = emit
        self._emitting = threading.Lock()
        self._facts: SimpleQueue[Fact] = SimpleQueue()
        tasks = [Task(key, solve.node, plan.inputs(key)) for key, solve in plan.solves.items()]
        publish = {target: join.solves for target, join in plan.joins.items()}
        self._schedule = Schedule(tasks, rules_of(plan, options.rules), publish)
        self._nodes = {
            name: Node(
                client,
                [one for one in self._solves.values() if one.node == name],
                options.means,
                options.node_id,
            )
            for name, client in clients.items()
        }
        self._running: dict[SolveKey, RunningSolve] = {}
        self._to_cancel: set[SolveKey] = set()
        self._overdue: set[SolveKey] = set()
        self._results: dict[SolveKey, SolveResult] = {}
        self._responses: dict[str, Mapping[str, str]] = {}
        self._errors: dict[str, BakeError] = {}
        self._skipped: dict[str, str] = {}
        self._lost: dict[SolveKey, BakeError] = {}
        self._failure: BakeError | None = None
        self._canceled = False
        self._abandoned = False

    def carry_out(self, cancellation: Cancellation) -> Outcome:
        for key in self._solves:
            self._phase(key, Phase.WAITING)
        cancellation.on_cancel(lambda: self._facts.put(CancelWished()))
        try:
            self._apply(self._schedule.tick(self._clock()))
            while not self._schedule.over:
                self._apply(self._next())
        finally:
            for node in self._nodes.values():
                node.close()
        return self._outcome()

    def _next(self) -> list[Decision]:
        """The decisions that follow from the next fact, or from the time."""
        wake = self._schedule.next_time
        try:
            fact = self._facts.get(timeout=None if wake is None else max(0.0, wake - self._clock()))
        except Empty:
            return self._schedule.tick(self._clock())
        return self._learn(fact)

    _clock = staticmethod(time.monotonic)

    def _learn(self, fact: Fact) -> list[Decision]:
        now = self._clock()
        match fact:
            case Started(key, running):
                self._running[key] = running
                if key in self._to_cancel:
                    running.cancel()
            case Registered(key):
                return self._schedule.registered(key, now)
            case Evaluated(key):
                return self._schedule.evaluated(key, now)
            case Finished(key, result):
                return self._finish(key, result, now)
            case Failed(key, error, lost):
                return self._lose(key, error, now) if lost else self._fail(key, error, now)
            case Published(target, response, error):
                return self._publish_ended(target, response, error, now)
            case CancelWished():
                self._canceled = True
                return self._schedule.cancel(now)
            case Broken(error):
                for running in self._running.values():
                    running.cancel()
                raise error
        return []

    def _finish(self, key: SolveKey, result: SolveResult, now: float) -> list[Decision]:
        decisions = self._schedule.finished(key, now)
        if self._schedule.state(key) is State.DONE:
            self._to_cancel.discard(key)
            self._results[key] = result
            self._phase(key, Phase.FINISHED)
        self._forget(key)
        return decisions

    def _forget(self, key: SolveKey) -> None:
        """What has ended is kept only for those that may link to it: it holds all its calls."""
        if not self._plan.solves[key].linked:
            self._running.pop(key, None)

    def _fail(self, key: SolveKey, error: BakeError, now: float) -> list[Decision]:
        if self._schedule.state(key) in ENDED:
            return []
        self._to_cancel.discard(key)
        if key in self._overdue:
            error = TimeoutExceeded(self._options.rules.timeout)
        decisions = self._schedule.failed(key, error.failure, now, permanent=error.permanent)
        self._failure = error
        self._show_end(key, error)
        self._forget(key)
        return decisions

    def _lose(self, key: SolveKey, error: BakeError, now: float) -> list[Decision]:
        """The node is gone: what it was to build may be built elsewhere."""
        decisions = self._schedule.lost(key, now)
        self._to_cancel.discard(key)
        if self._schedule.state(key) is State.FAILED:
            self._mark_lost(key, error)
        else:
            self._show_end(key, error)
        return decisions

    def _mark_lost(self, key: SolveKey, error: BakeError) -> None:
        self._lost[key] = error
        self._phase(key, Phase.RETRYING, error)

    def _show_end(self, key: SolveKey, error: BakeError) -> None:
        state = self._schedule.state(key)
        if state is State.FAILED:
            for target in self._targets[key]:
                self._keep_error(target, error)
            self._phase(key, Phase.FAILED, error)
        elif state is State.CANCELED:
            self._phase(key, Phase.CANCELED)
        elif state is State.WAITING:
            self._phase(key, Phase.RETRYING, error)

    def _publish_ended(
        self, target: str, response: Mapping[str, str], error: BakeError | None, now: float
    ) -> list[Decision]:
        if error is None:
            self._responses[target] = response
        else:
            self._keep_error(target, error)
            self._phase(self._plan.joins[target].solves[0], Phase.FAILED, error)
        return self._schedule.published(target, now, well=error is None)

    def _keep_error(self, target: str, error: BakeError) -> None:
        if len(self._plan.joins) > 1:
            error.target = error.target or target
        self._errors[target] = error

    def _apply(self, wanted: Iterable[Decision]) -> None:
        for decision in wanted:
            match decision:
                case decisions.Start(key):
                    self._phase(key, Phase.STARTED)
                    self._spawn(self._work, key, self._inputs(key))
                case decisions.Release(key):
                    self._running[key].release()
                case decisions.Export(key):
                    self._running[key].export()
                case decisions.Cancel(key):
                    self._cancel(key)
                case decisions.Expire(key):
                    self._overdue.add(key)
                    self._cancel(key)
                case decisions.Abandon(key):
                    self._abandon(key)
                case decisions.Skip(key, because):
                    self._skip(key, because)
                case decisions.Publish(target):
                    join = self._plan.joins[target]
                    self._spawn(self._publish, join, [self._results[key] for key in join.solves])
                case decisions.Retry(key, _, attempt):
                    self._tell_retry(key, attempt)

    def _inputs(self, key: SolveKey) -> dict[str, RunningSolve]:
        return {link.context: self._running[link.solve] for link in self._solves[key].links}

    def _cancel(self, key: SolveKey) -> None:
        self._to_cancel.add(key)
        running = self._running.get(key)
        if running is not None:
            running.cancel()

    def _skip(self, key: SolveKey, because: SolveKey) -> None:
        failed = self._solves[because].target
        if because in self._lost:
            self._mark_lost(key, self._lost[because])
            return
        self._skipped.update(dict.fromkeys(self._targets[key], failed))
        self._phase(key, Phase.SKIPPED, reason=f"`{failed}` failed")

    def _abandon(self, key: SolveKey) -> None:
        """Say once that an engine was left to itself; a task that was to go on has failed by that."""
        if not self._abandoned:
            self._abandoned = True
            text = f"no engine confirmed within {self._options.rules.patience:g} s that the build has stopped"
            self._emit(Event(Note(text, warning=True)))
        late = TimeoutExceeded(self._options.rules.timeout) if key in self._overdue else _silent()
        self._show_end(key, late)

    def _tell_retry(self, key: SolveKey, attempt: int) -> None:
        solve, rules = self._solves[key], self._options.rules
        delay = rules.delay(attempt - 1)
        text = f"`{solve.target}` is tried again in {delay:.1f} s, attempt {attempt} of {rules.attempts}"
        self._emit(_event(solve, Note(f"{text}: {self._failure}", warning=True)))

    def _outcome(self) -> Outcome:
        results = {}
        for target, join in self._plan.joins.items():
            done = tuple(self._results[key] for key in join.solves if key in self._results)
            if len(done) == len(join.solves) and target not in self._errors:
                results[target] = TargetResult(target, done, self._responses.get(target, done[0].response))
        return Outcome(
            results,
            self._errors,
            self._skipped,
            self._canceled,
            self._options.rules.keep_going,
            {target: error for key, error in self._lost.items() for target in self._targets[key]},
            frozenset(self._solves[key].node for key in self._lost),
        )

    # in threads of their own: these touch nothing of the run but the facts, and emit

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        def guarded() -> None:
            try:
                work(*arguments)
            except BaseException as exc:
                self._facts.put(Broken(exc))

        threading.Thread(target=guarded, name=work.__name__.strip("_"), daemon=True).start()

    def _work(self, key: SolveKey, inputs: Mapping[str, RunningSolve]) -> None:
        try:
            self._facts.put(Finished(key, self._build(self._solves[key], inputs)))
        except BakeError as exc:
            self._facts.put(Failed(key, exc, self._is_lost(self._solves[key].node, exc)))

    def _is_lost(self, node: str, error: BakeError) -> bool:
        """Whether the node is gone while others are left. One whose connection broke answers again."""
        if error.failure is not Failure.CONNECTION or len(self._nodes) < 2 or self._plan.elsewhere is None:
            return False
        try:
            self._nodes[node].client.info()
        except BakeError:
            return True
        return False

    def _build(self, solve: Solve, inputs: Mapping[str, RunningSolve]) -> SolveResult:
        from bake.buildkit.solve import Request

        node = self._nodes[solve.node]
        attached = Attachments(solve, self._options.means)
        try:
            for note in attached.notes:
                self._emit(_event(solve, note))
            served = node.serve(solve, attached.methods)
            running = node.client.start(
                Request(
                    attached.solve,
                    methods=served.methods,
                    session=served.files.first if served.files and not served.methods else None,
                    files=served.attrs,
                    inputs=inputs,
                    held=self._schedule.waits_to_export(solve.key),
                    on_status=lambda status: self._emit(_event(solve, status)),
                    traceparent=self._options.traceparent(solve),
                )
            )
            self._facts.put(Started(solve.key, running))
            self._options.means.started(solve, running.ref)
            self._follow(solve, running)
            return attached.finish(running.wait())
        except SolveError as exc:
            if attached.fault:
                raise attached.fault from exc
            raise
        finally:
            attached.close()

    def _follow(self, solve: Solve, running: RunningSolve) -> None:
        """Report the phases of a Solve that is linked, or held before its exports."""
        if solve.linked:
            running.linked()
            self._facts.put(Registered(solve.key))
        if running.held and running.evaluated():
            self._facts.put(Evaluated(solve.key))

    def _publish(self, join: Join, results: Sequence[SolveResult]) -> None:
        try:
            self._facts.put(Published(join.target, self._options.publish(join, results)))
        except BakeError as exc:
            self._facts.put(Published(join.target, {}, exc))

    def _phase(self, key: SolveKey, phase: Phase, error: BakeError | None = None, reason: str = "") -> None:
        body = TargetPhase(phase, self._options.now(), error, reason)
        for target in self._targets[key]:
            self._emit(replace(_event(self._solves[key], body), target=target))

    def _emit(self, event: Event) -> None:
        with self._emitting:
            self._emit_event(event)


def _silent() -> BuilderError:
    return BuilderError("An engine did not confirm that a build has stopped", hint="is it frozen?")


def _event(solve: Solve, body: SolveStatus | TargetPhase | Note) -> Event:
    return Event(body, solve.target, solve.node, tuple(map(str, solve.platforms)))
