"""Where boxes go in a picture: layers from left to right, edges through the gaps.

Takes ids with their sizes and edges, gives points. It is Sugiyama's method in its simplest form: edges that
close a circle are turned around, a box stands one layer right of whatever needs it, an edge over several
layers gets a joint in each, layers are put in order by the mean place of their neighbours, and boxes are
moved towards their neighbours as far as that order lets them. The same graph always gives the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SWEEPS = 12
ACROSS = 90.0
"""Pixels between two layers."""
BETWEEN = 14.0
"""Pixels between two boxes of a layer."""


@record
class Placed:
    """The left upper corner and the size of a box, in pixels."""

    x: float
    y: float
    width: float
    height: float


@record
class Layout:
    """`boxes` by id; `paths` are the points each edge goes through, from the tail's right side to the head's
    left one; `width` and `height` hold it all."""

    boxes: Mapping[str, Placed]
    paths: Sequence[Sequence[tuple[float, float]]]
    width: float
    height: float


def lay_out(sizes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]]) -> Layout:
    """The layout of boxes of these sizes, edges as (tail, head)."""
    depth = _depths(sizes, edges)
    chains = [_chain(index, tail, head, depth) for index, (tail, head) in enumerate(edges)]
    joints = {one: (0.0, 0.0) for chain in chains for one in chain if one not in sizes}
    every = {**sizes, **joints}
    layers = _ordered(_layers(sizes, chains, depth), chains)
    heights = _heights(layers, chains, every)
    return _drawn(sizes, every, layers, heights, chains)


def _depths(ids: Iterable[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each: one more than the deepest of those that need it, circles cut open."""
    heads: dict[str, list[str]] = defaultdict(list)
    for tail, head in edges:
        heads[tail].append(head)
    order, cut = _postorder(ids, heads)
    depth = dict.fromkeys(order, 0)
    for one in reversed(order):
        for head in heads[one]:
            if (one, head) not in cut and head != one:
                depth[head] = max(depth[head], depth[one] + 1)
    return depth


def _postorder(
    ids: Iterable[str], heads: Mapping[str, Sequence[str]]
) -> tuple[list[str], set[tuple[str, str]]]:
    """Each after all that it needs, and the edges that close a circle."""
    order: list[str] = []
    cut: set[tuple[str, str]] = set()
    state: dict[str, bool] = {}  # False while it is open, True when done
    for start in ids:
        stack = [(start, iter(heads.get(start, ())))] if start not in state else []
        state.setdefault(start, False)
        while stack:
            at, remaining = stack[-1]
            head = next(remaining, None)
            if head is None:
                state[at] = True
                order.append(at)
                stack.pop()
            elif head not in state:
                state[head] = False
                stack.append((head, iter(heads.get(head, ()))))
            elif not state[head]:
                cut.add((at, head))
    return order, cut


def _chain(index: int, tail: str, head: str, depth: Mapping[str, int]) -> list[str]:
    """The edge as a row of boxes and joints, one for each layer on the way."""
    first, last = depth[tail], depth[head]
    step = 1 if last >= first else -1
    joints = [f"\0{index}:{layer}" for layer in range(first + step, last, step)]
    return [tail, *joints, head]


def _layers(ids: Iterable[str], chains: Iterable[Sequence[str]], depth: Mapping[str, int]) -> list[list[str]]:
    layers: dict[int, list[str]] = defaultdict(list)
    for one in ids:
        layers[depth[one]].append(one)
    for chain in chains:
        for joint in chain[1:-1]:
            layers[int(joint.rpartition(":")[2])].append(joint)
    return [layers[index] for index in sorted(layers)]


