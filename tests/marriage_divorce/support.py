"""Applications at one registry: how they are received, who is told, what is written down."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import BEIJING, MovableClock, now
from backend.kernel.identity import IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, PartyInput, party_row
from backend.marriage.divorce.accept import Application, accept_application
from backend.marriage.divorce.issue import Issuing
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact, DivorceCase, DivorceCaseEvent, DivorceParty
from backend.marriage.divorce.withdraw import Withdrawal
from backend.marriage.kinds import KINDS, Kind, ResidentGroup, kinds_of
from backend.marriage.models import Appointment, Party, Slot, Via
from backend.marriage.numbers import next_number
from backend.marriage.rules import State
from backend.people.models import Person, number_index
from backend.people.rules import Level, ProofMethod
from backend.staff.create import create_account
from backend.staff.models import Role
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from tests.marriage.support import at, couple

HUSBAND, WIFE = couple(0)
IN_ORDER = Issuing(both_present=True, both_willing=True)


def by(position: int, came_in_time: str = "") -> Withdrawal:
    return Withdrawal(position, card_seen=True, receipt_seen=True, came_in_time=came_in_time)


def clock_to(clock: MovableClock, text: str) -> None:
    """Move to `2026-10-08 16:00`."""
    clock.move_to(at(text))


def index_of(party: PartyInput) -> bytes:
    return number_index(parse_identity_number(party.id_type, party.id_number, today=date(2026, 11, 1)))


def make_registrar(code: str = "xincheng", username: str = "registrar", role: Role = Role.REGISTRAR) -> uuid.UUID:
    """An account at the registry."""
    return create_account(username, "李芳", "a-long-enough-word", role, code).id


def make_verified(party: PartyInput) -> uuid.UUID:
    """The account of somebody who has proven this name and number."""
    identity = parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, party.id_number, today=date(2026, 11, 1))
    with transaction() as session:
        person = Person(id=new_id(), created_at=now(), level=Level.VERIFIED.value)
        person.name = party.name
        person.take_number(identity)
        person.verified_at, person.verified_by = now(), ProofMethod.STAFF
        session.add(person)
        return person.id


def accept(
    office: uuid.UUID,
    account: uuid.UUID,
    index: int = 0,
    receipt: str = "2026-0001",
    care: tuple[bool, bool] = (False, False),
) -> DivorceCase:
    """Receive the application of the `index`-th couple today."""
    parties = [
        PartyInput(one.name, one.id_number, phone=f"1390000000{place}") for place, one in enumerate(couple(index))
    ]
    return accept_application(Application(office, receipt, parties, care=care), account)


def row(case_id: uuid.UUID) -> DivorceCase:
    with transaction() as session:
        return session.get_one(DivorceCase, case_id, populate_existing=True)


def history(case_id: uuid.UUID) -> list[tuple[str, str, str]]:
    """Event, kind of actor and state of each move."""
    query = sa.select(DivorceCaseEvent).where(DivorceCaseEvent.case_id == case_id).order_by(DivorceCaseEvent.id)
    with transaction() as session:
        return [(event.name, event.actor_kind, event.to_state.value) for event in session.scalars(query)]


def last_detail(case_id: uuid.UUID) -> dict[str, object]:
    query = sa.select(DivorceCaseEvent).where(DivorceCaseEvent.case_id == case_id).order_by(DivorceCaseEvent.id.desc())
    with transaction() as session:
        return session.scalars(query.limit(1)).one().detail


def parties(case_id: uuid.UUID) -> list[DivorceParty]:
    query = sa.select(DivorceParty).where(DivorceParty.case_id == case_id).order_by(DivorceParty.position)
    with transaction() as session:
        return list(session.scalars(query))


def waiting(case_id: uuid.UUID, person_id: uuid.UUID) -> dict[str, datetime]:
    """Reminders of one person that still wait, by the end of their notice."""
    query = sa.select(Reminder).where(
        Reminder.subject_id == case_id, Reminder.recipient_id == person_id, Reminder.state == ReminderState.WAITING
    )
    with transaction() as session:
        return {one.notice.removeprefix("marriage.case_"): one.due_at for one in session.scalars(query)}


def told(person_id: uuid.UUID) -> list[OutboxMessage]:
    """What was posted to a person, oldest first."""
    query = sa.select(OutboxMessage).where(OutboxMessage.recipient_id == person_id)
    with transaction() as session:
        return list(session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def contacts(case_id: uuid.UUID) -> list[tuple[int, date, str]]:
    """Day, due date and state of every contact of a case."""
    query = (
        sa.select(DivorceCareContact)
        .join(DivorceCare, DivorceCare.id == DivorceCareContact.care_id)
        .join(DivorceParty, DivorceParty.id == DivorceCare.party_id)
        .where(DivorceParty.case_id == case_id)
        .order_by(DivorceCareContact.due_on)
    )
    with transaction() as session:
        return [(one.day_number, one.due_on, one.state.value) for one in session.scalars(query)]


def book(office: uuid.UUID, kind: Kind, text: str, index: int = 0, state: State = State.BOOKED) -> uuid.UUID:
    """An appointment of the `index`-th couple for a kind, as booking would leave it."""
    starts_at, area = at(text), KINDS[kind].area
    assert area is not None, f"nobody books {kind}"
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        slot = Slot(
            id=new_id(),
            office_id=office,
            area=area,
            kinds=sorted(kinds_of(area)),
            day=starts_at.date(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            capacity=60,
            taken=40,
        )
        session.add_all([person, slot])
        session.flush()
        made = Appointment(
            id=new_id(),
            number=next_number(),
            slot_id=slot.id,
            kind=kind,
            minutes=40,
            state=state,
            booked_by=person.id,
            via=Via.API,
            created_at=now(),
            changed_at=now(),
        )
        session.add(made)
        session.flush()
        for position, one in enumerate(couple(index)):
            identity = parse_identity_number(one.id_type, one.id_number, today=date(2026, 11, 1))
            checked = CheckedParty(one.name, identity, None, ResidentGroup.MAINLAND)
            session.add(
                Party(
                    appointment_id=made.id, active=made.state is State.BOOKED, kind=kind, **party_row(checked, position)
                )
            )
        return made.id


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
