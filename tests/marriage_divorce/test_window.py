"""What booking asks: the window of a couple (E7), places held back, mediation that is stopped."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.divorce.contact import mark_risk
from backend.marriage.divorce.parameters import RESERVE_PER_DAY
from backend.marriage.divorce.window import divorce_window, joint_mediation_stopped, may_use_reserve, reserved_today
from backend.marriage.divorce.withdraw import withdraw_application
from backend.parameters import set_value
from tests.marriage.support import couple, make_office
from tests.marriage_divorce.support import HUSBAND, WIFE, accept, by, clock_to, index_of, parties


def both() -> list[bytes]:
    return [index_of(HUSBAND), index_of(WIFE)]


def problem(office: uuid.UUID, day: str, who: list[bytes] | None = None) -> tuple[str, dict[str, Any]]:
    with pytest.raises(AppError) as refused:
        divorce_window(office, who or both(), date.fromisoformat(day))
    assert refused.value.code == "invalid"
    extra: dict[str, Any] = refused.value.extra
    [found] = extra["problems"]
    return found, extra


def test_the_window_is_open_to_the_two_at_their_registry(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar)
    for day in ("2026-10-09", "2026-10-10", "2026-11-09"):
        window = divorce_window(office, both(), date.fromisoformat(day))
        assert (window.case_id, window.first, window.last) == (case.id, date(2026, 10, 9), date(2026, 11, 9))
        assert not window.provisional


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        ("2026-10-08", "too_early"),
        ("2026-11-10", "too_late"),
        ("2026-10-11", "rest_day"),
        ("2026-11-08", "rest_day"),
    ],
)
def test_other_days_are_refused_with_the_window(office: uuid.UUID, registrar: uuid.UUID, day: str, fault: str) -> None:
    accept(office, registrar)
    found, extra = problem(office, day)
    assert (found, extra["first"], extra["last"]) == (fault, date(2026, 10, 9), date(2026, 11, 9))


def test_another_registry_another_partner_no_case(office: uuid.UUID, registrar: uuid.UUID) -> None:
    assert problem(office, "2026-10-09")[0] == "no_case"
    case = accept(office, registrar)
    other = make_office("other", 1, "长乐路婚姻登记处")
    assert problem(other, "2026-10-09")[0] == "other_office"
    assert problem(office, "2026-10-09", [both()[0], index_of(couple(1)[1])])[0] == "no_case"
    withdraw_application(case.id, by(0), registrar)
    assert problem(office, "2026-10-09")[0] == "no_case"


def test_a_beginning_that_may_move_cannot_be_booked(
    office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock
) -> None:
    clock_to(clock, "2026-12-02 10:00")
    accept(office, registrar)
    assert problem(office, "2027-01-05")[0] == "provisional"


def test_places_are_held_back_for_days_to_come(office: uuid.UUID, clock: MovableClock) -> None:
    assert reserved_today("xincheng", date(2026, 9, 2)) == 2
    assert reserved_today("xincheng", date(2026, 9, 1)) == 0, "on the day whoever comes is served"
    assert reserved_today("xincheng", date(2026, 9, 5)) == 0, "a Saturday"
    set_value(RESERVE_PER_DAY, "xincheng", 4, clock(), "admin")
    assert reserved_today("xincheng", date(2026, 9, 2)) == 4


@pytest.mark.parametrize(
    ("now", "may"),
    [
        ("2026-10-08 09:00", False),
        ("2026-11-02 09:00", False),
        ("2026-11-03 09:00", True),
        ("2026-11-09 16:59", True),
        ("2026-11-09 17:00", False),
    ],
)
def test_who_may_use_them(office: uuid.UUID, registrar: uuid.UUID, clock: MovableClock, now: str, may: bool) -> None:
    accept(office, registrar)
    clock_to(clock, now)
    assert may_use_reserve(both()) is may
    assert not may_use_reserve([both()[0]])


def test_violence_stops_mediation_for_both(office: uuid.UUID, registrar: uuid.UUID) -> None:
    case = accept(office, registrar)
    wife = parties(case.id)[1]
    mark_risk(wife.id, at_risk=True)
    assert joint_mediation_stopped([both()[0]])
    assert joint_mediation_stopped([both()[1]])
    assert not joint_mediation_stopped([index_of(couple(1)[0])])
    mark_risk(wife.id, at_risk=False)
    assert not joint_mediation_stopped(both())
