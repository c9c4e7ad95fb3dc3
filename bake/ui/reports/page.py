"""A report as one page that stands alone: no network, no script, light or dark as its reader's system is.

Takes a `Report`, gives HTML. Its rule: everything from outside is escaped, and the page's own policy forbids
it to load or run anything.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bake.progress import Phase
from bake.ui.reports.model import Kind
from bake.ui.reports.texts import moment
from bake.ui.units import human_bytes, human_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bake.ui.reports.model import Bar, Report, StepLine, TargetLine

STYLE = Path(__file__).with_name("page.css")
LEGEND = tuple(kind for kind in Kind if kind not in (Kind.FAILED, Kind.CANCELED))
WORDS = {
    Phase.FINISHED: "built",
    Phase.FAILED: "failed",
    Phase.SKIPPED: "skipped",
    Phase.CANCELED: "canceled",
}
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds that may lie between two lines of the scale."""


def page(report: Report) -> str:
    """The page."""
    title = f"pybake: {report.title} in {human_seconds(report.seconds)}"
    parts = [
        *_head(report, title),
        *_cards(report),
        *_failures(report),
        *_targets(report),
        *_timeline(report),
        *_critical(report),
        *_list("Warnings", report.warnings),
        *_list("Notes", report.notes),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report, title: str) -> Iterator[str]:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escape(title)}</title><style>\n{STYLE.read_text()}</style></head><body><main>"
    yield f'<header class="{"good" if report.ok else "bad"}"><h1>{escape(report.title)}</h1>'
    yield f"<p>{escape(report.builder)} · began {moment(report)}</p></header>"


def _cards(report: Report) -> Iterator[str]:
    share = f"{report.cached / len(report.steps):.0%}" if report.steps else "none"
    cards = (
        ("time", human_seconds(report.seconds), "from the first target's start to the last one's end"),
        ("targets", f"{report.count(Phase.FINISHED)}/{len(report.targets)}", "built"),
        ("steps", str(len(report.steps)), f"{report.cached} cached ({share})"),
        ("critical path", human_seconds(report.critical_seconds), f"{len(report.critical)} steps"),
    )
    yield '<section class="cards">'
    for name, value, more in cards:
        yield f'<div data-card="{name}"><b>{value}</b><span>{name}</span><small>{more}</small></div>'
    yield "</section>"


def _failures(report: Report) -> Iterator[str]:
    for one in report.failures:
        yield f'<section class="failure"><h2>{escape(one.target)} failed</h2><p>{escape(one.message)}</p>'
        if one.hint:
            yield f'<p class="hint">{escape(one.hint)}</p>'
        if one.log:
            log = escape("\n".join(one.log))
            yield f"<details open><summary>{escape(one.what) or 'output'}</summary><pre>{log}</pre></details>"
        yield "</section>"


def _targets(report: Report) -> Iterator[str]:
    yield '<section><h2>Targets</h2><div class="scroll"><table><thead><tr><th>target<th>result<th>platforms'
    yield '<th class="n">time<th class="n">cached<th class="n">size<th>digest</tr></thead><tbody>'
    for one in report.targets:
        yield "".join(_row(one))
    yield "</tbody></table></div></section>"


def _row(one: TargetLine) -> Iterator[str]:
    word = WORDS.get(one.phase, one.phase.value)
    more = " · ".join(filter(None, (one.reason, one.place)))
    yield f'<tr data-target="{escape(one.name)}"><td><b>{escape(one.name)}</b>'
    yield f'<td><span class="phase {one.phase.value}">{word}</span> <small>{escape(more)}</small>'
    yield f"<td>{escape(', '.join(one.platforms))}"
    yield f'<td class="n">{"" if one.seconds is None else human_seconds(one.seconds)}'
    yield f'<td class="n">{f"{one.cached}/{one.counted}" if one.counted else ""}'
    yield f'<td class="n">{"" if one.size is None else human_bytes(one.size)}'
    yield f"<td><code>{escape(one.digest)}</code></tr>"


