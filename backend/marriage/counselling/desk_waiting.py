"""What waits at the desk of counselling: people to be called at once, and what a counsellor has still to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import url_for

from backend.console import Nodes, Waiting, current_account, current_nodes, may_here
from backend.kernel.clock import now, today
from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.counselling import desk_queries, texts
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.risk import is_unsafe_together
from backend.marriage.counselling.rules import CallbackState
from backend.staff import Permission
from backend.storage import transaction

_LINK_BEFORE = timedelta(hours=1)
_MOST_TOGETHER = 20


def waiting(limit: int) -> Sequence[Waiting]:
    """At most so many things for the person at the desk, the most pressing first."""
    found: list[Waiting] = []
    me = current_account().id
    if may_here(Permission.CALL_BACK):
        calls = desk_queries.open_callbacks(current_nodes(Permission.CALL_BACK), limit)
        # A colleague's call is theirs to make.
        found += [_call(row) for row in calls if row.state is CallbackState.OPEN or row.taken_by == me]
    if may_here(Permission.COUNSEL):
        nodes = current_nodes(Permission.COUNSEL)
        found += _apart(nodes)
        found += [_links(row) for row in desk_queries.without_link(nodes, me, today() + ONE_DAY, limit)]
        found += [_notes(row) for row in desk_queries.unnoted(nodes, me, limit)]
    return sorted(found, key=lambda item: (item.due or now(), item.since))[:limit]


def _call(row: Callback) -> Waiting:
    title = texts.WAITING_CALLBACK_TITLE.format(office=row.office.name)
    href = url_for("counselling_desk.callback", callback_id=row.id)
    return Waiting(texts.WAITING_CALLBACK, title, href, row.raised_at, row.due_at)


def _apart(nodes: Nodes) -> list[Waiting]:
    """Two who were to come together before violence was told."""
    with transaction():
        return [
            _waiting(texts.WAITING_APART, texts.WAITING_APART_TITLE, row, row.starts_at)
            for row in desk_queries.together_ahead(nodes, current_account().id, _MOST_TOGETHER)
            if is_unsafe_together(row.person_id)
        ]


def _links(row: CounsellingSession) -> Waiting:
    return _waiting(texts.WAITING_LINK, texts.WAITING_LINK_TITLE, row, row.starts_at - _LINK_BEFORE)


def _notes(row: CounsellingSession) -> Waiting:
    return _waiting(texts.WAITING_NOTE, texts.WAITING_NOTE_TITLE, row, row.ends_at + ONE_DAY)


def _waiting(matter: str, title: str, row: CounsellingSession, due: datetime) -> Waiting:
    href = url_for("counselling_desk.session_page", counselling_id=row.id)
    return Waiting(matter, title.format(number=row.number), href, row.changed_at, due)
