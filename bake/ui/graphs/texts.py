"""A drawing as text: a tree for people, DOT and Mermaid for other programs, JSON for any.

Takes a `Drawing`, gives a text that ends with a line end. Its rule: names and labels are escaped by the rules
of the language they stand in, so none of them can become anything but a label.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bake.drawing import Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.drawing import Box, Drawing, Edge

_MERMAID = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "\n": " ", "`": "#96;", "\\": "#92;"}
)
_DOT = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def tree(drawing: Drawing) -> str:
    """What everybody needs, as trees; what was drawn above is not drawn again."""
    boxes, needs = {box.id: box for box in drawing.boxes}, drawing.needs()
    drawn: set[str] = set()
    lines: list[str] = []
    for root in drawing.roots():
        lines.append(_named(root))
        lines += _branches(boxes, needs, root.id, drawn)
    return "".join(f"{line}\n" for line in lines)


def _branches(
    boxes: Mapping[str, Box], needs: Mapping[str, list[Edge]], start: str, drawn: set[str]
) -> Iterator[str]:
    """Depth first, on a stack of its own: a chain of targets may be as long as it likes."""
    stack = [("", iter(_lasting(needs[start])))]
    drawn.add(start)
    while stack:
        indent, edges = stack[-1]
        edge, is_last = next(edges, (None, False))
        if edge is None:
            stack.pop()
            continue
        below = needs[edge.head]
        again = edge.head in drawn and bool(below)
        branch = "└── " if is_last else "├── "
        yield f"{indent}{branch}{_named(boxes[edge.head], edge)}{' …' if again else ''}"
        if not again:
            drawn.add(edge.head)
            stack.append((indent + ("    " if is_last else "│   "), iter(_lasting(below))))


def _lasting(edges: list[Edge]) -> list[tuple[Edge, bool]]:
    return [(edge, index == len(edges) - 1) for index, edge in enumerate(edges)]


def _named(box: Box, edge: Edge | None = None) -> str:
    kind = "group " if box.kind is Kind.GROUP else ""
    context = f" (context {edge.label})" if edge and edge.relation is Relation.CONTEXT else ""
    platforms = f" [{', '.join(box.platforms)}]" if box.platforms else ""
    return f"{kind}{box.name}{platforms}{context}"


def dot(drawing: Drawing) -> str:
    """Graphviz's language."""
    lines = ["digraph bake {", "  rankdir=LR", '  node [shape=box, style=rounded, fontname="monospace"]']
    for box in drawing.boxes:
        look = ", shape=folder, style=solid" if box.kind is Kind.GROUP else ""
        label = _label(box, _DOT, "\\n")
        lines.append(f'  "{box.id.translate(_DOT)}" [label="{label}"{look}]')
    for edge in drawing.edges:
        look = f'label="{edge.label.translate(_DOT)}"' if edge.label else "style=dashed"
        lines.append(f'  "{edge.tail.translate(_DOT)}" -> "{edge.head.translate(_DOT)}" [{look}]')
    return "\n".join([*lines, "}"]) + "\n"


def mermaid(drawing: Drawing) -> str:
    """Mermaid's flowchart, which GitHub and GitLab draw."""
    ids = {box.id: f"n{index}" for index, box in enumerate(drawing.boxes)}
    lines = ["flowchart LR"]
    for box in drawing.boxes:
        opening, closing = ("[[", "]]") if box.kind is Kind.GROUP else ("(", ")")
        lines.append(f'  {ids[box.id]}{opening}"{_label(box, _MERMAID, "<br/>")}"{closing}')
    for edge in drawing.edges:
        arrow = f'-->|"{edge.label.translate(_MERMAID)}"|' if edge.label else "-.->"
        lines.append(f"  {ids[edge.tail]} {arrow} {ids[edge.head]}")
    return "\n".join(lines) + "\n"


def _label(box: Box, escapes: Mapping[int, str], line_end: str) -> str:
    return line_end.join(part.translate(escapes) for part in (box.name, ", ".join(box.platforms)) if part)


def as_json(drawing: Drawing) -> str:
    """`nodes` and `edges`; `from` needs `to`."""
    nodes = [
        {"id": box.id, "kind": box.kind.value, "name": box.name, "platforms": list(box.platforms)}
        for box in drawing.boxes
    ]
    edges = [
        {"from": edge.tail, "to": edge.head, "relation": edge.relation.value, "label": edge.label}
        for edge in drawing.edges
    ]
    return json.dumps({"nodes": nodes, "edges": edges}, indent=2, ensure_ascii=False) + "\n"
