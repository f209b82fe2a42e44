"""What a room brings to the console. The kit knows rooms only in this form, never by name (architecture.md §2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, current_app

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class SubjectLink:
    """How a subject (an appointment, an order …) is named and where its page is."""

    label: str
    href: str


SubjectFinder = Callable[[Collection[uuid.UUID], Nodes], Mapping[uuid.UUID, SubjectLink]]


@dataclass(frozen=True)
class ConsoleRoom:
    """A room at the console.

    `navigation` is the template of its entries in the menu. `worklist` renders its part of the first page.
    `subjects` finds, by kind, those of the given ids that belong to the given nodes.
    """

    blueprint: Blueprint
    navigation: str
    worklist: Callable[[], str]
    subjects: Mapping[str, SubjectFinder] = field(default_factory=dict)


def console_rooms() -> tuple[ConsoleRoom, ...]:
    """The rooms of the running application."""
    rooms: tuple[ConsoleRoom, ...] = current_app.extensions["console"]
    return rooms


def find_subjects(kind: str, ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink] | None:
    """Those subjects of a kind that belong to the nodes; None when no room knows the kind."""
    for room in console_rooms():
        if kind in room.subjects:
            return room.subjects[kind](ids, nodes)
    return None
