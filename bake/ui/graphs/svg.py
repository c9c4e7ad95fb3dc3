"""A drawing as a picture: SVG that stands alone, light or dark as its reader's system is.

Takes a `Drawing`, gives SVG. Nothing is loaded from anywhere, and no script runs.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bake.drawing import Kind
from bake.ui.graphs.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.drawing import Box, Drawing
    from bake.ui.graphs.layout import Placed

LETTER = 7.3
"""Width of a letter in pixels, in 12px monospace."""
SMALL = 5.9
"""The same in 10px."""
MARGIN = 20.0
STYLE = """\
  .box rect { fill: #f6f8fa; stroke: #57606a; }
  .group rect { fill: #ddf4ff; stroke: #0969da; }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; }
  .note { font-size: 10px; fill: #57606a; }
  .edge path { fill: none; stroke: #8c959f; stroke-width: 1.3; }
  .member path { stroke-dasharray: 4 3; }
  .edge text { font-size: 10px; fill: #57606a; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
  marker path { fill: #8c959f; }
  .paper { fill: #fff; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; }
    .box rect { fill: #161b22; stroke: #8b949e; }
    .group rect { fill: #121d2f; stroke: #388bfd; }
    text { fill: #e6edf3; }
    .note { fill: #8b949e; }
    .edge text { fill: #8b949e; stroke: #0d1117; }
  }
"""


def svg(drawing: Drawing) -> str:
    """The picture; ends with a line end."""
    known = {box.id for box in drawing.boxes}
    edges = [edge for edge in drawing.edges if edge.tail in known and edge.head in known]
    layout = lay_out(
        {box.id: _size(box) for box in drawing.boxes}, [(edge.tail, edge.head) for edge in edges]
    )
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="{-MARGIN:g} {-MARGIN:g} {width:.0f} {height:.0f}" role="img">',
        f"<title>{len(drawing.boxes)} targets and groups</title>",
        f"<style>\n{STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
        ' orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>',
        f'<rect class="paper" x="{-MARGIN:g}" y="{-MARGIN:g}" width="100%" height="100%"/>',
    ]
    for edge, path in zip(edges, layout.paths, strict=True):
        lines.append(
            f'<g class="edge {edge.relation.value}"><path d="{_curve(path)}" marker-end="url(#arrow)"/>'
        )
        if edge.label and edge.label != edge.head.partition(":")[2]:
            lines.append(_edge_label(edge.label, path))
        lines.append("</g>")
    lines += [_box(box, layout.boxes[box.id]) for box in drawing.boxes]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _note(box: Box) -> str:
    return ", ".join(box.platforms)


def _size(box: Box) -> tuple[float, float]:
    width = max(len(box.name) * LETTER, len(_note(box)) * SMALL) + 24
    return round(width, 1), 42.0 if box.platforms else 30.0


def _box(box: Box, at: Placed) -> str:
    middle = at.y + at.height / 2
    line = middle + (-3 if box.platforms else 4)
    note = f'<text class="note" x="{at.x + 12:.1f}" y="{middle + 12:.1f}">{escape(_note(box))}</text>'
    corner = 3 if box.kind is Kind.GROUP else 8
    return (
        f'<g class="box {box.kind.value}"><title>{escape(box.kind.value)} {escape(box.name)}</title>'
        f'<rect x="{at.x:.1f}" y="{at.y:.1f}" width="{at.width:.1f}" height="{at.height:.1f}" rx="{corner}"/>'
        f'<text x="{at.x + 12:.1f}" y="{line:.1f}">{escape(box.name)}</text>'
        f"{note if box.platforms else ''}</g>"
    )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Level at every point, so that pieces join smoothly."""
    (x, y), *rest = points
    path = f"M{x:.1f},{y:.1f}"
    for to_x, to_y in rest:
        half = (to_x - x) / 2
        path += f" C{x + half:.1f},{y:.1f} {to_x - half:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}"
        x, y = to_x, to_y
    return path


def _edge_label(label: str, points: Sequence[tuple[float, float]]) -> str:
    """In the gap behind the tail's layer."""
    (x, y), (to_x, to_y) = points[1], points[2]
    at_x, at_y = (x + to_x) / 2, (y + to_y) / 2 + 3
    return f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="middle">{escape(label)}</text>'
