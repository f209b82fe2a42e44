"""What conversations about requests to the marriage archive ask of the backend (`workflows.chat.ports`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflows.chat.ports import BookedPlace, OfficeChoice, Refused


@dataclass(frozen=True)
class ArchiveWish:
    """What is to be looked for. `applicant`, `sought` and `registration` as the API names them; years both included.

    `proof` is the number of the notarial act or of the case, `reason` why somebody else asks. The rest helps where no
    identity number is on an old record.
    """

    office_id: str
    applicant: str
    sought: str
    registration: str
    names: Sequence[str]
    first_year: int
    last_year: int
    place: str = ""
    certificate: str = ""
    proof: str = ""
    reason: str = ""
    former_name: str = ""
    birth_year: int | None = None
    native_place: str = ""
    work_unit: str = ""


@dataclass(frozen=True)
class AskedArchive:
    """A request that was taken in, and the last day for an answer."""

    number: str
    due: date
    provisional: bool


@dataclass(frozen=True)
class OwnArchive:
    """A request of the one who writes. `next_step` is one sentence; `visit` says when they come, empty without one."""

    id: str
    number: str
    state_name: str
    sought_name: str
    next_step: str
    open: bool
    waits_for_answer: bool
    bookable: bool
    visit: str
    office: OfficeChoice


class ArchivePort(Protocol):
    """What the conversations ask."""

    def may_ask(self, applicant: str) -> Refused | None:
        """Why the person cannot ask as such an applicant; None when they can."""

    def ask(self, wish: ArchiveWish) -> AskedArchive | Refused:
        """Ask for a record to be looked for."""

    def own(self) -> Sequence[OwnArchive]:
        """The person's requests, newest first: those under way, else the last one."""

    def answer(self, request_id: str, words: str) -> Refused | None:
        """Answer the one question; None when it is done."""

    def withdraw(self, request_id: str) -> Refused | None:
        """Take a request back; None when it is done."""

    def book(self, request_id: str, slot_id: str) -> BookedPlace | Refused:
        """Book a time to read what is ready; whose visit it is is known."""
