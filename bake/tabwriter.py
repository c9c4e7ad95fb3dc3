"""Text in columns, as Go's text/tabwriter sets it.

Takes lines whose cells end in tabs; a column is as wide as its widest cell among lines that follow each
other and have it. What stands behind a line's last tab belongs to no column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence


@record
class Layout:
    """Go's parameters: the least width of a cell, the width of a tab, what is added to each cell.

    `pad` is what cells are padded with; tabs make every width a multiple of `tab`.
    """

    least: int = 0
    tab: int = 8
    padding: int = 1
    pad: str = "\t"


TABS = Layout()
"""What most of buildx's lists use."""
BLANKS = Layout(pad=" ")
"""What `buildx inspect` uses."""
TABLE = Layout(least=10, padding=3, pad=" ")
"""What docker's `--format=table` uses."""


def aligned(text: str, layout: Layout = TABS) -> str:
    """`text` with every cell padded to its column's width."""
    rows = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in rows]
    _measure(rows, widths, range(len(rows)), layout)
    return "\n".join(_line(cells, width, layout) for cells, width in zip(rows, widths, strict=True))


def _measure(rows: Sequence[list[str]], widths: list[list[int]], lines: range, layout: Layout) -> None:
    """Append the width of the next column to the `widths` of those `lines` that have it."""
    column = len(widths[lines[0]])
    row = lines.start
    while row < lines.stop:
        last = row
        while last < lines.stop and column < len(rows[last]) - 1:
            last += 1
        if last > row:
            width = max(layout.least, *(len(cells[column]) + layout.padding for cells in rows[row:last]))
            for each in widths[row:last]:
                each.append(width)
            _measure(rows, widths, range(row, last), layout)
        row = max(last, row + 1)


def _line(cells: Sequence[str], widths: Sequence[int], layout: Layout) -> str:
    padded = [cell + _fill(len(cell), width, layout) for cell, width in zip(cells, widths, strict=False)]
    return "".join(padded) + cells[-1]


def _fill(length: int, width: int, layout: Layout) -> str:
    if layout.pad != "\t":
        return layout.pad * (width - length)
    full = -(-width // layout.tab) * layout.tab
    return "\t" * -(-(full - length) // layout.tab)