def _neighbours(chains: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for chain in chains:
        for one, other in pairwise(chain):
            found[one].append(other)
            found[other].append(one)
    return found


def _ordered(layers: list[list[str]], chains: Sequence[Sequence[str]]) -> list[list[str]]:
    """The layers with few crossings: each sorted by the mean place of its neighbours, back and forth."""
    near = _neighbours(chains)
    place = {one: float(index) for layer in layers for index, one in enumerate(layer)}
    level = {one: index for index, layer in enumerate(layers) for one in layer}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for index in range(len(layers)) if forward else reversed(range(len(layers))):
            side = index - 1 if forward else index + 1
            means = {
                one: _mean([place[other] for other in near[one] if level[other] == side], place[one])
                for one in layers[index]
            }
            layers[index].sort(key=means.__getitem__)
            place.update({one: float(at) for at, one in enumerate(layers[index])})
    return layers


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _heights(
    layers: Sequence[Sequence[str]], chains: Sequence[Sequence[str]], sizes: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """The middle of each box, downwards: near its neighbours, and apart from those beside it."""
    near = _neighbours(chains)
    middle: dict[str, float] = {}
    for layer in layers:
        _spread(layer, dict.fromkeys(layer, 0.0), sizes, middle)
    for _ in range(SWEEPS):
        for layer in (*layers, *reversed(layers)):
            wished = {one: _mean([middle[other] for other in near[one]], middle[one]) for one in layer}
            _spread(layer, wished, sizes, middle)
    return middle


def _spread(
    layer: Sequence[str],
    wished: Mapping[str, float],
    sizes: Mapping[str, tuple[float, float]],
    middle: dict[str, float],
) -> None:
    """Put a layer where it wishes to be, in its order and without overlaps: those that would overlap become
    a block around the mean of their wishes (pool adjacent violators)."""
    offsets, reach = [], 0.0
    for before, one in zip((None, *layer), layer, strict=False):
        if before is not None:
            reach += (sizes[before][1] + sizes[one][1]) / 2 + BETWEEN
        offsets.append(reach)
    blocks: list[tuple[float, int]] = []
    for one, offset in zip(layer, offsets, strict=True):
        mean, count = wished[one] - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, members = blocks.pop()
            mean, count = (mean * count + other * members) / (count + members), count + members
        blocks.append((mean, count))
    starts = [mean for mean, count in blocks for _ in range(count)]
    middle.update({one: start + offset for one, start, offset in zip(layer, starts, offsets, strict=True)})


def _drawn(
    sizes: Mapping[str, tuple[float, float]],
    every: Mapping[str, tuple[float, float]],
    layers: Sequence[Sequence[str]],
    middle: Mapping[str, float],
    chains: Sequence[Sequence[str]],
) -> Layout:
    top = min((middle[one] - every[one][1] / 2 for one in middle), default=0.0)
    spans: dict[str, tuple[float, float]] = {}  # where the layer of each begins and ends
    x = 0.0
    for layer in layers:
        width = max((every[one][0] for one in layer), default=0.0)
        for one in layer:
            spans[one] = (x, x + width)
        x += width + ACROSS
    level = {one: y - top for one, y in middle.items()}
    boxes = {one: Placed(spans[one][0], level[one] - size[1] / 2, *size) for one, size in sizes.items()}
    paths = [_path(chain, boxes[chain[0]], spans, level) for chain in chains]
    height = max((box.y + box.height for box in boxes.values()), default=0.0)
    return Layout(boxes, paths, max(0.0, x - ACROSS), max([height, *(y for path in paths for _, y in path)]))


def _path(
    chain: Sequence[str],
    tail: Placed,
    spans: Mapping[str, tuple[float, float]],
    level: Mapping[str, float],
) -> list[tuple[float, float]]:
    """Level through each layer, so that no edge runs behind the boxes of one."""
    points = [(tail.x + tail.width, level[chain[0]]), (spans[chain[0]][1], level[chain[0]])]
    for joint in chain[1:-1]:
        points += [(spans[joint][0], level[joint]), (spans[joint][1], level[joint])]
    return [*points, (spans[chain[-1]][0], level[chain[-1]])]
