"""What becomes of talks in a life, what is told of them, how long they are kept; the demonstration."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.crisis import Crisis
from backend.kernel.personal_data import Batch
from backend.marriage.counselling.callbacks import close_callback, raise_callback, take_callback
from backend.marriage.counselling.demo import load_demo
from backend.marriage.counselling.desk_queries import counsellors, figures
from backend.marriage.counselling.hold_talk import close_over, note_state, write_note
from backend.marriage.counselling.holdings import counselling_holding
from backend.marriage.counselling.joined import join_counselling
from backend.marriage.counselling.life_events import _end, _restore
from backend.marriage.counselling.models import Callback, CounsellingEvent, CounsellingSession
from backend.marriage.counselling.retention import counselling_rules
from backend.marriage.counselling.rules import CallbackState, Outcome, SessionState
from backend.marriage.demo import load_demo as load_marriage
from backend.people.life_events import EventKind, Happening, Undo
from backend.staff.demo import load_demo as load_staff
from backend.storage import Database, transaction
from tests.marriage.support import at, make_person
from tests.marriage_counselling.support import (
    NINE,
    TEN,
    calls,
    make_account,
    make_counsellor,
    nodes,
    notices,
    row,
    talk,
)


def happening(person_id: uuid.UUID, kind: EventKind, undo: Undo | None = None) -> Happening:
    return Happening(uuid.uuid4(), person_id, kind, today(), b"index", {}, undo or {})


def count(model: type[CounsellingSession] | type[Callback] | type[CounsellingEvent]) -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def call_for(office: uuid.UUID, person: uuid.UUID) -> None:
    with transaction():
        raise_callback(office, person, Crisis.DESPAIR, ("李女士", "13800001111"))


@pytest.fixture
def noted(
    office: uuid.UUID, counsellor: uuid.UUID, account: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> uuid.UUID:
    """A talk that is over, with a note."""
    made = talk(office, person, about="总为小事吵架")
    clock.move_to(at("2026-11-26 11:00"))
    note_state(made.id, SessionState.DONE, account)
    write_note(made.id, "约定两周后再谈")
    return made.id


def test_a_death_ends_it_without_a_word_and_gives_it_back(
    office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID
) -> None:
    made = talk(office, person)
    call_for(office, person)
    with transaction():
        reaction = _end(happening(person, EventKind.DEATH))
    assert reaction.effects == {"sessions_ended": 1, "callbacks_ended": 1}
    assert (row(made.id).state, calls()[0].outcome) == (SessionState.CANCELLED, Outcome.MOOT)
    assert notices(person) == ["booked"]
    with transaction():
        restored = _restore(happening(person, EventKind.DEATH_REVERSED, reaction.undo))
    assert (restored.effects, row(made.id).state) == ({"sessions_restored": 1}, SessionState.BOOKED)


def test_a_time_given_away_does_not_come_back(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    made = talk(office, person)
    with transaction():
        undo = _end(happening(person, EventKind.DEATH)).undo
    talk(office, make_person())
    with transaction():
        reaction = _restore(happening(person, EventKind.DEATH_REVERSED, undo))
    assert [one.id for one in reaction.not_restored] == [made.id]
    assert row(made.id).state is SessionState.CANCELLED


def test_two_rows_of_one_person_become_one(office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID) -> None:
    other = make_person()
    later, sooner = talk(office, person, TEN), talk(office, other, NINE)
    call_for(office, person)
    call_for(office, other)
    with transaction():
        join_counselling(other, person)
    assert {row(one.id).person_id for one in (later, sooner)} == {person}
    assert (row(sooner.id).state, row(later.id).state) == (SessionState.BOOKED, SessionState.CANCELLED)
    assert sorted(call.state for call in calls()) == [CallbackState.CLOSED, CallbackState.OPEN]
    assert {call.person_id for call in calls()} == {person}


def test_one_is_told_everything_but_the_counsellors_note(noted: uuid.UUID, person: uuid.UUID) -> None:
    with transaction():
        sections = counselling_holding.collect(person)
        nothing = counselling_holding.collect(make_person())
    [told] = sections[0].records
    assert (told["您写的话"], told["手机"]) == ("总为小事吵架", "13800001111")
    assert told["辅导记录"].startswith("有，")
    assert "两周" not in str(sections)
    assert [list(section.records) for section in nothing] == [[], []]


def test_what_is_erased_on_request_and_what_is_kept(
    office: uuid.UUID, noted: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    account = make_account("c-two")
    call_for(office, person)
    take_callback(calls()[0].id, account)
    close_callback(calls()[0].id, account, Outcome.SAFE)
    ahead = talk(office, person, "2026-11-27 10:00")
    with transaction():
        kept = counselling_holding.keeps(person)
        gone = counselling_holding.erase(person)
    assert [one.until for one in kept] == [at("2029-11-26 00:00").date(), None]
    assert gone == {"counselling_sessions": 0, "counselling_callbacks": 1}
    emptied = row(noted)
    assert (emptied.name, emptied.phone, emptied.about, emptied.note) == (None, None, None, "约定两周后再谈")
    assert row(ahead.id).phone == "13800001111", "they are still expected"


def test_a_booking_is_kept_two_years_and_a_note_three(
    office: uuid.UUID, noted: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    bare = talk(office, make_person(), "2026-11-27 10:00")
    clock.move_to(at("2026-11-27 12:00"))
    close_over()
    bookings, notes, _ = (rule.run for rule in counselling_rules)
    assert bookings is not None
    assert notes is not None
    clock.move_to(now() + timedelta(days=725))
    assert bookings(Batch(now(), 100)) == 0
    clock.move_to(now() + timedelta(days=20))
    assert bookings(Batch(now(), 100, (person,))) == 1, "a legal hold keeps the one that is theirs"
    assert bookings(Batch(now(), 100)) == 1
    assert bookings(Batch(now(), 100)) == 0, "what is emptied is not emptied again"
    assert (row(noted).phone, row(noted).note) == (None, "约定两周后再谈")
    assert notes(Batch(now(), 100)) == 0
    clock.move_to(now() + timedelta(days=365))
    assert notes(Batch(now(), 100, (person,))) == 0
    assert notes(Batch(now(), 100)) == 1
    assert (count(CounsellingSession), count(CounsellingEvent)) == (0, 0)
    assert bare.id != noted


def test_calls_are_kept_for_a_year_after_they_are_closed(
    office: uuid.UUID, person: uuid.UUID, clock: MovableClock
) -> None:
    account = make_account("c-two")
    call_for(office, person)
    clock.move_to(now() + timedelta(days=800))
    run = counselling_rules[2].run
    assert run is not None
    assert run(Batch(now(), 100)) == 0, "nobody has closed it"
    take_callback(calls()[0].id, account)
    close_callback(calls()[0].id, account, Outcome.DECLINED)
    clock.move_to(now() + timedelta(days=370))
    assert run(Batch(now(), 100, (person,))) == 0
    assert run(Batch(now(), 100)) == 1


def test_the_demonstration_is_alive(clean_database: Database, clock: MovableClock) -> None:
    load_staff()
    load_marriage()
    for _ in range(2):
        load_demo()
        assert 20 < count(CounsellingSession) < 45
    with transaction() as session:
        states = set(session.scalars(sa.select(CounsellingSession.state)))
        everywhere = frozenset(session.scalars(sa.text("SELECT node_id FROM marriage_offices")))
    assert states >= {SessionState.BOOKED, SessionState.DONE, SessionState.ABSENT, SessionState.CANCELLED}
    assert len(counsellors(everywhere)) == 5
    assert sum(figures(everywhere, today()).by_way.values()) > 5
    assert {call.state for call in calls()} == {CallbackState.OPEN, CallbackState.CLOSED}


def test_a_counsellor_who_stops_keeps_what_is_booked(
    office: uuid.UUID, counsellor: uuid.UUID, person: uuid.UUID
) -> None:
    made = talk(office, person)
    make_counsellor(office, "田甜")
    with transaction() as session:
        session.execute(sa.text("UPDATE marriage_resources SET active = false WHERE id = :id"), {"id": counsellor})
    assert row(made.id).counsellor_id == counsellor
    assert len(counsellors(nodes(office))) == 2
