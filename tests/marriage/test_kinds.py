"""Booking the kinds M1-M9: places of each, who is needed, who may do it, what is answered instead (§2.2, §2.4)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.marriage.apply_plan import apply_plan
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.cancel import cancel_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.days import PeakSetting, close_days, set_peak_day
from backend.marriage.hold import hold_place
from backend.marriage.kinds import BOOKABLE_KINDS, KINDS, Area, Declaration, Kind, ResidentGroup
from backend.marriage.models import Slot, Via
from backend.marriage.offers import day_offers, offices
from backend.marriage.open_slots import open_slots
from backend.marriage.parameters import FOREIGN_RELATED, MINUTES, REISSUE_BOTH
from backend.marriage.reschedule import reschedule_appointment
from backend.parameters import set_value
from backend.storage import transaction
from tests.marriage.support import THURSDAY, at, book, code_of, couple, make_office, make_person, make_slot, number, row

HONG_KONG = PartyInput(
    "陈先生",
    "810000199003071237",
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT,
    resident_group=ResidentGroup.HONG_KONG,
)


def minutes_of(*slot_ids: uuid.UUID) -> list[int]:
    """Minutes taken of each slot."""
    with transaction() as session:
        return [session.get_one(Slot, slot_id).taken for slot_id in slot_ids]


def free(kind: Kind, day: date = THURSDAY, **options: bool) -> dict[str, int]:
    """How many more of a kind fit, by the time they begin."""
    (offer,) = day_offers(offices()[0], kind, day, day, **options)
    return {f"{slot.starts_at:%H:%M}": slot.free for slot in offer.slots}


@pytest.fixture
def room(office: uuid.UUID) -> list[uuid.UUID]:
    """Three half hours of the divorce room with one window."""
    return [make_slot(office, f"2026-11-26 {moment}", 1, Area.DIVORCE_ROOM) for moment in ("09:00", "09:30", "10:00")]


@pytest.mark.parametrize("kind", sorted(BOOKABLE_KINDS - {Kind.DIVORCE_CERTIFICATE}))
def test_each_kind_takes_its_minutes_in_its_area_and_gives_them_back(office: uuid.UUID, kind: Kind) -> None:
    area = KINDS[kind].area
    assert area is not None
    slots = [make_slot(office, f"2026-11-26 {moment}", 2, area) for moment in ("09:00", "09:30")]
    person = make_person()
    booked = book(slots[0], 1, person, kind=kind)
    assert sum(minutes_of(*slots)) == KINDS[kind].minutes == row(booked.appointment_id).minutes
    assert booked.slot.ends_at - booked.slot.starts_at >= timedelta(minutes=KINDS[kind].minutes)
    cancel_appointment(booked.appointment_id, person)
    assert minutes_of(*slots) == [0, 0]


def test_what_spans_two_slots_takes_both_or_none(room: list[uuid.UUID]) -> None:
    book(room[1], 1, kind=Kind.DIVORCE_APPLICATION)
    assert minutes_of(*room) == [0, 30, 10]
    assert free(Kind.DIVORCE_APPLICATION) == {"09:00": 0, "09:30": 0, "10:00": 0}
    assert code_of(lambda: book(room[0], 2, kind=Kind.DIVORCE_APPLICATION)) == "slot_full"
    assert minutes_of(*room) == [0, 30, 10]


def test_a_move_to_the_next_half_hour_does_not_stand_in_its_own_way(room: list[uuid.UUID]) -> None:
    person = make_person()
    booked = book(room[0], 1, person, kind=Kind.DIVORCE_APPLICATION)
    reschedule_appointment(booked.appointment_id, room[1], person, Via.API)
    assert minutes_of(*room) == [0, 30, 10]
    assert code_of(lambda: reschedule_appointment(booked.appointment_id, room[2], person, Via.API)) == "slot_full"
    assert minutes_of(*room) == [0, 30, 10]


def test_a_hold_of_two_slots_becomes_the_booking(room: list[uuid.UUID]) -> None:
    person = make_person()
    hold_place(room[0], person, Kind.DIVORCE_APPLICATION)
    assert minutes_of(*room) == [30, 10, 0]
    book(room[0], 1, person, Via.CHAT, kind=Kind.DIVORCE_APPLICATION)
    assert minutes_of(*room) == [30, 10, 0]


def test_a_kind_is_not_booked_in_another_area(office: uuid.UUID, slot: uuid.UUID) -> None:
    assert code_of(lambda: book(slot, 1, kind=Kind.DIVORCE_APPLICATION)) == "invalid"
    assert minutes_of(slot) == [0]


@pytest.mark.parametrize("kind", sorted(set(Kind) - BOOKABLE_KINDS - {Kind.FOREIGN_RELATED}))
def test_what_is_not_booked_is_answered_with_where_to_go(slot: uuid.UUID, kind: Kind) -> None:
    with pytest.raises(AppError) as refused:
        book(slot, 1, kind=kind)
    assert (refused.value.code, list(refused.value.errors)) == ("invalid", ["kind"])
    assert kind is not Kind.DIVORCE_WITHDRAWAL or "不用预约" in refused.value.user_text


def test_how_many_persons_a_kind_needs(office: uuid.UUID, clock: MovableClock) -> None:
    window = make_slot(office, "2026-11-26 10:00", 4, Area.SERVICE_WINDOW)

    def ask(kind: Kind, count: int) -> str:
        request = BookingRequest(kind, window, couple(7)[:count], True, make_person(), Via.API)
        return code_of(lambda: book_appointment(request))

    assert ask(Kind.DIVORCE_CERTIFICATE_REISSUE, 2) == "invalid"
    assert ask(Kind.MARRIAGE_CERTIFICATE_REISSUE, 1) == "invalid"
    set_value(REISSUE_BOTH, "", False, clock(), "admin")
    book_appointment(
        BookingRequest(Kind.MARRIAGE_CERTIFICATE_REISSUE, window, couple(7)[:1], True, make_person(), Via.API)
    )


@pytest.mark.parametrize(
    ("withheld", "problem"),
    [
        (Declaration.AGREEMENT_REACHED, "without_agreement"),
        (Declaration.FULL_CAPACITY, "without_capacity"),
        (Declaration.REGISTERED_IN_MAINLAND, "not_registered_in_mainland"),
        (Declaration.FREE_WILL, "not_declared"),
    ],
)
def test_e6_tells_of_the_court(room: list[uuid.UUID], withheld: Declaration, problem: str) -> None:
    request = BookingRequest(
        Kind.DIVORCE_APPLICATION, room[0], couple(1), True, make_person(), Via.API, withheld=[withheld]
    )
    with pytest.raises(AppError) as refused:
        book_appointment(request)
    assert refused.value.extra["problems"] == [problem]
    assert problem == "not_declared" or "法院" in refused.value.user_text


def test_e7_no_certificate_without_a_case(room: list[uuid.UUID]) -> None:
    assert code_of(lambda: book(room[0], 1, kind=Kind.DIVORCE_CERTIFICATE)) == "invalid"
    assert minutes_of(*room) == [0, 0, 0]


def test_e3_refusals_carry_the_next_free_times(office: uuid.UUID, slot: uuid.UUID) -> None:
    later = make_slot(office, "2026-12-10 10:00")
    pair = [couple(1)[0], PartyInput("李小红", number(date(2006, 12, 1), 2))]
    request = BookingRequest(Kind.MARRIAGE_REGISTRATION, slot, pair, True, make_person(), Via.API)
    with pytest.raises(AppError) as refused:
        book_appointment(request)
    assert refused.value.extra["possible_from"] == "2026-12-01"
    assert [one["id"] for one in refused.value.extra["alternatives"]] == [str(later)]  # type: ignore[attr-defined]


def test_foreign_related_couples_go_where_the_authority_is(office: uuid.UUID, clock: MovableClock) -> None:
    designated = make_office("changle", position=1, name="长乐路婚姻登记处")
    set_value(FOREIGN_RELATED, "changle", True, clock(), "admin")
    here = make_slot(office, "2026-11-26 10:00")
    there = [make_slot(designated, f"2026-11-26 {moment}") for moment in ("10:00", "10:30")]
    pair = [HONG_KONG, couple(1)[1]]
    with pytest.raises(AppError) as refused:
        book_appointment(BookingRequest(Kind.MARRIAGE_REGISTRATION, here, pair, True, make_person(), Via.API))
    assert [one["id"] for one in refused.value.extra["offices"]] == [str(designated)]  # type: ignore[attr-defined]
    assert "长乐路婚姻登记处" in refused.value.user_text
    booked = book_appointment(BookingRequest(Kind.FOREIGN_RELATED, there[0], pair, True, make_person(), Via.API))
    assert booked.slot.kind is Kind.MARRIAGE_REGISTRATION
    assert minutes_of(*there) == [30, 30]
    with pytest.raises(AppError):
        day_offers(offices()[0], Kind.FOREIGN_RELATED, THURSDAY, THURSDAY)


def test_a_shorter_hold_grows_for_a_foreign_related_couple(office: uuid.UUID, clock: MovableClock) -> None:
    set_value(FOREIGN_RELATED, "", True, clock(), "admin")
    slots = [make_slot(office, f"2026-11-26 {moment}") for moment in ("10:00", "10:30")]
    person = make_person()
    hold_place(slots[0], person)
    request = BookingRequest(Kind.MARRIAGE_REGISTRATION, slots[0], [HONG_KONG, couple(1)[1]], True, person, Via.CHAT)
    book_appointment(request)
    assert minutes_of(*slots) == [30, 30]


def test_one_person_may_have_appointments_of_two_kinds_but_not_two_of_one(office: uuid.UUID) -> None:
    hall, window = (
        make_slot(office, "2026-11-26 10:00", 2),
        make_slot(office, "2026-11-26 11:00", 2, Area.SERVICE_WINDOW),
    )
    book(hall, 1)
    book(window, 1, kind=Kind.ARCHIVE_QUERY)
    assert code_of(lambda: book(window, 1, kind=Kind.ARCHIVE_QUERY)) == "already_booked"


def test_minutes_are_the_bureaus_to_set(office: uuid.UUID, clock: MovableClock) -> None:
    window = make_slot(office, "2026-11-26 10:00", 1, Area.SERVICE_WINDOW)
    assert free(Kind.ARCHIVE_QUERY) == {"10:00": 2}
    set_value(MINUTES[Kind.ARCHIVE_QUERY], "", 10, clock(), "admin")
    assert free(Kind.ARCHIVE_QUERY) == {"10:00": 3}
    book(window, 1, kind=Kind.ARCHIVE_QUERY)
    assert minutes_of(window) == [10]


# --- days laid out anew ---


def test_a_closure_never_drops_a_booked_place(office: uuid.UUID) -> None:
    open_slots()
    with transaction() as session:
        hall = sa.select(Slot.id).where(Slot.office_id == office, Slot.area == Area.MARRIAGE_HALL)
        ten = session.scalars(hall.where(Slot.starts_at == at("2026-11-26 10:00"))).one()
    booked = book(ten, 1)
    close_days(office, THURSDAY, THURSDAY, "停电检修")
    done = apply_plan(offices()[0], [THURSDAY])
    assert [one.id for one in done.lost] == [booked.appointment_id]
    assert (done.added, done.changed, done.kept) == (0, 0, 1)
    assert done.removed > 0
    assert free(Kind.MARRIAGE_REGISTRATION) == {"10:00": 0}
    assert row(booked.appointment_id).active
    again = apply_plan(offices()[0], [THURSDAY])
    assert (again.added, again.removed, again.changed) == (0, 0, 0)


def test_a_peak_day_opens_at_its_own_moment(office: uuid.UUID, clock: MovableClock) -> None:
    sunday = date(2026, 11, 29)
    release = at("2026-11-24 08:30")
    set_peak_day(
        office,
        PeakSetting(sunday, [["08:00", "18:00"]], 2, [Kind.MARRIAGE_REGISTRATION], 1.0, True, release),
    )
    open_slots()
    (offer,) = day_offers(offices()[0], Kind.MARRIAGE_REGISTRATION, sunday, sunday)
    assert (offer.open, offer.slots, offer.releases_at) == (False, (), release)
    clock.move_to(release)
    open_slots()
    (offer,) = day_offers(offices()[0], Kind.MARRIAGE_REGISTRATION, sunday, sunday)
    assert (offer.open, offer.free, offer.releases_at) == (True, 80, None)
