"""Requests as people make them, and what was written down about them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.marriage.archive.ask import CounterAsk, OnlineAsk, ask_online, enter_at_counter
from backend.marriage.archive.asking import Authority, Subject, Wanted
from backend.marriage.archive.models import ArchiveInspection, ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.rules import ApplicantKind, KeptAt, Paper, Sought, Via
from backend.marriage.archive.search import Place, locate, mark_ready, take
from backend.marriage.archive.visit import Reading
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState

WANTED = Wanted(
    Sought.MARRIAGE_RECORD,
    [Subject("王小明", work_unit="国棉三厂"), Subject("李小红")],
    1987,
    1987,
    registered_at="长乐公社",
)
ON_THE_SHELF = Place(KeptAt.HERE, "1987-结-0123")
AT_THE_ARCHIVE = Place(KeptAt.DISTRICT_ARCHIVE, "", "新城区档案馆", "尚勤路 1 号", "029-87001111", they_go=True)
CARD_AND_ONE_COPY = Reading({Paper.IDENTITY}, 1)


def ask(
    office: uuid.UUID,
    person: uuid.UUID,
    kind: ApplicantKind = ApplicantKind.SELF,
    *,
    reference: str | None = None,
    reason: str | None = None,
    via: Via = Via.API,
    **changed: Any,
) -> ArchiveRequest:
    """Ask on WeChat for one's own record, or what is told."""
    wanted = replace(WANTED, **changed)
    return ask_online(OnlineAsk(person, office, Authority(kind, reference, reason), wanted, via))


def enter(
    office: uuid.UUID,
    account: uuid.UUID,
    kind: ApplicantKind = ApplicantKind.SELF,
    name: str = "王小明",
    number: str | None = None,
    *,
    reference: str | None = None,
    reason: str | None = None,
    **changed: Any,
) -> ArchiveRequest:
    """Enter a request at the counter."""
    wanted = replace(WANTED, **changed)
    asked = CounterAsk(office, Authority(kind, reference, reason), wanted, name, number)
    return enter_at_counter(asked, account)


def bring(request_id: uuid.UUID, account: uuid.UUID, *, to_window: bool = True) -> None:
    """Find the volume on the shelf, and bring it to the window."""
    take(request_id, account)
    locate(request_id, ON_THE_SHELF, account)
    if to_window:
        mark_ready(request_id, account)


def row(request_id: uuid.UUID) -> ArchiveRequest:
    """The request as it stands."""
    with transaction() as session:
        return session.get_one(ArchiveRequest, request_id, populate_existing=True)


def history(request_id: uuid.UUID) -> list[tuple[str, str, str]]:
    """Event, kind of actor and state of each move."""
    query = sa.select(ArchiveRequestEvent).where(ArchiveRequestEvent.request_id == request_id)
    with transaction() as session:
        return [
            (event.name, event.actor_kind, event.to_state.value)
            for event in session.scalars(query.order_by(ArchiveRequestEvent.id))
        ]


def log() -> list[ArchiveInspection]:
    """The log of what was read."""
    with transaction() as session:
        return list(session.scalars(sa.select(ArchiveInspection).order_by(ArchiveInspection.at)))


def told(person_id: uuid.UUID) -> list[str]:
    """The notices posted to a person, oldest first, without `marriage.archive_`."""
    query = sa.select(OutboxMessage.notice).where(OutboxMessage.recipient_id == person_id)
    with transaction() as session:
        found = session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id))
        return [notice.removeprefix("marriage.archive_") for notice in found]


def reminders(request_id: uuid.UUID) -> dict[str, str]:
    """Reminders that still wait, with their moment."""
    query = sa.select(Reminder).where(Reminder.subject_id == request_id, Reminder.state == ReminderState.WAITING)
    with transaction() as session:
        return {
            one.notice.removeprefix("marriage.archive_"): f"{one.due_at:%m-%d %H:%M}" for one in session.scalars(query)
        }


def refusal(act: Any, *given: Any, **more: Any) -> AppError:
    """What a command refuses with."""
    try:
        act(*given, **more)
    except AppError as error:
        return error
    raise AssertionError("nothing was refused")
