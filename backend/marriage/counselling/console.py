"""Counselling at the console: pages, what waits, subjects for the messages list, what may be set."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from flask import url_for

from backend.console import ConsoleRoom, NavEntry, Nodes, SubjectLink, may_here
from backend.console.rooms import NavGroup
from backend.marriage.counselling import (
    desk_callbacks,
    desk_pages,
    desk_queries,
    desk_roster,
    desk_supervision,
    desk_waiting,
    texts,
)
from backend.marriage.counselling.desk_blueprint import counselling_desk
from backend.marriage.counselling.notices import SUBJECT_KIND
from backend.marriage.counselling.parameters import COUNSELLING
from backend.staff import Permission

__all__ = [
    "counselling_console",
    "desk_callbacks",
    "desk_pages",
    "desk_roster",
    "desk_supervision",
]  # the modules hang their views on the blueprint


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    """Whoever passes a message on sees the number; the page is for the supervisor alone."""
    rows = desk_queries.sessions_by_id(nodes, ids)
    return {row.id: SubjectLink(row.number, _page(row.id)) for row in rows}


def _page(session_id: uuid.UUID) -> str:
    if may_here(Permission.SUPERVISE_COUNSELLING):
        return url_for("counselling_desk.supervised", counselling_id=session_id)
    return url_for("console.messages")


def _by_number(number: str, nodes: Nodes) -> tuple[str, uuid.UUID] | None:
    session_id = desk_queries.session_with_number(number.strip().upper(), nodes)
    return None if session_id is None else (SUBJECT_KIND, session_id)


counselling_console = ConsoleRoom(
    blueprint=counselling_desk,
    navigation=[
        NavEntry("counselling_desk.sessions", texts.DESK_NAME, Permission.COUNSEL, NavGroup.SERVICES),
        NavEntry("counselling_desk.roster", texts.ROSTER_NAME, Permission.COUNSEL, NavGroup.SERVICES),
        NavEntry("counselling_desk.overview", texts.OVERVIEW_NAME, Permission.SUPERVISE_COUNSELLING, NavGroup.SERVICES),
        NavEntry(
            "counselling_desk.counsellors", texts.COUNSELLORS_NAME, Permission.SUPERVISE_COUNSELLING, NavGroup.SERVICES
        ),
        NavEntry("counselling_desk.callbacks", texts.CALLBACKS_NAME, Permission.CALL_BACK, NavGroup.SERVICES),
    ],
    waiting=desk_waiting.waiting,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: desk_queries.sessions_of},
    by_number=_by_number,
    parameters=[COUNSELLING],
)
