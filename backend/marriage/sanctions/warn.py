"""What is said beforehand: that one more absence, or this cancellation, would pause booking online, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend.kernel.chinese_dates import spoken_date
from backend.kernel.clock import BEIJING, now
from backend.marriage.models import Appointment, Slot
from backend.marriage.sanctions.check import expected, missed_by, office_of
from backend.marriage.sanctions.parameters import pause_rules
from backend.marriage.sanctions.rules import Missed, paused_until
from backend.marriage.sanctions.texts import IF_ABSENT, IF_CANCELLED, NEXT_ABSENCE
from backend.storage import session


def next_absence(appointment: Appointment) -> str:
    """After an absence that pauses nothing yet: what one more would do; empty where it would do nothing."""
    until = _would_pause(appointment, lambda missed, day: missed.with_absence(day), now().date())
    return NEXT_ABSENCE.format(until=spoken_date(until)) if until else ""


def if_absent(appointment: Appointment) -> str:
    """What not coming to this appointment would do; empty where it would do nothing."""
    slot = session().get_one(Slot, appointment.slot_id)
    until = _would_pause(appointment, lambda missed, day: missed.with_absence(day), slot.day)
    return IF_ABSENT.format(until=spoken_date(until)) if until else ""


def if_cancelled(appointment: Appointment) -> str:
    """What cancelling this appointment today would do; empty where it would do nothing.

    The caller leaves out appointments that the registry has moved: their cancellation is not counted.
    """
    today = now().astimezone(BEIJING).date()
    until = _would_pause(appointment, lambda missed, day: missed.with_cancellation(day), today)
    return IF_CANCELLED.format(until=spoken_date(until)) if until else ""


def _would_pause(appointment: Appointment, after: Callable[[Missed, date], Missed], day: date) -> date | None:
    """The last day of the pause that would begin on `day`; None where none would, or one is longer already."""
    rules = pause_rules(office_of(appointment).code, now())
    found = []
    for missed in missed_by(appointment.kind, expected(appointment), rules):
        would, is_now = paused_until(after(missed, day), rules, day), paused_until(missed, rules, day)
        if would is not None and (is_now is None or would > is_now):
            found.append(would)
    return max(found, default=None)
