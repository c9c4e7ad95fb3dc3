"""Layouts of any graph: no box lies on another, everything is on the paper, the same graph looks the same."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bake.ui.graphs.layout import lay_out

IDS = st.integers(0, 11).map(str)
SIZES = st.dictionaries(
    IDS, st.tuples(st.floats(20, 200), st.sampled_from([30.0, 42.0])), min_size=1, max_size=12
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    sizes = draw(SIZES)
    ends = st.sampled_from(sorted(sizes))
    return sizes, draw(st.lists(st.tuples(ends, ends), max_size=25))


@given(graphs())
def test_boxes_stand_apart_and_on_the_paper(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)

    for one, other in combinations(layout.boxes.values(), 2):
        beside = one.x + one.width < other.x or other.x + other.width < one.x
        below = one.y + one.height < other.y or other.y + other.height < one.y
        assert beside or below
    for box in layout.boxes.values():
        assert box.x >= 0
        assert box.y >= -1e-6
        assert box.x + box.width <= layout.width + 1e-6
        assert box.y + box.height <= layout.height + 1e-6


@given(graphs())
def test_edges_leave_their_tail_and_reach_their_head(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)

    assert len(layout.paths) == len(edges)
    for (tail, head), path in zip(edges, layout.paths, strict=True):
        start, end = layout.boxes[tail], layout.boxes[head]
        assert path[0] == (start.x + start.width, start.y + start.height / 2)
        assert path[-1] == (end.x, end.y + end.height / 2)


@given(graphs())
def test_the_same_graph_gives_the_same_picture(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    assert lay_out(*graph) == lay_out(*graph)
