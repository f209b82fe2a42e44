"""Until when an offer holds: half an hour of the day, never of the night (domain-rules §7)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import BEIJING
from backend.marriage.waiting.rules import DAY_BEGINS, DAY_ENDS, MOVES, OPEN_STATES, WaitingState, offer_until
from messages.notices import QUIET_FROM, QUIET_UNTIL
from tests.marriage.support import at


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-23 09:00", "2026-11-23 09:30"),
        ("2026-11-23 20:30", "2026-11-23 21:00"),
        ("2026-11-23 20:50", "2026-11-24 08:20"),
        ("2026-11-23 21:00", "2026-11-24 08:30"),
        ("2026-11-23 23:59", "2026-11-24 08:30"),
        ("2026-11-24 03:00", "2026-11-24 08:30"),
        ("2026-11-24 08:00", "2026-11-24 08:30"),
    ],
)
def test_half_an_hour_of_the_day(moment: str, until: str) -> None:
    assert offer_until(at(moment), 30) == at(until)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(BEIJING)),  # noqa: DTZ001 - made aware
    st.integers(1, 3000),
)
def test_as_many_minutes_of_the_day_as_were_promised(moment: datetime, minutes: int) -> None:
    """Counted minute by minute, which nobody would do in a product."""
    moment = moment.replace(second=0, microsecond=0)
    until, counted, walked = offer_until(moment, minutes), 0, moment
    while walked < until:
        counted += 8 <= walked.hour < 21
        walked += timedelta(minutes=1)
    assert counted == minutes


def test_the_night_is_that_of_the_messages() -> None:
    assert (DAY_BEGINS, DAY_ENDS) == (QUIET_UNTIL, QUIET_FROM)


def test_what_is_over_stays_over() -> None:
    assert {state for state, moves in MOVES.items() if not moves} == set(WaitingState) - set(OPEN_STATES)
