"""Rooms say here what they do when something happens to a person; it runs in the transaction that records it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.people.life_events.rules import EventKind

# What the reversal of an event needs, as lists of ids; never anything that tells of a person.
Undo = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Happening:
    """An event as handlers see it. The person's row is locked, and says already what the event says.

    `number_index` is the blind index of their identity number (`people.models.number_index`), None while unknown.
    `undo` is, at a reversal, what the same room gave when it handled the event that is reversed.
    """

    event_id: uuid.UUID
    person_id: uuid.UUID
    kind: EventKind
    effective_on: date
    number_index: bytes | None = field(repr=False)
    detail: Mapping[str, Any]
    undo: Undo = field(default_factory=dict)


@dataclass(frozen=True)
class NotRestored:
    """Something a reversal could not bring back: which `what` (a code of the handler's), and the id of its row."""

    what: str
    id: uuid.UUID


@dataclass(frozen=True)
class Reaction:
    """What a room did: how many of what (by code), what undoing it needs, and what could not be brought back."""

    effects: Mapping[str, int] = field(default_factory=dict)
    undo: Undo = field(default_factory=dict)
    not_restored: Sequence[NotRestored] = ()


@dataclass(frozen=True)
class Handler:
    """A room's part in an event. `room` names it and gives its place: handlers run in the order of these names.

    `react` does it, in the open transaction; what it raises takes the whole event back. `preview` counts what it
    would do, without doing it. `labels` and `left_labels` say codes of effects, and of what is not restored, in words;
    `names` tells by which number officers can ask each other about rows that are not restored.
    """

    room: str
    react: Callable[[Happening], Reaction]
    preview: Callable[[Happening], Mapping[str, int]]
    labels: Mapping[str, str]
    left_labels: Mapping[str, str] = field(default_factory=dict)
    names: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, str]] = lambda _ids: {}


_handlers: dict[tuple[EventKind, str], Handler] = {}


def on_life_event(kind: EventKind, handler: Handler) -> None:
    """Have a room's handler run at every event of a kind; the same room's earlier one is replaced."""
    _handlers[kind, handler.room] = handler


def handlers(kind: EventKind) -> Sequence[Handler]:
    """The handlers of a kind, in the order in which they run."""
    return [handler for (of_kind, _), handler in sorted(_handlers.items()) if of_kind is kind]


def labels(kind: EventKind) -> Mapping[str, Mapping[str, str]]:
    """By room, what its codes mean."""
    return {handler.room: {**handler.labels, **handler.left_labels} for handler in handlers(kind)}
