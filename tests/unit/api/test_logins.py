"""What is said of a registry that refused, by whether we are logged in to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bake.api.logins import explain
from bake.buildkit.credentials import ANONYMOUS, Credentials
from bake.errors import Failure, SolveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

BEFORE = "log in with `docker login`"
REFUSED = "failed to push r.example:5/a:1: unexpected status from HEAD request: 401 Unauthorized"


class Known:
    """Somebody is logged in to `r.example:5`."""

    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials:
        assert not scopes
        if host == "broken.example":
            raise UsageError("the credential helper failed")
        return Credentials("me", "old") if host == "r.example:5" else ANONYMOUS


def hint(detail: str, before: str = BEFORE) -> str | None:
    error = SolveError("A registry refused", failure=Failure.REGISTRY, detail=detail, hint=before)
    explain(cast("Any", SimpleNamespace(errors={"app": error})), Known())
    return error.hint


def test_a_login_that_was_refused_is_named_without_its_password() -> None:
    assert hint(REFUSED) == (
        "r.example:5 refused the login of `me`: has it expired, or may it not do that there? "
        "Log in again with `docker login r.example:5`"
    )


@pytest.mark.parametrize(
    "detail",
    [
        REFUSED.replace("r.example:5", "other.example"),
        REFUSED.replace("r.example:5", "broken.example"),
        "failed to push r.example:5/a:1: connection reset by peer",
        "process did not complete successfully: exit code: 1",
    ],
)
def test_nothing_is_said_of_other_failures(detail: str) -> None:
    assert hint(detail) == BEFORE


def test_a_better_hint_is_kept() -> None:
    assert hint(REFUSED, "write ACCOUNT/NAME") == "write ACCOUNT/NAME"
