"""Decisions of the marriage room, pure: states and their moves, reminders, numbers.

Law that no bureau may change is written in code with its article; what it may set comes in as `BookingRules`. The rest
of the room's rules stand beside this file and can be had from here: `kinds`, `opening`, `prechecks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.kinds import BOOKABLE_KINDS as BOOKABLE_KINDS
from backend.marriage.kinds import Kind as Kind
from backend.marriage.kinds import ResidentGroup as ResidentGroup
from backend.marriage.opening import BookingRules as BookingRules
from backend.marriage.opening import at as at
from backend.marriage.opening import booking_closes_at as booking_closes_at
from backend.marriage.opening import change_closes_at as change_closes_at
from backend.marriage.opening import checkin_opens_at as checkin_opens_at
from backend.marriage.opening import last_released_day as last_released_day
from backend.marriage.opening import no_show_from as no_show_from
from backend.marriage.opening import plan_day as plan_day
from backend.marriage.opening import released_at as released_at
from backend.marriage.prechecks import MARRIAGE_AGE as MARRIAGE_AGE
from backend.marriage.prechecks import Applicant as Applicant
from backend.marriage.prechecks import Finding as Finding
from backend.marriage.prechecks import Problem as Problem
from backend.marriage.prechecks import age_then as age_then
from backend.marriage.prechecks import first_marriage_day as first_marriage_day


class State(StrEnum):
    """Where an appointment stands (§2.5-7)."""

    HELD = "held"
    EXPIRED = "expired"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CHECKED_IN = "checked_in"
    SERVED = "served"
    FAILED_DOCUMENTS = "failed_documents"
    NO_SHOW = "no_show"


# States in which a couple has a place; one person has at most one such appointment of a kind (§2.4 E8).
ACTIVE_STATES = (State.BOOKED, State.CONFIRMED, State.CHECKED_IN)

# Every move an appointment may make. A reschedule goes back to BOOKED, because the new time is not yet confirmed.
MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.BOOKED, State.EXPIRED}),
    State.BOOKED: frozenset(
        {State.BOOKED, State.CONFIRMED, State.REFUSED, State.CANCELLED, State.CHECKED_IN, State.NO_SHOW}
    ),
    State.CONFIRMED: frozenset({State.BOOKED, State.REFUSED, State.CANCELLED, State.CHECKED_IN, State.NO_SHOW}),
    State.CHECKED_IN: frozenset({State.SERVED, State.FAILED_DOCUMENTS}),
    State.EXPIRED: frozenset(),
    State.REFUSED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SERVED: frozenset(),
    State.FAILED_DOCUMENTS: frozenset(),
    State.NO_SHOW: frozenset(),
}

# Moves that give the place back to others.
FREEING_STATES = frozenset({State.EXPIRED, State.REFUSED, State.CANCELLED})


# --- Reminders (§7: T-1 day 10:00 and T-2 h; quiet from 21:00 to 08:00) ---

_MORNING = time(8, 0)


def day_before_reminder(starts_at: datetime) -> datetime:
    """10:00 on the day before."""
    return at(starts_at.date() - ONE_DAY, time(10, 0))


def two_hours_reminder(starts_at: datetime) -> datetime:
    """Two hours before, but not before 08:00 of the day."""
    return max(starts_at - timedelta(hours=2), at(starts_at.date(), _MORNING))


# --- Appointment numbers ---

_MODULUS = 10**7
_MULTIPLIER = 7_368_787  # coprime to 10^7, so that each sequence number gives another 7 digits


def appointment_number(sequence: int) -> str:
    """The number a couple quotes: `MZ` and 8 digits, the last a Luhn check digit against slips of the tongue.

    It says nothing of date or volume, so it stays right when the appointment is moved.
    """
    digits = f"{sequence * _MULTIPLIER % _MODULUS:07d}"
    return f"MZ{digits}{_luhn(digits)}"


def _luhn(digits: str) -> int:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
