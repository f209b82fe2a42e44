"""Writes a placed graph as SVG: dark text on white, so that it can be read on any page."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docs.drawing.layout import BOX_HEIGHT, CHARACTER, LOOP_ROOM, MARGIN, Box, Graph, Point, place, text_width

_STYLE = """\
  <style>
    text { font-family: system-ui, sans-serif; font-size: 15px; fill: #1f2933; text-anchor: middle; }
    .title { font-size: 18px; font-weight: 600; text-anchor: start; }
    .note, .caption { font-size: 13px; fill: #52606d; }
    .note { text-anchor: start; }
    .box { fill: #eef4fb; stroke: #2f5f8f; stroke-width: 1.5; }
    .end { fill: #f4f4f2; stroke: #6b6b63; stroke-width: 1.5; stroke-dasharray: 5 3; }
    .line { fill: none; stroke: #3e4c59; stroke-width: 1.4; }
  </style>
  <defs>
    <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
      <path d="M0 0 L10 5 L0 10 z" fill="#3e4c59"/>
    </marker>
  </defs>"""


def render(graph: Graph, title: str, note: str) -> str:
    """The whole file, ending with a line break."""
    layout = place(graph)
    boxes = {box.node.name: box for box in layout.boxes}
    width = round(max(layout.width, text_width(title) * 1.2 + 2 * MARGIN, len(note) * CHARACTER * 0.8 + 2 * MARGIN))
    height = round(layout.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="title">',
        f'  <title id="title">{escape(title)}</title>',
        _STYLE,
        f'  <rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'  <text class="title" x="{MARGIN}" y="30">{escape(title)}</text>',
        f'  <text class="note" x="{MARGIN}" y="52">{escape(note)}</text>',
        *(_path(line) for line in layout.lines),
        *(_loop(boxes[name]) for name in sorted(layout.loops)),
        *(_entry(boxes[name]) for name in graph.starts),
        *(part for box in layout.boxes for part in _box(box)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _path(points: Sequence[Point]) -> str:
    commands = [f"M{_at(points[0])}"]
    for index in range(1, len(points)):
        (x0, y0), (x1, y1) = points[index - 1], points[index]
        if index % 2:
            middle = (y0 + y1) / 2
            commands.append(f"C{_at((x0, middle))} {_at((x1, middle))} {_at((x1, y1))}")
        else:
            commands.append(f"L{_at((x1, y1))}")
    return _line(" ".join(commands))


def _loop(box: Box) -> str:
    edge, out = box.x + box.width / 2, box.x + box.width / 2 + LOOP_ROOM
    return _line(
        f"M{_at((edge, box.y - 10))} C{_at((out, box.y - 24))} {_at((out, box.y + 24))} {_at((edge, box.y + 10))}"
    )


def _entry(box: Box) -> str:
    """A short arrow from nowhere into the top left corner of a box one can begin at."""
    x, top = box.x - box.width / 2 + 14, box.y - BOX_HEIGHT / 2
    return f'  <circle cx="{x - 20:.0f}" cy="{top - 20:.0f}" r="5" fill="#3e4c59"/>\n' + _line(
        f"M{_at((x - 20, top - 20))} L{_at((x, top))}"
    )


def _line(commands: str) -> str:
    return f'  <path class="line" d="{commands}" marker-end="url(#arrow)"/>'


def _box(box: Box) -> list[str]:
    left, top = box.x - box.width / 2, box.y - BOX_HEIGHT / 2
    kind = "end" if box.node.is_end else "box"
    name_at = box.y + (5 if not box.node.caption else -4)
    parts = [
        f'  <rect class="{kind}" x="{left:.0f}" y="{top:.0f}" width="{box.width:.0f}" height="{BOX_HEIGHT}" rx="8"/>',
        f'  <text x="{box.x:.0f}" y="{name_at:.0f}">{escape(box.node.name)}</text>',
    ]
    if box.node.caption:
        parts.append(f'  <text class="caption" x="{box.x:.0f}" y="{box.y + 15:.0f}">{escape(box.node.caption)}</text>')
    return parts


def _at(point: Point) -> str:
    return f"{point[0]:.0f},{point[1]:.0f}"
