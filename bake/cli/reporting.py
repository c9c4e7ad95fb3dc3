"""`--report`: what was asked for, recorded while a build runs, written when it is over, however it ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.errors import ExportError, UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.api.library import Builder, Plan
    from bake.host import Host
    from bake.ui.reports.model import Recorder, Report

GITHUB = "github"
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
SUFFIXES = {".html": "page", ".json": "json", ".xml": "junit", ".md": "markdown"}


@record
class Wanted:
    """One report: what it is written as, and where; `append` keeps what is there."""

    form: str
    path: str
    append: bool = False


def wanted(asked: Sequence[str], host: Host) -> tuple[Wanted, ...]:
    """What the values of `--report` ask for. Raises UsageError."""
    return tuple(_wanted(text, host) for text in asked)


def _wanted(text: str, host: Host) -> Wanted:
    if text == GITHUB:
        path = host.environment.get(STEP_SUMMARY, "")
        if not path:
            raise UsageError(
                "--report github works on GitHub's runners only",
                detail=f"{STEP_SUMMARY} is not set",
                hint="--report summary.md writes the same to a file",
            )
        return Wanted("markdown", path, append=True)
    form = SUFFIXES.get(os.path.splitext(text)[1].lower())
    if form is None:
        raise UsageError(
            f"invalid report {text}",
            detail=f"expected a file ending in {', '.join(SUFFIXES)}, or {GITHUB}",
            hint="--report build.html",
        )
    return Wanted(form, text)


def recorder(builder: Builder, plan: Plan) -> Recorder:
    """What records the run of `plan` on `builder`."""
    from bake import platforms
    from bake.api.explaining import is_emulated
    from bake.api.hiding import secret_values
    from bake.ui.reports.model import Recorder, hiding

    nodes = {node.name: node for node in builder.nodes}

    def emulates(node: str, platform: str) -> bool:
        return node in nodes and is_emulated(platforms.parse(platform), nodes[node])

    return Recorder(builder.description, emulates, hiding(secret_values(plan, builder.host)))


def write(reports: Sequence[Wanted], recorded: Recorder) -> None:
    """Write all of them. Raises ExportError."""
    report = recorded.report()
    for one in reports:
        text = _form(one.form)(report)
        try:
            _write(one, text)
        except OSError as exc:
            raise ExportError("The report cannot be written", detail=f"`{one.path}`: {exc.strerror}") from exc


def _write(one: Wanted, text: str) -> None:
    from bake import files

    if one.append:
        with open(one.path, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    else:
        files.replace(one.path, text.encode("utf-8", "replace"))


def _form(form: str) -> Callable[[Report], str]:
    from bake.ui.reports import texts

    if form == "page":
        from bake.ui.reports.page import page

        return page
    return {"json": texts.as_json, "junit": texts.junit, "markdown": texts.markdown}[form]
