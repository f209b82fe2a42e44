"""Two rows turn out to be one person: everything that hung on the one that goes hangs on the one that stays."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock, now
from backend.kernel.ids import new_id
from backend.marriage.book import book_appointment
from backend.marriage.hold import hold_place
from backend.marriage.models import Appointment, Via
from backend.marriage.queries import own_appointments
from backend.marriage.rules import State
from backend.people import joining
from backend.people.binding import ask_code, bind_by_code, give_code
from backend.people.counter import verify_at_counter
from backend.people.identities import identity_for
from backend.people.joining import join_persons, lock_persons, on_joined, sweep_joins, tables_moved
from backend.people.models import Person
from backend.people.rules import JoinReason
from backend.storage import Base, database, transaction
from messages import Product, ReminderPlan, Subject, post, set_reminders
from messages.credits import note_subscription
from messages.models import OutboxMessage
from tests.api.conftest import Caller
from tests.concurrency.support import request, taken_and_booked
from tests.marriage.support import make_office, make_slot
from tests.people.support import Phone, Service, card, card_number, count, nobody, row

Phones = Callable[..., Phone]

# Tables that refer to persons, and whose rows a join leaves where they are.
NOT_MOVED = {
    "life_events": "rows are never changed, and nobody records an event of somebody unknown",
}

_CONVERSATION = sa.text(
    """
    INSERT INTO conversations (id, app_id, openid, person_id, updated_at)
    VALUES (:id, 'wx', :openid, :person_id, :now)
    """
)


@pytest.fixture
def slots(bureau: Flask) -> tuple[uuid.UUID, uuid.UUID]:
    """Two half-hours of a registry with a place each."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    office = make_office()
    return make_slot(office, "2026-11-26 10:00", 1), make_slot(office, "2026-11-27 14:00", 1)


@pytest.fixture
def handlers() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    before = dict(joining._handlers)
    yield
    joining._handlers.clear()
    joining._handlers.update(before)


