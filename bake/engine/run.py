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
from bake.engine.attachments import Attachments, Means, credentials, files
from bake.engine.cancellation import Cancellation
from bake.engine.schedule import Rules, Schedule, State, Task
from bake.engine.sharing import split
from bake.errors import BakeError, CanceledError, raise_all
from bake.progress import Event, Note, Phase, TargetPhase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bake.buildkit.client import Client, SharedFiles
    from bake.buildkit.solve import RunningSolve
    from bake.buildkit.stream import Methods
    from bake.engine.schedule import Decision
    from bake.engine.sharing import Split
    from bake.plan.records import Join, Plan
    from bake.progress import Emit, SolveStatus
    from bake.solve import InlineTree, LocalTree, Solve, SolveKey, SolveResult

    Publisher: TypeAlias = Callable[[Join, Sequence[SolveResult]], Mapping[str, str]]


def first_response(join: Join, results: Sequence[SolveResult]) -> Mapping[str, str]:  # noqa: ARG001
    """The response of a target that one Solve made: there is nothing to join."""
    return results[0].response


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    `publish` joins the results of a target once all of them are there, pushes what is pushed afterwards,
    and gives the response of the whole; it may raise BakeError. `now` gives seconds since the epoch.
    """

    rules: Rules = field(default_factory=Rules)
    means: Means = field(default_factory=Means)
    publish: Publisher = first_response
    node_id: str = ""
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What a target gave: one result for each of its Solves, and the response of the whole."""

    target: str
    solves: tuple[SolveResult, ...]
    response: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave. `errors` are by target; `skipped` maps targets to the target that failed."""

    results: Mapping[str, TargetResult]
    errors: Mapping[str, BakeError]
    skipped: Mapping[str, str]
    canceled: bool = False

    def raise_errors(self) -> None:
        """Raise CanceledError after a cancel, else the failure, or a group of them; nothing without one."""
        if self.canceled:
            raise CanceledError()
        raise_all(self.errors.values(), f"{len(self.errors)} targets failed")


def run(
    plan: Plan,
    clients: Mapping[str, Client],
    emit: Emit,
    options: RunOptions | None = None,
    cancellation: Cancellation | None = None,
) -> Outcome:
    """Build everything in `plan`; `clients` are by the node's name. `emit` is called by one thread at a time.

    Returns when nothing runs any more, also after a cancel.
    """
    return _Run(plan, clients, emit, options or RunOptions()).carry_out(cancellation or Cancellation())


@dataclass(frozen=True, slots=True)
class _Started:
    key: SolveKey
    running: RunningSolve


@dataclass(frozen=True, slots=True)
class _Registered:
    key: SolveKey


@dataclass(frozen=True, slots=True)
class _Evaluated:
    key: SolveKey


@dataclass(frozen=True, slots=True)
class _Finished:
    key: SolveKey
    result: SolveResult


@dataclass(frozen=True, slots=True)
class _Failed:
    key: SolveKey
    error: BakeError


@dataclass(frozen=True, slots=True)
class _Published:
    target: str
    response: Mapping[str, str]
    error: BakeError | None = None


@dataclass(frozen=True, slots=True)
class _Broken:
    """A thread ended by something that is no failure of a build: a bug."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class _CancelWished:
    pass


_Fact: TypeAlias = (
    _Started | _Registered | _Evaluated | _Finished | _Failed | _Published | _Broken | _CancelWished
)


