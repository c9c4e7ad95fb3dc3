"""A doctor's findings as text, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    class Finding(Protocol):
        @property
        def level(self) -> str: ...
        @property
        def topic(self) -> str: ...
        @property
        def text(self) -> str: ...
        @property
        def mend(self) -> str: ...


SIGNS = {"ok": "ok     ", "warning": "WARNING", "error": "ERROR  "}


def text(findings: Sequence[Finding]) -> str:
    """A line for each, the next step under those that need one, and how many of which there are."""
    width = max(len(finding.topic) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{SIGNS[finding.level]}  {finding.topic:{width}}  {finding.text}")
        if finding.mend:
            lines.append(f"{'':{len(SIGNS['ok']) + width + 4}}{finding.mend}")
    counts = Counter(finding.level for finding in findings)
    wrong = [f"{counts[level]} {level}{'s' * (counts[level] != 1)}" for level in ("error", "warning")]
    found = [one for one, level in zip(wrong, ("error", "warning"), strict=True) if counts[level]]
    return "\n".join([*lines, "", ", ".join(found) if found else "nothing is wrong"]) + "\n"


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects with `level`, `topic`, `text`, `mend`."""
    rows = [{"level": one.level, "topic": one.topic, "text": one.text, "mend": one.mend} for one in findings]
    return json.dumps(rows, indent=2) + "\n"
