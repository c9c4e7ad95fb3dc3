"""What a terminal shows, decided without one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bake.errors import Failure, SolveError, SourceExcerpt
from bake.progress import Event, Phase, SolveStatus, TargetPhase, Vertex, VertexLog, VertexStatus
from bake.ui.layout import Room, ended_steps, layout
from bake.ui.trace import Trace


def phase(trace: Trace, target: str, phase: Phase, at: float = 1.0, **more: object) -> None:
    trace.apply(Event(TargetPhase(phase, at, **more), target, "n0", ("linux/amd64",)))  # type: ignore[arg-type]


def two_targets() -> Trace:
    trace = Trace()
    phase(trace, "app", Phase.STARTED)
    phase(trace, "web", Phase.WAITING)
    vertexes = (
        Vertex("d1", "[1/2] COPY . .", started=1.0, completed=2.0, cached=True),
        Vertex("d2", "[2/2] RUN make", started=2.0),
    )
    moving = (VertexStatus("layer", "d2", current=500, total=2000, started=2.0),)
    trace.apply(Event(SolveStatus(vertexes=vertexes, statuses=moving), "app", "n0"))
    return trace


def shown(trace: Trace, height: int = 24, width: int = 80) -> list[tuple[str, str]]:
    return [(line.left, line.right) for line in layout(trace, Room(width, height, now=5.0))]


def test_running_targets_show_their_steps_and_transfers() -> None:
    assert shown(two_targets()) == [
        ("[+] 0/2 targets, 1/2 steps, 1 cached", "4.0s"),
        (" ▸ app linux/amd64  ━━━━━━╌╌╌╌╌╌ 1/2  1 cached", "4.0s"),
        ("     [2/2] RUN make  500B / 2.00kB", "3.0s"),
        (" · web linux/amd64  waiting", ""),
    ]


def test_a_running_step_shows_the_end_of_its_output() -> None:
    trace = two_targets()
    text = b"".join(b"line %d\n" % line for line in range(20)) + b"\n10%\r\x1b[31m90%\tdone"
    trace.apply(Event(SolveStatus(logs=(VertexLog("d2", 1, text, 3.0),)), "app", "n0"))

    assert [left for left, _ in shown(trace)][3:8] == [
        "       line 16",
        "       line 17",
        "       line 18",
        "       line 19",
        "       90%    done",
    ]
    assert [left for left, _ in shown(trace, height=6)][3:] == [
        "       line 19",
        "       90%    done",
        " … 1 waiting",
    ]


def test_a_small_screen_keeps_what_runs_and_counts_the_rest() -> None:
    trace = two_targets()
    phase(trace, "docs", Phase.FINISHED)

    lines = [left for left, _ in shown(trace, height=4)]

    assert lines[1].startswith(" ▸ app")
    assert lines[2].startswith("     [2/2] RUN make")
    assert lines[3] == " … 1 waiting, 1 finished"


def test_a_narrow_screen_has_no_bars() -> None:
    assert shown(two_targets(), width=40)[1][0] == " ▸ app linux/amd64  1/2  1 cached"


def test_many_targets_share_a_small_screen() -> None:
    trace = Trace()
    for number in range(60):
        phase(trace, f"t{number:02}", Phase.STARTED if number >= 40 else Phase.FINISHED)
        vertex = Vertex(f"d{number}", f"[1/1] RUN {number}", started=1.0)
        trace.apply(Event(SolveStatus(vertexes=(vertex,)), f"t{number:02}", "n0"))
    phase(trace, "t05", Phase.FAILED, 2.0)
    phase(trace, "t59", Phase.RETRYING, 2.0, reason="the connection was lost")

    lines = [left for left, _ in shown(trace, height=23)]

    assert len(lines) == 23
    assert lines[1] == " ✘ t05 linux/amd64  failed"
    assert lines[2].startswith(" ▸ t40 linux/amd64  ")
    assert lines[2].endswith("[1/1] RUN 40")
    assert lines[-2] == " ↻ t59 linux/amd64  the connection was lost"
    assert lines[-1] == " … 39 finished"


def test_a_failed_target_names_its_line() -> None:
    trace = two_targets()
    excerpt = SourceExcerpt("Dockerfile", "", [(7, 7)])
    phase(
        trace, "app", Phase.FAILED, 3.0, error=SolveError("It broke", failure=Failure.STEP, sources=[excerpt])
    )

    assert (" ✘ app linux/amd64  failed at Dockerfile:7", "2.0s") in shown(trace)
    assert shown(trace)[0][0] == "[+] 1/2 targets, 1/2 steps, 1 cached, 1 failed"


def test_bytes_to_and_from_the_builder_are_counted() -> None:
    trace = two_targets()
    statuses = (
        VertexStatus("transferring context:", "d1", current=3_000_000, started=1.0),
        VertexStatus("pushing layer sha256:1", "d2", current=500, total=1000, started=1.0),
    )
    trace.apply(Event(SolveStatus(statuses=statuses), "app", "n0"))

    assert shown(trace)[1][0].endswith("1 cached  3.00MB sent, 500B pushed")


def test_the_steps_of_a_single_target_stay() -> None:
    trace = Trace()
    phase(trace, "app", Phase.STARTED)
    vertexes = (
        Vertex("d3", "[3/3] RUN exit 1", started=4.0, completed=5.0, error="exit code: 1"),
        Vertex("d1", "[1/3] FROM x", started=1.0, completed=2.0, cached=True),
        Vertex("d2", "[2/3] RUN make", started=2.0, completed=4.0),
        Vertex("d4", "never"),
    )
    trace.apply(Event(SolveStatus(vertexes=vertexes), "app", "n0"))

    assert [(line.left, line.right, line.style) for line in ended_steps(trace, 9.0)] == [
        ("     CACHED [1/3] FROM x", "1.0s", "cyan"),
        ("     [2/3] RUN make", "2.0s", "dim"),
        ("     ERROR [3/3] RUN exit 1", "1.0s", "red"),
    ]
    assert [left for left, _ in shown(trace)][2:] == [line.left for line in ended_steps(trace, 9.0)]


@given(st.lists(st.sampled_from(Phase), max_size=40), st.integers(1, 30), st.integers(1, 120))
def test_a_picture_never_leaves_the_screen(phases: list[Phase], height: int, width: int) -> None:
    trace = Trace()
    for number, one in enumerate(phases):
        phase(trace, f"t{number}", one)
        steps = (Vertex(f"d{number}", "[1/1] RUN x", started=1.0),)
        logs = (VertexLog(f"d{number}", 1, b"a\nb\nc\n", 2.0),)
        trace.apply(Event(SolveStatus(vertexes=steps, logs=logs), f"t{number}", "n0"))

    lines = layout(trace, Room(width, height, 5.0))

    assert 1 <= len(lines) <= height
    heads = sum(line.left[1:2] in "·▸↻✔✘–■" and "t" in line.left for line in lines[1:])
    counted = sum(
        int(part.split()[0])
        for line in lines
        if line.left.startswith(" … ")
        for part in line.left[3:].split(", ")
    )
    assert height < 3 or heads + counted == len(phases)
