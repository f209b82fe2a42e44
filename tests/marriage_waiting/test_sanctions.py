"""Who does not come twice in thirty days books at the counter for fifteen; never where the right lapses (§2.5-1)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.errors import AppError
from backend.marriage.book import Booked
from backend.marriage.cancel import cancel_appointment
from backend.marriage.close import mark_no_show
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Via
from backend.marriage.no_shows import annul_no_show
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.sanctions.check import paused_for
from backend.marriage.sanctions.parameters import CANCEL_LIMIT
from backend.marriage.sanctions.rules import Missed, PauseRules, paused_until
from backend.marriage.waiting.join import join_waiting
from backend.parameters import set_value
from backend.people.models import number_index
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.marriage.support import REGISTRAR, at, book, code_of, make_person, make_slot
from tests.marriage_waiting.support import wish

GUANGDONG = PauseRules(absences=2, cancellations=0, window_days=30, block_days=15)
STRICT = PauseRules(absences=2, cancellations=5, window_days=180, block_days=180)
NOW = date(2026, 11, 23)


def ago(*days: int) -> list[date]:
    """Days before today."""
    return [NOW - timedelta(days=one) for one in days]


@pytest.mark.parametrize(
    ("missed", "rules", "until"),
    [
        (Missed(), GUANGDONG, None),
        (Missed(ago(0)), GUANGDONG, None),
        (Missed(ago(0, 1)), GUANGDONG, date(2026, 12, 8)),
        (Missed(ago(0, 0)), GUANGDONG, date(2026, 12, 8)),
        (Missed(ago(0, 29)), GUANGDONG, date(2026, 12, 8)),
        (Missed(ago(0, 30)), GUANGDONG, None),
        (Missed(ago(15, 20)), GUANGDONG, NOW),
        (Missed(ago(16, 20)), GUANGDONG, None),
        (Missed(ago(1), ago(1, 2, 3, 4)), GUANGDONG, None),
        (Missed((), ago(1, 2, 3, 4, 170)), STRICT, date(2027, 5, 21)),
        (Missed((), ago(1, 2, 3, 4)), STRICT, None),
    ],
)
def test_how_long(missed: Missed, rules: PauseRules, until: date | None) -> None:
    assert paused_until(missed, rules, NOW) == until


@given(st.lists(st.dates(date(2026, 9, 1), NOW), max_size=8))
def test_taking_one_absence_back_never_makes_it_longer(days: list[date]) -> None:
    before = paused_until(Missed(days), GUANGDONG, NOW)
    for index in range(len(days)):
        after = paused_until(Missed(days[:index] + days[index + 1 :]), GUANGDONG, NOW)
        assert after is None or (before is not None and after <= before)


@pytest.fixture
def absent(office: uuid.UUID, clock: MovableClock) -> list[Booked]:
    """Couple 0 has booked two times and come to neither."""
    made = []
    for text, person in (("2026-11-25 10:00", make_person()), ("2026-11-27 10:00", make_person())):
        clock.move_to(at(text) - timedelta(days=2))
        made.append(book(make_slot(office, text), 0, person))
        clock.move_to(at(text) + timedelta(hours=1))
        mark_no_show(made[-1].appointment_id, REGISTRAR)
    return made


def told() -> list[str]:
    """Notices about pauses, oldest first."""
    with transaction() as session:
        found = sa.select(OutboxMessage.notice).where(OutboxMessage.notice.like("marriage.%pause%"))
        return list(session.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.id)))


def test_booking_and_waiting_are_paused_and_why_is_said(office: uuid.UUID, absent: list[Booked]) -> None:
    tenth = make_slot(office, "2026-12-10 10:00")
    with pytest.raises(AppError) as refused:
        book(tenth, 0, make_person())  # by another WeChat it is the same couple
    assert (refused.value.code, refused.value.extra["until"]) == ("booking_paused", "2026-12-12")
    for words in ("2026年12月12日", "窗口取号", "029-00000101"):
        assert words in refused.value.user_text
    assert told() == ["marriage.booking_paused"]
    assert book(tenth, 1).number  # others are not concerned
    with pytest.raises(AppError) as waiting:
        wait_for_tenth(office)
    assert waiting.value.code == "booking_paused"


def wait_for_tenth(office: uuid.UUID) -> None:
    """Couple 0 tries to get in line."""
    join_waiting(wish(office, 0, make_person(), date(2026, 12, 10), date(2026, 12, 10)))


def test_one_of_the_two_is_enough_and_the_last_day_ends_it(
    office: uuid.UUID, absent: list[Booked], clock: MovableClock
) -> None:
    place = absent[0].office
    [index] = [number_index(absent[0].parties[0].identity)]
    assert paused_for(Kind.MARRIAGE_REGISTRATION, [index], place.code) == date(2026, 12, 12)
    clock.move_to(at("2026-12-12 23:59"))
    assert paused_for(Kind.MARRIAGE_REGISTRATION, [index], place.code) is not None
    clock.move_to(at("2026-12-13 00:00"))
    assert paused_for(Kind.MARRIAGE_REGISTRATION, [index], place.code) is None


@pytest.mark.parametrize("kind", [Kind.DIVORCE_WITHDRAWAL, Kind.DIVORCE_CERTIFICATE])
def test_never_where_the_right_lapses(absent: list[Booked], kind: Kind) -> None:
    """domain-rules §8-5."""
    indexes = [number_index(party.identity) for party in absent[0].parties]
    assert paused_for(kind, indexes, absent[0].office.code) is None


def test_what_is_booked_already_stays_and_can_be_moved(office: uuid.UUID, clock: MovableClock) -> None:
    person = make_person()
    other = make_slot(office, "2026-12-01 10:00", 1, Area.SERVICE_WINDOW)
    kept = book(other, 0, person, kind=Kind.ARCHIVE_QUERY)
    for text in ("2026-11-25 10:00", "2026-11-26 10:00"):
        clock.move_to(at(text) - timedelta(days=2))
        made = book(make_slot(office, text), 0, make_person())
        clock.move_to(at(text) + timedelta(hours=1))
        mark_no_show(made.appointment_id, REGISTRAR)
    later = make_slot(office, "2026-12-02 10:00", 1, Area.SERVICE_WINDOW)
    assert reschedule_appointment(kept.appointment_id, later, person, Via.API).slot.id == later


def test_an_absence_taken_back_lifts_it_at_once(office: uuid.UUID, absent: list[Booked]) -> None:
    tenth = make_slot(office, "2026-12-10 10:00")
    assert code_of(lambda: book(tenth, 0)) == "booking_paused"
    annul_no_show(absent[0].appointment_id, REGISTRAR, "当时到了，机器没有记上")
    assert book(tenth, 0).number
    assert told() == ["marriage.booking_paused", "marriage.pause_lifted"]


def test_cancellations_count_where_the_bureau_says_so(office: uuid.UUID, clock: MovableClock) -> None:
    slot, person = make_slot(office, "2026-12-10 10:00"), make_person()
    for _ in range(3):
        cancel_appointment(book(slot, 0, person).appointment_id, person)
    indexes = [number_index(book(slot, 0, person).parties[0].identity)]
    assert paused_for(Kind.MARRIAGE_REGISTRATION, indexes, "xincheng") is None
    set_value(CANCEL_LIMIT, "xincheng", 3, now(), "test")
    assert paused_for(Kind.MARRIAGE_REGISTRATION, indexes, "xincheng") == today() + timedelta(days=15)
