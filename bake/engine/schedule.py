"""Which Solve starts when: a machine that is told what happened and says what to do.

Takes tasks and rules; each method reports one fact and returns `Decision`s. It knows no clock (the time
is handed in), no network and no builder. Its rules:

- A task starts once all its inputs have registered, when a slot is free on its node and overall.
- A linked task is held between registering its LLB and running its steps, until all that link to it have
  registered too: BuildKit would run shared steps twice otherwise. It is released once its inputs have
  evaluated. While held it takes no slot, so a limit of one job cannot lock itself up.
- A task whose steps have run waits without a slot until those that link to it have run theirs; then, in a
  slot again, it exports. With deferred outputs it waits for all tasks: nothing is exported before everything
  is built, and nothing at all if something could not be.
- A failure of a registry or a connection is tried again, later each time. What linked to it starts anew.
- The first final failure stops everything (fail fast), or only what needs its result (keep going).
- A node that is lost takes its tasks with it, and what needs them; that stops nothing else.
- A target is published when all its tasks are done; deferred, when all tasks of all targets are.
- A task has its time limit for what it does in a slot, all attempts together; waiting costs nothing.
- What was told to stop and does not confirm it counts as stopped after a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.engine.clocks import Clocks
from bake.engine.decisions import Abandon, Cancel, Expire, Export, Publish, Release, Retry, Skip, Start
from bake.engine.states import BUSY, ENDED, RUNNING, State
from bake.errors import Failure
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.engine.decisions import Decision
    from bake.solve import SolveKey


@record
class Task:
    """One Solve: where it runs and whose results it takes."""

    key: SolveKey
    node: str = ""
    inputs: tuple[SolveKey, ...] = ()


@record
class Rules:
    """`jobs` and `jobs_per_node` limit what runs at once, 0 does not. `attempts` is how often a task is
    tried, `backoff` the seconds before the second attempt (doubled for each further one, `longest` at
    most). `defer_outputs` lets nothing be exported before everything is built. `timeout` is the seconds
    that a task may take, 0 for any time; `patience` the seconds to confirm in that one has stopped."""

    jobs: int = 0
    jobs_per_node: int = 0
    keep_going: bool = False
    attempts: int = 1
    backoff: float = 1.0
    longest: float = 60.0
    retried: frozenset[Failure] = frozenset({Failure.REGISTRY, Failure.CONNECTION})
    defer_outputs: bool = False
    timeout: float = 0.0
    patience: float = 10.0

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the failed attempt number `attempt`, from 1."""
        return float(min(self.backoff * 2 ** min(attempt - 1, 30), self.longest))


