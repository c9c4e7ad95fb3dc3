"""Reports of real runs: they agree with the metadata, open in a browser without network, and keep secrets."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.engine.bakefile import BOTH, ROOT, define, word
from tools import browser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry

SECRET = "correct-horse-battery"
REPORTS = ("r.html", "r.json", "r.xml", "r.md")


@pytest.fixture(scope="module")
def chromium() -> browser.Browser:
    return browser.obtain()


def reported(project: Path, pybake: Command, registry: Registry) -> dict[str, str]:
    """A run of four targets, one of which fails with a secret in its output; each report's text."""
    define(
        project,
        base={"dockerfile": f"{ROOT}RUN echo {word()}\n", "platforms": BOTH, "output": ["type=cacheonly"]},
        app={
            "contexts": {"base": "target:base"},
            "dockerfile": f"FROM base\nRUN sleep 0.3; echo {word()}\n",
            "platforms": BOTH,
            "tags": [f"{registry.address}/report/app:1"],
            "output": ["type=registry"],
        },
        plain={"dockerfile": f"{ROOT}RUN echo {word()} && mkdir /x\n", "output": ["type=image"]},
        bad={
            "secret": ["id=key,env=KEY"],
            "dockerfile": f"{ROOT}RUN --mount=type=secret,id=key cat /run/secrets/key; exit 3\n",
        },
    )
    words = ["base", "app", "plain", "bad", "--keep-going", "--metadata-file=meta.json"]
    answer = pybake.where(KEY=SECRET)(*words, *(f"--report={name}" for name in REPORTS))
    assert answer.code == 2, answer.stderr
    return {name: (project / name).read_text() for name in REPORTS}


def test_reports_agree_with_the_metadata_and_open_in_a_browser(
    project: Path, pybake: Command, registry: Registry, chromium: browser.Browser
) -> None:
    texts = reported(project, pybake, registry)
    metadata = json.loads((project / "meta.json").read_text())
    found = json.loads(texts["r.json"])
    targets = {one["name"]: one for one in found["targets"]}

    for name in ("app", "plain"):
        assert targets[name]["digest"] == metadata[name]["containerimage.digest"]
        assert targets[name]["digest"] in texts["r.html"]
    assert set(metadata) == {name for name, one in targets.items() if one["phase"] == "finished"}
    kinds = {step["bar"]["kind"] for step in found["steps"]}
    assert {"run", "emulated", "pushing", "failed"} <= kinds
    assert all(0 <= step["bar"]["start"] <= step["bar"]["end"] <= found["seconds"] for step in found["steps"])
    path = [found["steps"][index] for index in found["critical"]]
    assert all(one["bar"]["start"] <= other["bar"]["end"] for one, other in pairwise(path))

    document = chromium.document(project / "r.html")
    assert re.search(r"<h1>3 of 4 targets built</h1>", document)
    assert document.count("data-step=") == len(found["steps"])
    assert document.count("data-target=") == 4
    picture = project / "r.png"
    chromium.picture(project / "r.html", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")

    suite = ElementTree.fromstring(texts["r.xml"])
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    assert "| ❌ | `bad`" in texts["r.md"]
    assert not [name for name, text in texts.items() if SECRET in text]


def test_the_picture_of_a_report_has_the_colors_of_its_bars(
    project: Path, pybake: Command, chromium: browser.Browser
) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN echo {word()}\n", "output": ["type=cacheonly"]})
    pybake("app", "--report=r.html").ok()

    light, dark = project / "light.png", project / "dark.png"
    chromium.picture(project / "r.html", light, size=(700, 700))
    chromium.picture(project / "r.html", dark, size=(700, 700), dark=True)

    assert browser.has_color(light, (0x3B, 0x7D, 0xDD))
    assert browser.has_color(dark, (0x0D, 0x11, 0x17))
    assert not browser.has_color(dark, (0xFF, 0xFF, 0xFF))


def test_a_single_build_reports_as_well(project: Path, pybake: Command) -> None:
    failed = pybake("build", "--report=r.json", "-f-", ".", stdin=f"{ROOT}RUN exit 5\n")
    pybake("build", "--report=r.md", "-f-", ".", stdin=f"{ROOT}RUN echo {word()}\n").ok()

    assert failed.code == 1
    (target,) = json.loads((project / "r.json").read_text())["targets"]
    assert (target["phase"], target["place"]) == ("failed", "Dockerfile:4")
    assert "1 target built" in (project / "r.md").read_text()


def test_the_summary_of_a_step_on_github_is_appended_to(project: Path, pybake: Command) -> None:
    define(project, app={"dockerfile": ROOT, "output": ["type=cacheonly"]})
    (project / "summary").write_text("before\n")

    pybake.where(GITHUB_STEP_SUMMARY=str(project / "summary"))("app", "--report", "github").ok()

    assert (project / "summary").read_text().startswith("before\n### pybake: 1 target built in ")


def test_the_graph_is_drawn_by_a_browser(project: Path, pybake: Command, chromium: browser.Browser) -> None:
    define(project, app={"contexts": {"base": "target:base"}}, base={})
    (project / "graph.svg").write_text(pybake("graph", "--format=svg").ok().stdout)

    chromium.picture(project / "graph.svg", project / "graph.png", size=(400, 200))

    assert browser.has_color(project / "graph.png", (0xF6, 0xF8, 0xFA))
