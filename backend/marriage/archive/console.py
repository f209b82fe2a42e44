"""The archive at the console: pages, what waits, search, exports, subjects for the messages list."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import time

from flask import url_for

from backend.console import ConsoleRoom, Found, NavEntry, Nodes, SubjectLink, Waiting, current_nodes, may_here
from backend.console.rooms import NavGroup
from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now
from backend.marriage.archive import (
    desk_figures,
    desk_new,
    desk_pages,
    desk_papers,
    desk_queries,
    desk_search,
    desk_steps,
    texts,
)
from backend.marriage.archive.desk_blueprint import archive_desk
from backend.marriage.archive.desk_export import REQUESTS
from backend.marriage.archive.desk_queries import RequestRow
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.notices import SUBJECT_KIND
from backend.marriage.archive.parameters import ARCHIVE
from backend.marriage.opening import at
from backend.staff import Permission

__all__ = [
    "archive_console",
    "desk_figures",
    "desk_new",
    "desk_papers",
    "desk_steps",
]  # the modules hang their views on the blueprint

_CLOSE = time(17, 0)


def _waiting(limit: int) -> Sequence[Waiting]:
    found: list[Waiting] = []
    if may_here(Permission.APPROVE_ARCHIVE):
        nodes = current_nodes(Permission.APPROVE_ARCHIVE)
        found += [_to_approve(row) for row in desk_queries.to_approve(nodes, limit)]
    if may_here(Permission.WORK_ARCHIVE):
        nodes = current_nodes(Permission.WORK_ARCHIVE)
        found += [_to_answer(row) for row in desk_queries.to_answer(nodes, limit)]
        found += [_to_fetch(row) for row in desk_queries.to_fetch(nodes, limit)]
    return sorted(found, key=lambda item: (item.due or now(), item.since))[:limit]


def _to_answer(row: ArchiveRequest) -> Waiting:
    state = texts.STATE_NAMES[row.state]
    title = texts.WAITING_SEARCH_TITLE.format(number=row.number, day=spoken_day(row.due_on), state=state)
    return Waiting(texts.WAITING_SEARCH, title, _href(row.id), row.created_at, at(row.due_on, _CLOSE))


def _to_fetch(row: ArchiveRequest) -> Waiting:
    title = texts.WAITING_FETCH_TITLE.format(number=row.number)
    return Waiting(texts.WAITING_FETCH, title, _href(row.id), row.located_at or row.changed_at)


def _to_approve(row: ArchiveRequest) -> Waiting:
    who = texts.APPLICANT_NAMES[row.applicant_kind]
    title = texts.WAITING_APPROVAL_TITLE.format(number=row.number, who=who)
    return Waiting(texts.WAITING_APPROVAL, title, _href(row.id), row.created_at, at(row.due_on, _CLOSE))


def _href(request_id: uuid.UUID) -> str:
    return url_for("archive_desk.one_request", archive_request_id=request_id)


def _search(text: str) -> Sequence[Found]:
    if not may_here(Permission.READ_ARCHIVE):
        return []
    rows = desk_search.search(current_nodes(Permission.READ_ARCHIVE), text)
    desk_pages.audit_list("archive.searched", rows)
    return [_found(row) for row in rows]


def _found(row: RequestRow) -> Found:
    title = f"{row.request.number} {row.applicant_name}"
    note = texts.FOUND_NOTE.format(office=row.request.office.name, state=texts.STATE_NAMES[row.request.state])
    return Found(texts.FOUND_MATTER, title, _href(row.request.id), note)


def _subjects(ids: Collection[uuid.UUID], nodes: Nodes) -> Mapping[uuid.UUID, SubjectLink]:
    rows = desk_queries.requests_by_id(nodes, ids)
    return {row.request.id: SubjectLink(row.request.number, _href(row.request.id)) for row in rows}


def _by_number(number: str, nodes: Nodes) -> tuple[str, uuid.UUID] | None:
    request_id = desk_queries.request_with_number(number.strip().upper(), nodes)
    return None if request_id is None else (SUBJECT_KIND, request_id)


archive_console = ConsoleRoom(
    blueprint=archive_desk,
    navigation=[NavEntry("archive_desk.requests", texts.DESK_NAME, Permission.READ_ARCHIVE, NavGroup.SERVICES)],
    waiting=_waiting,
    search=_search,
    subjects={SUBJECT_KIND: _subjects},
    subject_scopes={SUBJECT_KIND: desk_queries.ids_of},
    by_number=_by_number,
    exports=[REQUESTS],
    parameters=[ARCHIVE],
)
