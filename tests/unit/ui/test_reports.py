"""Reports of a run: what is told of it, in every form; and texts that try to be more than texts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

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
    VertexStatus,
    VertexWarning,
)
from bake.ui.reports.model import Kind, Recorder, Report, hiding
from bake.ui.reports.page import page
from bake.ui.reports.texts import as_json, junit, markdown

NASTY = "<script>alert(1)</script> & \"q\" 'x' ]]> `b` | \x1b[31m"
DIGEST = "sha256:" + "ab" * 32
AMD, ARM = "linux/amd64", "linux/arm64"


def phases(recorder: Recorder, target: str, *moments: tuple[Phase, float]) -> None:
    for phase, at in moments:
        recorder(Event(TargetPhase(phase, at), target, "n0", (AMD, ARM) if target == "app" else (AMD,)))


def recorded() -> Recorder:
    """`app` waits, builds on two platforms and pushes; `bad` fails with a secret in its output; `late` is
    skipped."""
    recorder = Recorder("on a builder", lambda _node, platform: platform == ARM, hiding(["hunter2"]))
    phases(recorder, "app", (Phase.WAITING, 100.0), (Phase.STARTED, 101.0), (Phase.FINISHED, 109.0))
    phases(recorder, "bad", (Phase.WAITING, 100.0), (Phase.STARTED, 100.0), (Phase.FAILED, 103.0))
    app = (
        Vertex("d0", "[linux/amd64 1/2] COPY a /", (), cached=True, started=101.0, completed=101.0),
        Vertex("d1", f"[{AMD} 2/2] RUN make", ("d0",), started=101.0, completed=103.0),
        Vertex("d2", f"[{ARM} 2/2] RUN make", ("d0",), started=101.0, completed=106.0),
        Vertex("d3", "exporting to image", started=106.0, completed=109.0),
    )
    pushed = VertexStatus("pushing layers", "d3", current=10, total=10, started=107.0, completed=109.0)
    recorder(Event(SolveStatus(app, (pushed,)), "app", "n0", (AMD, ARM)))
    bad = Vertex("d9", f"[2/2] RUN {NASTY}", started=100.5, completed=102.5, error=f"exit 1 {NASTY}")
    log = VertexLog("d9", 2, f"reading hunter2\n{NASTY}\n".encode())
    recorder(
        Event(
            SolveStatus((bad,), logs=(log,), warnings=(VertexWarning("d9", short="old"),)),
            "bad",
            "n0",
            (AMD,),
        )
    )
    recorder(Event(Note("token is https://me:pw@host/x")))
    error = SolveError(
        NASTY, failure=Failure.STEP, sources=[SourceExcerpt("Dockerfile", "", [(3, 3)])], vertex_name=bad.name
    )
    recorder(
        Event(
            Summary(
                (
                    Ending("app", Phase.FINISHED, (AMD, ARM), DIGEST, 1000),
                    Ending("bad", Phase.FAILED, (AMD,), error=error),
                    Ending("late", Phase.SKIPPED, reason="`bad` failed"),
                )
            )
        )
    )
    return recorder


@pytest.fixture
def report() -> Report:
    return recorded().report()


def test_every_step_has_its_kind(report: Report) -> None:
    assert [(step.bar.kind, step.bar.start, step.bar.end) for step in report.steps] == [
        (Kind.CACHED, 1.0, 1.0),
        (Kind.RUN, 1.0, 3.0),
        (Kind.EMULATED, 1.0, 6.0),
        (Kind.PUSHING, 6.0, 9.0),
        (Kind.FAILED, 0.5, 2.5),
    ]
    assert report.seconds == 9.0


def test_a_target_waits_before_it_runs(report: Report) -> None:
    assert [(bar.kind, bar.start, bar.end) for bar in report.targets[0].bars] == [
        (Kind.WAITING, 0.0, 1.0),
        (Kind.RUN, 1.0, 9.0),
    ]


def test_the_critical_path_goes_through_what_ended_last(report: Report) -> None:
    assert report.critical == (0, 2, 3)
    assert report.critical_seconds == 8.0
    assert [step.critical for step in report.steps] == [True, False, True, True, False]


def test_the_numbers_add_up(report: Report) -> None:
    app, bad, late = report.targets

    assert (app.seconds, app.cached, app.counted, app.size, app.digest) == (8.0, 1, 3, 1000, DIGEST)
    assert (bad.place, late.reason) == ("Dockerfile:3", "`bad` failed")
    assert [report.count(phase) for phase in (Phase.FINISHED, Phase.FAILED, Phase.SKIPPED)] == [1, 1, 1]
    assert report.title == "1 of 3 targets built"
    assert not report.ok


def test_a_run_without_events_is_a_report_all_the_same() -> None:
    empty = Recorder("nothing").report()

    assert (empty.seconds, empty.steps, empty.critical) == (0.0, (), ())
    assert "0 targets built" in page(empty)
    assert ElementTree.fromstring(junit(empty)).get("tests") == "0"


@pytest.mark.parametrize("form", [page, as_json, junit, markdown])
def test_no_form_tells_a_secret(form: object, report: Report) -> None:
    text = form(report)  # type: ignore[operator]

    assert "hunter2" not in text
    assert "me:pw" not in text


def test_json_has_it_all(report: Report) -> None:
    found = json.loads(as_json(report))

    assert (found["schema"], found["began"]) == ("pybake.report/1", "1970-01-01T00:01:40.000Z")
    assert found["targets"][0]["digest"] == DIGEST
    assert [step["bar"]["kind"] for step in found["steps"]] == [
        "cached",
        "run",
        "emulated",
        "pushing",
        "failed",
    ]
    assert found["failures"][0]["log"] == ["reading ***", NASTY]


def test_junit_has_a_case_for_each_target(report: Report) -> None:
    suite = ElementTree.fromstring(junit(report))[0]

    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert [case.get("name") for case in suite] == ["app", "bad", "late"]
    failure = suite[1].find("failure")
    assert failure is not None
    assert "reading ***" in (failure.text or "")
    assert suite[2].find("skipped") is not None


def test_markdown_is_a_table_that_nothing_breaks_out_of(report: Report) -> None:
    said = markdown(report)

    assert f"| ✅ | `app` | {AMD}, {ARM} | 8.0s | 1/3 | 1.00kB | `{DIGEST}` |" in said
    assert all(line.count("|") == 8 for line in said.splitlines()[4:5])
    assert "<script>" not in said.split("```")[0]


def test_a_fence_is_longer_than_any_in_the_log() -> None:
    recorder = recorded()
    recorder(Event(SolveStatus(logs=(VertexLog("d9", 1, b"````\n"),)), "bad", "n0"))

    assert "\n`````text\n" in markdown(recorder.report())


class Elements(HTMLParser):
    """The tags of a page, and the text outside of its style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.data = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.data += data


def test_the_page_stands_alone_and_takes_no_text_for_markup(report: Report) -> None:
    text = page(report)
    found = Elements(text)

    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not {"src", "href", "onclick"} & set(found.attributes)
    assert "<script>alert(1)</script>" in found.data
    assert not re.search(r"url\(|@import|https?:", text.replace("https://***@host/x", ""))
    assert "default-src 'none'" in text


def test_the_page_shows_what_json_says(report: Report) -> None:
    text = page(report)

    assert '<div data-card="steps"><b>5</b><span>steps</span><small>1 cached (20%)</small></div>' in text
    assert len(re.findall(r"data-step=", text)) == 5
    assert '<i class="emulated" style="left:11.111%;width:55.556%"></i>' in text
    assert DIGEST in text


def test_passwords_of_urls_and_long_secrets_first_are_hidden() -> None:
    hide = hiding(["abcd", "abcdef"])

    assert hide("x abcdef abcd ssh://u:p@h") == "x *** *** ssh://***@h"
