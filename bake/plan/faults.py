"""Where a target's value stands, for errors; and collecting errors instead of stopping at the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError, DefinitionError, flatten, raise_all

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from bake.model.target import Target
    from bake.source import Span


def span_of(target: Target, path: str) -> Span | None:
    """Where the value at `path` (`tags[0]`, `args.VERSION`) was written; failing that, its field, the first
    value of that, or the target itself. None for what is in no file."""
    origins = target.origins
    field = path.partition("[")[0].partition(".")[0]
    first = next((key for key in origins if key.startswith((f"{field}[", f"{field}."))), "")
    found = next((origins[key] for key in (path, field, first, "name") if key in origins), None)
    return found.span if found else None


def fault(
    target: Target, path: str, summary: str, *, detail: str = "", hint: str | None = None
) -> DefinitionError:
    """An error about the value at `path` of `target`."""
    about = f"target `{target.name}`"
    return DefinitionError(
        summary, span_of(target, path), detail=f"{about}: {detail}" if detail else about, hint=hint
    )


def did_you_mean(name: str, candidates: Sequence[str]) -> str | None:
    """A hint that names the candidate most like `name`, None when none is."""
    from difflib import get_close_matches

    near = get_close_matches(name, candidates, n=1, cutoff=0.75)
    return f"did you mean `{near[0]}`?" if near else None


class Collector:
    """Runs pieces of work, each of which may fail, and raises all that failed together.

    with Collector() as collect:
        with collect.piece(): …
    """

    def __init__(self) -> None:
        self._found: list[BakeError] = []

    def __enter__(self) -> Collector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            raise_all(self._found, "the definition cannot be built")

    def piece(self) -> _Piece:
        return _Piece(self._found)


class _Piece:
    def __init__(self, found: list[BakeError]) -> None:
        self._found = found

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if isinstance(error, (BakeError, ExceptionGroup)):
            self._found += flatten(error)
            return bool(flatten(error))
        return False
