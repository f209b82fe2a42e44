"""The answer to a full slot: never only that it is full, always what is free nearby (stories §1)."""

from __future__ import annotations

from backend.kernel.errors import AppError
from backend.marriage.offers import Bookable, OfficeView, SlotOffer, alternatives, nearest_free
from backend.marriage.texts import SLOT_FULL, SLOT_TOO_SHORT


def slot_full(place: OfficeView, slot: SlotOffer, text: str = SLOT_FULL, *, foreign_related: bool = False) -> AppError:
    """`slot_full` with the three nearest free slots in `extra["alternatives"]`."""
    nearest = nearest_free(place, slot.kind, slot.starts_at, foreign_related=foreign_related)
    return AppError("slot_full", text, 409, extra={"alternatives": alternatives(nearest), "kind": slot.kind.value})


def require_long_enough(bookable: Bookable, *, foreign_related: bool = False) -> None:
    """Raises `AppError` slot_full where the area closes before the business would be done."""
    if not bookable.parts:
        raise slot_full(bookable.office, bookable.slot, SLOT_TOO_SHORT, foreign_related=foreign_related)
