"""The plain display, screen by screen."""

from __future__ import annotations

import io

from bake.progress import (
    Event,
    Note,
    Phase,
    SolveStatus,
    TargetPhase,
    Vertex,
    VertexLog,
    VertexStatus,
    VertexWarning,
)
from bake.ui.plain import Plain


class Screen:
    """A plain display with a clock that is set by hand."""

    def __init__(self, description: str = "") -> None:
        self.out = io.StringIO()
        self.now = 0.0
        self.plain = Plain(self.out, lambda: self.now, description)

    def send(self, target: str, status: SolveStatus) -> None:
        self.plain(Event(status, target, "n0"))
        self.plain.tick()

    def vertex(self, target: str, digest: str, name: str = "", **facts: object) -> None:
        self.send(target, SolveStatus(vertexes=(Vertex(digest, name, **facts),)))  # type: ignore[arg-type]

    def log(self, target: str, digest: str, data: bytes, at: float) -> None:
        self.send(target, SolveStatus(logs=(VertexLog(digest, 1, data, at),)))

    def text(self) -> str:
        self.plain.close()
        return self.out.getvalue()


def test_one_target_reads_as_buildkit_writes_it() -> None:
    screen = Screen('building with "default" instance using docker driver')
    screen.vertex("app", "d1", "[internal] load build definition from Dockerfile", started=1.0)
    screen.vertex("app", "d1", started=1.0, completed=1.2)
    screen.vertex("app", "d2", "[1/1] RUN echo hi", started=2.0)
    screen.log("app", "d2", b"hi\nthere\n", 2.5)
    screen.vertex("app", "d2", started=2.0, completed=14.04)
    assert screen.text() == (
        '#0 building with "default" instance using docker driver\n'
        "\n"
        "#1 [internal] load build definition from Dockerfile\n"
        "#1 DONE 0.2s\n"
        "\n"
        "#2 [1/1] RUN echo hi\n"
        "#2 0.500 hi\n"
        "#2 0.500 there\n"
        "#2 DONE 12.0s\n"
    )


def test_several_targets_are_named_on_every_line() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "[1/2] RUN a", started=1.0)
    screen.vertex("web", "d2", "[1/2] RUN b", started=1.0)
    screen.log("app", "d1", b"from a\n", 12.0)
    screen.vertex("app", "d1", started=1.0, completed=13.0)
    screen.vertex("web", "d2", started=1.0, completed=13.0, error="boom")
    assert screen.text() == (
        "#1 [1/2] RUN a\n"
        "#1 [app] 11.00 from a\n"
        "#1 [app] DONE 12.0s\n"
        "\n"
        "#2 [web 1/2] RUN b\n"
        "#2 [web] ERROR: boom\n"
        "------\n > [web 1/2] RUN b:\n------\n"
    )


def test_the_view_moves_on_when_the_shown_step_is_silent_for_long() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "slow", started=0.0)
    screen.vertex("app", "d2", "other", started=0.0)
    screen.log("app", "d2", b"waits\n", 1.0)
    assert "waits" not in screen.out.getvalue()
    screen.now = 10.0
    screen.plain.tick()
    assert screen.out.getvalue() == "#1 slow\n#1 ...\n\n#2 other\n#2 1.000 waits\n"


def test_a_line_without_its_end_is_continued() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "RUN", started=0.0)
    screen.log("app", "d1", b"half", 1.0)
    screen.log("app", "d1", b" whole\nnext", 2.0)
    screen.vertex("app", "d1", started=0.0, completed=3.0)
    assert screen.text() == "#1 RUN\n#1 1.000 half whole\n#1 2.000 next\n#1 DONE 3.0s\n"


def test_a_failed_steps_last_lines_stand_at_the_end() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "RUN fail", started=0.0)
    for number in range(12):
        screen.log("app", "d1", f"line {number}\n".encode(), 1.0)
    screen.vertex("app", "d1", started=0.0, completed=2.0, error="exit code: 1")
    tail = "".join(f"1.000 line {number}\n" for number in range(2, 12))
    assert screen.text().endswith(f"#1 ERROR: exit code: 1\n------\n > RUN fail:\n{tail}------\n")


def test_canceled_cached_and_warned_steps_say_so() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "a", started=0.0, completed=1.0, error="x: context canceled")
    screen.vertex("app", "d2", "b", started=0.0, completed=1.0, cached=True)
    screen.send("app", SolveStatus(warnings=(VertexWarning("d2", short="FromAsCasing: as"),)))
    assert screen.text() == (
        "#1 a\n#1 CANCELED\n\n#2 b\n#2 CACHED\n#2 WARN: FromAsCasing: as\n"
        "\n 1 warning found:\n - FromAsCasing: as\n"
    )


def test_transfers_are_told_when_they_have_moved() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "load", started=0.0)
    for current, at in ((0, 0.0), (10_000, 0.1), (600_000, 0.2), (1_050_000, 0.3)):
        done = at if current == 1_050_000 else None
        one = VertexStatus("ctx", "d1", "ctx", current, 1_050_000, at, 0.0, done)
        screen.send("app", SolveStatus(statuses=(one,)))
    assert screen.out.getvalue() == (
        "#1 load\n#1 ctx 0B / 1.05MB\n#1 ctx 600.00kB / 1.05MB 0.2s\n#1 ctx 1.05MB / 1.05MB 0.3s done\n"
    )


def test_notes_and_skipped_targets_are_told() -> None:
    screen = Screen()
    screen.plain(Event(Note("no output specified", warning=True, hint="use --load")))
    screen.plain(Event(TargetPhase(Phase.SKIPPED, 1.0, reason="`base` failed"), "app", "n0"))
    assert screen.text() == "WARNING: no output specified\n  use --load\napp: skipped: `base` failed\n"


def test_news_of_a_transfer_replaces_what_nobody_has_read() -> None:
    screen = Screen()
    for current, at in ((0, 0.0), (600_000, 0.2)):
        one = VertexStatus("ctx", "d1", "ctx", current, 1_050_000, at, 0.0)
        status = SolveStatus(vertexes=(Vertex("d1", "load", started=0.0),), statuses=(one,))
        screen.plain(Event(status, "app", "n0"))
    assert screen.text() == "#1 load\n#1 ctx 600.00kB / 1.05MB 0.2s\n"


def test_a_step_that_two_builds_report_is_done_once() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "load", started=1.0, completed=1.1)
    screen.vertex("web", "d1", "load", started=1.2, completed=1.5)
    screen.vertex("app", "d1", started=2.0, completed=2.5)
    assert screen.text() == "#1 load\n#1 DONE 0.1s\n"


def test_a_step_that_runs_again_with_something_to_say_ends_again() -> None:
    screen = Screen()
    screen.vertex("app", "d1", "load", started=1.0, completed=1.5)
    screen.vertex("app", "d1", started=2.0)
    screen.log("app", "d1", b"more\n", 2.25)
    screen.vertex("app", "d1", started=2.0, completed=2.5)
    assert screen.text() == "#1 load\n#1 DONE 0.5s\n#1 0.250 more\n#1 DONE 1.0s\n"
