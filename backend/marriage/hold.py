"""Keep a place for a person while they type names (domain-rules §2.5-6, `hold_seconds`)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.marriage.full import require_long_enough, slot_full
from backend.marriage.history import record
from backend.marriage.models import Appointment, Via
from backend.marriage.offers import SlotOffer, bookable_slot
from backend.marriage.places import (
    expire_hold,
    holds_place,
    keep_further,
    locked_hold,
    make_ready,
    slot_ids_of,
    take_place,
)
from backend.marriage.rules import Kind, State
from backend.marriage.rush.plan import require_no_rush
from backend.people.life_events import require_living
from backend.storage import atomic


@dataclass(frozen=True)
class Held:
    """A place kept until `expires_at`."""

    hold_id: uuid.UUID
    slot: SlotOffer
    expires_at: datetime
    seconds: int


def hold_place(slot_id: uuid.UUID, person_id: uuid.UUID, kind: Kind = Kind.MARRIAGE_REGISTRATION) -> Held:
    """Take a place for a few minutes; a person's earlier hold is given back once the new one is theirs.

    Raises `AppError`: slot_full and too_late with the nearest free slots, not_found, invalid, counter_needed,
    rush_open.
    """
    bookable = bookable_slot(slot_id, kind)
    require_no_rush(bookable.office.id, bookable.slot.day)
    require_long_enough(bookable)
    with atomic() as session:
        require_living(person_id)
        earlier = locked_hold(person_id)
        if earlier is not None:
            wanted = {part.slot_id for part in bookable.parts}
            earlier_slots = slot_ids_of([earlier])
            make_ready(earlier_slots | wanted)
            if earlier.state is State.HELD and earlier_slots & wanted:
                expire_hold(earlier)  # kept anew: their own hold must not make the slot full for them
        if not take_place(bookable.parts):
            raise slot_full(bookable.office, bookable.slot)
        if earlier is not None and earlier.state is State.HELD:
            expire_hold(earlier)
        expires_at = now() + timedelta(seconds=bookable.rules.hold_seconds)
        hold = Appointment(
            id=new_id(),
            slot_id=slot_id,
            kind=kind,
            minutes=bookable.minutes,
            state=State.HELD,
            booked_by=person_id,
            via=Via.CHAT,
            hold_expires_at=expires_at,
            created_at=now(),
            changed_at=now(),
        )
        session.add(hold)
        session.flush()
        keep_further(hold.id, bookable.parts)
        record(hold.id, "held", Actor("resident", person_id), None, State.HELD)
    return Held(hold.id, bookable.slot, expires_at, bookable.rules.hold_seconds)


def release_hold(person_id: uuid.UUID) -> None:
    """Give a person's hold back, if there is one; they left the conversation."""
    if not holds_place(person_id):
        return
    with atomic():
        hold = locked_hold(person_id)
        if hold is not None:
            expire_hold(hold)
