"""Reports for programs and for logs: JSON, JUnit's XML, Markdown.

Takes a `Report`, gives a text. Markdown is GitHub's, fit for the summary of a step.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from bake.progress import Phase
from bake.ui.units import human_bytes, human_seconds, rfc3339

if TYPE_CHECKING:
    from bake.ui.reports.model import Failure, Report, TargetLine

SCHEMA = "pybake.report/1"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped: terminals' escapes among others."""
MARKS = {Phase.FINISHED: "✅", Phase.FAILED: "❌", Phase.SKIPPED: "⏭️", Phase.CANCELED: "⏹️"}


def moment(report: Report) -> str:
    """When the run began, in RFC 3339 and UTC."""
    return rfc3339(report.began, "milliseconds")


def as_json(report: Report) -> str:
    """All of the report; times in seconds since it `began`, sizes in bytes."""
    document = {"schema": SCHEMA, **asdict(report), "began": moment(report), "ok": report.ok}
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    raise TypeError(type(value).__name__)


def junit(report: Report) -> str:
    """A test suite with a test case for each target."""
    from xml.sax.saxutils import escape, quoteattr

    def clean(text: str) -> str:
        return _NOT_XML.sub("\ufffd", text)

    failures = {one.target: one for one in report.failures}
    lines = []
    for target in report.targets:
        name, time = quoteattr(clean(target.name)), f"{target.seconds or 0:.3f}"
        head = f'    <testcase classname="bake" name={name} time="{time}"'
        inner = _junit_inner(target, failures.get(target.name))
        body = "".join(
            f"      <{tag} message={quoteattr(clean(message))}>{escape(clean(text))}</{tag}>\n"
            for tag, message, text in inner
        )
        lines.append(f"{head}>\n{body}    </testcase>\n" if body else f"{head}/>\n")
    failed = report.count(Phase.FAILED)
    skipped = report.count(Phase.SKIPPED) + report.count(Phase.CANCELED)
    counts = f'tests="{len(report.targets)}" failures="{failed}" errors="0" skipped="{skipped}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts} time="{report.seconds:.3f}">\n'
        f'  <testsuite name="pybake" {counts} time="{report.seconds:.3f}" timestamp="{moment(report)}">\n'
        f"{''.join(lines)}  </testsuite>\n</testsuites>\n"
    )


def _junit_inner(target: TargetLine, failure: Failure | None) -> list[tuple[str, str, str]]:
    """(tag, message, text) of what a test case holds."""
    if failure:
        return [("failure", failure.message, "\n".join((failure.what, *failure.log)))]
    if target.phase in (Phase.SKIPPED, Phase.CANCELED):
        return [("skipped", target.reason or target.phase.value, "")]
    return []


def markdown(report: Report) -> str:
    """A table of the targets, and what failed."""
    lines = [
        f"### pybake: {report.title} in {human_seconds(report.seconds)}",
        "",
        "| | target | platforms | time | cached | size | digest |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for one in report.targets:
        cells = (
            MARKS.get(one.phase, ""),
            f"`{one.name}`" + (f" {_inline(one.reason)}" if one.reason else ""),
            ", ".join(one.platforms),
            "" if one.seconds is None else human_seconds(one.seconds),
            f"{one.cached}/{one.counted}" if one.counted else "",
            "" if one.size is None else human_bytes(one.size),
            f"`{one.digest}`" if one.digest else "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    for failure in report.failures:
        lines += ["", f"<details open><summary><code>{_inline(failure.target)}</code> failed</summary>", ""]
        lines += [*_fenced("\n".join((failure.message, *failure.log))), "", "</details>"]
    if report.warnings:
        lines += [
            "",
            f"**{len(report.warnings)} warnings**",
            "",
            *(f"- {_inline(one)}" for one in report.warnings),
        ]
    return "\n".join(lines) + "\n"


def _inline(text: str) -> str:
    """Text that neither Markdown nor HTML takes for more."""
    escaped = re.sub(r"([\\`*_\[\]|#~])", r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fenced(text: str) -> list[str]:
    """A block with a fence longer than any that is in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]
