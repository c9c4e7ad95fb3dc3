"""An explanation of one target, as records: `bake.api` makes them, `bake.ui` shows them."""

from __future__ import annotations

from bake.record import record


@record
class Place:
    """A place in a file of a person's: of the template, where a text was rendered from one. Lines and
    columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@record
class VariableValue:
    """A variable that a value was made of; `cause` says who set it (`default`, `--var`, `environment`)."""

    name: str
    value: str
    cause: str
    place: Place | None = None


@record
class Value:
    """One value: its path (`tags[0]`, `args.VERSION`), its text, and why it is so. `cause` is one of
    `bake.source.Cause`'s words, `detail` its other party; `place` None where no file is involved."""

    path: str
    text: str
    cause: str
    detail: str = ""
    place: Place | None = None
    variables: tuple[VariableValue, ...] = ()


@record
class Reason:
    """One way to the target: (name, what it is) from the outermost inwards."""

    steps: tuple[tuple[str, str], ...]


@record
class RunsOn:
    """Where it is built, for one platform; "" for the node's own."""

    node: str
    platform: str = ""
    emulated: bool = False


@record
class CacheUse:
    """A cache that is read or written; `remark` says where it cannot be."""

    entry: str
    place: Place | None = None
    remark: str = ""


@record
class Explanation:
    """All of it. Without `runs_on`, `unknown` is the reason."""

    target: str
    description: str = ""
    reasons: tuple[Reason, ...] = ()
    runs_on: tuple[RunsOn, ...] = ()
    unknown: str = ""
    reads: tuple[CacheUse, ...] = ()
    writes: tuple[CacheUse, ...] = ()
    values: tuple[Value, ...] = ()
