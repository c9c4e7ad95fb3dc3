"""`run`: a plan carried out. The scheduler decides, this does; a thread for each running Solve.

Takes a `Plan`, a client for each node, a function that is told everything as `Event`s, and options; gives
an `Outcome`. Its rule: one thread, the caller's, talks to the scheduler; the others post facts to it.
Failures of builds are part of the outcome; anything else that goes wrong in a thread is raised here.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from bake.engine import schedule
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
from bake.engine.schedule import Rules, Schedule, State, Task
from bake.engine.serving import Node
from bake.errors import BakeError
from bake.progress import Event, Note, Phase, TargetPhase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bake.buildkit.client import Client
    from bake.buildkit.solve import RunningSolve
    from bake.engine.facts import Fact
    from bake.engine.schedule import Decision
    from bake.plan.records import Join, Plan
    from bake.progress import Emit, SolveStatus
    from bake.solve import Solve, SolveKey, SolveResult

    Publisher: TypeAlias = Callable[[Join, Sequence[SolveResult]], Mapping[str, str]]


def first_response(join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:  # noqa: ARG001
    """The response of a target that one Solve made: there is nothing to join."""
    return results[0].response


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    `publish` joins the results of a target once all of them are there, pushes what is pushed afterwards,
    and gives the response of the whole; it may raise BakeError. `now` gives seconds since the epoch.
    `patience` is how many seconds engines have to confirm a cancel, before they are left to themselves.
    """

    rules: Rules = field(default_factory=Rules)
    means: Means = field(default_factory=Means)
    publish: Publisher = first_response
    node_id: str = ""
    now: Callable[[], float] = time.time
    patience: float = 10.0


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
        self._solves = {key: _held(solve) for key, solve in plan.solves.items()}
        self._emit_event = emit
        self._emitting = threading.Lock()
        self._facts: SimpleQueue[Fact] = SimpleQueue()
        tasks = [Task(key, solve.node, plan.inputs(key)) for key, solve in plan.solves.items()]
        publish = {target: join.solves for target, join in plan.joins.items()}
        self._schedule = Schedule(tasks, options.rules, publish)
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
        self._results: dict[SolveKey, SolveResult] = {}
        self._responses: dict[str, Mapping[str, str]] = {}
        self._errors: dict[str, BakeError] = {}
        self._skipped: dict[str, str] = {}
        self._canceled = False
        self._patience_ends: float | None = None

    def carry_out(self, cancellation: Cancellation) -> Outcome:
        for key in self._solves:
            self._phase(key, Phase.WAITING)
        cancellation.on_cancel(lambda: self._facts.put(CancelWished()))
        try:
            self._apply(self._schedule.tick(self._clock()))
            while not self._schedule.over and not self._is_abandoned:
                self._apply(self._next())
        finally:
            for node in self._nodes.values():
                node.close()
        return self._outcome()

    @property
    def _is_abandoned(self) -> bool:
        """Whether an engine was asked to stop long ago and says nothing: it may be frozen."""
        return self._patience_ends is not None and self._clock() >= self._patience_ends

    def _next(self) -> list[Decision]:
        """The decisions that follow from the next fact, or from the time."""
        times = (self._schedule.next_time, self._patience_ends)
        wake = min((one for one in times if one is not None), default=None)
        try:
            fact = self._facts.get(timeout=None if wake is None else max(0.0, wake - self._clock()))
        except Empty:
            return self._schedule.tick(self._clock())
        return self._learn(fact)

    @staticmethod
    def _clock() -> float:
        return time.monotonic()

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
                self._to_cancel.discard(key)
                self._results[key] = result
                self._phase(key, Phase.FINISHED)
                return self._schedule.finished(key, now)
            case Failed(key, error):
                return self._fail(key, error, now)
            case Published(target, response, error):
                return self._publish_ended(target, response, error, now)
            case CancelWished():
                self._canceled = True
                self._patience_ends = now + self._options.patience
                return self._schedule.cancel(now)
            case Broken(error):
                self._stop_all()
                raise error
        return []

    def _fail(self, key: SolveKey, error: BakeError, now: float) -> list[Decision]:
        self._to_cancel.discard(key)
        decisions = self._schedule.failed(key, error.failure, now)
        state = self._schedule.state(key)
        if state is State.FAILED:
            self._keep_error(self._solves[key].target, error)
            self._phase(key, Phase.FAILED, error)
        elif state is State.CANCELED:
            self._phase(key, Phase.CANCELED)
        elif state is State.WAITING:
            self._phase(key, Phase.RETRYING, error)
        return decisions

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
            error.target = target
        self._errors[target] = error

    def _stop_all(self) -> None:
        for running in self._running.values():
            running.cancel()

    def _apply(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            match decision:
                case schedule.Start(key):
                    self._phase(key, Phase.STARTED)
                    self._spawn(self._work, key, self._inputs(key))
                case schedule.Release(key):
                    self._running[key].release()
                case schedule.Cancel(key):
                    self._cancel(key)
                case schedule.Skip(key, because):
                    failed = self._solves[because].target
                    self._skipped[self._solves[key].target] = failed
                    self._phase(key, Phase.SKIPPED, reason=f"`{failed}` failed")
                case schedule.Publish(target):
                    join = self._plan.joins[target]
                    self._spawn(self._publish, join, [self._results[key] for key in join.solves])
                case schedule.Retry():
                    pass

    def _inputs(self, key: SolveKey) -> dict[str, RunningSolve]:
        return {link.context: self._running[link.solve] for link in self._solves[key].links}

    def _cancel(self, key: SolveKey) -> None:
        self._to_cancel.add(key)
        running = self._running.get(key)
        if running is not None:
            running.cancel()

    def _outcome(self) -> Outcome:
        if self._is_abandoned and not self._schedule.over:
            text = f"no engine confirmed within {self._options.patience:g} s that the build has stopped"
            self._emit(Event(Note(text, warning=True)))
        results = {}
        for target, join in self._plan.joins.items():
            done = tuple(self._results[key] for key in join.solves if key in self._results)
            if len(done) == len(join.solves) and target not in self._errors:
                results[target] = TargetResult(target, done, self._responses.get(target, done[0].response))
        return Outcome(results, self._errors, self._skipped, self._canceled)

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
            self._facts.put(Failed(key, exc))

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
                    on_status=lambda status: self._emit(_event(solve, status)),
                )
            )
            self._facts.put(Started(solve.key, running))
            self._follow(solve, running)
            return attached.finish(running.wait())
        finally:
            attached.close()

    def _follow(self, solve: Solve, running: RunningSolve) -> None:
        """Report the phases of a linked Solve."""
        if solve.linked:
            running.linked()
            self._facts.put(Registered(solve.key))
            if running.evaluated():
                self._facts.put(Evaluated(solve.key))

    def _publish(self, join: Join, results: Sequence[SolveResult]) -> None:
        try:
            self._facts.put(Published(join.target, self._options.publish(join, results)))
        except BakeError as exc:
            self._facts.put(Published(join.target, {}, exc))

    def _phase(self, key: SolveKey, phase: Phase, error: BakeError | None = None, reason: str = "") -> None:
        self._emit(_event(self._solves[key], TargetPhase(phase, self._options.now(), error, reason)))

    def _emit(self, event: Event) -> None:
        with self._emitting:
            self._emit_event(event)


def _held(solve: Solve) -> Solve:
    """Whoever takes part in a link is held until the scheduler releases it."""
    return replace(solve, linked=True) if solve.links else solve


def _event(solve: Solve, body: SolveStatus | TargetPhase | Note) -> Event:
    return Event(body, solve.target, solve.node, tuple(map(str, solve.platforms)))
