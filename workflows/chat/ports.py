"""What a conversation may ask of the backend. Each service's `chat.py` fulfils its port; tests bring fakes.

Calls run inside the transaction of the turn. A refusal is a value, not an exception, because a conversation always has
a next sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class OfficeChoice:
    """A registry one can go to."""

    id: str
    name: str
    address: str
    phone: str


@dataclass(frozen=True)
class TimeChoice:
    """A slot with places left; moments in 北京时间."""

    slot_id: str
    office: OfficeChoice
    starts_at: datetime
    ends_at: datetime
    free: int


@dataclass(frozen=True)
class DayChoice:
    """A day on which something is free. `provisional`: the year's holidays are not published yet."""

    day: date
    provisional: bool
    times: tuple[TimeChoice, ...]


@dataclass(frozen=True)
class Refused:
    """It cannot be done; `sentence` says why and what to do. The rest is there where it is known."""

    code: str
    sentence: str
    alternatives: tuple[TimeChoice, ...] = ()
    possible_from: date | None = None


@dataclass(frozen=True)
class HeldPlace:
    """A place kept for some minutes."""

    time: TimeChoice
    minutes: int


@dataclass(frozen=True)
class TypedParty:
    """A party as the person typed it."""

    name: str
    number: str


@dataclass(frozen=True)
class PartySummary:
    """A party as read back for checking: number masked, age on the day of the appointment."""

    name: str
    masked_number: str
    male: bool | None
    age: int | None


@dataclass(frozen=True)
class OwnAppointment:
    """An appointment of the person who writes."""

    id: str
    number: str
    state_name: str
    time: TimeChoice
    changeable: bool


@dataclass(frozen=True)
class BookedPlace:
    """A place that is theirs; `check_in_by` is the end of the grace after the start."""

    number: str
    time: TimeChoice
    check_in_by: datetime


class MarriagePort(Protocol):
    """What the marriage conversations ask."""

    def offices(self) -> Sequence[OfficeChoice]:
        """All registries."""

    def last_day(self, office_id: str) -> date:
        """The farthest day released."""

    def released_at(self, office_id: str, day: date) -> datetime:
        """When a day can be booked for the first time."""

    def free_days(self, office_id: str, first: date, last: date) -> Sequence[DayChoice]:
        """Days with something free, in order."""

    def hold(self, slot_id: str) -> HeldPlace | Refused:
        """Keep a place for a few minutes."""

    def release(self) -> None:
        """Give the kept place back."""

    def check_parties(self, slot_id: str, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
        """Read one or two parties; two are checked as a couple for the day of the slot."""

    def book(self, slot_id: str, parties: Sequence[TypedParty]) -> BookedPlace | Refused:
        """Book; both have declared what E4 asks for."""

    def own(self) -> Sequence[OwnAppointment]:
        """Appointments still ahead or under way, soonest first."""

    def reschedule(self, appointment_id: str, slot_id: str) -> TimeChoice | Refused:
        """Move an appointment."""

    def cancel(self, appointment_id: str) -> Refused | None:
        """Cancel an appointment; None when it is done."""

    def papers(self) -> Sequence[str]:
        """What to bring."""


@dataclass(frozen=True)
class Ports:
    """Everything conversations may reach, one port per service."""

    marriage: MarriagePort