def join(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Join two rows in a transaction of its own."""
    with transaction():
        lock_persons([joined_id, person_id])
        join_persons(joined_id, person_id, JoinReason.NUMBER)


# --- what moves ---


def test_a_proof_brings_the_appointments_along(
    phone: Phones, service: Service, clerk: uuid.UUID, slots: tuple[uuid.UUID, uuid.UUID]
) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    booked = book_appointment(request(slots[0], 0, wang.person_id()))
    answer = wang.verifies(1)
    assert answer.get_json()["id"] == str(known)
    assert [own.id for own in own_appointments(known, None, 10)] == [booked.appointment_id]
    assert count("reminders", "recipient_id = :id", id=known) == 2
    assert count("outbox_messages", "recipient_id = :id AND notice = 'marriage.booked'", id=known) == 1
    listed = wang.app.test_client().get(
        "/api/v1/marriage/appointments", headers={"Authorization": f"Bearer {wang.token}"}
    )
    assert [item["id"] for item in listed.get_json()["items"]] == [str(booked.appointment_id)]
    assert count("persons") == 1


def test_the_login_goes_on_and_so_does_the_conversation(
    phone: Phones, service: Service, clerk: uuid.UUID, bureau: Flask
) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    anonymous = wang.person_id()
    with transaction() as db:
        db.execute(_CONVERSATION, {"id": new_id(), "openid": "o", "person_id": anonymous, "now": now()})
    wang.verifies(1)
    assert wang.person_id() == known  # the same token
    assert count("conversations", "person_id = :id", id=known) == 1


def test_of_two_holds_the_longer_one_stays(
    phone: Phones, service: Service, clerk: uuid.UUID, slots: tuple[uuid.UUID, uuid.UUID], clock: MovableClock
) -> None:
    old, new = phone("old"), phone("new")
    old.verifies(1)
    hold_place(slots[0], old.person_id())
    clock.advance(timedelta(minutes=1))
    hold_place(slots[1], new.person_id())
    verify_at_counter(clerk, card(1, code=ask_code(new.identity_id).digits))
    with transaction() as db:
        held = db.execute(sa.select(Appointment.slot_id, Appointment.booked_by).where(Appointment.state == State.HELD))
        assert held.all() == [(slots[1], old.person_id())]
    assert taken_and_booked(slots[0]) == (0, 0)
    assert taken_and_booked(slots[1]) == (1, 1)


def test_a_hold_alone_is_kept_and_can_be_booked(
    phone: Phones, service: Service, clerk: uuid.UUID, slots: tuple[uuid.UUID, uuid.UUID]
) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    hold_place(slots[0], wang.person_id())
    wang.verifies(1)
    book_appointment(request(slots[0], 0, known, via=Via.CHAT))
    assert taken_and_booked(slots[0]) == (1, 1)


def test_addresses_and_agreements_come_along(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    app_id = wang.app.extensions["settings"].miniprogram.app_id
    with transaction():
        note_subscription(app_id, wang.openid, [("T1", True), ("T1", True)])
    wang.verifies(1)
    joined = "SELECT 1 FROM message_addresses AS a WHERE a.id = address_id AND a.recipient_id = :id"
    assert count("subscription_credits", f"balance = 2 AND EXISTS ({joined})", id=known) == 1


def test_the_same_reminder_for_both_is_told_once(bureau: Flask, clock: MovableClock) -> None:
    one, other, subject = nobody(), nobody(), Subject("thing", uuid.uuid4())
    data = {"matter": "事", "time": "2026年12月1日 10:00", "place": "某处", "number": "1", "hint": "好"}
    due = clock() + timedelta(hours=1)
    plans = [
        ReminderPlan("marriage.reminder_day_before", who, due, due + timedelta(hours=1), data) for who in (one, other)
    ]
    with transaction():
        set_reminders(subject, plans)
    join(other, one)
    assert count("reminders") == 1
    assert count("reminders", "recipient_id = :id", id=one) == 1


def test_a_key_still_gets_its_first_answer(
    phone: Phones, service: Service, clerk: uuid.UUID, slots: tuple[uuid.UUID, uuid.UUID]
) -> None:
    verify_at_counter(clerk, card(1))
    wang = phone()
    caller = Caller(wang.app.test_client(), wang.token)
    first = caller.book(str(slots[0]), 0, key="k")
    assert first.status_code == 201
    wang.verifies(1)
    assert caller.book(str(slots[0]), 0, key="k").get_json() == first.get_json()


def test_a_telephone_comes_along_unless_one_is_known(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    wang.post("phone", phone="13800138000")
    wang.verifies(1)
    assert row(known).phone == "13800138000"
    li = phone("li")
    li.post("phone", phone="13900139000")
    li.verifies(1)
    assert row(known).phone == "13800138000"


def test_the_tries_of_the_day_come_along(phone: Phones, clerk: uuid.UUID) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    granny = phone("granny")
    granny.post("binding", code="00000000")
    bind_by_code(granny.identity_id, give_code(elder, clerk).digits)
    assert count("proof_tries", "person_id = :id AND kind = 'code'", id=elder) == 1


def test_messages_on_their_way_are_moved_as_soon_as_they_can_be(bureau: Flask, clock: MovableClock) -> None:
    """At most one message to a person is on its way (43108), so one of two waits for the second round."""
    one, other = nobody(), nobody()
    for who in (one, other):
        with transaction():
            data = {"time": "2026年12月1日 10:00"}
            post("people.identity_joined", recipient_id=who, subject=Subject("x", who), data=data, key=str(who))
        with transaction() as db:
            db.execute(sa.update(OutboxMessage).where(OutboxMessage.recipient_id == who).values(state="sending"))
    join(other, one)
    assert count("outbox_messages", "recipient_id = :id", id=other) == 1
    with transaction() as db:
        db.execute(sa.update(OutboxMessage).values(state="queued"))
    assert sweep_joins() == 0  # not yet
    clock.advance(timedelta(minutes=10))
    assert sweep_joins() == 1
    assert count("outbox_messages", "recipient_id = :id", id=one) == 2
    assert sweep_joins() == 0


# --- who stays, and what is noted ---


def test_a_join_is_written_down(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    gone = wang.person_id()
    wang.verifies(1)
    where = "joined_id = :gone AND person_id = :known AND reason = 'number'"
    assert count("person_joins", where, gone=gone, known=known) == 1
    assert count("person_events", "person_id = :known AND name = 'joined'", known=known) == 1
    assert count("persons", "id = :gone", gone=gone) == 0


def test_a_name_and_a_number_alone_do_not_lead_to_somebody_who_has_a_wechat(phone: Phones, service: Service) -> None:
    """Relatives and landlords know both; another WeChat of the same person comes to a counter."""
    wang = phone()
    wang.verifies(1)
    stranger = phone("stranger")
    refused = stranger.verifies(1)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "counter_needed")
    assert stranger.get()["level"] == 0
    assert stranger.person_id() != wang.person_id()


def test_those_who_are_reached_already_are_told_of_another_wechat(
    phone: Phones, service: Service, clerk: uuid.UUID
) -> None:
    wang = phone()
    wang.verifies(1)
    assert count("outbox_messages", "notice = 'people.identity_joined'") == 0
    verify_at_counter(clerk, card(1, code=ask_code(phone("second").identity_id).digits))
    assert (
        count("outbox_messages", "notice = 'people.identity_joined' AND recipient_id = :id", id=wang.person_id()) == 1
    )


def test_a_chain_of_joins_leads_to_the_last(bureau: Flask) -> None:
    first, second, third = nobody(), nobody(), nobody()
    join(first, second)
    join(second, third)
    assert count("person_joins", "person_id = :id", id=third) == 2


def test_a_room_that_forgets_leaves_a_closed_row_and_no_refusal(
    bureau: Flask, handlers: None, slots: tuple[uuid.UUID, uuid.UUID], caplog: pytest.LogCaptureFixture
) -> None:
    forgotten = next(handler for handler, tables in joining._handlers.items() if "marriage_appointments" in tables)
    del joining._handlers[forgotten]
    one, other = nobody(), nobody()
    book_appointment(request(slots[0], 0, other))
    join(other, one)
    left = row(other)
    assert left.closed_at is not None
    assert left.level == 0
    assert "join_left_a_row" in caplog.text


def test_what_comes_in_while_joining_is_found(bureau: Flask, handlers: None) -> None:
    """Somebody writes to the row that goes after its conversations have been moved: the foreign key tells, and all is
    moved again."""
    one, other = nobody(), nobody()
    came: list[uuid.UUID] = []

    def late(joined_id: uuid.UUID, _person_id: uuid.UUID) -> None:
        if not came:
            came.append(joined_id)
            with database().engine.begin() as another:
                another.execute(_CONVERSATION, {"id": new_id(), "openid": "late", "person_id": joined_id, "now": now()})

    on_joined(late)
    join(other, one)
    assert came == [other]
    assert count("conversations", "person_id = :id", id=one) == 1
    assert count("persons", "id = :id", id=other) == 0


# --- unionid ---


def test_a_unionid_makes_the_account_and_the_miniprogram_one_person(bureau: Flask) -> None:
    settings = bureau.extensions["settings"]
    account = identity_for(Product.ACCOUNT, settings.account.app_id, "o-account")
    mini = identity_for(Product.MINIPROGRAM, settings.miniprogram.app_id, "o-mini", "u1")
    assert account.person_id != mini.person_id
    told = identity_for(Product.ACCOUNT, settings.account.app_id, "o-account", "u1")
    assert told.person_id == account.person_id  # known longest
    assert identity_for(Product.MINIPROGRAM, settings.miniprogram.app_id, "o-mini", "u1").person_id == told.person_id
    assert count("persons") == 1
    assert count("person_joins", "reason = 'unionid'") == 1


def test_of_a_unionids_persons_the_proven_one_stays(phone: Phones, service: Service) -> None:
    settings = phone().app.extensions["settings"]
    account = identity_for(Product.ACCOUNT, settings.account.app_id, "o-account", "u1")
    mini = phone("mini")
    mini.verifies(1)
    proven = mini.person_id()
    assert Phone(mini.app, mini.openid, "u1").person_id() == proven
    assert identity_for(Product.ACCOUNT, settings.account.app_id, "o-account").person_id == proven != account.person_id


def test_two_who_proved_to_be_different_stay_two(phone: Phones, service: Service) -> None:
    one, other = phone("one"), phone("other")
    one.verifies(1)
    other.verifies(2, name="李小红")
    before = one.person_id(), other.person_id()
    Phone(one.app, one.openid, "u1")
    Phone(other.app, other.openid, "u1")
    assert (one.person_id(), other.person_id()) == before
    assert count("person_joins") == 0


def test_the_dead_are_not_joined_by_a_unionid(phone: Phones, service: Service, clock: MovableClock) -> None:
    one = phone("one", "u1")
    one.verifies(1)
    with transaction() as db:
        db.execute(sa.update(Person).values(died_on=clock().date()))
    other = phone("other")
    alive = other.person_id()
    Phone(other.app, other.openid, "u1")
    assert other.person_id() == alive


# --- nothing is forgotten ---


def test_every_table_that_refers_to_a_person_is_moved() -> None:
    referring = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "persons"
    }
    assert "marriage_appointments" in referring
    assert referring - tables_moved() == NOT_MOVED.keys()


def test_so_is_everything_kept_under_an_id_without_a_foreign_key() -> None:
    named = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in ("recipient_id", "caller_id")
    }
    # Of the dead only: a silence is never carried to somebody alive.
    assert named - tables_moved() == {"message_silences"}


def test_numbers_and_names_never_leave_the_rows(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    verify_at_counter(clerk, card(1))
    phone().verifies(1)
    with transaction() as db:
        for table in Base.metadata.sorted_tables:
            stored = "".join(db.scalars(sa.text(f"SELECT row_to_json(t)::text FROM {table.name} AS t")))
            assert "王小明" not in stored, table.name
            assert card_number(1) not in stored, table.name
