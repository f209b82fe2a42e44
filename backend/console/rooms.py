"""What a room brings to the console. The kit knows rooms only in this form, never by name (architecture.md §2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask import Blueprint, current_app

from backend.console.exports.definitions import ExportDefinition
from backend.parameters import ParameterGroup

Nodes = frozenset[uuid.UUID]


@dataclass(frozen=True)
class SubjectLink:
    """How a subject (an appointment, an order …) is named and where its page is."""

    label: str
    href: str


SubjectFinder = Callable[[Collection[uuid.UUID], Nodes], Mapping[uuid.UUID, SubjectLink]]
# The ids of all subjects of a kind that belong to the nodes, to be asked within another query.
SubjectScope = Callable[[Nodes], sa.Select[uuid.UUID]]


class NavGroup(StrEnum):
    """Sections of the menu, in their order; ACCOUNT is the menu behind one's own name."""

    SERVICES = "services"
    PEOPLE = "people"
    BUREAU = "bureau"
    ACCOUNT = "account"


@dataclass(frozen=True)
class NavEntry:
    """One entry of the menu, shown to whoever holds the permission; None for everybody who is signed in.

    Without a `group` it stands where its permission belongs (`backend.console.navigation`).
    """

    endpoint: str
    label: str
    permission: str | None = None
    group: NavGroup | None = None


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the person at the desk: what it is, since when, and by when it is to be done.

    `title` holds no names and no numbers of papers: the list is drawn anew every minute and leaves no audit row.
    """

    matter: str
    title: str
    href: str
    since: datetime
    due: datetime | None = None


@dataclass(frozen=True)
class Found:
    """One hit of the search over all rooms; it shows only what the person at the desk may see."""

    matter: str
    title: str
    href: str
    note: str = ""


@dataclass(frozen=True)
class ConsoleRoom:
    """A room at the console.

    `overview` renders its part of the first page. `waiting` gives at most so many things that wait for the person at
    the desk, the most pressing first. `search` finds by number, telephone tail or name. Each asks for the permissions
    it needs and gives nothing without them. `subjects` finds, by kind, those of the given ids that belong to the given
    nodes; `subject_scopes` gives all of them as a query. `by_number` finds kind and id of the case with a number, among
    those of the given nodes. `exports` are the lists that may be taken away as a file, `parameters`
    what the bureau may set. Raises `ValueError` for a kind of subject without a scope: pages of it would not fill.
    """

    blueprint: Blueprint
    navigation: Sequence[NavEntry] = ()
    overview: Callable[[], str] | None = None
    waiting: Callable[[int], Sequence[Waiting]] | None = None
    search: Callable[[str], Sequence[Found]] | None = None
    subjects: Mapping[str, SubjectFinder] = field(default_factory=dict)
    subject_scopes: Mapping[str, SubjectScope] = field(default_factory=dict)
    by_number: Callable[[str, Nodes], tuple[str, uuid.UUID] | None] | None = None
    exports: Sequence[ExportDefinition] = ()
    parameters: Sequence[ParameterGroup] = ()

    def __post_init__(self) -> None:
        if self.subjects.keys() != self.subject_scopes.keys():
            raise ValueError(f"{self.blueprint.name}: {sorted(self.subjects.keys() ^ self.subject_scopes.keys())}")


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


def find_by_number(number: str, nodes: Nodes) -> tuple[str, uuid.UUID] | None:
    """Kind and id of the case that people know by a number, among those of the nodes; None when no room has it."""
    asked = (room.by_number(number, nodes) for room in console_rooms() if room.by_number is not None)
    return next((found for found in asked if found is not None), None)
