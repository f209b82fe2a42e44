"""What a registry may set: limits, versions, places."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.parameters import (
    ALL,
    CANCEL_CUTOFF,
    HOLD_SECONDS,
    HOURS,
    ONLINE_SHARE,
    RESCHEDULE_MAX,
    SLOT_MINUTES,
    booking_rules,
)
from backend.parameters import Parameter, set_value
from tests.marriage.support import clock_time

pytestmark = pytest.mark.usefixtures("office")


def test_the_defaults_are_those_of_the_domain_rules(clock: MovableClock) -> None:
    rules = booking_rules("xincheng", clock())
    assert rules.hours == ((clock_time("09:00"), clock_time("12:00")), (clock_time("13:30"), clock_time("17:00")))
    assert (rules.slot_minutes, rules.windows, rules.online_share, rules.horizon_days) == (30, 2, 0.7, 30)
    assert (rules.release_time, rules.lead_cutoff) == (clock_time("08:30"), clock_time("15:00"))
    assert (rules.cancel_cutoff, rules.hold_seconds, rules.reschedule_max) == (clock_time("17:00"), 300, 2)
    assert (rules.checkin_open_minutes, rules.late_grace_minutes) == (30, 15)


def test_every_parameter_has_a_name_of_its_own_and_a_default_it_accepts() -> None:
    assert len({parameter.key for parameter in ALL}) == len(ALL)
    for parameter in ALL:
        parameter.read(parameter.default)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (HOURS, []),
        (HOURS, [["12:00", "09:00"]]),
        (HOURS, [["09:00", "12:00"], ["11:00", "17:00"]]),
        (HOURS, [["09:00", "12:00"], ["12:00", "17:00"]]),
        (HOURS, [["09:00"]]),
        (HOURS, "09:00-12:00"),
        (SLOT_MINUTES, 9),
        (SLOT_MINUTES, 30.5),
        (ONLINE_SHARE, 1.1),
        (CANCEL_CUTOFF, "25:00"),
        (HOLD_SECONDS, 0),
        (RESCHEDULE_MAX, -1),
    ],
)
def test_values_outside_the_limits_are_refused(parameter: Parameter, value: Any, clock: MovableClock) -> None:
    with pytest.raises(AppError) as refused:
        set_value(parameter, "", value, clock(), "admin")
    assert refused.value.code == "invalid"
    assert parameter.key in refused.value.user_text


def test_the_place_goes_before_the_bureau_and_the_later_before_the_earlier(clock: MovableClock) -> None:
    def in_force(scope: str) -> int:
        return booking_rules(scope, clock()).hold_seconds

    set_value(HOLD_SECONDS, "", 400, clock(), "admin")
    assert (in_force("xincheng"), in_force("changle")) == (400, 400)
    set_value(HOLD_SECONDS, "changle", 600, clock(), "admin")
    set_value(HOLD_SECONDS, "", 500, clock() + timedelta(hours=1), "admin")
    assert (in_force("xincheng"), in_force("changle")) == (400, 600)
    clock.advance(timedelta(hours=1))
    assert (in_force("xincheng"), in_force("changle")) == (500, 600)
    set_value(HOLD_SECONDS, "", 550, clock(), "admin")
    assert in_force("xincheng") == 550, "a second value for one moment replaces the first"


def test_yesterday_is_judged_by_what_held_then(clock: MovableClock) -> None:
    set_value(HOLD_SECONDS, "", 400, clock() + timedelta(days=1), "admin")
    assert booking_rules("xincheng", clock()).hold_seconds == 300
    assert booking_rules("xincheng", clock() + timedelta(days=2)).hold_seconds == 400