class Schedule:
    """The state of one run. Every method gives the decisions that follow from what it reports."""

    def __init__(
        self, tasks: Sequence[Task], rules: Rules, publish: Mapping[str, Sequence[SolveKey]] | None = None
    ) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._rules = rules
        self._states = {task.key: State.WAITING for task in tasks}
        self._heirs: dict[SolveKey, list[SolveKey]] = {task.key: [] for task in tasks}
        for task in tasks:
            for wanted in task.inputs:
                self._heirs[wanted].append(task.key)
        self._attempts = dict.fromkeys(self._tasks, 0)
        self._not_before: dict[SolveKey, float] = {}
        self._registered: set[SolveKey] = set()
        self._evaluated: set[SolveKey] = set()
        self._fates: dict[SolveKey, State] = {}
        self._waiting = dict.fromkeys(self._tasks)
        self._held: dict[SolveKey, None] = {}
        self._ready: dict[SolveKey, None] = {}
        self._places = {State.WAITING: self._waiting, State.HELD: self._held, State.EVALUATED: self._ready}
        self._clocks = Clocks(rules.timeout)
        self._stopping: dict[SolveKey, float] = {}
        self._busy: dict[str, int] = {}
        self._unpublished = {target: tuple(keys) for target, keys in (publish or {}).items()}
        self._published_by = {target: keys[-1] for target, keys in self._unpublished.items() if keys}
        self._publishing: set[str] = set()
        self._lost: SolveKey | None = None
        self._stopped_at: float | None = None
        self._now = 0.0

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for state in self._states.values():
            counts[state.value] = counts.get(state.value, 0) + 1
        return f"<Schedule {', '.join(f'{number} {name}' for name, number in counts.items())}>"

    def state(self, key: SolveKey) -> State:
        return self._states[key]

    def waits_to_export(self, key: SolveKey) -> bool:
        """Whether the task has to be held when its steps have run, until `Export`."""
        return self._rules.defer_outputs or bool(self._heirs[key])

    @property
    def over(self) -> bool:
        """Whether nothing runs and nothing will."""
        return not self._publishing and all(state in ENDED for state in self._states.values())

    @property
    def next_time(self) -> float | None:
        """When `tick` has to be called at the latest, None if nothing waits for a time to come."""
        times = [time for key, time in self._not_before.items() if key in self._waiting]
        times += self._stopping.values()
        times += self._clocks.ends.values()
        if self._publishing and self._stopped_at is not None:
            times.append(self._stopped_at + self._rules.patience)
        return min(times, default=None)

    def tick(self, now: float) -> list[Decision]:
        """Begin, or look what may start or has to end by now."""
        self._now = now
        return [*self._expire(), *self._abandon(), *self._settle()]

    def registered(self, key: SolveKey, now: float) -> list[Decision]:
        """The task has made its LLB: others can link to it."""
        self._now = now
        if self._states[key] is State.REGISTERING:
            self._move(key, State.HELD)
            self._registered.add(key)
        return list(self._settle())

    def evaluated(self, key: SolveKey, now: float) -> list[Decision]:
        """The task's steps have run; it goes on to its exports when it is told to."""
        self._now = now
        if self._states[key] is State.WORKING and self.waits_to_export(key):
            self._evaluated.add(key)
            self._move(key, State.EVALUATED)
        return list(self._settle())

    def finished(self, key: SolveKey, now: float) -> list[Decision]:
        """The task has succeeded."""
        self._now = now
        if self._states[key] not in ENDED:
            self._fates.pop(key, None)
            self._registered.add(key)
            self._evaluated.add(key)
            self._move(key, State.DONE)
        return list(self._settle())

    def failed(
        self, key: SolveKey, failure: Failure | None, now: float, *, permanent: bool = False
    ) -> list[Decision]:
        """The task has failed, or has stopped after `Cancel`; `permanent` says that it would again."""
        self._now = now
        if self._is_over(key):
            return list(self._settle())
        if failure is Failure.CANCELED:
            self._move(key, State.CANCELED)
            return [*self._stop(key), *self._settle()]
        if failure in self._rules.retried and not permanent and self._may_try_again(key):
            return [*self._try_again(key), *self._settle()]
        self._move(key, State.FAILED)
        return [*self._suffer(key), *self._settle()]

    def lost(self, key: SolveKey, now: float) -> list[Decision]:
        """The task has ended with its node, which is gone."""
        self._now = now
        if self._is_over(key):
            return list(self._settle())
        self._move(key, State.FAILED)
        self._lost = self._lost or key
        stranded = [one for one in self._waiting if self._tasks[one].node == self._tasks[key].node]
        for one in stranded:
            self._move(one, State.SKIPPED)
        skipped = [Skip(one, key) for one in stranded]
        suffering = [decision for one in (key, *stranded) for decision in self._lose(one, key)]
        return [*skipped, *suffering, *self._settle()]

    def _is_over(self, key: SolveKey) -> bool:
        """Whether that it ends was known already; how, too, where that was decided on."""
        if self._states[key] is State.STOPPING:
            self._end_as_fated(key)
            return True
        return self._states[key] in ENDED

    def cancel(self, now: float) -> list[Decision]:
        """The person at the prompt wants everything to stop."""
        self._now = now
        return [*self._stop(None), *self._settle()]

    def published(self, target: str, now: float, *, well: bool = True) -> list[Decision]:
        """Publishing has ended; badly, without keep going, it ends the rest too."""
        self._now = now
        self._publishing.discard(target)
        stop = [] if well or self._rules.keep_going else self._stop(self._published_by[target])
        return [*stop, *self._settle()]

    def _settle(self) -> Iterator[Decision]:
        self._not_before = {key: time for key, time in self._not_before.items() if time > self._now}
        for key in list(self._held):
            if self._may_go_on(key) and self._has_slot(key):
                self._move(key, State.WORKING)
                yield Release(key)
        for key in list(self._waiting):
            if self._is_full():
                break
            if self._may_start(key) and self._has_slot(key):
                yield self._start(key)
        yield from self._export()
        yield from self._publish()

    def _start(self, key: SolveKey) -> Start:
        self._attempts[key] += 1
        linked = self._tasks[key].inputs or self._heirs[key]
        self._move(key, State.REGISTERING if linked else State.WORKING)
        return Start(key, self._attempts[key])

    def _may_start(self, key: SolveKey) -> bool:
        if self._stopped_at is not None or key in self._not_before:
            return False
        return all(wanted in self._registered for wanted in self._tasks[key].inputs)

    def _may_go_on(self, key: SolveKey) -> bool:
        inputs = self._tasks[key].inputs
        return all(wanted in self._evaluated for wanted in inputs) and all(
            heir in self._registered or self._states[heir] in ENDED for heir in self._heirs[key]
        )

    def _is_full(self) -> bool:
        return 0 < self._rules.jobs <= sum(self._busy.values())

    def _has_slot(self, key: SolveKey) -> bool:
        limit = self._rules.jobs_per_node
        return not self._is_full() and not 0 < limit <= self._busy.get(self._tasks[key].node, 0)

    def _export(self) -> Iterator[Decision]:
        """Those whose steps have run go on; deferred, all together, or none once one is lost."""
        if not self._ready:
            return
        if self._rules.defer_outputs and not self._all_is_built:
            yield from self._give_up_deferred()
            return
        for key in list(self._ready):
            heirs = self._heirs[key]
            over = all(heir in self._evaluated or self._states[heir] in ENDED for heir in heirs)
            if over and self._has_slot(key):
                self._move(key, State.EXPORTING)
                yield Export(key)

    @property
    def _all_is_built(self) -> bool:
        return all(key in self._evaluated for key in self._tasks)

    def _give_up_deferred(self) -> Iterator[Decision]:
        """What was built is not exported, once nothing runs any more that could fail as well."""
        if self._lost is None or any(
            state not in ENDED and state is not State.EVALUATED for state in self._states.values()
        ):
            return
        for key in list(self._ready):
            yield from self._halted(key, State.SKIPPED)
            yield Skip(key, self._lost)

    def _publish(self) -> Iterator[Publish]:
        if self._stopped_at is not None or not self._unpublished:
            return
        if self._rules.defer_outputs and any(state is not State.DONE for state in self._states.values()):
            return
        for target, keys in list(self._unpublished.items()):
            if all(self._states[key] is State.DONE for key in keys):
                del self._unpublished[target]
                self._publishing.add(target)
                yield Publish(target)

    def _expire(self) -> Iterator[Decision]:
        """Stop what has had its time."""
        for key in self._clocks.over(self._now):
            if self._states[key] is not State.STOPPING:
                self._fates[key] = State.FAILED
                self._registered.discard(key)
                self._move(key, State.STOPPING)
                yield Expire(key)
                yield from self._suffer(key)

    def _abandon(self) -> Iterator[Decision]:
        """Wait no longer for what does not confirm that it has stopped, nor for a publication."""
        for key, deadline in list(self._stopping.items()):
            if deadline <= self._now:
                fate = self._fates.pop(key)
                self._move(key, State.FAILED if fate is State.WAITING else fate)
                yield Abandon(key)
                if fate is State.WAITING:
                    yield from self._suffer(key)
        if self._stopped_at is not None and self._stopped_at + self._rules.patience <= self._now:
            self._publishing.clear()

    def _may_try_again(self, key: SolveKey) -> bool:
        return self._attempts[key] < self._rules.attempts and self._stopped_at is None

    def _try_again(self, key: SolveKey) -> Iterator[Decision]:
        at = self._now + self._rules.delay(self._attempts[key])
        lost = key not in self._evaluated
        self._move(key, State.WAITING)
        self._not_before[key] = at
        yield Retry(key, at, self._attempts[key] + 1)
        if lost:
            self._registered.discard(key)
            for heir in self._descendants(key):
                if self._states[heir] in RUNNING - {State.STOPPING}:
                    yield self._halt(heir, State.WAITING)

    def _suffer(self, key: SolveKey) -> Iterator[Decision]:
        """What follows from the final failure of `key`."""
        self._lost = self._lost or key
        yield from self._lose(key, key) if self._rules.keep_going else self._stop(key)

    def _lose(self, key: SolveKey, because: SolveKey) -> Iterator[Decision]:
        """Everything that needs the result of `key` is skipped, unless the result was there before."""
        if key in self._evaluated:
            return
        self._registered.discard(key)
        for heir in self._descendants(key):
            if self._states[heir] in RUNNING:
                if self._fates.get(heir) not in (State.SKIPPED, State.FAILED):
                    yield from self._halted(heir, State.SKIPPED)
                    yield Skip(heir, because)
            elif self._states[heir] is State.WAITING:
                self._move(heir, State.SKIPPED)
                yield Skip(heir, because)

    def _stop(self, because: SolveKey | None) -> Iterator[Decision]:
        self._stopped_at = self._now if self._stopped_at is None else self._stopped_at
        for key, state in list(self._states.items()):
            if state in RUNNING:
                yield from self._halted(key, State.CANCELED)
            elif state is State.WAITING:
                self._move(key, State.CANCELED if because is None else State.SKIPPED)
                if because is not None:
                    yield Skip(key, because)

    def _halted(self, key: SolveKey, fate: State) -> Iterator[Cancel]:
        if self._states[key] is not State.STOPPING:
            yield self._halt(key, fate)
        elif self._fates[key] is not State.FAILED:
            self._fates[key] = fate

    def _halt(self, key: SolveKey, fate: State) -> Cancel:
        self._fates[key] = fate
        self._registered.discard(key)
        self._move(key, State.STOPPING)
        return Cancel(key)

    def _end_as_fated(self, key: SolveKey) -> None:
        fate = self._fates.pop(key)
        if fate is State.WAITING:
            self._attempts[key] -= 1  # it was not its own fault
        self._move(key, fate)

    def _descendants(self, key: SolveKey) -> Iterable[SolveKey]:
        """All that link to `key`, directly or not, but those who have ended."""
        found: dict[SolveKey, None] = {}
        stack = [key]
        while stack:
            for heir in self._heirs[stack.pop()]:
                if heir not in found and self._states[heir] not in ENDED:
                    found[heir] = None
                    stack.append(heir)
        return list(found)

    def _move(self, key: SolveKey, state: State) -> None:
        before, node = self._states[key], self._tasks[key].node
        self._states[key] = state
        change = (state in BUSY) - (before in BUSY)
        self._busy[node] = self._busy.get(node, 0) + change
        for kept, place in self._places.items():
            place.pop(key, None)
            if state is kept:
                place[key] = None
        self._clocks.turn(key, self._now, on=state in BUSY - {State.STOPPING})
        self._stopping.pop(key, None)
        if state is State.STOPPING:
            self._stopping[key] = self._now + self._rules.patience
