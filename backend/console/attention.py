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
from backend.console.guard import current_account, current_nodes, is_htmx, say
from backend.console.rooms import SubjectLink, find_subjects
from backend.kernel.access import Caller, access
from backend.kernel.errors import AppError
from backend.staff import Permission, record
from backend.staff.models import NodeKind
from backend.storage import transaction
from messages.attention import Attention, needing_attention, send_again, settle
from messages.models import OutboxMessage
from messages.outbox import Subject

PAGE_SIZE = 30
_COUNTED = 100


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
        _require_mine(message_id)
        if send_again(message_id):
            record("messages.sent_again", "outbox_message", message_id, account_id=current_account().id)
            say(texts.MESSAGE_QUEUED_AGAIN)
        else:
            say(texts.MESSAGE_GONE, "problem")
    return _back()


@pages.post("/messages/<uuid:message_id>/settle")
@access(Caller.STAFF, Permission.ATTEND_MESSAGES)
def message_settle(message_id: uuid.UUID) -> AnyResponse:
    """Note that somebody told the person."""
    with transaction():
        _require_mine(message_id)
        if settle(message_id):
            record("messages.settled", "outbox_message", message_id, account_id=current_account().id)
            say(texts.MESSAGE_SETTLED)
        else:
            say(texts.MESSAGE_GONE, "problem")
    return _back()


def attention_count() -> str:
    """How many messages wait for this person, for the worklist; 99+ beyond."""
    count = len(_mine(needing_attention(None, _COUNTED).items))
    return "99+" if count >= _COUNTED else str(count)


def _render() -> str:
    cursor = request.args.get("cursor") or None
    try:
        page = needing_attention(cursor, PAGE_SIZE)
    except ValueError:
        raise AppError("invalid", texts.BAD_CURSOR, 422) from None
    template = "console/messages_part.html" if is_htmx() else "console/messages.html"
    return render_template(template, lines=_mine(page.items), next_cursor=page.next_cursor, later_page=bool(cursor))


def _back() -> AnyResponse:
    if is_htmx():
        return make_response(_render())
    return redirect(url_for("console.messages"), 303)


def _mine(items: Sequence[Attention]) -> list[AttentionLine]:
    links = _links(item.subject for item in items)
    return [
        AttentionLine(item, links[item.subject], _notice_name(item), _failure(item))
        for item in items
        if item.subject in links
    ]


def _links(subjects: Iterable[Subject]) -> dict[Subject, SubjectLink | None]:
    """The subjects this person may see. One that no room knows is shown, without a link, to the district alone."""
    by_kind: dict[str, set[uuid.UUID]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, set()).add(subject.id)
    seen: dict[Subject, SubjectLink | None] = {}
    for kind, ids in by_kind.items():
        found = find_subjects(kind, ids, current_nodes())
        if found is not None:
            seen |= {Subject(kind, subject_id): link for subject_id, link in found.items()}
        elif current_account().node.kind is NodeKind.DISTRICT:
            seen |= dict.fromkeys(Subject(kind, subject_id) for subject_id in ids)
    return seen


def _require_mine(message_id: uuid.UUID) -> None:
    with transaction() as session:
        query = sa.select(OutboxMessage.subject_kind, OutboxMessage.subject_id).where(OutboxMessage.id == message_id)
        row = session.execute(query).one_or_none()
    if row is None or not _links([Subject(*row)]):
        abort(404)


def _notice_name(item: Attention) -> str:
    return texts.NOTICES.get(item.notice, texts.NOTICE_UNKNOWN)


def _failure(item: Attention) -> str:
    if item.failure is None:
        return texts.FAILURE_NOT_SAID
    return texts.FAILURES.get(item.failure) or texts.FAILURE_UNKNOWN.format(code=item.failure)
