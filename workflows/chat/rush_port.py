"""What conversations about peak days may ask of the backend; a port like those in `ports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from workflows.chat.ports import OfficeChoice, PartySummary, Refused, TypedParty


@dataclass(frozen=True)
class PeakDay:
    """A peak day whose places are not free for all yet; moments in 北京时间.

    `rush_id`: its places are asked for, from `opens_at` to `closes_at`; None while that is not announced, or where the
    day is simply booked from `opens_at` on. `drawn`: by a draw, else by number; None where it is simply booked.
    `watched`: the person will be told in time.
    """

    office: OfficeChoice
    day: date
    opens_at: datetime
    closes_at: datetime | None = None
    rush_id: str | None = None
    drawn: bool | None = None
    watched: bool = False


@dataclass(frozen=True)
class OwnRush:
    """A couple's request. `state`: asked, placed, unplaced, withdrawn; `ahead` of it, None in a draw.

    `starts_at` and `appointment_number` once it has a place.
    """

    id: str
    office: OfficeChoice
    day: date
    number: int
    state: str
    ahead: int | None
    closes_at: datetime
    starts_at: datetime | None = None
    appointment_number: str | None = None


class RushPort(Protocol):
    """What conversations about peak days ask."""

    def peak(self, office_id: str, day: date) -> PeakDay | None:
        """A peak day whose release lies ahead or is under way."""

    def coming(self) -> Sequence[PeakDay]:
        """All of them, soonest first."""

    def watch(self, office_id: str, day: date) -> PeakDay | Refused:
        """Be told a day and ten minutes before the release."""

    def unwatch(self, office_id: str, day: date) -> None:
        """Not be told any more."""

    def check(self, rush_id: str, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
        """Check a couple without writing anything."""

    def ask(self, rush_id: str, parties: Sequence[TypedParty], part: str) -> OwnRush | Refused:
        """Ask for a place; `part` of the day: any, morning, afternoon."""

    def own(self) -> Sequence[OwnRush]:
        """Requests of the couple, newest first, a few."""

    def withdraw(self, request_id: str) -> Refused | None:
        """Take a request back."""
