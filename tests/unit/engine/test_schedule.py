"""Single decisions; the promises as a whole stand in tests/property/test_schedule.py."""

from __future__ import annotations

from bake.engine.decisions import Abandon, Cancel, Expire, Export, Publish, Release, Retry, Skip, Start
from bake.engine.schedule import Rules, Schedule, Task
from bake.engine.states import State
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
    assert schedule.finished(B, 0) == [Export(A)]
    assert schedule.state(A) is State.EXPORTING
    assert schedule.finished(A, 0) == []
    assert schedule.over


def test_one_slot_is_enough_for_a_link() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,)), Task(C)], Rules(jobs=1))
    assert schedule.tick(0) == [Start(A)]
    assert schedule.registered(A, 0) == [Start(B)]
    assert schedule.registered(B, 0) == [Release(A)]
    assert schedule.evaluated(A, 0) == [Release(B)]
    assert schedule.finished(B, 0) == [Start(C)]
    assert schedule.finished(C, 0) == [Export(A)]


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


def test_deferred_outputs_wait_for_all_to_be_built() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(jobs=1, defer_outputs=True), {"t": (A,), "u": (B,)})
    assert schedule.tick(0) == [Start(A)]
    assert schedule.waits_to_export(A)
    assert schedule.evaluated(A, 0) == [Start(B)]
    assert schedule.evaluated(B, 0) == [Export(A)]
    assert schedule.finished(A, 0) == [Export(B)]
    assert schedule.finished(B, 0) == [Publish("t"), Publish("u")]


def test_deferred_outputs_are_given_up_for_one_failure() -> None:
    schedule = Schedule([Task(A), Task(B), Task(C)], Rules(defer_outputs=True, keep_going=True))
    schedule.tick(0)
    schedule.evaluated(A, 0)
    assert schedule.failed(B, Failure.STEP, 0) == []
    assert schedule.evaluated(C, 0) == [Cancel(A), Skip(A, B), Cancel(C), Skip(C, B)]
    schedule.failed(A, Failure.CANCELED, 0)
    schedule.failed(C, Failure.CANCELED, 0)
    assert schedule.state(A) is State.SKIPPED
    assert schedule.over


def test_an_export_that_failed_does_not_hold_up_the_deferred_others() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(jobs=1, defer_outputs=True, keep_going=True))
    schedule.tick(0)
    schedule.evaluated(A, 0)
    schedule.evaluated(B, 0)
    assert schedule.failed(A, Failure.EXPORT, 0) == [Export(B)]


def test_a_time_limit_counts_what_is_done_in_a_slot() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(timeout=10))
    schedule.tick(0)
    schedule.registered(A, 4)
    assert schedule.next_time == 14
    schedule.registered(B, 6)
    schedule.evaluated(A, 11)
    assert schedule.next_time == 19
    assert schedule.tick(19) == [Expire(B), Cancel(A)]
    assert schedule.failed(B, Failure.CANCELED, 19) == []
    assert schedule.state(B) is State.FAILED


def test_time_is_up_for_one_of_several() -> None:
    schedule = Schedule([Task(A), Task(B), Task(C, inputs=(A,))], Rules(timeout=10, keep_going=True))
    schedule.tick(0)
    schedule.finished(B, 3)
    assert schedule.tick(10) == [Expire(A), Skip(C, A)]
    assert schedule.failed(A, Failure.CANCELED, 10) == []
    assert schedule.over


def test_a_permanent_failure_is_not_tried_again() -> None:
    schedule = Schedule([Task(A)], Rules(attempts=3))
    schedule.tick(0)
    assert schedule.failed(A, Failure.REGISTRY, 0, permanent=True) == []
    assert schedule.state(A) is State.FAILED


def test_who_does_not_confirm_a_stop_is_waited_for_no_longer() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(patience=5))
    schedule.tick(0)
    assert schedule.failed(A, Failure.STEP, 1) == [Cancel(B)]
    assert schedule.next_time == 6
    assert schedule.tick(6) == [Abandon(B)]
    assert schedule.over
    assert schedule.failed(B, Failure.CANCELED, 7) == schedule.finished(B, 7) == []
    assert schedule.state(B) is State.CANCELED


