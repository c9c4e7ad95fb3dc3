"""Reports of any texts: none becomes markup, no secret survives, every form can be read back."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bake.errors import Failure, SolveError
from bake.progress import Ending, Event, Note, Phase, SolveStatus, Summary, TargetPhase, Vertex, VertexLog
from bake.ui.reports.model import Recorder, Report, hiding
from bake.ui.reports.page import page
from bake.ui.reports.texts import as_json, junit, markdown

SECRET = "hunter2-hunter2"
TEXTS = st.text(max_size=40) | st.sampled_from(
    ["<b>&amp;</b>", '" onload="x', "]]>", "\x1b[31m\x00", "```", f"a{SECRET}b", "https://u:p@h/", "|\n|"]
)
TIMES = st.floats(0, 1000, allow_nan=False)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    recorder = Recorder(draw(TEXTS), hide=hiding([SECRET]))
    target = draw(st.sampled_from(["app", "web"]))
    recorder(Event(TargetPhase(Phase.STARTED, draw(TIMES)), target, "n"))
    names = draw(st.lists(TEXTS, max_size=5))
    steps = []
    for index, name in enumerate(names):
        start, end = sorted((draw(TIMES), draw(TIMES)))
        inputs = (f"d{index - 1}",)
        steps.append(
            Vertex(f"d{index}", name, inputs, cached=draw(st.booleans()), started=start, completed=end)
        )
    log = VertexLog("d9", 1, draw(TEXTS).encode("utf-8", "replace"))
    failed = Vertex("d9", draw(TEXTS), error=draw(TEXTS) or "x", started=1.0, completed=2.0)
    recorder(Event(SolveStatus((*steps, failed), logs=(log,)), target, "n"))
    recorder(Event(Note(draw(TEXTS))))
    error = SolveError(draw(TEXTS), failure=Failure.STEP, detail=draw(TEXTS), hint=draw(TEXTS))
    endings = (Ending(target, Phase.FAILED, error=error), Ending("x", Phase.SKIPPED, reason=draw(TEXTS)))
    recorder(Event(Summary(endings)))
    return recorder.report()


class Tags(HTMLParser):
    """What markup a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "p", "section", "div"),
    *("b", "span", "small", "details", "summary", "pre", "table", "thead", "tbody", "tr", "th", "td", "code"),
    *("i", "ol", "ul", "li"),
}


@given(reports())
def test_no_text_becomes_markup(report: Report) -> None:
    tags = Tags(page(report))

    assert tags.names <= KNOWN
    assert not {name for name in tags.attributes if name.startswith("on") and name != "open"}


@given(reports())
def test_every_form_can_be_read_and_keeps_the_secret(report: Report) -> None:
    texts = [page(report), as_json(report), junit(report), markdown(report)]

    assert json.loads(texts[1])["schema"] == "pybake.report/1"
    assert ElementTree.fromstring(texts[2].encode("utf-8", "replace")).get("tests") == "2"
    assert not [text for text in texts if SECRET in text or "u:p@" in text]


@given(reports())
def test_the_path_is_part_of_the_run(report: Report) -> None:
    assert len(set(report.critical)) == len(report.critical)
    bars = [bar for target in report.targets for bar in target.bars]
    assert all(0 <= bar.start <= bar.end for bar in bars)
    assert all(0 <= step.bar.start <= step.bar.end <= report.seconds + 1e-5 for step in report.steps)
    assert all(report.steps[index].critical for index in report.critical)
