"""Messages that need a person: the list, sending again, noting that somebody was told by telephone.

The messages room does not know whose desk a message belongs to; its subject does, through the rooms.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend.console import texts
from backend.console.blueprint import pages
from backend.console.guard import current_account, current_nodes, is_htmx, may_here, say
from backend.console.rooms import SubjectLink, Waiting, console_rooms, find_subjects
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission, district_id, record
from backend.staff.audit import record_look
from backend.storage import transaction
from messages.attention import Attention, needing_attention, send_again, settle
from messages.models import OutboxMessage
from messages.notices import find_notice
from messages.outbox import Subject

PAGE_SIZE = 30
_SUBJECT = "outbox_message"


@dataclass(frozen=True)
class AttentionLine:
    """A message on the list with the subject it is about; no link for subjects that have no page here."""

    message: Attention
    link: SubjectLink | None
    notice: str
    failure: str


@pages.get("/messages")
@access(Caller.STAFF, Permission.ATTEND_MESSAGES)
def messages() -> str:
    """What could not be told, oldest first."""
    return _render()


@pages.post("/messages/<uuid:message_id>/again")
@access(Caller.STAFF, Permission.ATTEND_MESSAGES)
def message_again(message_id: uuid.UUID) -> AnyResponse:
    """Queue it once more."""
    with transaction():
        subject = _require_mine(message_id)
        if send_again(message_id):
            record("messages.sent_again", _SUBJECT, message_id, account_id=current_account().id, task=_task(subject))
            say(texts.MESSAGE_QUEUED_AGAIN)
        else:
            say(texts.MESSAGE_GONE, "problem")
    return _back()


@pages.post("/messages/<uuid:message_id>/settle")
@access(Caller.STAFF, Permission.ATTEND_MESSAGES)
def message_settle(message_id: uuid.UUID) -> AnyResponse:
    """Note that somebody told the person."""
    with transaction():
        subject = _require_mine(message_id)
        if settle(message_id):
            record("messages.settled", _SUBJECT, message_id, account_id=current_account().id, task=_task(subject))
            say(texts.MESSAGE_SETTLED)
        else:
            say(texts.MESSAGE_GONE, "problem")
    return _back()


def waiting_messages(limit: int) -> Sequence[Waiting]:
    """What could not be told, for the worklist: at most so many, oldest first."""
    if not may_here(Permission.ATTEND_MESSAGES):
        return []
    lines = _mine(needing_attention(None, limit, _scope()).items)
    return [
        Waiting(
            texts.MESSAGES_MATTER,
            texts.MESSAGE_WAITS.format(notice=line.notice, subject=line.link.label if line.link else "").strip(),
            url_for("console.messages") + f"#message-{line.message.message_id}",
            line.message.created_at,
            line.message.not_after,
        )
        for line in lines
    ]


def _render() -> str:
    cursor = request.args.get("cursor") or None
    with transaction():
        try:
            page = needing_attention(cursor, PAGE_SIZE, _scope())
        except ValueError:
            raise AppError("invalid", texts.BAD_CURSOR, 422) from None
        lines = _mine(page.items)
        record_look("messages.listed", _SUBJECT, [line.message.message_id for line in lines], fields=("text",))
    template = "console/messages_part.html" if is_htmx() else "console/messages.html"
    return render_template(template, lines=lines, next_cursor=page.next_cursor, later_page=bool(cursor))


def _back() -> AnyResponse:
    if is_htmx():
        return make_response(_render())
    return redirect(url_for("console.messages"), 303)


def _mine(items: Sequence[Attention]) -> list[AttentionLine]:
    links = _links(item.subject for item in items)
    return [
        AttentionLine(item, links[item.subject], notice_name(item.notice), _failure(item))
        for item in items
        if item.subject in links
    ]


def _scope() -> sa.ColumnElement[bool]:
    """The messages whose subjects belong to this person's places, as a condition, so that pages are full.

    A kind whose room gives no scope is looked at afterwards (`_mine`); one that no room knows is the district's.
    """
    nodes = current_nodes(Permission.ATTEND_MESSAGES)
    known = {kind: room.subject_scopes.get(kind) for room in console_rooms() for kind in room.subjects}
    conditions = [
        OutboxMessage.subject_kind == kind
        if scope is None
        else sa.and_(OutboxMessage.subject_kind == kind, OutboxMessage.subject_id.in_(scope(nodes)))
        for kind, scope in known.items()
    ]
    if district_id() in nodes:
        conditions.append(OutboxMessage.subject_kind.not_in(known))
    return sa.or_(sa.false(), *conditions)


def _links(subjects: Iterable[Subject]) -> dict[Subject, SubjectLink | None]:
    """The subjects this person may see. One that no room knows is shown, without a link, to the district alone."""
    by_kind: dict[str, set[uuid.UUID]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, set()).add(subject.id)
    seen: dict[Subject, SubjectLink | None] = {}
    for kind, ids in by_kind.items():
        found = find_subjects(kind, ids, current_nodes(Permission.ATTEND_MESSAGES))
        if found is not None:
            seen |= {Subject(kind, subject_id): link for subject_id, link in found.items()}
        elif district_id() in current_nodes(Permission.ATTEND_MESSAGES):
            seen |= dict.fromkeys(Subject(kind, subject_id) for subject_id in ids)
    return seen


def _require_mine(message_id: uuid.UUID) -> Subject:
    with transaction() as session:
        query = sa.select(OutboxMessage.subject_kind, OutboxMessage.subject_id).where(OutboxMessage.id == message_id)
        row = session.execute(query).one_or_none()
    if row is None or not _links([Subject(*row)]):
        abort(404)
    return Subject(*row)


def _task(subject: Subject) -> str:
    """The matter a message is about, as the audit trail names it."""
    return f"{subject.kind}:{subject.id}"


def notice_name(key: str) -> str:
    """What a message was about, as the desk calls it."""
    found = find_notice(key)
    return found.title if found else texts.NOTICE_UNKNOWN


def _failure(item: Attention) -> str:
    if item.failure is None:
        return texts.FAILURE_NOT_SAID
    return texts.FAILURES.get(item.failure) or texts.FAILURE_UNKNOWN.format(code=item.failure)
