"""The drawings are those the code gives today."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from docs.draw_flows import FOLDER, drawings, write
from docs.drawing.layout import BOX_HEIGHT, Graph, Node, place
from tests.docs.pages import text_of
from workflows.chat.flows import DIRECTORY


def test_every_drawing_is_fresh() -> None:
    """Draw them again with `python -m docs.draw_flows`."""
    drawn = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    assert drawn == drawings()


def test_drawing_twice_gives_the_same() -> None:
    assert drawings() == drawings()


def test_every_drawing_is_shown_in_the_architecture() -> None:
    page = text_of("docs/architecture.md")
    assert [name for name in drawings() if f"(flows/{name})" not in page] == []


def test_every_step_of_every_flow_is_in_its_drawing() -> None:
    for flow in DIRECTORY.flows:
        root = ElementTree.fromstring(drawings()[f"{flow.name}.svg"])
        texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {step.name for step in flow.steps} <= texts


def test_writing_removes_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "old.svg").write_text("<svg/>")
    write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(drawings())


_GRAPHS = {
    "a line": ("abc", ["ab", "bc"]),
    "a cycle": ("abc", ["ab", "bc", "ca"]),
    "a loop": ("ab", ["aa", "ab"]),
    "there and back": ("ab", ["ab", "ba"]),
    "a long way round": ("abcd", ["ab", "bc", "cd", "ad", "da"]),
    "two ends": ("abc", ["ab", "ac"]),
    "alone": ("a", []),
}


@pytest.mark.parametrize(("names", "edges"), _GRAPHS.values(), ids=_GRAPHS.keys())
def test_a_layout_has_every_edge_and_no_overlap(names: str, edges: Sequence[str]) -> None:
    graph = Graph([Node(name) for name in names], [(edge[0], edge[1]) for edge in edges], ("a",))
    layout = place(graph)
    assert len(layout.lines) + len(layout.loops) == len(edges)
    boxes = sorted(layout.boxes, key=lambda box: (box.y, box.x))
    for one, other in pairwise(boxes):
        assert one.y + BOX_HEIGHT < other.y or one.x + one.width / 2 < other.x - other.width / 2
    for box in boxes:
        assert box.x - box.width / 2 > 0
        assert box.x + box.width / 2 < layout.width


@pytest.mark.parametrize(("start", "end"), [("a", "b"), ("b", "a"), ("a", "d"), ("d", "a")])
def test_a_line_runs_from_its_start_to_its_end(start: str, end: str) -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "d")]
    if (start, end) not in edges:
        edges.append((start, end))
    layout = place(Graph([Node(name) for name in "abcd"], edges, ("a",)))
    at = {box.node.name: box for box in layout.boxes}
    line = layout.lines[edges.index((start, end))]
    for (x, y), box in ((line[0], at[start]), (line[-1], at[end])):
        assert abs(x - box.x) <= box.width / 2
        assert abs(y - box.y) == BOX_HEIGHT / 2
