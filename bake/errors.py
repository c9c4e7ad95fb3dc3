"""Every error a person can meet. The class answers who must act; wording stands where it is raised.

`summary` is short and general, `detail` names the thing in backticks, what was found and what was
allowed, `hint` is the next step: a command or the nearest name. Several faults travel together as an
`ExceptionGroup` of these. Only `bake.cli.main` catches; anything else that reaches it is a bug.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.source import Span


class ExitCode:
    """The process's exit codes; buildx's wherever buildx has the case."""

    OK = 0
    FAILURE = 1
    PARTIAL = 2
    BUG = 3
    INTERNAL = 100
    EXHAUSTED = 102
    CANCELED = 130


class Failure(Enum):
    """What broke, for retries, summaries and exit codes."""

    REGISTRY = "registry"
    CONNECTION = "connection"
    STEP = "step"
    EXPORT = "export"
    CONTEXT = "context"
    DEFINITION = "definition"
    CANCELED = "canceled"


LONGEST = 8_000
"""Characters of a summary or a detail; what is longer quotes a text that nobody will read."""


def reason(error: Exception) -> str:
    """What a person is told of `error`: of the system's errors their words alone, without number and path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def shortened(text: str) -> str:
    """`text`, with its middle left out where it has more than `LONGEST` characters."""
    if len(text) <= LONGEST:
        return text
    kept = LONGEST // 2
    return f"{text[:kept]} … {len(text) - 2 * kept:,} characters … {text[-kept:]}"


class BakeWarning(UserWarning):
    """What is wrong on this machine and done without: Python's way of telling it, which the command line
    writes as `WARNING: …`."""


class BakeError(Exception):
    """The root of them all. `target` names the target that failed, in a run of several.

    `code` is a code of `bake.codes`, "" where the summary says which.
    """

    exit_code = ExitCode.FAILURE
    failure: Failure | None = None
    target = ""
    permanent = False
    """Whether trying the same again would fail the same."""

    def __init__(
        self,
        summary: str,
        *,
        detail: str = "",
        span: Span | None = None,
        hint: str | None = None,
        code: str = "",
    ) -> None:
        super().__init__(shortened(summary))
        self.summary = shortened(summary)
        self.detail = shortened(detail)
        self.span = span
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        """One line, as HCL writes it: `file:3,5-10: Summary; Detail`."""
        return self.line([self.target] if self.target else [])

    def line(self, targets: Sequence[str]) -> str:
        """The one line, when the same befell all of `targets`."""
        where = f"{self.span}: " if self.span else ""
        who = ("target " if len(targets) == 1 else "targets ") + ", ".join(f"`{name}`" for name in targets)
        what = ": ".join(filter(None, (who if targets else "", self.detail)))
        return f"{where}{self.summary}" + (f"; {what}" if what else "")


class UsageError(BakeError):
    """The caller must act: a flag, an argument, the environment."""


class DefinitionError(BakeError):
    """The author of a bake file must act; the place is part of the signature."""

    failure = Failure.DEFINITION

    def __init__(
        self, summary: str, span: Span | None, *, detail: str = "", hint: str | None = None, code: str = ""
    ) -> None:
        super().__init__(summary, detail=detail, span=span, hint=hint, code=code)


class BuilderError(BakeError):
    """The machine must be mended: an engine, a builder, the connection to it."""

    failure = Failure.CONNECTION


class ExportError(BakeError):
    """The destination must be mended: a file, a folder, an image store."""

    failure = Failure.EXPORT


_OF_GRPC = {8: ExitCode.EXHAUSTED, 13: ExitCode.INTERNAL}
"""RESOURCE_EXHAUSTED and INTERNAL have exit codes of their own (cmd/buildx/main.go, 0.36.1)."""


class SolveError(BakeError):
    """BuildKit refused or a step failed: the author of the Dockerfile must act.

    `vertex` is the digest and `vertex_name` the name of the step that failed, `sources` the stretches
    of the Dockerfile it came from, `exit_status` the step's own exit code, `log` its last lines.
    """

    def __init__(
        self,
        summary: str,
        *,
        failure: Failure,
        detail: str = "",
        hint: str | None = None,
        vertex: str = "",
        vertex_name: str = "",
        sources: Sequence[SourceExcerpt] = (),
        exit_status: int | None = None,
        log: Sequence[str] = (),
        grpc_code: int | None = None,
    ) -> None:
        super().__init__(summary, detail=detail, hint=hint)
        self.failure = failure
        self.vertex = vertex
        self.vertex_name = vertex_name
        self.sources = tuple(sources)
        self.exit_status = exit_status
        self.log = tuple(log)
        self.grpc_code = grpc_code
        self.exit_code = _OF_GRPC.get(grpc_code or 0, ExitCode.FAILURE)


class SourceExcerpt:
    """Lines of a file that BuildKit read, with the ones an error is about.

    `ranges` holds (first line, last line) pairs, from 1, both inclusive.
    """

    __slots__ = ("filename", "ranges", "text")

    def __init__(self, filename: str, text: str, ranges: Sequence[tuple[int, int]]) -> None:
        self.filename = filename
        self.text = text
        self.ranges = tuple(ranges)


class TimeoutExceeded(BakeError):  # noqa: N818 - TimeoutError is a builtin
    """A target was not done in the time that it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "Time is up",
            detail=f"not done within {seconds:g} s",
            hint="give it longer with --timeout, or look at what its last step waits for",
        )


class CanceledError(BakeError):
    """The person at the prompt, or the caller, stopped it."""

    exit_code = ExitCode.CANCELED
    failure = Failure.CANCELED

    def __init__(self, summary: str = "canceled") -> None:
        super().__init__(summary)


def raise_all(faults: Iterable[BakeError], message: str = "several faults") -> None:
    """Raise `faults`: nothing for none, the one itself, or a group of all of them."""
    found = list(faults)
    if found:
        _raise(found, message)


def _raise(found: list[BakeError], message: str) -> NoReturn:
    if len(found) == 1:
        raise found[0]
    raise ExceptionGroup(message, found)


def flatten(error: BaseException) -> list[BakeError]:
    """The BakeErrors in `error`, groups opened, in order; other exceptions are left out."""
    if isinstance(error, BaseExceptionGroup):
        return [inner for one in error.exceptions for inner in flatten(one)]
    return [error] if isinstance(error, BakeError) else []
