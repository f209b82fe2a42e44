"""Applications and care at the console: pages, what waits, search, subjects for the messages list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from flask import url_for

from backend.console import ConsoleRoom, Found, NavEntry, Nodes, SubjectLink, current_nodes, may_here
from backend.console.rooms import NavGroup
from backend.marriage.divorce import (
    care_pages,
    desk_accept,
    desk_pages,
    desk_queries,
    desk_search,
    desk_steps,
    desk_waiting,
    texts,
)
from backend.marriage.divorce.desk_blueprint import divorce_desk
from backend.marriage.divorce.desk_queries import CaseRow
from backend.marriage.divorce.notices import SUBJECT_KIND
from backend.marriage.divorce.parameters import DIVORCE
from backend.staff import Permission

__all__ = [
    "care_pages",
    "desk_accept",
    "desk_steps",
    "divorce_console",
]  # the modules hang their views on the blueprint


def _search(text: str) -> Sequence[Found]:
    if not may_here(Permission.READ_DIVORCES):
        return []
    rows = desk_search.search(current_nodes(Permission.READ_DIVORCES), text)
    desk_pages.audit_list("divorce.searched", rows)
    return [_found(row) for row in rows]


def _found(row: CaseRow) -> Found:
    title = f"{row.number} {' '.join(person.name for person in row.persons)}"
    note = texts.FOUND_NOTE.format(office=row.office_name, state=texts.STATE_NAMES[row.state])
    return Found(texts.FOUND_MATTER, title, url_for("divorce_desk.case", case_id=row.id), note)


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    rows = desk_queries.cases_by_id(nodes, ids)
    return {row.id: SubjectLink(row.number, url_for("divorce_desk.case", case_id=row.id)) for row in rows}


def _by_number(number: str, nodes: Nodes) -> tuple[str, uuid.UUID] | None:
    case_id = desk_queries.case_with_number(number.strip().upper(), nodes)
    return None if case_id is None else (SUBJECT_KIND, case_id)


divorce_console = ConsoleRoom(
    blueprint=divorce_desk,
    navigation=[
        NavEntry("divorce_desk.cases", texts.DESK_NAME, Permission.READ_DIVORCES, NavGroup.SERVICES),
        NavEntry("divorce_desk.care_list", texts.CARE_NAME, Permission.CARE_CONTACTS, NavGroup.SERVICES),
        NavEntry("divorce_desk.care_figures", texts.CARE_NAME, Permission.SUPERVISE_CARE, NavGroup.SERVICES),
    ],
    waiting=desk_waiting.waiting,
    search=_search,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: desk_queries.cases_of},
    by_number=_by_number,
    parameters=[DIVORCE],
)
