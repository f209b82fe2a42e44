"""The other one of a couple: told on their own WeChat, free to confirm or to give up, and nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import now, today
from backend.kernel.identity import parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.cancel import cancel_appointment
from backend.marriage.models import Via
from backend.marriage.partners.tell import confirm_coming, has_confirmed, tell_partners
from backend.marriage.queries import active_appointments
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.rules import State
from backend.people.models import Person, WeChatIdentity
from backend.people.rules import ProofMethod
from backend.storage import transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from tests.api.conftest import Caller, bureau, caller
from tests.concurrency.support import couple as api_couple
from tests.flows.conftest import chat
from tests.flows.tester import Chat
from tests.marriage.support import book, code_of, couple, make_person, make_slot, places, row

__all__ = ["bureau", "caller", "chat"]


def proven(index: int, position: int = 1) -> uuid.UUID:
    """The account of one of the `index`-th couple, their number proven."""
    party = couple(index)[position]
    with transaction() as session:
        person = Person(id=new_id(), created_at=now(), level=2, verified_at=now(), verified_by=ProofMethod.STAFF)
        person.name = party.name
        person.take_number(parse_identity_number(party.id_type, party.id_number, today=today()))
        session.add(person)
        session.flush()
        return person.id


def told(person_id: uuid.UUID) -> list[str]:
    """Notices to a person, oldest first."""
    with transaction() as session:
        found = sa.select(OutboxMessage.notice).where(OutboxMessage.recipient_id == person_id)
        return list(session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def reminded(appointment_id: uuid.UUID) -> set[uuid.UUID]:
    """Whom the reminders of an appointment go to."""
    with transaction() as session:
        waits = Reminder.state == ReminderState.WAITING
        return set(
            session.scalars(sa.select(Reminder.recipient_id).where(Reminder.subject_id == appointment_id, waits))
        )


def test_the_other_one_is_told_once_and_reminded_too(slot: uuid.UUID) -> None:
    booker, partner = make_person(), proven(0)
    made = book(slot, 0, booker)
    assert tell_partners() == 1
    assert tell_partners() == 0
    assert told(partner) == ["marriage.partner_booked"]
    assert reminded(made.appointment_id) == {booker, partner}
    assert [one.id for one in active_appointments(partner)] == [made.appointment_id]


def test_whoever_proves_their_number_later_is_told_then(slot: uuid.UUID) -> None:
    book(slot, 0, make_person())
    assert tell_partners() == 0
    partner = proven(0)
    assert tell_partners() == 1
    assert told(partner) == ["marriage.partner_booked"]


def test_who_books_for_themselves_is_not_told_twice(slot: uuid.UUID) -> None:
    booker = proven(0, 0)
    book(slot, 0, booker)
    assert tell_partners() == 0
    assert told(booker) == ["marriage.booked"]


def test_they_may_confirm_and_need_not(slot: uuid.UUID) -> None:
    booker, partner = make_person(), proven(0)
    made = book(slot, 0, booker).appointment_id
    assert code_of(lambda: confirm_coming(made, booker)) == "not_found"
    assert code_of(lambda: confirm_coming(made, make_person())) == "not_found"
    assert has_confirmed([made], partner) == frozenset()
    confirm_coming(made, partner)
    confirm_coming(made, partner)
    assert has_confirmed([made], partner) == {made}
    assert row(made).state is State.BOOKED  # as good before as after
    assert tell_partners() == 0  # they know


@pytest.mark.parametrize("by", ["partner", "booker"])
def test_either_gives_up_and_the_other_hears_of_it(slot: uuid.UUID, by: str) -> None:
    persons = {"booker": make_person(), "partner": proven(0)}
    made = book(slot, 0, persons["booker"]).appointment_id
    tell_partners()
    assert code_of(lambda: cancel_appointment(made, make_person())) == "not_found"
    cancel_appointment(made, persons[by])
    other = persons["booker" if by == "partner" else "partner"]
    assert told(other)[-1] == "marriage.partner_cancelled"
    assert "marriage.partner_cancelled" not in told(persons[by])
    assert places(slot) == (0, 1)
    assert reminded(made) == set()
    assert code_of(lambda: confirm_coming(made, persons["partner"])) == "state_conflict"


def test_reminders_of_both_move_along(office: uuid.UUID, slot: uuid.UUID) -> None:
    booker, partner = make_person(), proven(0)
    made = book(slot, 0, booker).appointment_id
    tell_partners()
    reschedule_appointment(made, make_slot(office, "2026-11-27 14:00"), booker, Via.API)
    assert reminded(made) == {booker, partner}
    assert code_of(lambda: reschedule_appointment(made, slot, partner, Via.API)) == "not_found"


def test_with_their_own_login(bureau: Flask, caller: Callable[[str], Caller]) -> None:
    office = uuid.UUID(bureau.test_client().get("/api/v1/marriage/offices").get_json()["items"][0]["id"])
    made = caller("booker").book(str(make_slot(office, "2026-11-26 12:00")), 0).get_json()
    partner, stranger = caller("partner"), caller("stranger")
    path = f"/appointments/{made['id']}"
    assert partner.get(path).status_code == 404  # nobody knows yet who they are
    with transaction() as session:
        app_id = bureau.extensions["settings"].miniprogram.app_id
        identity = session.scalars(
            sa.select(WeChatIdentity).where(
                WeChatIdentity.app_id == app_id, WeChatIdentity.openid == "openid-of-partner"
            )
        ).one()
        party = api_couple(0)[1]
        person = session.get_one(Person, identity.person_id)
        person.take_number(parse_identity_number(party.id_type, party.id_number, today=today()))
        person.name, person.level, person.verified_at = party.name, 2, now()
        person.verified_by = ProofMethod.STAFF
    assert [one["id"] for one in partner.get("/appointments").get_json()["items"]] == [made["id"]]
    assert stranger.post(f"{path}/confirm").status_code == 404
    assert partner.post(f"{path}/confirm").status_code == 200
    assert partner.post(f"{path}/cancel").get_json()["state"] == "cancelled"


def test_in_the_chat(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.registry.appointments = [replace(chat.registry.appointments[0], mine=False)]
    chat.reads("""
        ▸ 我的预约
          1 确认会去 | 2 取消预约 | 不回复也有效
        ▸ 1
          记下您会去
        ▸ 改时间
          这是对方约的
        ▸ 不去了
          确定取消吗
        ▸ 1
          已经取消了
    """)
