"""Pre-check E7 (domain-rules §2.4): the certificate only within the window of the couple's own case, there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import TYPE_CHECKING

from backend.kernel.errors import AppError
from backend.marriage.divorce.window import divorce_window, may_use_reserve
from backend.marriage.kinds import Kind
from backend.marriage.offers import OfficeView, alternatives, nearest_free
from backend.marriage.opening import at
from backend.people.models import number_index

if TYPE_CHECKING:
    from backend.marriage.couples import CheckedParty


def check_window(place: OfficeView, parties: Sequence[CheckedParty], day: date) -> None:
    """Raises `AppError` invalid as the cases do, with the free times of the couple's window where it is told."""
    try:
        divorce_window(place.id, _indexes(parties), day)
    except AppError as refusal:
        first, last = (refusal.extra.get(edge) for edge in ("first", "last"))
        if isinstance(first, date) and isinstance(last, date):
            wanted = at(min(max(day, first), last), time(12))
            inside = nearest_free(place, Kind.DIVORCE_CERTIFICATE, wanted, first=first, last=last)
            told = {"first": first.isoformat(), "last": last.isoformat(), "kind": Kind.DIVORCE_CERTIFICATE.value}
            refusal.extra |= {**told, "alternatives": alternatives(inside)}
        raise


def may_be_rescued(kind: Kind, parties: Sequence[CheckedParty]) -> bool:
    """Whether a couple may be given a place that is held back: its right lapses in some days (§2.5-3)."""
    return kind is Kind.DIVORCE_CERTIFICATE and may_use_reserve(_indexes(parties))


def _indexes(parties: Sequence[CheckedParty]) -> list[bytes]:
    return [number_index(party.identity) for party in parties]
