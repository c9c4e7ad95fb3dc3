"""A registry that refused: whether nobody is logged in to it, or the login is no good any more."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bake.buildkit.credentials import ANONYMOUS
from bake.buildkit.errors import LOG_IN, refusing_registry
from bake.errors import BakeError, SolveError

if TYPE_CHECKING:
    from bake.buildkit.credentials import CredentialSource
    from bake.engine.outcome import Outcome


def explain(outcome: Outcome, source: CredentialSource) -> None:
    """Give refusals by registries that we are logged in to a hint that says so."""
    for error in outcome.errors.values():
        host = refusing_registry(error.detail) if isinstance(error, SolveError) else ""
        if not host or not (error.hint or "").startswith(LOG_IN):
            continue
        found = ANONYMOUS
        with suppress(BakeError):  # a helper that fails has been told of by the build
            found = source.credentials(host)
        if found != ANONYMOUS:
            who = f" of `{found.username}`" if found.username else ""
            error.hint = (
                f"{host} refused the login{who}: has it expired, or may it not do that there? "
                f"Log in again with `docker login {host}`"
            )