class _Run:
    """One run's state, touched by the caller's thread only, but for what is said to be shared."""

    def __init__(self, plan: Plan, clients: Mapping[str, Client], emit: Emit, options: RunOptions) -> None:
        self._plan = plan
        self._options = options
        self._solves = {key: _held(solve) for key, solve in plan.solves.items()}
        self._emit_event = emit
        self._emitting = threading.Lock()
        self._facts: SimpleQueue[_Fact] = SimpleQueue()
        tasks = [Task(key, solve.node, plan.inputs(key)) for key, solve in plan.solves.items()]
        publish = {target: join.solves for target, join in plan.joins.items()}
        self._schedule = Schedule(tasks, options.rules, publish)
        self._nodes = {
            name: _Node(client, [one for one in self._solves.values() if one.node == name], options)
            for name, client in clients.items()
        }
        self._running: dict[SolveKey, RunningSolve] = {}
        self._to_cancel: set[SolveKey] = set()
        self._results: dict[SolveKey, SolveResult] = {}
        self._responses: dict[str, Mapping[str, str]] = {}
        self._errors: dict[str, BakeError] = {}
        self._skipped: dict[str, str] = {}
        self._canceled = False

    def carry_out(self, cancellation: Cancellation) -> Outcome:
        for key in self._solves:
            self._phase(key, Phase.WAITING)
        cancellation.on_cancel(lambda: self._facts.put(_CancelWished()))
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

    @staticmethod
    def _clock() -> float:
        return time.monotonic()

    def _learn(self, fact: _Fact) -> list[Decision]:
        now = self._clock()
        match fact:
            case _Started(key, running):
                self._running[key] = running
                if key in self._to_cancel:
                    running.cancel()
            case _Registered(key):
                return self._schedule.registered(key, now)
            case _Evaluated(key):
                return self._schedule.evaluated(key, now)
            case _Finished(key, result):
                self._to_cancel.discard(key)
                self._results[key] = result
                self._phase(key, Phase.FINISHED)
                return self._schedule.finished(key, now)
            case _Failed(key, error):
                return self._fail(key, error, now)
            case _Published(target, response, error):
                return self._publish_ended(target, response, error, now)
            case _CancelWished():
                self._canceled = True
                return self._schedule.cancel(now)
            case _Broken(error):
                self._stop_all()
                raise error
        return []

    def _fail(self, key: SolveKey, error: BakeError, now: float) -> list[Decision]:
        self._to_cancel.discard(key)
        decisions = self._schedule.failed(key, error.failure, now)
        state = self._schedule.state(key)
        if state is State.FAILED:
            self._errors[self._solves[key].target] = error
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
            self._errors[target] = error
            self._phase(self._plan.joins[target].solves[0], Phase.FAILED, error)
        return self._schedule.published(target, now, well=error is None)

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
                self._facts.put(_Broken(exc))

        threading.Thread(target=guarded, name=work.__name__.strip("_"), daemon=True).start()

    def _work(self, key: SolveKey, inputs: Mapping[str, RunningSolve]) -> None:
        try:
            self._facts.put(_Finished(key, self._build(self._solves[key], inputs)))
        except BakeError as exc:
            self._facts.put(_Failed(key, exc))

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
            self._facts.put(_Started(solve.key, running))
            self._follow(solve, running)
            return attached.finish(running.wait())
        finally:
            attached.close()

    def _follow(self, solve: Solve, running: RunningSolve) -> None:
        """Report the phases of a linked Solve."""
        if solve.linked:
            running.linked()
            self._facts.put(_Registered(solve.key))
            if running.evaluated():
                self._facts.put(_Evaluated(solve.key))

    def _publish(self, join: Join, results: Sequence[SolveResult]) -> None:
        try:
            self._facts.put(_Published(join.target, self._options.publish(join, results)))
        except BakeError as exc:
            self._facts.put(_Published(join.target, {}, exc))

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


@dataclass(frozen=True, slots=True)
class _Served:
    """How one Solve is served: by which methods of its own, by which shared sessions."""

    methods: Methods
    files: SharedFiles | None
    attrs: Mapping[str, str]


class _Node:
    """One node during a run: its client, and the files it has shared. Any thread may call any method."""

    def __init__(self, client: Client, solves: Sequence[Solve], options: RunOptions) -> None:
        self.client = client
        self._options = options
        self._split: dict[SolveKey, Split] = split(solves)
        self._lock = threading.Lock()
        self._shared: SharedFiles | None = None

    def serve(self, solve: Solve, methods: Methods) -> _Served:
        trees = self._split[solve.key]
        shared = self._share() if trees.shared else None
        own = dict(methods)
        if trees.own:
            own |= files(trees.own, self._options.means)
        elif shared is None:
            own |= credentials(self._options.means)
        return _Served(own, shared, shared.attrs(trees.shared) if shared else {})

    def _share(self) -> SharedFiles:
        """The sessions for everything that is shared on this node, opened when they are first needed."""
        with self._lock:
            if self._shared is None:
                wanted = [one.shared for one in self._split.values() if one.shared]
                self._shared = self.client.share_files(wanted, self._serve, node_id=self._options.node_id)
            return self._shared

    def _serve(self, trees: Mapping[str, LocalTree | InlineTree]) -> Methods:
        return files(trees, self._options.means)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.close()
