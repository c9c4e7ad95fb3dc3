"""A run: its events and its result, for threads and for asyncio; stopped from either side."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from bake.api.outcome import Result
from bake.api.running import Run
from bake.engine.outcome import Outcome
from bake.errors import BakeError, BuilderError, CanceledError, Failure, SolveError
from bake.progress import Event, Note

if TYPE_CHECKING:
    from bake.api.building import Cancellation
    from bake.progress import Emit

NOTES = ["one", "two", "three"]


def ended(errors: dict[str, BakeError] | None = None, *, canceled: bool = False) -> Result:
    return Result({}, Outcome({}, errors or {}, {}, canceled))


def telling(emit: Emit, _: Cancellation) -> Result:
    for text in NOTES:
        emit(Event(Note(text)))
    return ended()


def until_canceled(emit: Emit, cancellation: Cancellation) -> Result:
    stopped = threading.Event()
    cancellation.on_cancel(stopped.set)
    emit(Event(Note("running")))
    assert stopped.wait(60)
    return ended(canceled=True)


def text_of(event: Event) -> str:
    assert isinstance(event.body, Note)
    return event.body.text


def test_events_come_in_order_and_end_with_the_run() -> None:
    run = Run(telling)

    assert [text_of(event) for event in run] == NOTES
    assert run.done
    assert run.result().ok


def test_an_event_is_given_once() -> None:
    run = Run(telling)
    assert len(list(run)) == 3
    assert list(run) == []


def test_a_callback_takes_the_events() -> None:
    seen: list[Event] = []
    run = Run(telling, seen.append)
    run.wait()

    assert [text_of(event) for event in seen] == NOTES
    assert list(run) == []


def test_asyncio_sees_the_same_without_being_blocked() -> None:
    async def watch() -> tuple[list[str], Result]:
        run = Run(telling)
        return [text_of(event) async for event in run], await run

    seen, result = asyncio.run(watch())

    assert seen == NOTES
    assert result.ok


def test_the_loop_goes_on_while_a_run_is_awaited() -> None:
    go = threading.Event()

    def waiting(_emit: Emit, _cancellation: Cancellation) -> Result:
        assert go.wait(60)
        return ended()

    async def both() -> Result:
        run = Run(waiting)
        task = asyncio.ensure_future(run.__aenter__())
        await task
        asyncio.get_running_loop().call_soon(go.set)  # only a loop that turns gets here
        return await run

    assert asyncio.run(both()).ok


def test_a_cancel_ends_it_and_is_told_by_the_result() -> None:
    run = Run(until_canceled)
    run.cancel()

    assert run.wait().canceled
    with pytest.raises(CanceledError):
        run.result()


class Interrupted(threading.Event):
    """Whoever waits for it first is interrupted."""

    def __init__(self, *faults: BaseException) -> None:
        super().__init__()
        self.faults = [*faults]

    def wait(self, timeout: float | None = None) -> bool:
        if self.faults:
            raise self.faults.pop()
        return super().wait(timeout)


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), RuntimeError("release unlocked lock")])
def test_an_interrupt_while_it_is_awaited_cancels(fault: BaseException) -> None:
    run = Run(until_canceled)
    run._over = Interrupted(fault)
    with pytest.raises(type(fault)):
        run.result()

    assert run.wait().canceled


def test_leaving_the_block_early_cancels() -> None:
    with Run(until_canceled) as run:
        assert text_of(next(iter(run))) == "running"

    assert run.done
    assert run.wait().canceled


def test_leaving_the_async_block_early_cancels() -> None:
    async def leave() -> Result:
        async with Run(until_canceled) as run:
            async for _ in run:
                break
        return run.wait()

    assert asyncio.run(leave()).canceled


def test_a_task_that_is_canceled_cancels_its_run() -> None:
    async def give_up(run: Run) -> None:
        async def wait() -> Result:
            return await run

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run = Run(until_canceled)
    asyncio.run(give_up(run))

    assert run.wait().canceled


def test_failures_of_targets_are_in_the_result_and_raised_by_it() -> None:
    error = SolveError("step failed", failure=Failure.STEP)
    run = Run(lambda _emit, _cancellation: ended({"app": error}))

    assert run.wait().errors == {"app": error}
    assert not run.wait().ok
    with pytest.raises(SolveError, match="step failed"):
        run.result()


def test_what_keeps_it_from_running_is_raised_to_whoever_waits() -> None:
    def broken(_emit: Emit, _cancellation: Cancellation) -> Result:
        raise BuilderError("no such builder")

    async def wait() -> Result:
        return await Run(broken)

    with pytest.raises(BuilderError, match="no such builder"):
        Run(broken).wait()
    with pytest.raises(BuilderError, match="no such builder"):
        asyncio.run(wait())
    assert list(Run(broken)) == []
