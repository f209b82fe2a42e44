"""Ceremonies, pure: when one may be held, how an event is drawn, what may follow what (domain-rules §2.7).

A ceremony has no legal effect: the marriage exists with the registration (民法典 1049); what is here follows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.clock import BEIJING
from backend.kernel.legal_calendar import ONE_DAY


class CeremonyState(StrEnum):
    """Where a ceremony stands."""

    BOOKED = "booked"
    HELD = "held"
    CANCELLED = "cancelled"


MOVES: Mapping[CeremonyState, frozenset[CeremonyState]] = {
    CeremonyState.BOOKED: frozenset({CeremonyState.BOOKED, CeremonyState.HELD, CeremonyState.CANCELLED}),
    CeremonyState.HELD: frozenset(),
    CeremonyState.CANCELLED: frozenset({CeremonyState.BOOKED}),  # a death recorded by mistake
}


@dataclass(frozen=True)
class Registration:
    """The appointment for the registration: when it ends, and whether they are registered already."""

    ends_at: datetime
    registered: bool


class Misfit(StrEnum):
    """Why a ceremony does not fit a registration."""

    BEFORE = "before"  # earlier than the registration
    NOT_YET = "not_yet"  # a later day, and they are not registered yet
    TOO_LATE = "too_late"  # more days after it than the registry allows


def misfit(registration: Registration, starts_at: datetime, within_days: int) -> Misfit | None:
    """Why a ceremony cannot begin at a moment, or None: the day of the registration after it, or within so many days
    of it for whoever is registered (`ceremony.same_day_as_M1`).
    """
    if starts_at < registration.ends_at:
        return Misfit.BEFORE
    later = (starts_at.date() - registration.ends_at.date()).days
    if later == 0:
        return None
    if not registration.registered:
        return Misfit.NOT_YET
    return None if later <= within_days else Misfit.TOO_LATE


# --- weather (§2.7: notice by 20:00 the day before) ---

DECIDE_BY = time(20, 0)


def decide_weather_by(day: date) -> datetime:
    """Until when it is to be said whether a day's outdoor ceremonies go indoors."""
    return datetime.combine(day - ONE_DAY, DECIDE_BY, BEIJING)


def is_late(day: date, moment: datetime) -> bool:
    """Whether a change is told so late that nobody may be spared it for the night."""
    return moment > decide_weather_by(day)


def reminder_moments(starts_at: datetime) -> Sequence[datetime]:
    """10:00 three days before, and 20:00 the day before (§7)."""
    three_days = datetime.combine(starts_at.date() - timedelta(days=3), time(10, 0), BEIJING)
    return (three_days, decide_weather_by(starts_at.date()))


# --- events of many couples ---


class EventKind(StrEnum):
    """What an event of many couples is."""

    GROUP_CEREMONY = "group_ceremony"  # 集体颁证
    GROUP_WEDDING = "group_wedding"  # 集体婚礼


class EventMode(StrEnum):
    """Who gets a place."""

    FIRST_COME = "first_come"
    DRAW = "draw"


class EventState(StrEnum):
    """Where an event stands. Whether one can sign up now is a matter of the clock, not of the state."""

    ANNOUNCED = "announced"
    SETTLED = "settled"  # drawn, or sign-up over
    CANCELLED = "cancelled"


class EntryState(StrEnum):
    """Where a couple's entry stands."""

    WAITS_FOR_PARTNER = "waits_for_partner"
    ENTERED = "entered"  # both said yes; the draw is to come
    PLACED = "placed"
    RESERVE = "reserve"  # drawn behind the last place, or too late for one
    LAPSED = "lapsed"  # the other one never said yes
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"  # the event does not take place


ENTRY_MOVES: Mapping[EntryState, frozenset[EntryState]] = {
    EntryState.WAITS_FOR_PARTNER: frozenset(
        {
            EntryState.ENTERED,
            EntryState.PLACED,
            EntryState.RESERVE,
            EntryState.LAPSED,
            EntryState.WITHDRAWN,
            EntryState.CANCELLED,
        }
    ),
    EntryState.ENTERED: frozenset({EntryState.PLACED, EntryState.RESERVE, EntryState.WITHDRAWN, EntryState.CANCELLED}),
    EntryState.PLACED: frozenset({EntryState.WITHDRAWN, EntryState.CANCELLED}),
    EntryState.RESERVE: frozenset({EntryState.PLACED, EntryState.WITHDRAWN, EntryState.CANCELLED}),
    EntryState.LAPSED: frozenset(),
    EntryState.WITHDRAWN: frozenset(),
    EntryState.CANCELLED: frozenset(),
}
STANDING_ENTRIES = (EntryState.WAITS_FOR_PARTNER, EntryState.ENTERED, EntryState.PLACED, EntryState.RESERVE)


def comes_back_as(before: EntryState, event: EventState) -> EntryState | None:
    """How an entry that a wrongly recorded death has ended comes back to its event; None where it cannot.

    A draw that was held without it is not held again: its list and its proof are public.
    """
    if event is EventState.CANCELLED or (event is EventState.SETTLED and before not in _AFTER_SETTLING):
        return None
    return before


_AFTER_SETTLING = (EntryState.PLACED, EntryState.RESERVE)


# A draw that anybody can check: before the sign-up the hash of the seed is published, after it the list of numbers with
# its hash, then the seed. The order follows from both, so neither side can choose it after the fact.


def seed_hash(seed: str) -> str:
    """What is published of the seed before anybody signs up."""
    return hashlib.sha256(seed.encode()).hexdigest()


def list_hash(numbers: Sequence[str]) -> str:
    """What is published of the list: its numbers in order, one a line."""
    return hashlib.sha256("\n".join(sorted(numbers)).encode()).hexdigest()


def draw_order(seed: str, numbers: Sequence[str]) -> list[str]:
    """The numbers in the order in which they are drawn: by the hash of list, seed and number."""
    base = f"{list_hash(numbers)}:{seed}:"
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{base}{number}".encode()).digest())


_MODULUS = 10**7
_MULTIPLIER = 7_368_787  # coprime to the modulus


def public_number(prefix: str, serial: int) -> str:
    """A number of a ceremony or an entry; it tells nothing of how many there are."""
    return f"{prefix}{serial * _MULTIPLIER % _MODULUS:07d}"


# --- on a private link ---

KEPT_DAYS = 30  # §2.7, §6.4 "Streams"


class CloudState(StrEnum):
    """Where the live or recorded ceremony stands."""

    ASKED = "asked"  # one of the two has agreed
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # its time is over


CLOUD_MOVES: Mapping[CloudState, frozenset[CloudState]] = {
    CloudState.ASKED: frozenset({CloudState.AGREED, CloudState.WITHDRAWN, CloudState.ENDED}),
    CloudState.AGREED: frozenset({CloudState.WITHDRAWN, CloudState.ENDED}),
    CloudState.WITHDRAWN: frozenset({CloudState.ASKED}),
    CloudState.ENDED: frozenset(),
}


def deleted_from(starts_at: datetime) -> datetime:
    """From when link and video are no more."""
    return starts_at + timedelta(days=KEPT_DAYS)
