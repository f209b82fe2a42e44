"""Who does not come twice in thirty days books at the counter for fifteen; never where the right lapses (§2.5-1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.errors import AppError
from backend.marriage.book import Booked
from backend.marriage.cancel import cancel_appointment
from backend.marriage.capacity.models import BulkMove, MoveLine
from backend.marriage.capacity.rules import LineState
from backend.marriage.close import mark_no_show
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Via
from backend.marriage.no_shows import annul_cancellation, annul_no_show
from backend.marriage.refuse import refuse_appointment
from backend.marriage.reschedule import reschedule_appointment
from backend.marriage.sanctions.check import paused_for
from backend.marriage.sanctions.parameters import RULES
from backend.marriage.sanctions.rule_field import PauseRuleLines
from backend.marriage.sanctions.rules import Missed, PauseRule, paused_until
from backend.marriage.sanctions.warn import if_absent, if_cancelled
from backend.marriage.waiting.join import join_waiting
from backend.parameters import set_value
from backend.parameters.kinds import from_typed, shape_of
from backend.people.models import number_index
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.marriage.support import REGISTRAR, at, book, code_of, make_person, make_slot
from tests.marriage_divorce.support import make_registrar
from tests.marriage_waiting.support import wish

GUANGDONG = (PauseRule(2, 0, 30, 15),)
# peers.md §7: several rules of one city at once.
STRICT = (PauseRule(2, 0, 180, 180), PauseRule(0, 5, 180, 180), PauseRule(1, 2, 180, 180), PauseRule(0, 3, 30, 180))
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
        (Missed((), ago(1, 2, 40, 41)), STRICT, None),
        (Missed((), ago(1, 2, 3)), STRICT, date(2027, 5, 21)),
        (Missed(ago(100), ago(5, 50)), STRICT, date(2027, 5, 17)),
        (Missed(ago(5), ago(50, 100)), STRICT, date(2027, 5, 17)),
        (Missed(ago(185), ago(5, 50)), STRICT, None),
        (Missed(ago(100), ago(50)), STRICT, None),
        (Missed(ago(0, 1), ago(0, 1, 2)), (), None),
    ],
)
def test_how_long(missed: Missed, rules: Sequence[PauseRule], until: date | None) -> None:
    assert paused_until(missed, rules, NOW) == until


@given(st.lists(st.dates(date(2026, 9, 1), NOW), max_size=8))
def test_taking_one_absence_back_never_makes_it_longer(days: list[date]) -> None:
    before = paused_until(Missed(days), GUANGDONG, NOW)
    for index in range(len(days)):
        after = paused_until(Missed(days[:index] + days[index + 1 :]), GUANGDONG, NOW)
        assert after is None or (before is not None and after <= before)


DAYS = st.lists(st.dates(date(2026, 2, 1), NOW), max_size=6)
ANY_RULE = st.builds(PauseRule, st.integers(0, 3), st.integers(0, 4), st.integers(1, 200), st.integers(1, 200)).filter(
    lambda rule: bool(rule.absences or rule.cancellations)
)


def plainly(missed: Missed, rule: PauseRule, today: date) -> date | None:
    """One rule read word for word, day by day: the last day on which its window held enough, and the pause after it."""
    for back in range(rule.pause_days + 1):
        day = today - timedelta(days=back)
        window = [day - timedelta(days=one) for one in range(rule.within_days)]
        absences = [one for one in missed.absences if one in window]
        cancellations = [one for one in missed.cancellations if one in window]
        counted = (absences if rule.absences else []) + (cancellations if rule.cancellations else [])
        if day in counted and len(absences) >= rule.absences and len(cancellations) >= rule.cancellations:
            return day + timedelta(days=rule.pause_days)
    return None


@given(DAYS, DAYS, st.lists(ANY_RULE, max_size=3))
def test_several_rules_are_read_word_for_word_and_the_longest_holds(
    absences: list[date], cancellations: list[date], rules: list[PauseRule]
) -> None:
    missed = Missed(absences, cancellations)
    each = [until for rule in rules if (until := plainly(missed, rule, NOW)) is not None]
    assert paused_until(missed, rules, NOW) == max(each, default=None)


@given(DAYS, DAYS, st.lists(ANY_RULE, max_size=3))
def test_one_more_never_makes_it_shorter(
    absences: list[date], cancellations: list[date], rules: list[PauseRule]
) -> None:
    missed = Missed(absences, cancellations)
    before = paused_until(missed, rules, NOW)
    for more in (missed.with_absence(NOW), missed.with_cancellation(NOW)):
        after = paused_until(more, rules, NOW)
        assert before is None or (after is not None and after >= before)


@given(ANY_RULE)
def test_a_rule_told_as_a_sentence_is_read_again(rule: PauseRule) -> None:
    field = RULES.field
    assert isinstance(field, PauseRuleLines)
    told = field.tell_line(asdict(rule))
    assert field.read_line(told) == asdict(rule)
    assert RULES.read([field.read_line(told)]) == (rule,)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("30天内未到2次，暂停15天", [2, 0, 30, 15]),
        (" 180 天内 未到1次 且 取消2次 → 暂停 180 天。", [1, 2, 180, 180]),
        ("180天取消5次就暂停180天", [0, 5, 180, 180]),
        ("30天内未到0次，暂停15天", None),
        ("30天内暂停15天", None),
        ("两次不来就停", None),
    ],
)
def test_what_may_be_typed(typed: str, read: list[int] | None) -> None:
    shape = shape_of(RULES)
    expected = None if read is None else [asdict(PauseRule(*read))]
    assert from_typed(shape, [typed]) == expected


@pytest.mark.parametrize(
    "value",
    [
        "30天内未到2次",
        [{"absences": 2}],
        [{"absences": 0, "cancellations": 0, "within_days": 30, "pause_days": 15}],
        [{"absences": 2, "cancellations": 0, "within_days": 0, "pause_days": 15}],
        [{"absences": 2, "cancellations": 0, "within_days": 30, "pause_days": 366}],
        [{"absences": 21, "cancellations": 0, "within_days": 30, "pause_days": 15}],
        [{"absences": True, "cancellations": 0, "within_days": 30, "pause_days": 15}],
        [{"absences": 2, "cancellations": 0, "within_days": 30, "pause_days": 15}] * 2,
        [{"absences": one, "cancellations": 0, "within_days": 30, "pause_days": 15} for one in range(1, 10)],
    ],
)
def test_what_is_no_set_of_rules_is_refused(value: object, clock: MovableClock) -> None:
    with pytest.raises(AppError):
        set_value(RULES, "", value, clock(), "test")


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


def rules_of(*rules: PauseRule) -> None:
    """The registry's rules from now on."""
    set_value(RULES, "xincheng", [asdict(rule) for rule in rules], now(), "test")


