"""Requests about personal data as a room of the console: its menu, what waits, its subjects."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from flask import url_for

from backend.console.guard import current_nodes, may_here
from backend.console.rights_pages import counter, keeping, pages, queries, texts
from backend.console.rights_pages.blueprint import rights
from backend.console.rooms import ConsoleRoom, NavEntry, Nodes, SubjectLink, Waiting
from backend.people.rights import texts as names
from backend.people.rights.answers import SUBJECT_KIND
from backend.people.rights.rules import Warmth
from backend.staff import Permission

__all__ = ["counter", "keeping", "pages", "rights_console"]  # the modules hang their views on `rights`


def _waiting(limit: int) -> Sequence[Waiting]:
    """Open requests by their due day. How pressing they are is said in words from 70 % of the time on."""
    if not may_here(Permission.HANDLE_RIGHTS):
        return ()
    return [_wait(row) for row in queries.pressing(current_nodes(Permission.HANDLE_RIGHTS), limit)]


def _wait(row: queries.RequestRow) -> Waiting:
    left = pages.days_left(row)
    if row.warmth not in (None, Warmth.CALM, Warmth.OVERDUE):
        left = f"{names.WARMTH_NAMES[row.warmth]}，{left}"
    title = texts.WAITING.format(kind=names.KIND_NAMES[row.kind], number=row.number, left=left)
    href = url_for("rights.one", request_id=row.id)
    return Waiting(texts.REQUESTS, title, href, row.received_at, queries.due_moment(row.due_on))


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        request_id: SubjectLink(texts.SUBJECT.format(number=number), url_for("rights.one", request_id=request_id))
        for request_id, number in queries.numbers_in_scope(ids, nodes).items()
    }


rights_console = ConsoleRoom(
    blueprint=rights,
    navigation=[
        NavEntry("rights.requests", texts.REQUESTS, Permission.HANDLE_RIGHTS),
        NavEntry("rights.keeping", texts.KEEPING, Permission.HANDLE_RIGHTS),
    ],
    waiting=_waiting,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: queries.ids_in_scope},
)
