from __future__ import annotations

from typing import Any

import pytest

from bake.cli.run_options import rules, seconds
from bake.engine.schedule import Rules
from bake.errors import UsageError

NONE: dict[str, Any] = {
    "jobs": None,
    "jobs_per_node": None,
    "fail_fast": None,
    "keep_going": None,
    "push_when_all_succeed": None,
    "execution": None,
    "retries": None,
    "timeout": None,
}


def test_nothing_is_asked_for() -> None:
    assert rules(NONE) == Rules()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"jobs": 8, "jobs_per_node": 2}, Rules(jobs=8, jobs_per_node=2)),
        ({"retries": 3}, Rules(attempts=4)),
        ({"timeout": "1m30s"}, Rules(timeout=90)),
        ({"keep_going": True}, Rules(keep_going=True)),
        ({"fail_fast": True}, Rules()),
        ({"fail_fast": False}, Rules(keep_going=True)),
        ({"push_when_all_succeed": True}, Rules(defer_outputs=True)),
        ({"push_when_all_succeed": True, "keep_going": True}, Rules(defer_outputs=True, keep_going=True)),
        ({"execution": "fail-fast"}, Rules()),
        ({"execution": "defer-output"}, Rules(defer_outputs=True)),
        ({"execution": "defer-error"}, Rules(keep_going=True)),
        ({"execution": "defer-error", "keep_going": True}, Rules(keep_going=True)),
        ({"execution": "defer-output", "fail_fast": True}, Rules(defer_outputs=True)),
    ],
)
def test_options_become_rules(given: dict[str, Any], expected: Rules) -> None:
    assert rules({**NONE, **given}) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fail_fast": True, "keep_going": True}, "--fail-fast and --keep-going"),
        ({"execution": "fail-fast", "keep_going": True}, "--execution=fail-fast and --keep-going"),
        ({"execution": "defer-error", "fail_fast": True}, "--execution=defer-error and --fail-fast"),
        ({"execution": "defer-output", "keep_going": True}, "--execution=defer-output and --keep-going"),
        (
            {"execution": "fail-fast", "push_when_all_succeed": True},
            "--execution=fail-fast and --push-when-all-succeed",
        ),
        ({"execution": "sync"}, "invalid execution mode sync"),
        ({"timeout": "soon"}, "invalid duration soon"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rules({**NONE, **given})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("1.5", 1.5), ("300ms", 0.3), ("1h30m", 5400), (".5s", 0.5), ("2us", 2e-6)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "0", "0s", "-1s", "1x", "s", "1h 30m", "1s2", "inf", "nan", "1e3"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError):
        seconds(text)