def pause(booked: Booked) -> date | None:
    """Until when its couple cannot book."""
    indexes = [number_index(party.identity) for party in booked.parties]
    return paused_for(Kind.MARRIAGE_REGISTRATION, indexes, "xincheng")


def test_cancellations_count_where_the_bureau_says_so(office: uuid.UUID, clock: MovableClock) -> None:
    slot, person = make_slot(office, "2026-12-10 10:00"), make_person()
    for _ in range(3):
        cancel_appointment(book(slot, 0, person).appointment_id, person)
    made = book(slot, 0, person)
    assert pause(made) is None
    rules_of(PauseRule(0, 3, 30, 15))
    assert pause(made) == today() + timedelta(days=15)
    assert told() == []
    cancel_appointment(made.appointment_id, person)
    assert told() == ["marriage.booking_paused"]


def test_an_absence_and_cancellations_together(office: uuid.UUID, clock: MovableClock) -> None:
    rules_of(PauseRule(1, 2, 180, 90))
    clock.move_to(at("2026-11-23 09:00"))
    absent, person = book(make_slot(office, "2026-11-25 10:00"), 0), make_person()
    clock.move_to(at("2026-11-25 11:00"))
    mark_no_show(absent.appointment_id, REGISTRAR)
    slot = make_slot(office, "2026-12-10 10:00")
    cancelled = [book(slot, 0, person)]
    cancel_appointment(cancelled[0].appointment_id, person)
    assert pause(absent) is None
    cancelled.append(book(slot, 0, person))
    with transaction() as session:
        before = if_cancelled(session.get_one(Appointment, cancelled[1].appointment_id))
    assert "2027年2月23日" in before
    cancel_appointment(cancelled[1].appointment_id, person)
    assert pause(absent) == date(2027, 2, 23)
    with pytest.raises(AppError) as refused:
        book(slot, 0, make_person())
    assert refused.value.extra["until"] == "2027-02-23"
    # Any of the three, taken back, lifts it: the rule needs them all.
    annul_cancellation(cancelled[0].appointment_id, REGISTRAR, "登记处请他们取消的")
    assert book(slot, 0, make_person()).number
    assert told() == ["marriage.booking_paused", "marriage.pause_lifted"]
    assert code_of(lambda: annul_cancellation(cancelled[0].appointment_id, REGISTRAR, "再一次")) == "state_conflict"


