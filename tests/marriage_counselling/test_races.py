"""Many at once: residents who want the same counsellor and time, double taps, officers who take the same call."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.crisis import Crisis
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.counselling import callbacks, places
from backend.marriage.counselling.book import book_counselling
from backend.marriage.counselling.callbacks import raise_callback, take_callback
from backend.marriage.counselling.models import CounsellingSession
from backend.marriage.counselling.rules import CallbackState, SessionState, Way
from backend.marriage.resources.claim import is_free
from backend.marriage.resources.models import ResourceBooking
from backend.storage import Database, session, transaction, use_database
from tests.concurrency.support import all_at_once, meeting, new_person
from tests.marriage_counselling.support import calls, make_account, make_counsellor, wish

CALLERS = 16


@pytest.fixture
def crowd(office: uuid.UUID, counsellor: uuid.UUID, clean_database: Database, database_url: str) -> Iterator[uuid.UUID]:
    """The registry, with a connection for every caller."""
    wide = Database(database_url, pool_size=CALLERS)
    use_database(wide)
    yield office
    use_database(clean_database)
    wide.engine.dispose()


def booked() -> int:
    query = sa.select(sa.func.count()).select_from(CounsellingSession)
    with transaction() as opened:
        return opened.scalar(query.where(CounsellingSession.state == SessionState.BOOKED)) or 0


def all_want_ten(office: uuid.UUID, counsellor: uuid.UUID, clock: MovableClock) -> Counter[str]:
    persons = [new_person(clock()) for _ in range(CALLERS)]
    return all_at_once(CALLERS, lambda index: book_counselling(wish(office, persons[index], counsellor_id=counsellor)))


def test_one_counsellor_and_one_time_are_one_residents(
    crowd: uuid.UUID, counsellor: uuid.UUID, clock: MovableClock
) -> None:
    assert all_want_ten(crowd, counsellor, clock) == Counter(done=1, slot_full=CALLERS - 1)
    assert booked() == 1


def test_without_the_key_many_are_told_the_same_time(
    crowd: uuid.UUID, counsellor: uuid.UUID, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above would say nothing about if this did not fail: look first, then take."""
    all_looked = meeting(CALLERS)

    def look_then_take(resource_id: uuid.UUID, starts_at: datetime, until: datetime) -> uuid.UUID:
        if not is_free(resource_id, starts_at, until):
            raise AppError("slot_full", "taken", 409)
        all_looked.wait()
        taken = ResourceBooking(id=new_id(), resource_id=resource_id, starts_at=starts_at, until=until)
        session().add(taken)
        session().flush()
        return taken.id

    monkeypatch.setattr(places, "claim", look_then_take)
    assert all_want_ten(crowd, counsellor, clock) == Counter(done=CALLERS)


def test_as_many_as_there_are_rooms(
    crowd: uuid.UUID, counsellor: uuid.UUID, room: uuid.UUID, clock: MovableClock
) -> None:
    for name in ("甲", "乙", "丙"):
        make_counsellor(crowd, name)
    persons = [new_person(clock()) for _ in range(CALLERS)]
    outcomes = all_at_once(CALLERS, lambda index: book_counselling(wish(crowd, persons[index], way=Way.ON_SITE)))
    assert outcomes == Counter(done=1, slot_full=CALLERS - 1)
    with transaction() as opened:
        assert opened.scalar(sa.select(sa.func.count()).select_from(ResourceBooking)) == 2


def test_a_double_tap_books_once(crowd: uuid.UUID, clock: MovableClock) -> None:
    make_counsellor(crowd, "田甜")
    person = new_person(clock())
    times = ("2026-11-26 09:00", "2026-11-26 10:00")
    outcomes = all_at_once(8, lambda index: book_counselling(wish(crowd, person, times[index % 2])))
    assert outcomes == Counter(done=1, already_booked=7)
    assert booked() == 1


def call(office: uuid.UUID, clock: MovableClock) -> uuid.UUID:
    person = new_person(clock())
    with transaction():
        raise_callback(office, person, Crisis.DESPAIR, ("李女士", "13800001111"))
    return calls()[-1].id


def test_one_officer_takes_a_call(crowd: uuid.UUID, clock: MovableClock) -> None:
    officers = [make_account(f"o{index}") for index in range(8)]
    call_id = call(crowd, clock)
    assert all_at_once(8, lambda index: take_callback(call_id, officers[index])) == Counter(done=1, state_conflict=7)
    [found] = calls()
    assert found.state is CallbackState.TAKEN


def test_without_the_condition_all_of_them_would(crowd: uuid.UUID, clock: MovableClock) -> None:
    officers = [make_account(f"o{index}") for index in range(8)]
    call_id = call(crowd, clock)
    all_looked = meeting(8)

    def look_then_take(index: int) -> None:
        with transaction() as opened:
            found = opened.get_one(callbacks.Callback, call_id)
            if found.state is not CallbackState.OPEN:
                raise AppError("state_conflict", "taken", 409)
            all_looked.wait()
            found.state, found.taken_by, found.taken_at = CallbackState.TAKEN, officers[index], clock()

    assert all_at_once(8, look_then_take) == Counter(done=8)


def test_words_said_many_times_are_one_call(crowd: uuid.UUID, clock: MovableClock) -> None:
    person = new_person(clock())

    def says(_index: int) -> None:
        with transaction():
            raise_callback(crowd, person, Crisis.VIOLENCE, ("李女士", "13800001111"))

    assert all_at_once(8, says) == Counter(done=8)
    assert len(calls()) == 1
