"""`check` beside the reference: no error is told of real files of which it prints every target."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bake.api.checking import check
from bake.api.definition import Files, Reading, sources
from bake.api.machine import this_machine
from bake.diagnostic import Severity
from bake.model.flags import Selection
from tests.conformance.test_corpus import CORPUS, corpus_parameters, files_of

if TYPE_CHECKING:
    from pathlib import Path

    from bake.diagnostic import Diagnostic

TRUE = {("roib20__homelab-as-code", "docker-bake.hcl:128,31-37"): "the group `validate` names no target"}
"""Errors in what nobody asked the reference for."""
WARNINGS = {
    *(
        "deprecated",
        "duplicate-cache",
        "invalid-image-name",
        "secret-without-source",
        "unknown-attribute",
        "unknown-block",
    ),
    *("unset-variable", "unused-variable"),
}
"""What is found in them, each of which was looked at: a new kind wants a look too."""


def found(expectation: Path) -> tuple[Diagnostic, ...]:
    folder = CORPUS / "files" / expectation.parent.relative_to(CORPUS / "expected")
    host = this_machine({"HOME": "/home/user"}, str(folder))
    files = Files(files_of(expectation))
    return check(lambda: sources(files, host, lambda: b""), Selection(), host, Reading()).diagnostics


def accepts(recorded: dict[str, Any]) -> bool:
    """Whether the reference printed every target of it."""
    return recorded["default"]["rc"] == 0 and all(run["rc"] == 0 for run in recorded["targets"].values())


@pytest.mark.parametrize("expectation", corpus_parameters())
def test_what_the_reference_accepts_has_no_errors(expectation: Path) -> None:
    recorded = json.loads(expectation.read_text())
    repository = expectation.relative_to(CORPUS / "expected").parts[0]
    told = found(expectation)
    errors = [one for one in told if one.severity is Severity.ERROR]
    if accepts(recorded):
        assert [one for one in errors if (repository, str(one.span)) not in TRUE] == []
    assert {one.code for one in told if one.severity is Severity.WARNING} <= WARNINGS
