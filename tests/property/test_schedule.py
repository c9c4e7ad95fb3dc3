"""Random graphs, random failures, random order of events: the scheduler keeps its promises."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.engine.decisions import (
    Abandon,
    Cancel,
    Decision,
    Expire,
    Export,
    Publish,
    Release,
    Retry,
    Skip,
    Start,
)
from bake.engine.schedule import Rules, Schedule, Task
from bake.engine.states import State
from bake.errors import Failure
from bake.solve import SolveKey

ENDED = (State.DONE, State.FAILED, State.SKIPPED, State.CANCELED)
FAILURES = (Failure.STEP, Failure.REGISTRY, Failure.CONNECTION, Failure.EXPORT)


@st.composite
def graphs(draw: st.DrawFn) -> list[Task]:
    count = draw(st.integers(1, 9))
    tasks = []
    for number in range(count):
        inputs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        node = draw(st.sampled_from(["n0", "n1"]))
        tasks.append(Task(_key(number), node, tuple(_key(one) for one in sorted(inputs))))
    return tasks


def _key(number: int) -> SolveKey:
    return SolveKey(f"t{number}")


rules = st.builds(
    Rules,
    jobs=st.integers(0, 3),
    jobs_per_node=st.integers(0, 2),
    keep_going=st.booleans(),
    attempts=st.integers(1, 3),
    defer_outputs=st.booleans(),
    timeout=st.sampled_from([0.0, 0.0, 5.0]),
    patience=st.just(3.0),
)
BUSY = ("registering", "working", "exporting")


class World:
    """Carries out decisions as BuildKit would, one event at a time, and checks each decision."""

    def __init__(self, tasks: list[Task], rules: Rules, data: st.DataObject) -> None:
        self.tasks = {task.key: task for task in tasks}
        self.heirs = {key: [task.key for task in tasks if key in task.inputs] for key in self.tasks}
        self.rules = rules
        self.data = data
        self.schedule = Schedule(tasks, rules, {f"of {key}": (key,) for key in self.tasks})
        self.now = 0.0
        self.stage: dict[SolveKey, str] = {}
        self.canceled: set[SolveKey] = set()
        self.registered: set[SolveKey] = set()
        self.evaluated: set[SolveKey] = set()
        self.starts: Counter[SolveKey] = Counter()
        self.failures: Counter[SolveKey] = Counter()
        self.expired: Counter[SolveKey] = Counter()
        self.restarts: Counter[SolveKey] = Counter()
        self.done: set[SolveKey] = set()
        self.published: list[str] = []
        self.acknowledged: set[str] = set()
        self.due: dict[SolveKey, float] = {}
        self.skipped: dict[SolveKey, SolveKey] = {}
        self.exported: set[SolveKey] = set()
        self.deaf = frozenset(data.draw(st.sets(st.sampled_from(sorted(self.tasks)), max_size=1)))
        """Who does not stop when told to."""

    def apply(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            match decision:
                case Start(key):
                    self._start(key)
                case Release(key):
                    self._release(key)
                case Export(key):
                    self._export(key)
                case Cancel(key) | Expire(key):
                    assert key in self.stage
                    assert key not in self.canceled
                    self.canceled.add(key)
                    self.expired[key] += isinstance(decision, Expire)
                case Abandon(key):
                    assert key in self.canceled & self.deaf
                    del self.stage[key]
                    self.canceled.discard(key)
                case Skip(key, because):
                    assert key not in self.done
                    self.skipped[key] = because
                case Retry(key, at, _):
                    assert at > self.now
                    self.due[key] = at
                case Publish(target):
                    assert target not in self.published
                    self.published.append(target)
                    assert SolveKey(target.removeprefix("of ")) in self.done
        self._check_limits()

    def _start(self, key: SolveKey) -> None:
        assert key not in self.stage, "started while it ran"
        assert key not in self.done, "started after it was done"
        assert key not in self.skipped, "started after it was skipped"
        assert self.due.pop(key, 0.0) <= self.now, "started too early"
        for wanted in self.tasks[key].inputs:
            assert wanted in self.registered, "started before its input"
        self.starts[key] += 1
        self.stage[key] = "registering" if self.is_linked(key) else "working"

    def _release(self, key: SolveKey) -> None:
        assert self.stage[key] == "held"
        for heir in self.heirs[key]:
            ended = heir in self.done or self.schedule.state(heir) in ENDED
            assert heir in self.registered or ended, "released before an heir had registered"
        for wanted in self.tasks[key].inputs:
            assert wanted in self.evaluated
        self.stage[key] = "working"

    def _export(self, key: SolveKey) -> None:
        assert self.stage[key] == "evaluated"
        assert key not in self.exported or self.failures[key]
        for heir in self.heirs[key]:
            assert heir in self.evaluated or self.schedule.state(heir) in ENDED
        if self.rules.defer_outputs:
            assert self.evaluated == set(self.tasks), "exported before everything was built"
        self.exported.add(key)
        self.stage[key] = "exporting"

    def _check_limits(self) -> None:
        busy = [self.tasks[key].node for key, stage in self.stage.items() if stage in BUSY]
        assert not self.rules.jobs or len(busy) <= self.rules.jobs
        for node, number in Counter(busy).items():
            assert not self.rules.jobs_per_node or number <= self.rules.jobs_per_node, node

    def is_linked(self, key: SolveKey) -> bool:
        return bool(self.tasks[key].inputs or self.heirs[key])

    def events(self) -> list[tuple[str, SolveKey]]:
        """What may happen next."""
        found = []
        for key, stage in self.stage.items():
            if key in self.canceled:
                found += [("stop", key)] if key not in self.deaf else []
            elif stage == "registering":
                found += [("register", key), ("fail", key)]
            elif stage == "working" and self.schedule.waits_to_export(key):
                found += [("evaluate", key), ("fail", key)]
            elif stage in ("working", "exporting"):
                found += [("finish", key), ("fail", key)]
        return found

    def happen(self, event: str, key: SolveKey) -> None:
        schedule, now = self.schedule, self.now
        if event == "register":
            self.stage[key] = "held"
            self.registered.add(key)
            self.apply(schedule.registered(key, now))
        elif event == "evaluate":
            self.stage[key] = "evaluated"
            self.evaluated.add(key)
            self.apply(schedule.evaluated(key, now))
        elif event == "finish":
            del self.stage[key]
            self.done.add(key)
            self.registered.add(key)
            self.evaluated.add(key)
            self.apply(schedule.finished(key, now))
        else:
            self._fail(event, key)

    def _fail(self, event: str, key: SolveKey) -> None:
        del self.stage[key]
        if key not in self.evaluated:
            self.registered.discard(key)
        if event == "stop":
            self.canceled.discard(key)
            self.restarts[key] += 1
            self.apply(self.schedule.failed(key, Failure.CANCELED, self.now))
        else:
            self.failures[key] += 1
            self.apply(self.schedule.failed(key, self.data.draw(st.sampled_from(FAILURES)), self.now))

    def run(self) -> None:
        self.apply(self.schedule.tick(self.now))
        for _ in range(2000):
            if self.schedule.over:
                return
            self._step()
        raise AssertionError(f"it never ends: {self.schedule!r}")

    def _step(self) -> None:
        publishing = [name for name in self.published if name not in self.acknowledged]
        if publishing:
            self.acknowledged.add(publishing[0])
            self.apply(self.schedule.published(publishing[0], self.now))
            return
        events = self.events()
        time = self.schedule.next_time
        at_once = any(event == "stop" for event, _ in events)
        if events and (at_once or time is None or self.data.draw(st.integers(0, 4))):
            self.happen(*self.data.draw(st.sampled_from(sorted(events))))
            return
        assert time is not None, f"stuck: {self.schedule!r}"
        self.now = max(self.now, time)
        self.apply(self.schedule.tick(self.now))


@settings(max_examples=300)
@given(graphs(), rules, st.data())
def test_each_solve_runs_once_after_its_inputs_within_the_limits(
    tasks: list[Task], rules: Rules, data: st.DataObject
) -> None:
    world = World(tasks, rules, data)
    world.run()
    for key in world.tasks:
        state = world.schedule.state(key)
        assert state in ENDED
        assert (state is State.DONE) == (key in world.done)
        own = world.starts[key] - world.restarts[key]
        assert own <= rules.attempts
        if state is State.DONE:
            assert world.starts[key] == 1 + world.failures[key] + world.restarts[key]
        if state is State.FAILED:
            assert world.failures[key] or world.expired[key] or key in world.deaf
    if not world.failures and not world.expired:
        assert world.done == set(world.tasks)
        assert len(world.published) == len(tasks)
    if rules.defer_outputs and world.done != set(world.tasks):
        assert world.published == []
    if rules.defer_outputs and world.evaluated != set(world.tasks):
        assert world.exported == set()


@settings(max_examples=200)
@given(graphs(), rules, st.data())
def test_keep_going_loses_only_what_needs_the_failed(
    tasks: list[Task], rules: Rules, data: st.DataObject
) -> None:
    rules = replace(rules, keep_going=True, defer_outputs=False)
    world = World(tasks, rules, data)
    world.run()
    failed = {key for key in world.tasks if world.schedule.state(key) is State.FAILED}
    for key, because in world.skipped.items():
        assert because in failed
        assert because in _ancestors(world.tasks, key)
    for key in world.tasks:
        if not _ancestors(world.tasks, key) & failed:
            assert world.schedule.state(key) in (State.DONE, State.FAILED)


def _ancestors(tasks: dict[SolveKey, Task], key: SolveKey) -> set[SolveKey]:
    found: set[SolveKey] = set()
    stack = [key]
    while stack:
        for wanted in tasks[stack.pop()].inputs:
            if wanted not in found:
                found.add(wanted)
                stack.append(wanted)
    return found


@settings(max_examples=150)
@given(graphs(), rules, st.data())
def test_canceling_starts_nothing_and_ends(tasks: list[Task], rules: Rules, data: st.DataObject) -> None:
    world = World(tasks, rules, data)
    world.apply(world.schedule.tick(0.0))
    for _ in range(data.draw(st.integers(0, 12))):
        if world.schedule.over or not world.events():
            break
        world.happen(*data.draw(st.sampled_from(sorted(world.events()))))
    world.apply(world.schedule.cancel(world.now))
    before = Counter(world.starts)
    while world.events():
        world.happen(*data.draw(st.sampled_from(sorted(world.events()))))
    for target in world.published:
        world.schedule.published(target, world.now)
    if not world.schedule.over:
        world.apply(world.schedule.tick(world.now + rules.patience))
    assert world.starts == before
    assert world.schedule.over