def test_what_the_registry_cancels_or_has_moved_counts_for_nothing(office: uuid.UUID, clock: MovableClock) -> None:
    rules_of(PauseRule(0, 1, 30, 15))
    refused = book(make_slot(office, "2026-12-09 10:00"), 0)
    refuse_appointment(refused.appointment_id, REGISTRAR, "材料不全")
    assert pause(refused) is None
    person = make_person()
    moved = book(make_slot(office, "2026-12-10 10:00"), 1, person)
    move_line(office, moved.appointment_id, LineState.ACCEPTED)
    assert warned(moved, if_cancelled) != ""  # the caller asks only about those that were not moved
    cancel_appointment(moved.appointment_id, person)
    assert pause(moved) is None
    assert told() == []
    assert code_of(lambda: annul_cancellation(moved.appointment_id, REGISTRAR, "没有计次")) == "state_conflict"
    own = book(make_slot(office, "2026-12-11 10:00"), 2, person)
    cancel_appointment(own.appointment_id, person)
    assert pause(own) == today() + timedelta(days=15)


@pytest.mark.parametrize(("state", "counts"), [(LineState.KEPT, False), (LineState.ACCEPTED, True)])
def test_a_time_nobody_agreed_to_is_nobodys_absence(
    office: uuid.UUID, clock: MovableClock, state: LineState, counts: bool
) -> None:
    rules_of(PauseRule(1, 0, 30, 15))
    made = book(make_slot(office, "2026-12-10 10:00"), 0)
    move_line(office, made.appointment_id, state)
    clock.move_to(at("2026-12-10 11:00"))
    mark_no_show(made.appointment_id, REGISTRAR)
    assert (pause(made) is not None) is counts


def move_line(office_id: uuid.UUID, appointment_id: uuid.UUID, state: LineState) -> None:
    """A registry has moved an appointment, and this became of it."""
    with transaction() as session:
        account = make_registrar()
        move = BulkMove(
            office_id=office_id,
            first_day=today(),
            last_day=today(),
            reason="停电",
            created_at=now(),
            created_by=account,
        )
        session.add(move)
        session.flush()
        session.add(
            MoveLine(
                move_id=move.id,
                appointment_id=appointment_id,
                rank=1,
                by_phone=False,
                state=state,
                old_starts_at=now(),
                new_starts_at=now(),
                answer_until=now(),
                created_at=now(),
                changed_at=now(),
            )
        )


def warned(booked: Booked, question: Callable[[Appointment], str]) -> str:
    """What is said beforehand."""
    with transaction() as session:
        return question(session.get_one(Appointment, booked.appointment_id))


def test_they_are_told_beforehand(office: uuid.UUID, clock: MovableClock) -> None:
    clock.move_to(at("2026-11-23 09:00"))
    first = book(make_slot(office, "2026-11-25 10:00"), 0)
    other_matter = make_slot(office, "2026-11-27 10:00", 1, Area.SERVICE_WINDOW)
    second = book(other_matter, 0, kind=Kind.MARRIAGE_CERTIFICATE_REISSUE)
    assert warned(first, if_absent) == ""
    clock.move_to(at("2026-11-25 11:00"))
    mark_no_show(first.appointment_id, REGISTRAR)
    with transaction() as session:
        hint = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.notice == "marriage.no_show")).one().data
    assert "再有一次未到，将暂停网上预约到2026年12月10日" in hint["hint"]
    assert "2026年12月12日" in warned(second, if_absent)
    clock.move_to(at("2026-11-27 11:00"))
    mark_no_show(second.appointment_id, REGISTRAR)
    with transaction() as session:
        both = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.notice == "marriage.no_show")).all()
    assert sum("再有一次" in one.data["hint"] for one in both) == 1  # it is paused now, and that is told by itself
