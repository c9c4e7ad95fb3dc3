"""The display of a terminal from the first event to the last, on a terminal that is emulated."""

from __future__ import annotations

import io

import pytest

from bake.errors import Failure, SolveError, SourceExcerpt
from bake.progress import (
    Ending,
    Event,
    Note,
    Phase,
    SolveStatus,
    Summary,
    TargetPhase,
    Vertex,
    VertexLog,
    VertexWarning,
)
from bake.ui.display import make_display, summarizes
from bake.ui.live import Live
from bake.ui.plain import Plain
from tests.unit.ui.test_screen import Terminal


class Watch:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 1.0

    def __call__(self) -> float:
        return self.now


def phase(target: str, phase: Phase, at: float) -> Event:
    return Event(TargetPhase(phase, at), target, "n0")


def step(target: str, name: str, started: float, completed: float | None = None, error: str = "") -> Event:
    vertex = Vertex(f"{target}{name}", name, started=started, completed=completed, error=error)
    return Event(SolveStatus(vertexes=(vertex,)), target, "n0")


def log(target: str, name: str, text: str) -> Event:
    return Event(SolveStatus(logs=(VertexLog(f"{target}{name}", 1, text.encode(), 2.0),)), target, "n0")


FAULT = SolveError("It broke", failure=Failure.STEP, sources=[SourceExcerpt("Dockerfile", "", [(3, 3)])])


def test_a_run_of_several_targets_ends_with_their_table() -> None:
    terminal, watch = Terminal(80, 10), Watch()
    live = Live(terminal, watch, "building", terminal.size)
    for event in (
        phase("app", Phase.STARTED, 1.0),
        phase("web", Phase.STARTED, 1.0),
        step("app", "[1/1] RUN a", 1.0),
        step("web", "[1/1] RUN w", 1.0),
        Event(Note("mind the gap", warning=True)),
    ):
        live(event)
    watch.now = 3.0
    live.tick()
    picture = terminal.rows

    for event in (
        step("app", "[1/1] RUN a", 1.0, 4.0),
        log("web", "[1/1] RUN w", "first\nlast\n"),
        step("web", "[1/1] RUN w", 1.0, 4.0, "exit code: 3"),
        phase("app", Phase.FINISHED, 4.0),
        phase("web", Phase.FAILED, 4.0),
        Event(
            Summary(
                (Ending("app", Phase.FINISHED, ("linux/amd64",)), Ending("web", Phase.FAILED, error=FAULT))
            )
        ),
    ):
        live(event)
    live.close()

    assert picture == [
        "building",
        "WARNING: mind the gap",
        f"{'[+] 0/2 targets, 0/2 steps, 0 cached':74} 2.0s",
        f"{' ▸ app  ╌╌╌╌╌╌╌╌╌╌╌╌ 0/1':74} 2.0s",
        f"{'     [1/1] RUN a':74} 2.0s",
        f"{' ▸ web  ╌╌╌╌╌╌╌╌╌╌╌╌ 0/1':74} 2.0s",
        f"{'     [1/1] RUN w':74} 2.0s",
    ]
    assert terminal.rows == [
        "building",
        "WARNING: mind the gap",
        "------",
        " > [web 1/1] RUN w:",
        "first",
        "last",
        "------",
        "TARGET  PLATFORMS    RESULT                  TIME  CACHED",
        "app     linux/amd64  built                   3.0s  0/1",
        "web                  failed at Dockerfile:3  3.0s  0/1",
        "2 targets: 1 built, 1 failed",
    ]


def test_a_run_of_one_target_leaves_its_steps() -> None:
    terminal, watch = Terminal(60, 8), Watch()
    live = Live(terminal, watch, "", terminal.size)
    live(phase("app", Phase.STARTED, 1.0))
    for nth in range(12):
        live(step("app", f"[{nth + 1}/12] RUN {nth}", 1.0 + nth))
        watch.now += 1
        live.tick()
        live(step("app", f"[{nth + 1}/12] RUN {nth}", 1.0 + nth, 2.0 + nth))
    warning = VertexWarning("x", short="Mind the casing")
    live(Event(SolveStatus(warnings=(warning,)), "app", "n0"))
    live(phase("app", Phase.FINISHED, 13.0))
    live.close()

    steps = [f"     [{nth + 1}/12] RUN {nth}" for nth in range(12)]
    assert [row[:-4].rstrip() for row in terminal.rows[:12]] == steps
    assert terminal.rows[12:] == [" - Mind the casing"]


def test_a_step_that_failed_without_output_has_none_to_show() -> None:
    terminal, watch = Terminal(60, 8), Watch()
    live = Live(terminal, watch, "", terminal.size)
    live(phase("app", Phase.STARTED, 1.0))
    live(step("app", "[1/1] COPY gone /", 1.0, 2.0, "not found"))
    live.close()

    assert terminal.rows == [f"{'     ERROR [1/1] COPY gone /':54} 1.0s"]


def test_frames_keep_their_distance() -> None:
    terminal, watch = Terminal(), Watch()
    live = Live(terminal, watch, "", terminal.size)
    live(phase("app", Phase.STARTED, 1.0))

    live.tick()
    drawn = len(terminal.getvalue())
    live.tick()
    same = len(terminal.getvalue())
    watch.now += 0.2
    live.tick()

    assert same == drawn < len(terminal.getvalue())


class Console(io.StringIO):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("mode", "out", "environment", "kind"),
    [
        ("auto", Console(), {}, Live),
        ("tty", Console(), {"TERM": "xterm"}, Live),
        ("auto", Console(), {"TERM": "dumb"}, Plain),
        ("tty", Console(), {"TERM": "dumb"}, Plain),
        ("auto", io.StringIO(), {}, Plain),
        ("tty", io.StringIO(), {}, Plain),
        ("plain", Console(), {}, Plain),
    ],
)
def test_only_a_terminal_is_drawn_on(
    mode: str, out: io.StringIO, environment: dict[str, str], kind: type
) -> None:
    assert isinstance(make_display(mode, out, Watch(), "", environment), kind)


@pytest.mark.parametrize(
    ("mode", "out", "targets", "expected"),
    [
        ("auto", Console(), 1, True),
        ("auto", io.StringIO(), 1, False),
        ("auto", io.StringIO(), 2, True),
        ("plain", Console(), 1, False),
        ("plain", io.StringIO(), 2, True),
        ("json", io.StringIO(), 1, True),
        ("rawjson", Console(), 2, False),
        ("quiet", Console(), 2, False),
        ("none", Console(), 2, False),
    ],
)
def test_when_a_table_is_of_use(mode: str, out: io.StringIO, targets: int, expected: bool) -> None:
    assert summarizes(mode, out, targets) is expected


def test_colors_follow_the_environment() -> None:
    plain, colored = Console(), Console()
    for out, environment in ((plain, {"NO_COLOR": "1"}), (colored, {"NO_COLOR": ""})):
        make_display("tty", out, Watch(), "building", environment)

    assert plain.getvalue() == "building\n"
    assert colored.getvalue() == "\x1b[2mbuilding\x1b[0m\n"
