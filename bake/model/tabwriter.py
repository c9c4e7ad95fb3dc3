"""Text in columns, as Go's text/tabwriter sets it with tabs of 8 and a padding of 1.

Takes lines whose cells end in tabs; a column is as wide as its widest cell among lines that follow each
other and have it. What stands behind a line's last tab belongs to no column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TAB = 8
PADDING = 1


def aligned(text: str) -> str:
    """`text` with every cell padded by tabs to its column's width."""
    rows = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in rows]
    _measure(rows, widths, 0, len(rows), 0)
    return "\n".join(_line(cells, width) for cells, width in zip(rows, widths, strict=True))


def _measure(rows: Sequence[list[str]], widths: list[list[int]], start: int, end: int, column: int) -> None:
    row = start
    while row < end:
        last = row
        while last < end and column < len(rows[last]) - 1:
            last += 1
        if last > row:
            width = max(len(cells[column]) for cells in rows[row:last]) + PADDING
            for each in widths[row:last]:
                each.append(width)
            _measure(rows, widths, row, last, column + 1)
        row = max(last, row + 1)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + "\t" * _tabs(len(cell), width) for cell, width in zip(cells, widths, strict=False)]
    return "".join(padded) + cells[-1]


def _tabs(length: int, width: int) -> int:
    full = -(-width // TAB) * TAB
    return -(-(full - length) // TAB)
