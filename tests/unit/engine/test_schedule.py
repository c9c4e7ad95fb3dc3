"""Single decisions; the promises as a whole stand in tests/property/test_schedule.py."""

from __future__ import annotations

from bake.engine.schedule import Cancel, Publish, Release, Retry, Rules, Schedule, Skip, Start, State, Task
from bake.errors import Failure
from bake.solve import SolveKey

A, B, C = SolveKey("a"), SolveKey("b"), SolveKey("c")


def test_unlinked_tasks_start_at_once() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules())
    assert schedule.tick(0) == [Start(A), Start(B)]
    assert schedule.state(A) is State.WORKING
    assert repr(schedule) == "<Schedule 2 working>"


def test_limits_per_node_leave_other_nodes_free() -> None:
    schedule = Schedule([Task(A, "n"), Task(B, "n"), Task(C, "m")], Rules(jobs_per_node=1))
    assert schedule.tick(0) == [Start(A), Start(C)]
    assert schedule.finished(A, 0) == [Start(B)]


def test_the_life_of_a_link() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules())
    assert schedule.tick(0) == [Start(A)]
    assert schedule.registered(A, 0) == [Start(B)]
    assert schedule.state(A) is State.HELD
    assert schedule.registered(B, 0) == [Release(A)]
    assert schedule.evaluated(A, 0) == [Release(B)]
    assert schedule.state(A) is State.EVALUATED
    assert schedule.evaluated(B, 0) == []
    assert schedule.finished(B, 0) == schedule.finished(A, 0) == []
    assert schedule.over


def test_one_slot_is_enough_for_a_link() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,)), Task(C)], Rules(jobs=1))
    assert schedule.tick(0) == [Start(A)]
    assert schedule.registered(A, 0) == [Start(B)]
    assert schedule.registered(B, 0) == [Release(A)]
    assert schedule.evaluated(A, 0) == [Release(B)]
    assert schedule.finished(B, 0) == [Start(C)]


def test_waiting_grows_and_is_bounded() -> None:
    rules = Rules(backoff=1, longest=5)
    assert [rules.delay(attempt) for attempt in (1, 2, 3, 4, 100)] == [1, 2, 4, 5, 5]


def test_a_retry_waits_for_its_time() -> None:
    schedule = Schedule([Task(A)], Rules(attempts=2, backoff=3))
    schedule.tick(0)
    assert schedule.failed(A, Failure.REGISTRY, 10) == [Retry(A, 13, 2)]
    assert schedule.next_time == 13
    assert schedule.tick(12.9) == []
    assert schedule.tick(13) == [Start(A, 2)]
    assert schedule.failed(A, Failure.REGISTRY, 13) == []
    assert schedule.state(A) is State.FAILED


def test_a_time_that_has_come_is_waited_for_no_longer() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(attempts=3, backoff=1))
    schedule.tick(0)
    schedule.registered(A, 0)
    assert schedule.failed(B, Failure.REGISTRY, 0) == [Retry(B, 1, 2)]
    assert schedule.failed(A, Failure.REGISTRY, 0) == [Retry(A, 1, 2)]
    assert schedule.tick(1) == [Start(A, 2)]
    assert schedule.next_time is None
    assert schedule.failed(A, Failure.REGISTRY, 1) == [Retry(A, 3, 3)]
    assert schedule.next_time == 3


def test_failing_fast() -> None:
    schedule = Schedule([Task(A), Task(B), Task(C)], Rules(jobs=2))
    schedule.tick(0)
    assert schedule.failed(A, Failure.STEP, 0) == [Cancel(B), Skip(C, A)]
    assert schedule.failed(B, Failure.CANCELED, 0) == []
    assert schedule.state(B) is State.CANCELED
    assert schedule.over


def test_one_that_finished_before_it_could_be_stopped_counts() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules())
    schedule.tick(0)
    schedule.failed(A, Failure.STEP, 0)
    schedule.finished(B, 0)
    assert schedule.state(B) is State.DONE


def test_publishing() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(), {"t": (A, B)})
    schedule.tick(0)
    assert schedule.finished(A, 0) == []
    assert schedule.finished(B, 0) == [Publish("t")]
    assert not schedule.over
    schedule.published("t", 0)
    assert schedule.over


def test_a_publication_that_failed_stops_the_rest() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(), {"t": (A,)})
    schedule.tick(0)
    schedule.finished(A, 0)
    assert schedule.published("t", 0, well=False) == [Cancel(B)]


def test_who_is_stopped_for_anothers_fault_keeps_its_attempts() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(attempts=2, backoff=1))
    schedule.tick(0)
    schedule.registered(A, 0)
    schedule.registered(B, 0)
    assert schedule.failed(A, Failure.REGISTRY, 0) == [Retry(A, 1, 2), Cancel(B)]
    assert schedule.failed(B, Failure.CANCELED, 0) == []
    assert schedule.tick(1) == [Start(A, 2)]
    assert schedule.registered(A, 1) == [Start(B, 1)]
    assert schedule.failed(B, Failure.REGISTRY, 1) == [Retry(B, 2, 2)]


def test_a_task_waits_for_heirs_that_are_still_stopping() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(attempts=2, backoff=1))
    schedule.tick(0)
    schedule.registered(A, 0)
    schedule.registered(B, 0)
    schedule.failed(A, Failure.REGISTRY, 0)
    assert schedule.tick(1) == [Start(A, 2)]
    assert schedule.registered(A, 1) == []
    assert schedule.failed(B, Failure.CANCELED, 1) == [Start(B, 1)]
    assert schedule.registered(B, 1) == [Release(A)]


def test_a_late_failure_does_not_harm_those_that_have_what_they_need() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(keep_going=True))
    schedule.tick(0)
    schedule.registered(A, 0)
    schedule.registered(B, 0)
    schedule.evaluated(A, 0)
    assert schedule.failed(A, Failure.EXPORT, 0) == []
    assert schedule.state(B) is State.WORKING
