"""A notice that comes late: booked days become rest days, a working weekend an ordinary one, and couples are moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from backend.calendar import import_year, legal_calendar
from backend.kernel.clock import MovableClock
from backend.kernel.legal_calendar import DayKind
from backend.marriage.capacity.lost_days import note_lost_days
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.rules import LineState
from backend.marriage.capacity.start import start_move
from backend.marriage.divorce.follow import recount_days
from backend.marriage.divorce.models import DivorceCase
from backend.marriage.kinds import Area, Kind
from backend.marriage.offices import OfficeView
from backend.marriage.open_slots import open_slots
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.marriage.support import at, book
from tests.marriage_capacity.support import assert_nothing_oversold, lines_of, moves, slots_of
from tests.marriage_capacity.test_outages import busy
from tests.marriage_divorce.support import accept, make_registrar

__all__ = ["busy", "desk", "desks"]

MONDAY, TUESDAY = date(2027, 1, 4), date(2027, 1, 5)
SUNDAY = date(2027, 1, 10)
OFF = dict.fromkeys((date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3), MONDAY, TUESDAY), DayKind.OFF)


def tick() -> int:
    """What the tick does each minute."""
    open_slots()
    return note_lost_days()


def test_a_late_notice_makes_booked_days_rest_days(
    busy: OfficeView, desks: MovableClock, desk: Callable[..., Desk]
) -> None:
    desks.move_to(at("2026-12-10 09:00"))
    open_slots()
    stay = book(slots_of(busy, date(2027, 1, 6))[0].id, 1).appointment_id
    lost = [book(slots_of(busy, day)[0].id, index).appointment_id for index, day in ((2, MONDAY), (3, TUESDAY))]
    assert tick() == 0
    import_year(2027, OFF, "国办发明电〔2026〕1号")
    assert [tick(), tick()] == [1, 0]  # both days by one button, and once
    (move,) = moves()
    assert (move.first_day, move.last_day, move.created_by) == (MONDAY, TUESDAY, None)
    registrar = desk("registrar-1")
    assert "2 件预约还没通知" in registrar.get("/console/").text
    page = registrar.get(f"/console/marriage/capacity/moves/{move.id}")
    assert "留好新时间并通知" in page.text
    assert "放假安排" in registrar.get("/console/marriage/capacity/moves").text
    assert registrar.post(f"/console/marriage/capacity/moves/{move.id}/start").status_code == 303
    lines = lines_of(move.id)
    assert {line.appointment_id for line in lines} == set(lost)
    assert stay not in lost
    assert {line.state for line in lines} == {LineState.OFFERED}
    assert all(legal_calendar().is_workday(line.new_starts_at.date()) for line in lines if line.new_starts_at)
    with transaction() as session:
        told = session.scalar(
            sa.select(sa.func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.notice == "marriage.moved_by_registry")
        )
    assert told == 2
    assert "件预约还没通知" not in registrar.get("/console/").text
    assert tick() == 0
    assert_nothing_oversold()


def test_a_working_weekend_that_is_none_any_more_and_the_windows_of_divorces(
    busy: OfficeView, desks: MovableClock
) -> None:
    """The Sunday was to be worked on, and a window was counted by it; the corrected notice takes both back."""
    officer = make_registrar()
    import_year(2027, {**OFF, SUNDAY: DayKind.WORKDAY}, "第一稿")
    # Cooling ends on Friday 11 December; thirty days on is the Sunday that is worked on.
    desks.move_to(at("2026-11-11 10:00"))
    case = accept(busy.id, officer, 1, "2026-0001")
    desks.move_to(at("2026-12-14 09:00"))
    open_slots()
    with transaction() as session:
        assert session.scalars(sa.select(DivorceCase.win_last)).all() == [SUNDAY]
    booked = book(slots_of(busy, SUNDAY, Area.DIVORCE_ROOM)[0].id, 1, kind=Kind.DIVORCE_CERTIFICATE).appointment_id
    import_year(2027, OFF, "更正稿")
    recount_days()
    assert tick() == 1
    (move,) = moves()
    assert (move.first_day, move.last_day) == (SUNDAY, SUNDAY)
    with transaction() as session:
        assert session.scalars(sa.select(DivorceCase.win_last)).all() == [date(2027, 1, 11)]
    assert case is not None
    start_move(busy, move.id, officer)
    place_waiting(move.id)
    (line,) = lines_of(move.id)
    assert (line.appointment_id, line.state) == (booked, LineState.OFFERED)
    assert line.new_starts_at is not None
    assert line.new_starts_at.date() <= date(2027, 1, 11)


def test_a_notice_taken_back_before_anybody_was_told(busy: OfficeView, desks: MovableClock) -> None:
    desks.move_to(at("2026-12-10 09:00"))
    open_slots()
    book(slots_of(busy, MONDAY)[0].id, 2)
    import_year(2027, OFF, "第一稿")
    assert tick() == 1
    import_year(2027, {date(2027, 1, 1): DayKind.OFF}, "更正稿")
    assert tick() == 0
    assert_nothing_oversold()
