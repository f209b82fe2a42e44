"""Care: each person's own choice, calls on their days, notes that stay where they belong."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.divorce.care import PURPOSE, agree_at_desk
from backend.marriage.divorce.care_queries import care_counts, care_detail, due_contacts
from backend.marriage.divorce.contact import note_contact, release_care, take_care
from backend.marriage.divorce.follow import find_persons
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact
from backend.marriage.divorce.rules import CareEnd
from backend.marriage.divorce.withdraw import withdraw_application
from backend.marriage.models import Office
from backend.people.rights.consent import allows, choose, consents
from backend.people.rights.models import ConsentEvent
from backend.people.rights.rules import Via
from backend.staff.models import Role
from backend.storage import transaction
from tests.marriage.support import code_of
from tests.marriage_divorce.support import (
    HUSBAND,
    WIFE,
    accept,
    by,
    clock_to,
    contacts,
    make_registrar,
    make_verified,
    parties,
)

DAYS = [(3, date(2026, 9, 4), "due"), (15, date(2026, 9, 16), "due"), (25, date(2026, 9, 28), "due")]


def choose_care(person_id: uuid.UUID, given: bool) -> None:
    choose(person_id, PURPOSE, given=given, version=1, via=Via.CHAT)


def nodes(office: uuid.UUID) -> frozenset[uuid.UUID]:
    with transaction() as session:
        return frozenset({session.get_one(Office, office).node_id})


def cares() -> list[DivorceCare]:
    with transaction() as session:
        return list(session.scalars(sa.select(DivorceCare).order_by(DivorceCare.started_at)))


def test_at_the_desk_each_agrees_alone(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar, care=(False, True))
    [care] = cares()
    assert care.party_id == parties(case.id)[1].id
    assert contacts(case.id) == DAYS, "the twenty-fifth day is a rest day, the call is on the Monday"
    with transaction() as session:
        [event] = session.scalars(sa.select(ConsentEvent)).all()
    assert (event.purpose, event.given, event.via, event.account_id) == (PURPOSE, True, Via.DESK, registrar)
    assert event.person_id == care.person_id


def test_it_is_offered_only_to_whom_it_concerns(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband, stranger = make_verified(HUSBAND), make_verified(WIFE)
    assert [one.purpose.key for one in consents(husband)] == ["reminders"]
    assert code_of(lambda: choose_care(stranger, True)) == "not_found"
    accept(office, registrar)
    assert [one.purpose.key for one in consents(husband)] == ["reminders", PURPOSE]
    assert not allows(husband, PURPOSE)


def test_opting_in_and_out_counts_at_once(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    husband = make_verified(HUSBAND)
    case = accept(office, registrar)
    clock_to(clock, "2026-09-10 10:00")
    choose_care(husband, True)
    assert contacts(case.id) == DAYS[1:], "what is past is past"
    choose_care(husband, False)
    assert {state for _, _, state in contacts(case.id)} == {"dropped"}
    assert cares()[0].ended_because is CareEnd.OPTED_OUT
    choose_care(husband, True)
    assert len(cares()) == 2
    choose_care(husband, True)
    assert len(cares()) == 2


def test_calls_stop_with_the_application(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar, care=(True, True))
    withdraw_application(case.id, by(0), registrar)
    assert {state for _, _, state in contacts(case.id)} == {"dropped"}
    assert {care.ended_because for care in cares()} == {CareEnd.CASE_OVER}


def test_who_agreed_before_is_called_at_the_next_application(office: uuid.UUID, registrar: uuid.UUID) -> None:
    first = accept(office, registrar, care=(True, False))
    withdraw_application(first.id, by(0), registrar)
    again = accept(office, registrar, receipt="2026-0002", care=(True, False))
    assert contacts(again.id) == DAYS


def test_a_consent_given_early_is_followed(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar)
    wife = make_verified(WIFE)
    find_persons()
    with transaction():
        agree_at_desk(case, parties(case.id)[1], registrar)
    assert [care.person_id for care in cares()] == [wife]


def test_one_worker_calls_and_only_they_and_the_supervisor_read(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    accept(office, registrar, care=(True, False))
    one, other = (make_registrar(username=name, role=Role.SOCIAL_WORKER) for name in ("social-1", "social-2"))
    [care] = cares()
    here = nodes(office)
    [due, *_] = due_contacts(here, one, date(2026, 9, 30), 10)
    assert code_of(lambda: note_contact(due.id, one, reached=True, note="")) == "not_found", "nobody has taken it"
    take_care(care.id, one)
    assert code_of(lambda: take_care(care.id, other)) == "state_conflict"
    assert code_of(lambda: note_contact(due.id, one, reached=True, note="")) == "too_early"
    clock_to(clock, "2026-09-04 10:00")
    assert code_of(lambda: note_contact(due.id, other, reached=True, note="看看")) == "not_found"
    note_contact(due.id, one, reached=True, note="担心孩子上学")
    assert code_of(lambda: note_contact(due.id, one, reached=False, note="")) == "state_conflict"
    assert due_contacts(here, other, date(2026, 9, 30), 10) == []
    closed = care_detail(here, care.id, with_notes=False)
    opened = care_detail(here, care.id, with_notes=True)
    assert closed is not None
    assert opened is not None
    assert (closed.contacts[0].note, closed.contacts[0].has_note) == (None, True)
    assert opened.contacts[0].note == "担心孩子上学"
    with transaction() as session:
        sealed = session.scalars(sa.select(DivorceCareContact.note_sealed)).all()
    assert "担心".encode() not in b"".join(filter(None, sealed))
    release_care(care.id)
    take_care(care.id, other)
    assert care_counts(here) == {"running": 1, "due": 2, "reached": 1, "not_reached": 0, "dropped": 0}


def test_a_note_has_its_measure(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    accept(office, registrar, care=(True, False))
    [care] = cares()
    take_care(care.id, registrar)
    clock_to(clock, "2026-09-04 10:00")
    [due, *_] = due_contacts(nodes(office), registrar, date(2026, 9, 4), 10)
    with pytest.raises(AppError) as refused:
        note_contact(due.id, registrar, reached=True, note="话" * 2001)
    assert refused.value.errors.keys() == {"note"}
