"""An application in the hands of the registrar: received, withdrawn, issued, lapsed, put right."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from backend.calendar import import_year
from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.kernel.legal_calendar import DayKind
from backend.marriage.couples import PartyInput
from backend.marriage.divorce.accept import Application, accept_application
from backend.marriage.divorce.contact import CallOutcome, note_call
from backend.marriage.divorce.days import Correction, correct_days
from backend.marriage.divorce.follow import find_persons, follow_bookings, move_by_time, recount_days
from backend.marriage.divorce.issue import Issuing, issue_certificate
from backend.marriage.divorce.rules import CaseState
from backend.marriage.divorce.withdraw import Withdrawal, withdraw_application
from backend.marriage.kinds import Kind
from backend.marriage.rules import State
from tests.marriage.support import code_of, couple, make_office
from tests.marriage_divorce.support import (
    HUSBAND,
    IN_ORDER,
    WIFE,
    accept,
    book,
    by,
    clock_to,
    history,
    last_detail,
    make_verified,
    moment,
    parties,
    row,
    told,
    waiting,
)

# --- received ---


def test_the_day_it_is_received_begins_the_clock(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = row(accept(office, registrar, receipt=" 2026-0901a ").id)
    assert (case.state, case.receipt_number, case.number[:2]) == (CaseState.ACCEPTED, "2026-0901A", "SL")
    assert (case.d0, case.cool_last, case.win_first, case.win_last) == (
        date(2026, 9, 1),
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 11, 9),
    )
    assert not case.provisional
    assert history(case.id) == [("accepted", "staff", "accepted")]
    husband = parties(case.id)[0]
    assert (husband.name, husband.id_number, husband.phone_last4) == (HUSBAND.name, HUSBAND.id_number, "0000")


def test_the_couple_of_an_appointment_is_not_typed_again(office: uuid.UUID, registrar: uuid.UUID) -> None:
    appointment = book(office, Kind.DIVORCE_APPLICATION, "2026-09-01 09:00", state=State.SERVED)
    case = accept_application(Application(office, "2026-0001", appointment_id=appointment), registrar)
    assert [party.id_number for party in parties(case.id)] == [HUSBAND.id_number, WIFE.id_number]
    withdraw_application(case.id, by(0), registrar)
    again = Application(office, "2026-0002", appointment_id=appointment)
    assert code_of(lambda: accept_application(again, registrar)) == "state_conflict"


@pytest.mark.parametrize("kind", [Kind.MARRIAGE_REGISTRATION, Kind.DIVORCE_CERTIFICATE])
def test_an_appointment_for_something_else_is_none(office: uuid.UUID, registrar: uuid.UUID, kind: Kind) -> None:
    wanted = Application(office, "2026-0001", appointment_id=book(office, kind, "2026-09-01 09:00"))
    assert code_of(lambda: accept_application(wanted, registrar)) == "not_found"


def test_nobody_is_in_two_open_applications(office: uuid.UUID, registrar: uuid.UUID) -> None:
    first = accept(office, registrar)
    other = Application(office, "2026-0002", [HUSBAND, couple(1)[1]])
    assert code_of(lambda: accept_application(other, registrar)) == "state_conflict"
    withdraw_application(first.id, by(1), registrar)
    assert accept_application(other, registrar).state is CaseState.ACCEPTED


def test_what_is_typed_is_checked(office: uuid.UUID, registrar: uuid.UUID) -> None:
    accept(office, registrar, receipt="2026-0001")
    assert code_of(lambda: accept(office, registrar, 1, receipt="2026-0001")) == "state_conflict"
    assert code_of(lambda: accept(office, registrar, 1, receipt="123456789012345678")) == "invalid"
    twice = Application(office, "2026-0003", [couple(2)[0], couple(2)[0]])
    assert code_of(lambda: accept_application(twice, registrar)) == "invalid"
    wrong = Application(office, "2026-0003", [couple(2)[0], PartyInput("李小红", "123")])
    with pytest.raises(AppError) as refused:
        accept_application(wrong, registrar)
    assert set(refused.value.errors) == {"parties.1.id_number"}


# --- withdrawn ---


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("now", ["2026-09-01 10:00", "2026-09-20 10:00", "2026-10-08 16:59"])
def test_either_withdraws_until_the_close_of_the_last_cooling_day(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock, now: str, position: int
) -> None:
    case = accept(office, registrar)
    clock_to(clock, now)
    assert withdraw_application(case.id, by(position), registrar).state is CaseState.WITHDRAWN
    assert last_detail(case.id) == {"position": position}
    assert row(case.id).ended_at is not None


def test_after_the_close_it_counts_for_who_was_there_before(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-08 17:00")
    assert code_of(lambda: withdraw_application(case.id, by(0), registrar)) == "invalid"
    withdraw_application(case.id, by(0, "16:40 取号，排到 17:10"), registrar)
    assert row(case.id).state is CaseState.WITHDRAWN


def test_in_the_window_nobody_withdraws(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-09 09:00")
    with pytest.raises(AppError) as refused:
        withdraw_application(case.id, by(0), registrar)
    assert refused.value.code == "too_late"
    assert "10月8日" in refused.value.user_text


def test_card_and_receipt_are_seen_first(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar)
    with pytest.raises(AppError) as refused:
        withdraw_application(case.id, Withdrawal(2, card_seen=False, receipt_seen=False), registrar)
    assert set(refused.value.errors) == {"position", "card_seen", "receipt_seen"}
    assert row(case.id).open


# --- issued ---


def test_on_the_last_cooling_day_nothing_is_issued(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-08 10:00")
    assert code_of(lambda: issue_certificate(case.id, IN_ORDER, registrar)) == "too_early"
    clock_to(clock, "2026-10-09 10:00")
    assert issue_certificate(case.id, IN_ORDER, registrar).state is CaseState.ISSUED
    assert history(case.id)[-2:] == [("went_on", "system", "window"), ("issued", "staff", "issued")]


@pytest.mark.parametrize("now", ["2026-10-11 10:00", "2026-11-08 10:00"])
def test_on_a_rest_day_nothing_is_issued(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock, now: str
) -> None:
    case = accept(office, registrar)
    clock_to(clock, now)
    assert code_of(lambda: issue_certificate(case.id, IN_ORDER, registrar)) == "state_conflict"


def test_a_saturday_worked_by_the_notice_is_a_workday(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-10 10:00")
    assert issue_certificate(case.id, IN_ORDER, registrar).state is CaseState.ISSUED


def test_both_are_there_and_willing(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-20 10:00")
    with pytest.raises(AppError) as refused:
        issue_certificate(case.id, Issuing(both_present=False, both_willing=False), registrar)
    assert set(refused.value.errors) == {"both_present", "both_willing"}


# --- lapsed ---


def test_it_lapses_at_the_close_and_never_earlier(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-10-09 00:00")
    assert move_by_time() == 1
    clock_to(clock, "2026-11-09 16:59")
    assert move_by_time() == 0
    assert row(case.id).state is CaseState.WINDOW
    clock_to(clock, "2026-11-09 17:00")
    assert move_by_time() == 1
    assert move_by_time() == 0
    assert history(case.id)[-1] == ("lapsed", "system", "lapsed")
    accept(office, registrar, receipt="2026-0002")


def test_who_was_there_before_the_close_still_gets_it(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-11-09 17:20")
    move_by_time()
    assert code_of(lambda: issue_certificate(case.id, IN_ORDER, registrar)) == "invalid"
    in_time = Issuing(both_present=True, both_willing=True, came_in_time="16:30 已在窗口签字")
    assert issue_certificate(case.id, in_time, registrar).state is CaseState.ISSUED


def test_the_day_after_it_is_too_late(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-11-10 09:00")
    in_time = Issuing(both_present=True, both_willing=True, came_in_time="昨天来过")
    assert code_of(lambda: issue_certificate(case.id, in_time, registrar)) == "state_conflict"


def test_on_a_provisional_day_nothing_lapses(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    clock_to(clock, "2026-11-10 10:00")
    case = accept(office, registrar)
    assert row(case.id).provisional
    clock_to(clock, "2027-03-01 10:00")
    move_by_time()
    assert row(case.id).state is CaseState.WINDOW
    clock_to(clock, "2027-03-02 10:00")
    correct_days(case.id, Correction(date(2026, 11, 10), None, date(2027, 1, 11), "按登记系统核定"), registrar)
    assert row(case.id).state is CaseState.LAPSED


# --- days that move ---


def test_the_notice_moves_the_days_and_both_are_told(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    husband = make_verified(HUSBAND)
    clock_to(clock, "2026-12-02 10:00")
    case = accept(office, registrar)
    assert row(case.id).cool_last == date(2027, 1, 1), "counted by the weekday: a Friday"
    assert recount_days() == 0
    import_year(2027, {date(2027, 1, 1): DayKind.OFF}, "test")
    assert recount_days() == 1
    assert recount_days() == 0
    moved = row(case.id)
    assert (moved.cool_last, moved.win_first, moved.provisional) == (date(2027, 1, 4), date(2027, 1, 5), False)
    assert history(case.id)[-1] == ("recounted", "system", "accepted")
    assert last_detail(case.id)["cool_last"] == ["2027-01-01", "2027-01-04"]
    assert [one.notice for one in told(husband)] == ["marriage.case_accepted", "marriage.case_dates_moved"]
    assert told(husband)[-1].data["until"] == "1月4日"
    assert waiting(case.id, husband)["window_opens"] == moment("2027-01-05 09:00")


def test_becoming_certain_is_not_worth_a_message(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    husband = make_verified(HUSBAND)
    clock_to(clock, "2026-11-10 10:00")
    case = accept(office, registrar)
    assert set(waiting(case.id, husband)) == {"window_opens"}, "an end that may move is not announced"
    import_year(2027, {date(2027, 5, 3): DayKind.OFF}, "test")
    assert recount_days() == 1
    assert [one.notice for one in told(husband)] == ["marriage.case_accepted"]
    assert set(waiting(case.id, husband)) == {
        "window_opens",
        "closes_in_ten",
        "closes_in_five",
        "closes_in_two",
        "last_day",
    }


def test_the_registrars_record_wins(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    clock_to(clock, "2026-11-10 10:00")
    move_by_time()
    right = Correction(date(2026, 9, 1), date(2026, 10, 12), None, "回执单日期写错，按登记系统")
    assert correct_days(case.id, right, registrar).state is CaseState.WINDOW, "it lapsed by a wrong day"
    fixed = row(case.id)
    assert (fixed.cool_last, fixed.win_first, fixed.win_last) == (
        date(2026, 10, 12),
        date(2026, 10, 13),
        date(2026, 11, 11),
    )
    assert fixed.fixed
    assert recount_days() == 0


@pytest.mark.parametrize(
    ("correction", "field"),
    [
        (Correction(date(2026, 9, 2), None, None, "原因写明"), "d0"),
        (Correction(date(2026, 9, 1), date(2026, 9, 20), None, "原因写明"), "cool_last"),
        (Correction(date(2026, 9, 1), date(2026, 10, 8), date(2026, 10, 8), "原因写明"), "win_last"),
        (Correction(date(2026, 9, 1), None, None, " "), "reason"),
    ],
)
def test_no_correction_breaks_the_law(
    office: uuid.UUID, registrar: uuid.UUID, correction: Correction, field: str
) -> None:
    case = accept(office, registrar)
    with pytest.raises(AppError) as refused:
        correct_days(case.id, correction, registrar)
    assert set(refused.value.errors) == {field}


# --- each person separately ---


def test_each_is_told_alone_and_in_neutral_words(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband, wife = make_verified(HUSBAND), make_verified(WIFE)
    case = accept(office, registrar)
    for person in (husband, wife):
        [message] = told(person)
        assert (message.notice, message.data["until"], message.data["last"]) == (
            "marriage.case_accepted",
            "10月8日",
            "11月9日",
        )
        assert not [text for text in message.data.values() if "离婚" in text or HUSBAND.name in text]
        assert waiting(case.id, person) == {
            "window_opens": moment("2026-10-09 09:00"),
            "closes_in_ten": moment("2026-10-30 09:00"),
            "closes_in_five": moment("2026-11-04 09:00"),
            "closes_in_two": moment("2026-11-07 09:00"),
            "last_day": moment("2026-11-09 09:00"),
        }


def test_who_withdrew_is_told_and_the_other_is_not(office: uuid.UUID, registrar: uuid.UUID) -> None:
    husband, wife = make_verified(HUSBAND), make_verified(WIFE)
    case = accept(office, registrar)
    withdraw_application(case.id, by(1), registrar)
    assert [one.notice for one in told(wife)] == ["marriage.case_accepted", "marriage.case_withdrawn"]
    assert [one.notice for one in told(husband)] == ["marriage.case_accepted"]
    assert waiting(case.id, husband) == waiting(case.id, wife) == {}


def test_somebody_unproven_is_not_written_to_until_they_are(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar)
    assert find_persons() == 0
    wife = make_verified(WIFE)
    assert find_persons() == 1
    assert find_persons() == 0
    assert [one.notice for one in told(wife)] == ["marriage.case_accepted"]
    assert len(waiting(case.id, wife)) == 5


def test_only_their_own_appointment_there_counts(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    accept(office, registrar)
    clock_to(clock, "2026-10-09 08:00")
    move_by_time()
    book(make_office("other", 1, "长乐路婚姻登记处"), Kind.DIVORCE_CERTIFICATE, "2026-10-20 10:00")
    assert follow_bookings() == 0, "at another office it is no use"
    book(office, Kind.DIVORCE_CERTIFICATE, "2026-10-20 10:00", index=1)
    assert follow_bookings() == 0, "somebody else's"


def test_booking_and_giving_up_are_followed(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    wife = make_verified(WIFE)
    case = accept(office, registrar)
    clock_to(clock, "2026-10-09 08:00")
    move_by_time()
    book(office, Kind.DIVORCE_CERTIFICATE, "2026-10-20 10:00")
    assert follow_bookings() == 1
    assert follow_bookings() == 0
    assert row(case.id).certificate_booked
    assert set(waiting(case.id, wife)) == {"window_opens"}


def test_a_call_is_noted_in_the_window_only(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock) -> None:
    case = accept(office, registrar)
    assert code_of(lambda: note_call(case.id, 0, CallOutcome.REACHED, registrar)) == "state_conflict"
    clock_to(clock, "2026-11-05 10:00")
    note_call(case.id, 0, CallOutcome.REACHED, registrar)
    assert last_detail(case.id) == {"position": 0, "outcome": "reached"}
