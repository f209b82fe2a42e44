"""Who has to move when windows are out: as few couples as can be, and those last who lose most by it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Seated:
    """A couple who could be moved: the minutes they take of each slot, when they booked.

    `closing`: their divorce window ends soon; they stay where that is possible at all (§2.5-3).
    """

    id: uuid.UUID
    minutes: Mapping[uuid.UUID, int]
    booked_at: datetime
    closing: bool


def surplus(seated: Sequence[Seated], too_much: Mapping[uuid.UUID, int]) -> frozenset[uuid.UUID]:
    """Those who have to move so that no slot is used more than its windows allow; `too_much` minutes by slot.

    Whoever booked last moves first. A couple longer than a slot counts in each that it lies in.
    """
    left = {slot_id: minutes for slot_id, minutes in too_much.items() if minutes > 0}
    moved: set[uuid.UUID] = set()
    for one in sorted(seated, key=lambda one: (not one.closing, one.booked_at, one.id), reverse=True):
        if not any(left.get(slot_id, 0) > 0 for slot_id in one.minutes):
            continue
        moved.add(one.id)
        for slot_id, minutes in one.minutes.items():
            left[slot_id] = left.get(slot_id, 0) - minutes
    return frozenset(moved)