def test_who_was_to_start_again_and_does_not_stop_has_failed() -> None:
    schedule = Schedule([Task(A), Task(B, inputs=(A,))], Rules(attempts=2, backoff=9, patience=5))
    schedule.tick(0)
    schedule.registered(A, 0)
    assert schedule.failed(A, Failure.REGISTRY, 0) == [Retry(A, 9, 2), Cancel(B)]
    assert schedule.tick(5) == [Abandon(B), Skip(A, B)]
    assert schedule.state(B) is State.FAILED


def test_a_publication_is_not_waited_for_for_ever() -> None:
    schedule = Schedule([Task(A)], Rules(patience=5), {"t": (A,)})
    schedule.tick(0)
    schedule.finished(A, 0)
    schedule.cancel(1)
    assert schedule.next_time == 6
    assert not schedule.over
    schedule.tick(6)
    assert schedule.over


def test_a_lost_node_takes_its_tasks_along_and_stops_nothing_else() -> None:
    tasks = [Task(A, "n"), Task(B, "n"), Task(C, "m")]
    schedule = Schedule(tasks, Rules(jobs_per_node=1, attempts=3))
    assert schedule.tick(0) == [Start(A), Start(C)]
    assert schedule.lost(A, 1) == [Skip(B, A)]
    assert (schedule.state(A), schedule.state(B)) == (State.FAILED, State.SKIPPED)
    assert schedule.finished(C, 2) == []
    assert schedule.over


def test_what_needs_a_lost_task_is_stopped() -> None:
    schedule = Schedule([Task(A, "n"), Task(B, "n", (A,)), Task(C, "m")], Rules())
    schedule.tick(0)
    schedule.registered(A, 0)
    assert schedule.lost(A, 1) == [Cancel(B), Skip(B, A)]
    assert schedule.lost(B, 2) == []
    assert schedule.state(B) is State.SKIPPED
    assert schedule.lost(B, 3) == []
    assert schedule.state(C) is State.WORKING


def test_a_publication_that_went_well_stops_nothing() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(), {"a": (A,), "b": (B,)})
    schedule.tick(0)
    assert schedule.finished(A, 1) == [Publish("a")]
    assert schedule.published("a", 2) == []
    assert schedule.state(B) is State.WORKING
    assert schedule.finished(B, 3) == [Publish("b")]


def test_keeping_going_a_publication_that_failed_stops_nothing() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(keep_going=True), {"a": (A,), "b": (B,)})
    schedule.tick(0)
    schedule.finished(A, 1)
    assert schedule.published("a", 2, well=False) == []
    assert schedule.state(B) is State.WORKING


def test_what_waits_is_canceled_with_the_run_and_skipped_for_anothers_fault() -> None:
    canceled = Schedule([Task(A), Task(B)], Rules(jobs=1))
    canceled.tick(0)
    assert canceled.cancel(1) == [Cancel(A)]
    assert canceled.state(B) is State.CANCELED

    failed = Schedule([Task(A), Task(B)], Rules(jobs=1))
    failed.tick(0)
    assert failed.failed(A, Failure.STEP, 1) == [Skip(B, A)]
    assert failed.state(B) is State.SKIPPED


def test_steps_that_end_while_the_task_is_stopping_do_not_bring_it_back() -> None:
    schedule = Schedule([Task(A), Task(B)], Rules(defer_outputs=True))
    schedule.tick(0)
    assert schedule.failed(B, Failure.STEP, 1) == [Cancel(A)]
    assert schedule.evaluated(A, 2) == []
    assert schedule.state(A) is State.STOPPING
    assert schedule.failed(A, Failure.CANCELED, 3) == []
    assert schedule.state(A) is State.CANCELED


def test_deferred_outputs_are_given_up_for_a_lost_node_too() -> None:
    schedule = Schedule([Task(A, "n"), Task(B, "m")], Rules(defer_outputs=True))
    schedule.tick(0)
    schedule.evaluated(B, 1)
    assert schedule.lost(A, 2) == [Cancel(B), Skip(B, A)]
    assert schedule.failed(B, Failure.CANCELED, 3) == []
    assert schedule.state(B) is State.SKIPPED


def test_who_has_what_it_needs_outlives_a_lost_node() -> None:
    schedule = Schedule([Task(A, "n"), Task(B, "m", (A,))], Rules())
    schedule.tick(0)
    schedule.registered(A, 0)
    schedule.registered(B, 0)
    assert schedule.evaluated(A, 1) == [Release(B)]
    assert schedule.lost(A, 2) == []
    assert schedule.state(B) is State.WORKING
