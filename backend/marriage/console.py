"""The marriage room at the console: its pages, its part of the worklist, its subjects for the messages list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from flask import render_template, url_for

from backend.console import ConsoleRoom, Found, NavEntry, Nodes, SubjectLink, Waiting, current_nodes, may_here
from backend.console.rooms import NavGroup
from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.clock import today
from backend.marriage.desk import after_pages, again_pages, hall_pages, offices, pages, queries, steps
from backend.marriage.desk import search as finding
from backend.marriage.desk import waiting as worklist
from backend.marriage.desk.blueprint import desk
from backend.marriage.desk.exports import APPOINTMENTS
from backend.marriage.desk.figure_export import FIGURES
from backend.marriage.desk.load import load_by_day
from backend.marriage.desk.trail import audit_list
from backend.marriage.models import Office
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.parameters import BOOKING
from backend.marriage.rush.parameters import RUSH
from backend.marriage.sanctions.parameters import SANCTIONS
from backend.marriage.texts import (
    BETWEEN_NAMES,
    DESK_NAME,
    FIGURES_NAME,
    FOUND_MATTER,
    FOUND_NOTE,
    HALL_NAME,
    LOAD_NAME,
    OFFICE_HANGS,
    OFFICES_TITLE,
    STATE_NAMES,
)
from backend.marriage.waiting.parameters import WAITING
from backend.staff import Permission, register_hanging
from backend.storage import transaction

__all__ = [
    "after_pages",
    "again_pages",
    "hall_pages",
    "marriage_console",
    "offices",
    "pages",
    "steps",
]  # the modules hang their views on `desk`

NEXT_COUPLES = 5


def _overview() -> str:
    if not may_here(Permission.READ_APPOINTMENTS):
        return ""
    nodes = current_nodes(Permission.READ_APPOINTMENTS)
    with transaction():
        counts = queries.tab_counts(nodes)
        couples = queries.next_couples(nodes, NEXT_COUPLES)
        load = load_by_day(nodes, today(), pages.CHART_DAYS)
        audit_list("marriage.worklist_viewed", couples)
    return render_template("marriage/worklist_part.html", counts=counts, couples=couples, load=load)


def _waiting(limit: int) -> Sequence[Waiting]:
    if not may_here(Permission.DECIDE_APPOINTMENTS):
        return []
    return worklist.waiting(current_nodes(Permission.DECIDE_APPOINTMENTS), limit)


def _search(text: str) -> Sequence[Found]:
    if not may_here(Permission.READ_APPOINTMENTS):
        return []
    with transaction():
        rows = finding.search(current_nodes(Permission.READ_APPOINTMENTS), text) or ()
        audit_list("marriage.searched", rows)
    return [_found(row) for row in rows]


def _found(row: queries.AppointmentRow) -> Found:
    names = BETWEEN_NAMES.join(party.name for party in row.parties)
    note = FOUND_NOTE.format(moment=spoken_moment(row.starts_at), office=row.office_name, state=STATE_NAMES[row.state])
    href = url_for("marriage_desk.detail", appointment_id=row.id)
    return Found(FOUND_MATTER, f"{row.number} {names}", href, note)


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        appointment_id: SubjectLink(number, url_for("marriage_desk.detail", appointment_id=appointment_id))
        for appointment_id, number in queries.appointment_numbers(ids, nodes).items()
    }


def _by_number(number: str, nodes: Nodes) -> tuple[str, uuid.UUID] | None:
    appointment_id = queries.appointment_with_number(number.strip().upper(), nodes)
    return None if appointment_id is None else (SUBJECT_KIND, appointment_id)


def _office_at(node_id: uuid.UUID) -> str | None:
    """Why a place cannot be closed: couples are booked there."""
    with transaction() as session:
        return OFFICE_HANGS if session.scalar(sa.select(Office.id).where(Office.node_id == node_id)) else None


register_hanging("marriage_office", _office_at)

marriage_console = ConsoleRoom(
    blueprint=desk,
    navigation=[
        NavEntry("marriage_desk.board", DESK_NAME, Permission.READ_APPOINTMENTS),
        NavEntry("marriage_desk.hall", HALL_NAME, Permission.READ_APPOINTMENTS),
        NavEntry("marriage_desk.load_calendar", LOAD_NAME, Permission.READ_APPOINTMENTS),
        NavEntry("marriage_desk.figures", FIGURES_NAME, Permission.READ_APPOINTMENTS),
        NavEntry("marriage_desk.offices", OFFICES_TITLE, Permission.MANAGE_SETTINGS, NavGroup.BUREAU),
    ],
    overview=_overview,
    waiting=_waiting,
    search=_search,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: queries.appointments_of},
    by_number=_by_number,
    exports=[APPOINTMENTS, FIGURES],
    parameters=[BOOKING, WAITING, SANCTIONS, RUSH],
)
