"""What the live screen shows, decided without a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bake.progress import Event, Phase, SolveStatus, TargetPhase, Vertex, VertexStatus
from bake.ui.live import Line, layout
from bake.ui.trace import Trace


def two_targets() -> Trace:
    trace = Trace()
    for name, phase in (("app", Phase.STARTED), ("web", Phase.WAITING)):
        trace.apply(Event(TargetPhase(phase, 1.0), name, "n0", ("linux/amd64",)))
    vertexes = (
        Vertex("d1", "[1/2] COPY . .", started=1.0, completed=2.0, cached=True),
        Vertex("d2", "[2/2] RUN make", started=2.0),
    )
    moving = (VertexStatus("layer", "d2", current=500, total=2000, started=2.0),)
    trace.apply(Event(SolveStatus(vertexes=vertexes, statuses=moving), "app", "n0"))
    return trace


def test_running_targets_show_their_steps_and_transfers() -> None:
    lines = [(line.left, line.right) for line in layout(two_targets(), 5.0, 24)]
    assert lines == [
        ("[+] Building: 0/2 targets, 2 steps, 1 cached", "4.0s"),
        (" ▸ app linux/amd64  ━━━━━━╌╌╌╌╌╌ 1/2", "4.0s"),
        ("     [2/2] RUN make  500B / 2.00kB", "3.0s"),
        (" · web linux/amd64  waiting", ""),
    ]


def test_a_small_screen_keeps_what_runs_and_counts_the_rest() -> None:
    lines = [line.left for line in layout(two_targets(), 5.0, 4)]
    assert lines[1].startswith(" ▸ app")
    assert lines[-1] == "   … 1 more"
    assert len(lines) == 4


@given(st.text(max_size=60), st.text(max_size=20), st.integers(1, 80))
def test_a_line_never_leaves_the_screen(left: str, right: str, width: int) -> None:
    assert len(Line(left, right).fit(width)) <= width