def _timeline(report: Report) -> Iterator[str]:
    if not report.steps:
        return
    yield '<section class="timeline"><h2>Time line</h2><p class="legend">'
    yield " ".join(f'<span><i class="{kind.value}"></i>{kind.value}</span>' for kind in LEGEND)
    yield '<span><i class="critical"></i>on the critical path</span></p>'
    yield f'<div class="chart"><div class="scale">{_scale(report.seconds)}</div>'
    told: set[int] = set()
    for target in report.targets:
        yield from _lane(report, target, told)
    rest = [step for step in report.steps if step.id not in told]
    if rest:
        yield f"<details open><summary>{_line('other steps', '', ())}</summary>"
        yield from (_step(step, report.seconds) for step in rest)
        yield "</details>"
    yield "</div></section>"


def _lane(report: Report, target: TargetLine, told: set[int]) -> Iterator[str]:
    """A target with its steps; a step that several share is told with the first."""
    own = [report.steps[index] for index in target.steps if index not in told]
    told.update(target.steps)
    bars = [_bar(bar, report.seconds, f"{target.name}: {bar.kind.value}") for bar in target.bars]
    shared = len(target.steps) - len(own)
    note = f"{shared} steps shared with targets above" if shared else ""
    yield "<details open>" if own else '<details class="empty">'
    yield f"<summary>{_line(target.name, note, bars)}</summary>"
    yield from (_step(step, report.seconds) for step in sorted(own, key=lambda step: step.bar.start))
    yield "</details>"


def _line(name: str, note: str, bars: Iterable[str]) -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    track = f'<span class="track">{"".join(bars)}</span>'
    return f'<div class="line target"><span class="name">{escape(name)}{small}</span>{track}</div>'


def _step(step: StepLine, total: float) -> str:
    more = (
        step.name,
        f"{step.bar.kind.value}, {human_seconds(step.bar.seconds)}",
        f"{step.node} {step.platform}".strip(),
        human_bytes(step.size) if step.size else "",
        step.error,
    )
    title = escape("\n".join(filter(None, more)))
    critical = " critical" if step.critical else ""
    time = "cached" if step.bar.kind is Kind.CACHED else human_seconds(step.bar.seconds)
    return (
        f'<div class="line{critical}" data-step="{step.id}" title="{title}">'
        f'<span class="name">{escape(step.name)}</span>'
        f'<span class="track">{_bar(step.bar, total)}</span><span class="time">{time}</span></div>'
    )


def _bar(bar: Bar, total: float, title: str = "") -> str:
    left, width = _share(bar.start, total), _share(bar.seconds, total)
    told = f' title="{escape(title)}, {human_seconds(bar.seconds)}"' if title else ""
    return f'<i class="{bar.kind.value}" style="left:{left:.3f}%;width:{width:.3f}%"{told}></i>'


def _share(seconds: float, total: float) -> float:
    return min(100.0, 100 * seconds / total) if total else 0.0


def _scale(total: float) -> str:
    step = next((one for one in TICKS if total / one <= 10), 7200)
    count = int(total / step) if total else 0
    return "".join(
        f'<span style="left:{_share(index * step, total):.3f}%">{index * step:g}s</span>'
        for index in range(count + 1)
    )


def _critical(report: Report) -> Iterator[str]:
    if not report.critical:
        return
    yield '<section class="path"><h2>Critical path</h2>'
    yield "<p>What the end of the run waited for, first to last.</p><ol>"
    for index in report.critical:
        step = report.steps[index]
        who = ", ".join(step.targets)
        yield f"<li><b>{human_seconds(step.bar.seconds)}</b> {escape(step.name)} <small>{escape(who)}</small>"
    yield "</ol></section>"


def _list(title: str, texts: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<li>{escape(text)}" for text in texts)
    if items:
        yield f"<section><h2>{title}</h2><ul>{items}</ul></section>"
