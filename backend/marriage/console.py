"""The marriage room at the console: its pages, its part of the worklist, its subjects for the messages list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from flask import render_template, url_for

from backend.console import ConsoleRoom, NavEntry, Nodes, SubjectLink, current_nodes, may_here
from backend.kernel.clock import today
from backend.marriage import desk_pages, desk_queries, desk_steps
from backend.marriage.desk_blueprint import desk
from backend.marriage.desk_load import load_by_day
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.texts import DESK_NAME
from backend.staff import Permission
from backend.storage import transaction

__all__ = ["desk_pages", "desk_steps", "marriage_console"]  # the two modules hang their views on `desk`

NEXT_COUPLES = 5


def _overview() -> str:
    if not may_here(Permission.READ_APPOINTMENTS):
        return ""
    nodes = current_nodes()
    with transaction():
        counts = desk_queries.tab_counts(nodes)
        couples = desk_queries.next_couples(nodes, NEXT_COUPLES)
        load = load_by_day(nodes, today(), desk_pages.CHART_DAYS)
        desk_pages.audit_list("marriage.worklist_viewed", couples)
    return render_template("marriage/worklist_part.html", counts=counts, couples=couples, load=load)


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    return {
        appointment_id: SubjectLink(number, url_for("marriage_desk.detail", appointment_id=appointment_id))
        for appointment_id, number in desk_queries.appointment_numbers(ids, nodes).items()
    }


marriage_console = ConsoleRoom(
    blueprint=desk,
    navigation=[NavEntry("marriage_desk.board", DESK_NAME, Permission.READ_APPOINTMENTS)],
    overview=_overview,
    subjects={SUBJECT_KIND: _subjects},
)
