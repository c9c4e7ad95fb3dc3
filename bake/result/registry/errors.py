"""What can go wrong at a registry."""

from __future__ import annotations

from bake.errors import BakeError, Failure


class RegistryError(BakeError):
    """A registry refused, or did not answer. `status` is HTTP's, 0 without an answer."""

    failure = Failure.REGISTRY

    def __init__(self, summary: str, *, detail: str = "", hint: str | None = None, status: int = 0) -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.status = status


class NotFoundError(RegistryError):
    """There is no such image or content."""
