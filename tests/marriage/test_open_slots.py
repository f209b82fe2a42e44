"""Slots: opened for released days, as often as one likes; withdrawn from days that turn out to be rest days."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.calendar import import_year
from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.legal_calendar import DayKind
from backend.marriage.kinds import Area
from backend.marriage.models import Slot
from backend.marriage.offers import day_offers, offices
from backend.marriage.open_slots import open_slots
from backend.marriage.parameters import HORIZON_DAYS, HOURS, ONLINE_SHARE, RELEASE_TIME, SLOT_MINUTES, WINDOWS
from backend.parameters import set_value
from backend.storage import transaction
from tests.marriage.support import KIND, at, book, make_office, places, row

SATURDAY = 5


def slots_of(office_id: uuid.UUID) -> dict[date, int]:
    """How many slots each day has."""
    with transaction() as session:
        rows = session.execute(
            sa.select(Slot.day, sa.func.count())
            .where(Slot.office_id == office_id, Slot.area == Area.MARRIAGE_HALL)
            .group_by(Slot.day)
        )
        return dict(rows.all())  # type: ignore[arg-type]


def slot_at(office_id: uuid.UUID, text: str) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(
            sa.select(Slot.id).where(
                Slot.office_id == office_id, Slot.area == Area.MARRIAGE_HALL, Slot.starts_at == at(text)
            )
        ).one()


def test_from_tomorrow_to_the_last_released_day(office: uuid.UUID) -> None:
    assert open_slots() > 0
    opened = slots_of(office)
    assert min(opened) == date(2026, 11, 24)
    assert max(opened) == date(2026, 12, 23)
    assert all(day.weekday() < 6 for day in opened)
    assert {(day.weekday() == SATURDAY, count) for day, count in opened.items()} == {(False, 13), (True, 8)}


def test_a_second_time_changes_nothing(office: uuid.UUID) -> None:
    open_slots()
    booked = book(slot_at(office, "2026-11-26 10:00"))
    before = slots_of(office)
    assert open_slots() == 0
    assert slots_of(office) == before
    assert places(booked.slot.id)[0] == 1


def test_one_more_day_every_morning(office: uuid.UUID, clock: MovableClock) -> None:
    open_slots()
    clock.move_to(datetime(2026, 11, 24, 8, 29, tzinfo=BEIJING))
    assert open_slots() == 0
    clock.advance(timedelta(minutes=1))
    assert open_slots() > 0
    assert max(slots_of(office)) == date(2026, 12, 24)


def test_a_calendar_that_comes_late_withdraws_what_nobody_has_booked(office: uuid.UUID) -> None:
    """A notice that makes Thursday a day off and Saturday a workday (domain-rules §1.1-6)."""
    open_slots()
    booked = book(slot_at(office, "2026-11-26 10:00"))
    import_year(2026, {date(2026, 11, 26): DayKind.OFF, date(2026, 11, 28): DayKind.WORKDAY}, "corrected")
    open_slots()
    opened = slots_of(office)
    assert opened[date(2026, 11, 26)] == 1
    assert opened[date(2026, 11, 28)] == 13
    assert places(booked.slot.id) == (1, 1)
    assert row(booked.appointment_id).active
    offered = {offer.day: offer for offer in day_offers(offices()[0], KIND, date(2026, 11, 26), date(2026, 11, 28))}
    assert offered[date(2026, 11, 26)].free == 0
    assert offered[date(2026, 11, 28)].free == 18


def test_days_of_a_year_without_notice_are_provisional(office: uuid.UUID, clock: MovableClock) -> None:
    clock.move_to(datetime(2026, 12, 10, 9, 0, tzinfo=BEIJING))
    open_slots()
    offers = day_offers(offices()[0], KIND, date(2026, 12, 30), date(2027, 1, 5))
    assert [offer.provisional for offer in offers] == [False, False, True, True, True, True, True]
    assert [offer.open for offer in offers] == [True, True, True, True, False, True, True]


def test_each_office_has_its_own_values(office: uuid.UUID, clock: MovableClock) -> None:
    second = make_office("changle", position=1)
    set_value(WINDOWS, "changle", 4, clock(), "admin")
    set_value(ONLINE_SHARE, "", 0.5, clock(), "admin")
    set_value(HOURS, "changle", [["09:00", "11:00"]], clock(), "admin")
    set_value(SLOT_MINUTES, "changle", 60, clock(), "admin")
    open_slots()
    with transaction() as session:
        capacities = {
            office_id: list(
                session.scalars(
                    sa.select(Slot.capacity)
                    .where(
                        Slot.office_id == office_id,
                        Slot.area == Area.MARRIAGE_HALL,
                        Slot.day == date(2026, 11, 26),
                    )
                    .order_by(Slot.starts_at)
                )
            )
            for office_id in (office, second)
        }
    assert capacities == {office: [30] * 13, second: [120, 120]}


def test_a_value_holds_from_its_moment_on(office: uuid.UUID, clock: MovableClock) -> None:
    set_value(HORIZON_DAYS, "", 3, clock(), "admin")
    set_value(HORIZON_DAYS, "", 7, clock() + timedelta(days=1), "admin")
    set_value(RELEASE_TIME, "xincheng", "10:00", clock() + timedelta(days=1), "admin")
    open_slots()
    assert max(slots_of(office)) == date(2026, 11, 26)
    clock.advance(timedelta(days=1))  # Tuesday, nine: the day of today is released at ten
    open_slots()
    assert max(slots_of(office)) == date(2026, 11, 30)
    clock.advance(timedelta(hours=1))
    open_slots()
    assert max(slots_of(office)) == date(2026, 12, 1)
