"""Window-minutes: how a piece of business lies over the slots of an area (domain-rules §2.5 `slot_minutes`).

A slot's capacity is the minutes that its windows give to online bookings. A couple takes its minutes from the slot it
comes to, and what is longer than that slot from the ones that follow it without a break.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

_MINUTE = timedelta(minutes=1)


class Stretch(Protocol):
    """What has a beginning and an end."""

    @property
    def starts_at(self) -> datetime:
        """Aware."""

    @property
    def ends_at(self) -> datetime:
        """Aware, later than the start."""


class Counted(Stretch, Protocol):
    """A slot with the minutes it has and those that are taken."""

    @property
    def capacity(self) -> int:
        """Window-minutes online."""

    @property
    def taken(self) -> int:
        """Of these, how many are taken."""

    @property
    def reserved(self) -> int:
        """Of these, how many are held back for couples whose window closes (§2.5-3)."""


def length(slot: Stretch) -> int:
    """Whole minutes from start to end."""
    return (slot.ends_at - slot.starts_at) // _MINUTE


def spread(minutes: int, slots: Sequence[Stretch]) -> list[int] | None:
    """The minutes taken from the first slot and from each that follows; None where they end too early.

    `slots` are those of one area in order, the first the one people come to.
    """
    parts: list[int] = []
    end: datetime | None = None
    for slot in slots:
        if end is not None and slot.starts_at != end:
            return None
        parts.append(min(minutes, length(slot)))
        minutes -= parts[-1]
        if minutes == 0:
            return parts
        end = slot.ends_at
    return None


def fitting(minutes: int, slots: Sequence[Counted], *, rescue: bool = False) -> int:
    """How many more of so many minutes fit at the first of these slots; `rescue`: also in what is held back."""
    parts = spread(minutes, slots)
    if parts is None:
        return 0
    return max(min(room(slot, rescue=rescue) // part for slot, part in zip(slots, parts, strict=False)), 0)


def room(slot: Counted, *, rescue: bool = False) -> int:
    """Minutes of a slot that can still be booked."""
    return slot.capacity - slot.taken - (0 if rescue else slot.reserved)
