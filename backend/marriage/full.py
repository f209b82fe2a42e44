"""The answer to a full slot: never only that it is full, always what is free nearby (stories §1)."""

from __future__ import annotations

from backend.kernel.errors import AppError
from backend.marriage.offers import OfficeView, SlotOffer, nearest_free
from backend.marriage.texts import SLOT_FULL


def slot_full(place: OfficeView, slot: SlotOffer, text: str = SLOT_FULL) -> AppError:
    """`slot_full` with the three nearest free slots in `extra["alternatives"]`."""
    alternatives = [
        {
            "id": str(free.id),
            "starts_at": free.starts_at.isoformat(),
            "ends_at": free.ends_at.isoformat(),
            "free": free.free,
        }
        for free in nearest_free(place, slot.kind, slot.starts_at)
    ]
    return AppError("slot_full", text, 409, extra={"alternatives": alternatives})
