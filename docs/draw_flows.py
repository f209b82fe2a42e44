"""Draws every conversation and the state machines of the code into `docs/flows/`: `python -m docs.draw_flows`.

A drawing shows what the code declares: the steps of a flow with their `leads_to`, the states with their `MOVES`.
`tests/docs` fails when a drawing is not the one the code gives today.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from backend.marriage.rules import MOVES as APPOINTMENT_MOVES
from backend.marriage.rules import State
from backend.marriage.texts import STATE_NAMES
from docs.drawing.layout import Graph, Node
from docs.drawing.svg import render
from messages.models import OutboxState
from messages.outbox import MOVES as OUTBOX_MOVES
from workflows.chat.engine import Flow
from workflows.chat.flows import DIRECTORY

FOLDER = Path(__file__).parent / "flows"

Any_State = TypeVar("Any_State", bound=StrEnum)

_FLOW_NOTE = "At every step one can leave, go back, see the menu or ask for a person; every step may end it."
_MACHINE_NOTE = "The moves of {table}. Dashed: nothing follows."


def drawings() -> dict[str, str]:
    """The SVG text of every drawing, by file name."""
    drawn = {f"{flow.name}.svg": _flow(flow) for flow in DIRECTORY.flows}
    # A couple that books through the API starts at BOOKED; the chat holds the place first.
    appointment = _machine(APPOINTMENT_MOVES, (State.HELD, State.BOOKED), STATE_NAMES)
    note = _MACHINE_NOTE.format(table="backend/marriage/rules.py")
    drawn["states.appointment.svg"] = render(appointment, "States of an appointment", note)
    outbox = _machine(OUTBOX_MOVES, (OutboxState.QUEUED,), {})
    note = _MACHINE_NOTE.format(table="messages/outbox.py")
    drawn["states.outbox_message.svg"] = render(outbox, "States of an outbox message", note)
    return drawn


def _flow(flow: Flow) -> str:
    nodes = [Node(step.name) for step in flow.steps]
    edges = [(step.name, target) for step in flow.steps for target in step.leads_to]
    return render(
        Graph(nodes, edges, (flow.steps[0].name,)), f"{flow.title} ({flow.name}, version {flow.version})", _FLOW_NOTE
    )


def _machine(
    moves: Mapping[Any_State, Collection[Any_State]],
    starts: Collection[Any_State],
    names: Mapping[Any_State, str],
) -> Graph:
    states = list(type(next(iter(starts))))  # in the order of their declaration; a frozenset has none
    nodes = [Node(state.value, names.get(state, ""), is_end=not moves[state]) for state in states]
    edges = [(state.value, target.value) for state in states for target in states if target in moves[state]]
    return Graph(nodes, edges, tuple(state.value for state in starts))


def write(folder: Path = FOLDER) -> None:
    """Write all drawings and remove those of what is gone."""
    folder.mkdir(exist_ok=True)
    wanted = drawings()
    for path in folder.glob("*.svg"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
