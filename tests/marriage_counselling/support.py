"""Counsellors, rooms, talks, and what was written down about them."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

import sqlalchemy as sa

from backend.marriage.counselling.book import CounsellingWish, book_counselling
from backend.marriage.counselling.keep_counsellor import CounsellorFacts, keep_counsellor
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.rules import Matter, Profession, Way
from backend.marriage.models import Office, Via
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.rules import Hours, ResourceKind
from backend.staff.create import insert_account, insert_assignment
from backend.staff.models import OrganisationNode, Role
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from tests.marriage.support import at

WEEK = {day: [Hours(time(9, 0), time(12, 0)), Hours(time(13, 30), time(17, 30))] for day in range(1, 6)}
NINE, TEN = "2026-11-26 09:00", "2026-11-26 10:00"


def make_account(username: str, role: Role = Role.COUNSELLOR, code: str = "xincheng") -> uuid.UUID:
    """A member of staff at the registry, who never signs in."""
    with transaction() as session:
        node = session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == code)).one()
        made = insert_account(username, "苏敏", "no-word-fits", node)
        insert_assignment(made.id, role, node.id, None)
        return made.id


def make_counsellor(
    office_id: uuid.UUID,
    name: str = "苏敏",
    profession: Profession = Profession.FAMILY_COUNSELLOR,
    ways: tuple[Way, ...] = tuple(Way),
    account_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Somebody who counsels on workdays, 50 minutes and 10 of pause; with an account of their own."""
    account = account_id or make_account(f"c-{uuid.uuid4().hex[:8]}")
    roster = ResourceFacts(name, 50, 10, account_id=account, week=WEEK)
    return keep_counsellor(office_id, CounsellorFacts(profession, ways, roster)).resource_id


def make_room(office_id: uuid.UUID, name: str = "辅导室一") -> uuid.UUID:
    """辅导室."""
    return keep_resource(office_id, ResourceKind.ROOM, ResourceFacts(name, 60, week=WEEK)).id


def wish(office_id: uuid.UUID, person_id: uuid.UUID, text: str = TEN, **more: Any) -> CounsellingWish:
    """A talk by telephone about how to get on with one another, unless told otherwise."""
    facts: dict[str, Any] = {
        "matter": Matter.RELATIONSHIP,
        "way": Way.TELEPHONE,
        "name": "李女士",
        "phone": "13800001111",
        "via": Via.API,
    }
    return CounsellingWish(office_id=office_id, starts_at=at(text), person_id=person_id, **facts | more)


def talk(office_id: uuid.UUID, person_id: uuid.UUID, text: str = TEN, **more: Any) -> CounsellingSession:
    """Book one."""
    return book_counselling(wish(office_id, person_id, text, **more))


def row(session_id: uuid.UUID) -> CounsellingSession:
    """The talk as it stands."""
    with transaction() as session:
        return session.get_one(CounsellingSession, session_id, populate_existing=True)


def calls() -> list[Callback]:
    """All calls back, the first raised first."""
    with transaction() as session:
        return list(
            session.scalars(
                sa.select(Callback).order_by(Callback.raised_at, Callback.id).execution_options(populate_existing=True)
            )
        )


def nodes(office_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The place of an office."""
    with transaction() as session:
        return frozenset({session.get_one(Office, office_id).node_id})


def told(person_id: uuid.UUID) -> list[OutboxMessage]:
    """What was posted to a person, oldest first."""
    query = sa.select(OutboxMessage).where(OutboxMessage.recipient_id == person_id)
    with transaction() as session:
        return list(session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def notices(person_id: uuid.UUID) -> list[str]:
    """The same as short names."""
    return [one.notice.removeprefix("marriage.counselling_") for one in told(person_id)]


def reminders(session_id: uuid.UUID) -> dict[str, str]:
    """Reminders that still wait, with their moment."""
    query = sa.select(Reminder).where(Reminder.subject_id == session_id, Reminder.state == ReminderState.WAITING)
    with transaction() as session:
        found = {one.notice.removeprefix("marriage.counselling_"): one.due_at for one in session.scalars(query)}
    return {name: f"{due:%m-%d %H:%M}" for name, due in found.items()}
