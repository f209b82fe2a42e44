"""Places a small directed graph in rows (Sugiyama's method): cycles broken, rows by longest path, few crossings.

The same graph always gives the same picture, so that a drawing can be compared with its file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

BOX_HEIGHT, ROW_GAP, SIDE_GAP, MARGIN, HEADING = 46, 64, 34, 24, 84
LEAST_WIDTH, DUMMY_WIDTH, LOOP_ROOM, PORT_GAP = 96, 12, 40, 20
CHARACTER, WIDE_CHARACTER = 8.5, 15.0  # of a 15 px sans-serif, generously
_SWEEPS = 24

Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """A box: its name, a second line, and whether nothing follows it."""

    name: str
    caption: str = ""
    is_end: bool = False


@dataclass(frozen=True)
class Graph:
    """`edges` are pairs of node names; `starts` are the nodes one enters from outside."""

    nodes: Sequence[Node]
    edges: Sequence[tuple[str, str]]
    starts: Sequence[str]


@dataclass(frozen=True)
class Box:
    """A placed node; `x` and `y` are its centre."""

    node: Node
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Layout:
    """`lines` run from start to end: a curve between the points 0 and 1, straight from 1 to 2, a curve again …"""

    boxes: Sequence[Box]
    lines: Sequence[Sequence[Point]]
    loops: frozenset[str]
    width: float
    height: float


@dataclass(frozen=True)
class _Chain:
    """An edge as it runs down the rows, through a stand-in in every row it passes."""

    stops: tuple[str, ...]
    is_reversed: bool


def text_width(text: str) -> float:
    """Pixels a line of text needs at most."""
    return sum(WIDE_CHARACTER if unicodedata.east_asian_width(letter) in "WF" else CHARACTER for letter in text)


def place(graph: Graph) -> Layout:
    """Where everything goes."""
    edges = [edge for edge in graph.edges if edge[0] != edge[1]]
    loops = frozenset(start for start, end in graph.edges if start == end)
    upward = _closing_cycles(graph, edges)
    downward = [(end, start) if (start, end) in upward else (start, end) for start, end in edges]
    row_of = _rows(graph, downward)
    chains = [_chain(index, edge, edge in upward, row_of) for index, edge in enumerate(edges)]
    rows = _ordered(_filled(graph, row_of, chains), chains)
    widths = {node.name: _box_width(node, chains) for node in graph.nodes}
    room = {name: width + (2 * LOOP_ROOM if name in loops else 0) for name, width in widths.items()}
    centres = _columns(rows, chains, room)
    heights = {stop: HEADING + row * (BOX_HEIGHT + ROW_GAP) for row, stops in enumerate(rows) for stop in stops}
    boxes = [
        Box(node, centres[node.name], heights[node.name] + BOX_HEIGHT / 2, widths[node.name]) for node in graph.nodes
    ]
    lines = _lines(chains, centres, heights)
    right = max(centres[stop] + room.get(stop, DUMMY_WIDTH) / 2 for stop in centres)
    return Layout(boxes, lines, loops, right + MARGIN, HEADING + len(rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + MARGIN)


def _box_width(node: Node, chains: Sequence[_Chain]) -> float:
    below = sum(chain.stops[0] == node.name for chain in chains)
    above = sum(chain.stops[-1] == node.name for chain in chains)
    text = max(text_width(node.name), text_width(node.caption)) + 28
    return max(LEAST_WIDTH, text, (max(below, above) + 1) * PORT_GAP)


def _closing_cycles(graph: Graph, edges: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Edges that lead back to a node one came through; without them there is no cycle."""
    found: set[tuple[str, str]] = set()
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        for start, end in edges:
            if start == name and end in path:
                found.add((start, end))
            elif start == name and end not in done:
                visit(end, (*path, end))
        done.add(name)

    for name in (*graph.starts, *(node.name for node in graph.nodes)):
        if name not in done:
            visit(name, (name,))
    return frozenset(found)


