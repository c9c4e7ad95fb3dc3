"""The build cache for people: what `du` lists and `prune` takes away.

Takes `UsageRecord`s, gives text; words and columns are those of commands/diskusage.go and
commands/prune.go (buildx 0.36.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake import tabwriter
from bake.quantities import human_duration, human_size
from bake.ui.formatter import Row, formatted, is_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.worker import UsageRecord

DEFAULT_TABLE = "table {{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAt}}"
HEADINGS = {
    "ID": "ID",
    "Parents": "PARENTS",
    "CreatedAt": "CREATED AT",
    "Mutable": "MUTABLE",
    "Reclaimable": "RECLAIMABLE",
    "Shared": "SHARED",
    "Size": "SIZE",
    "Description": "DESCRIPTION",
    "UsageCount": "USAGE COUNT",
    "LastUsedAt": "LAST ACCESSED",
    "Type": "TYPE",
}
PRETTY = "pretty"


def usage(nodes: Sequence[Sequence[UsageRecord]], form: str, now: float, *, totals: bool) -> str:
    """What `du` prints; `nodes` holds each node's records. `totals` follow the command's own formats.

    Raises UsageError for a template that is none.
    """
    records = [record for node in nodes for record in node]
    if form == PRETTY:
        text = "".join(f"{_pretty(record, now)}\n" for record in records)
    else:
        form = DEFAULT_TABLE if form in ("", "table") else form
        text = formatted(form, [_row(record, form, now) for record in records], HEADINGS)
    own = form in (PRETTY, DEFAULT_TABLE)
    return text + (summary(records) if totals and own else "")


def _row(record: UsageRecord, form: str, now: float) -> Row:
    fields = {
        "ID": record.id,
        "Parents": list(record.parents) or None,
        "CreatedAt": go_time(record.created_nanos),
        "Mutable": record.mutable,
        "Reclaimable": not record.in_use,
        "Shared": record.shared,
        "Size": human_size(record.size),
        "Description": record.description,
        "UsageCount": record.usage_count,
        "LastUsedAt": ago(record, now),
        "Type": record.type,
    }
    document = dict(sorted(fields.items()))
    shown: Mapping[str, Any] = fields | {"Parents": list(record.parents)}
    if is_table(form):
        shown = {**shown, "ID": marked_id(record), "Size": marked_size(record)}
    return Row(shown, document)


def marked_id(record: UsageRecord) -> str:
    """`*` says that it may still change."""
    return record.id + "*" * record.mutable


def marked_size(record: UsageRecord) -> str:
    """`*` says that others share it."""
    return human_size(record.size) + "*" * record.shared


def ago(record: UsageRecord, now: float) -> str:
    """When it was used last, "" if it never was."""
    return "" if record.last_used_at is None else f"{human_duration(now - record.last_used_at)} ago"


def go_time(nanos: int) -> str:
    """Nanoseconds since the epoch as Go prints a time in UTC."""
    from datetime import UTC, datetime

    seconds, rest = divmod(nanos, 10**9)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def _facts(record: UsageRecord, now: float) -> Iterator[tuple[str, str]]:
    """What is said of a record at length, in order; "" is left out."""
    yield "Created at", go_time(record.created_nanos)
    yield "Mutable", str(record.mutable).lower()
    yield "Reclaimable", str(not record.in_use).lower()
    yield "Shared", str(record.shared).lower()
    yield "Size", human_size(record.size)
    yield "Description", record.description
    yield "Usage count", str(record.usage_count)
    yield "Last used", ago(record, now)
    yield "Type", record.type


def _pretty(record: UsageRecord, now: float) -> str:
    parents = ["Parents:", *(f" - {parent}" for parent in record.parents)] if record.parents else []
    facts = [f"{name + ':':14}{value}" for name, value in _facts(record, now) if value]
    return "".join(f"{line}\n" for line in (f"{'ID:':14}{record.id}", *parents, *facts))


def summary(records: Sequence[UsageRecord]) -> str:
    """The totals below a list."""
    sizes = [(record, max(record.size, 0)) for record in records]
    total = sum(size for _, size in sizes)
    shared = sum(record.size for record in records if record.shared)
    lines = []
    if shared > 0:
        lines += [f"Shared:\t{human_size(shared)}", f"Private:\t{human_size(total - shared)}"]
    reclaimable = sum(size for record, size in sizes if not record.in_use)
    lines += [f"Reclaimable:\t{human_size(reclaimable)}", f"Total:\t{human_size(total)}"]
    return tabwriter.aligned("".join(f"{line}\n" for line in lines))


def pruned_row(record: UsageRecord, now: float, *, first: bool) -> str:
    """A line of what `prune` took away. The reference sets the heading with the `first` one, and each later
    one by itself."""
    reclaimable = str(not record.in_use).lower()
    cells = (
        f"{marked_id(record):40}",
        f"{reclaimable:5}",
        f"{marked_size(record):10}",
        ago(record, now),
    )
    heading = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n" if first else ""
    return tabwriter.aligned(heading + "\t".join(cells) + "\n")


def pruned_at_length(record: UsageRecord, now: float) -> str:
    """All of what `prune --verbose` took away."""
    facts = [("Parent", ",".join(record.parents)), *_facts(record, now)]
    lines = [f"ID:\t{record.id}", *(f"{name}:\t{value}" for name, value in facts if value), "", ""]
    return tabwriter.aligned("\n".join(lines))


def pruned_total(records: Sequence[UsageRecord]) -> str:
    """The last line of `prune`."""
    return f"Total:\t{human_size(sum(record.size for record in records))}\n"
