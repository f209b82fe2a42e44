"""What a conversation may ask of the backend. Each service's `chat.py` fulfils its port; tests bring fakes.

Calls run inside the transaction of the turn. A refusal is a value, not an exception, because a conversation always has
a next sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflows.chat.archive_port import ArchivePort
    from workflows.chat.ceremony_ports import CeremonyPort
    from workflows.chat.counselling_ports import CounsellingPort
    from workflows.chat.moves_port import MovesPort
    from workflows.chat.rush_port import RushPort
    from workflows.chat.waiting_port import WaitingPort

MARRIAGE = "marriage_registration"  # the kind most conversations are about (contract.md `kind`)


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
    """An appointment of the person who writes; `kind` as contract.md names it.

    `mine`: they booked it, else the other one of the couple did; `confirmed`: they have said that they come;
    `code_page`: where the code is that they hold out at the registry.
    """

    id: str
    number: str
    state_name: str
    time: TimeChoice
    changeable: bool
    kind: str = MARRIAGE
    mine: bool = True
    confirmed: bool = False
    code_page: str = ""


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

    def free_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[DayChoice]:
        """Days with something free for a kind of business, in order."""

    def full_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[date]:
        """Days that can be booked, but for all places being taken."""

    def hold(self, slot_id: str, kind: str = MARRIAGE) -> HeldPlace | Refused:
        """Keep a place for a few minutes."""

    def release(self) -> None:
        """Give the kept place back."""

    def parties_wanted(self, office_id: str, kind: str) -> Sequence[int]:
        """How many persons give their names: one, two, or either."""

    def check_parties(
        self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE
    ) -> Sequence[PartySummary] | Refused:
        """Read the parties; as many as the kind needs are also checked for the day of the slot."""

    def book(self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE) -> BookedPlace | Refused:
        """Book; they have declared what the kind asks for."""

    def own(self) -> Sequence[OwnAppointment]:
        """Appointments still ahead or under way, soonest first."""

    def reschedule(self, appointment_id: str, slot_id: str) -> TimeChoice | Refused:
        """Move an appointment."""

    def confirm_coming(self, appointment_id: str) -> Refused | None:
        """Say that one comes to what the other one booked; None when it is done."""

    def cancel(self, appointment_id: str) -> Refused | None:
        """Cancel an appointment; None when it is done."""

    def if_absent(self, appointment_id: str) -> str:
        """A sentence on what not coming would do to booking online; empty where it would do nothing."""

    def if_cancelled(self, appointment_id: str) -> str:
        """The same of cancelling."""

    def papers(self, kind: str = MARRIAGE, office_id: str = "") -> Sequence[str]:
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


@dataclass(frozen=True)
class CodeMeaning:
    """Whom a typed code leads to: `who` masked, empty for somebody who has proven nothing yet.

    `of_miniprogram`: the code is shown by a mini-program, else a counter gave it. `same`: that is the writer already.
    """

    who: str
    of_miniprogram: bool
    same: bool


class PeoplePort(Protocol):
    """What conversations about acting for somebody (代办), and about who the writer is, ask."""

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

    def typed_code(self, code: str) -> CodeMeaning | Refused:
        """What a bind code means; wrong ones are counted."""

    def use_code(self, code: str) -> Refused | None:
        """Be one person with whom the code leads to."""

    def counter_code(self) -> str | Refused:
        """Six digits to be read aloud at a counter, good for ten minutes."""


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
class OwnApplication:
    """One's own divorce application: where it stands and its days (civil dates, all inclusive).

    `state`: accepted, cooling, window, withdrawn, issued, lapsed, ended. `booked`: both have an appointment for the
    certificate. `at_risk`: the one who writes was found to be at risk of violence.
    """

    receipt: str
    state: str
    state_name: str
    open: bool
    withdraw_until: date
    first: date
    last: date
    provisional: bool
    booked: bool
    at_risk: bool
    office_name: str
    office_phone: str


class DivorcePort(Protocol):
    """What the conversation about one's own divorce application asks."""

    def applications(self) -> Sequence[OwnApplication] | Refused:
        """The newest application; refused for whoever has not proven who they are."""

    def wants_care(self) -> bool | None:
        """Whether a social worker shall call; None while nothing was said, or it is not offered."""

    def choose_care(self, wanted: bool) -> None:
        """Agree to be called, or not."""

    def rules_url(self) -> str:
        """Where the privacy rules are."""

    def safety(self) -> str:
        """Where to find help against violence."""


@dataclass(frozen=True)
class Ports:
    """Everything conversations may reach, one port per service."""

    marriage: MarriagePort
    people: PeoplePort
    rights: RightsPort
    divorce: DivorcePort
    waiting: WaitingPort
    ceremony: CeremonyPort
    moves: MovesPort
    archive: ArchivePort
    counselling: CounsellingPort
    rush: RushPort
