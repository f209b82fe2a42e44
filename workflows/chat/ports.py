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
class ScopeChoice:
    """A service in which one person can act for another."""

    name: str
    label: str


@dataclass(frozen=True)
class TieSummary:
    """A tie between a helper and a principal, as the one who writes sees it.

    `helping`: the writer is the helper. `waiting`: the principal has not answered yet. `who` names the other side,
    masked; for a principal with what they are to each other. `matters` are the services in words.
    """

    id: str
    helping: bool
    waiting: bool
    who: str
    matters: str
    state_name: str


class PeoplePort(Protocol):
    """What conversations about acting for somebody (代办) ask."""

    def may_ask(self) -> Refused | None:
        """Why the person cannot ask to act for anybody; None when they can."""

    def scopes(self) -> Sequence[ScopeChoice]:
        """Services in which one can act for another."""

    def check_principal(self, name: str, number: str) -> str | Refused:
        """Read a name and a number; the two masked, for checking. Says nothing of whether anybody is known."""

    def ask(self, name: str, number: str, relation: str, scopes: Sequence[str]) -> Refused | None:
        """Ask to act; None when the request is taken, whoever it is about."""

    def ties(self) -> Sequence[TieSummary]:
        """Ties that wait or hold, newest first."""

    def confirm(self, tie_id: str) -> Refused | None:
        """Agree, as the principal."""

    def decline(self, tie_id: str) -> Refused | None:
        """Do not agree, as the principal."""

    def enter_code(self, tie_id: str, code: str) -> Refused | None:
        """Confirm with the counter's digits, as the helper."""

    def cut(self, tie_id: str) -> Refused | None:
        """End a tie, or withdraw a request."""

    def acts(self, tie_id: str) -> Sequence[str]:
        """What was done lately under a tie, one line each, newest first."""


@dataclass(frozen=True)
class HeldData:
    """What one room holds about the person: how people call it, and how many records."""

    title: str
    records: int


@dataclass(frozen=True)
class OptionalUse:
    """Something optional that the person agrees to or not."""

    key: str
    title: str
    text: str
    given: bool


@dataclass(frozen=True)
class AskedRequest:
    """A request about one's own data; `due` is the last day for an answer."""

    number: str
    title: str
    state_name: str
    due: date
    open: bool


@dataclass(frozen=True)
class ClosedAccount:
    """An account that is closed; `kept` names what is still stored, and until when."""

    number: str
    kept: tuple[str, ...]


class RightsPort(Protocol):
    """What conversations about one's own data ask (PIPL 44-50)."""

    def rules_url(self) -> str:
        """Where the privacy rules are."""

    def held(self) -> Sequence[HeldData]:
        """What is held, room by room."""

    def uses(self) -> Sequence[OptionalUse]:
        """What is optional, and how the person stands to it."""

    def choose(self, key: str, given: bool) -> None:
        """Give or withdraw consent."""

    def requests(self) -> Sequence[AskedRequest]:
        """The person's requests, newest first, a few."""

    def ask_correction(self, words: str) -> AskedRequest | Refused:
        """Have something corrected."""

    def make_copy(self) -> AskedRequest | Refused:
        """Make a copy of everything held; it is fetched in the mini-program."""

    def under_way(self) -> Sequence[str]:
        """What would go on after closing the account, because it is not finished."""

    def close_account(self) -> ClosedAccount | Refused:
        """Close the account at once and erase what may be erased."""


@dataclass(frozen=True)
class Ports:
    """Everything conversations may reach, one port per service."""

    marriage: MarriagePort
    people: PeoplePort
    rights: RightsPort