def _rows(graph: Graph, downward: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The row of each node: one below the lowest node that leads to it."""
    row_of = {node.name: 0 for node in graph.nodes}
    edges = list(downward)
    for _ in row_of:
        for start, end in edges:
            row_of[end] = max(row_of[end], row_of[start] + 1)
    return row_of


def _chain(index: int, edge: tuple[str, str], is_reversed: bool, row_of: Mapping[str, int]) -> _Chain:
    upper, lower = reversed(edge) if is_reversed else edge
    stand_ins = [f"\0{index}:{row}" for row in range(row_of[upper] + 1, row_of[lower])]
    return _Chain((upper, *stand_ins, lower), is_reversed)


def _filled(graph: Graph, row_of: Mapping[str, int], chains: Iterable[_Chain]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(row_of.values()) + 1)]
    for node in graph.nodes:
        rows[row_of[node.name]].append(node.name)
    for chain in chains:
        for step, stop in enumerate(chain.stops[1:-1], start=1):
            rows[row_of[chain.stops[0]] + step].append(stop)
    return rows


# --- the order within the rows ---


def _ordered(rows: list[list[str]], chains: Sequence[_Chain]) -> list[list[str]]:
    """Rows sorted by where their neighbours stand, downwards and upwards in turn; the order with fewest crossings."""
    links = [link for chain in chains for link in pairwise(chain.stops)]
    best, fewest = rows, _crossings(rows, links)
    for sweep in range(_SWEEPS):
        rows = _sorted_rows(rows, links, downwards=sweep % 2 == 0)
        crossings = _crossings(rows, links)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _sorted_rows(rows: list[list[str]], links: Sequence[tuple[str, str]], *, downwards: bool) -> list[list[str]]:
    rows = list(rows)
    pairs = links if downwards else [(lower, upper) for upper, lower in links]
    for index in range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1):
        rows[index] = _sorted_row(rows[index], rows[index - 1 if downwards else index + 1], pairs)
    return rows


def _sorted_row(row: Sequence[str], before: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The row by the mean place of each stop's neighbours in the row before; others stay where they stood."""
    place = {stop: index for index, stop in enumerate(before)}
    own = {stop: index for index, stop in enumerate(row)}

    def wanted(stop: str) -> tuple[float, int]:
        near = [place[one] for one, other in pairs if other == stop and one in place]
        return (_mean(near) if near else own[stop], own[stop])

    return sorted(row, key=wanted)


def _crossings(rows: list[list[str]], links: Sequence[tuple[str, str]]) -> int:
    place = {stop: index for row in rows for index, stop in enumerate(row)}
    row_of = {stop: number for number, row in enumerate(rows) for stop in row}
    return sum(
        (place[a] - place[c]) * (place[b] - place[d]) < 0
        for index, (a, b) in enumerate(links)
        for c, d in links[index + 1 :]
        if row_of[a] == row_of[c]
    )


# --- the columns ---


def _columns(rows: list[list[str]], chains: Sequence[_Chain], room: Mapping[str, float]) -> dict[str, float]:
    """The x of every stop: near its neighbours, in its row's order, never too close to the next."""
    links = [link for chain in chains for link in pairwise(chain.stops)]
    near: dict[str, list[str]] = {stop: [] for row in rows for stop in row}
    for upper, lower in links:
        near[upper].append(lower)
        near[lower].append(upper)
    gaps = [_gaps(row, lambda stop: room.get(stop, DUMMY_WIDTH)) for row in rows]
    centres = {stop: x for row, gap in zip(rows, gaps, strict=True) for stop, x in zip(row, gap, strict=True)}
    for sweep in range(_SWEEPS):
        for row, gap in list(zip(rows, gaps, strict=True))[:: 1 if sweep % 2 == 0 else -1]:
            wanted = [_mean([centres[other] for other in near[stop]] or [centres[stop]]) for stop in row]
            centres.update(zip(row, _apart(wanted, gap), strict=True))
    left = min(centres[stop] - room.get(stop, DUMMY_WIDTH) / 2 for stop in centres) - MARGIN
    return {stop: x - left for stop, x in centres.items()}


def _gaps(row: Sequence[str], room: Callable[[str], float]) -> list[float]:
    """The smallest x each stop of a row can have when the first stands at 0."""
    places = [0.0]
    for one, other in pairwise(row):
        places.append(places[-1] + (room(one) + room(other)) / 2 + SIDE_GAP)
    return places


def _apart(wanted: Sequence[float], gap: Sequence[float]) -> list[float]:
    """The places nearest to `wanted` (least squares) that keep the gaps: pooling of neighbours that are too close."""
    pools: list[list[float]] = []
    for target, least in zip(wanted, gap, strict=True):
        pools.append([target - least])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    shifts = [_mean(pool) for pool in pools for _ in pool]
    return [shift + least for shift, least in zip(shifts, gap, strict=True)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# --- the lines ---


def _lines(chains: Sequence[_Chain], centres: Mapping[str, float], tops: Mapping[str, float]) -> list[list[Point]]:
    leaving = _ports(chains, centres, 0)
    arriving = _ports(chains, centres, -1)
    lines: list[list[Point]] = []
    for index, chain in enumerate(chains):
        upper, *between, lower = chain.stops
        points = [(centres[upper] + leaving[index], tops[upper] + BOX_HEIGHT)]
        for stop in between:
            points += [(centres[stop], tops[stop]), (centres[stop], tops[stop] + BOX_HEIGHT)]
        points.append((centres[lower] + arriving[index], tops[lower]))
        lines.append(points[::-1] if chain.is_reversed else points)
    return lines


def _ports(chains: Sequence[_Chain], centres: Mapping[str, float], end: int) -> dict[int, float]:
    """How far from the middle of its box each line begins (`end` 0) or ends (-1), so that none lies on another."""
    neighbour = 1 if end == 0 else -2
    at_box: dict[str, list[int]] = {}
    for index, chain in enumerate(chains):
        at_box.setdefault(chain.stops[end], []).append(index)
    offsets: dict[int, float] = {}
    for indexes in at_box.values():
        indexes.sort(key=lambda index: (centres[chains[index].stops[neighbour]], index))
        for place, index in enumerate(indexes):
            offsets[index] = (place - (len(indexes) - 1) / 2) * PORT_GAP
    return offsets
