"""What conversations about counselling ask of the backend (`workflows.chat.ports`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflows.chat.ports import Refused


@dataclass(frozen=True)
class CounsellingPlace:
    """A registry where somebody can be met about a matter, and in which ways: on_site, video, telephone."""

    id: str
    name: str
    ways: tuple[str, ...]


@dataclass(frozen=True)
class OwnCounselling:
    """The person's talk that lies ahead. `who`: the counsellor with what they are. `link` is empty where there is none.

    `matter` as contract.md of the service names it; `office_id` and `way` say where and how another time is looked for.
    """

    id: str
    number: str
    matter: str
    office_id: str
    way: str
    starts_at: datetime
    place: str
    who: str
    together: bool
    changeable: bool
    link: str = field(default="", repr=False)


@dataclass(frozen=True)
class Contact:
    """How somebody is called and reached: `name` such as 李女士, `phone` eleven digits."""

    name: str
    phone: str = field(repr=False)


@dataclass(frozen=True)
class CounsellingAnswers:
    """Everything a booking needs."""

    matter: str
    office_id: str
    way: str
    together: bool
    starts_at: datetime
    contact: Contact
    minor: bool
    guardian: str = field(repr=False)
    about: str = field(repr=False)


class CounsellingPort(Protocol):
    """What conversations about counselling ask."""

    def own(self) -> OwnCounselling | None:
        """The talk that lies ahead or is going on."""

    def places(self, matter: str) -> Sequence[CounsellingPlace]:
        """Where somebody can be met about a matter; none where nobody is there."""

    def times(self, matter: str, office_id: str, way: str, first: date, last: date, limit: int) -> Sequence[datetime]:
        """The first free times between two days."""

    def last_day(self, office_id: str) -> date:
        """The farthest day that can be booked."""

    def contact(self) -> Contact | None:
        """How the person is called and reached, where they have proven it."""

    def is_minor(self, starts_at: datetime) -> bool | None:
        """Whether the person is younger than eighteen then; None where it is not known."""

    def may_come_together(self) -> Refused | None:
        """Why two cannot come together, in the same words for everybody; None when they can."""

    def tell_of_danger(self, office_id: str, contact: Contact, words: str) -> str:
        """Where help is, for words that tell of danger, and have a person call back; empty for any others."""

    def book(self, answers: CounsellingAnswers) -> OwnCounselling | Refused:
        """Book a talk."""

    def move(self, session_id: str, starts_at: datetime) -> OwnCounselling | Refused:
        """Move it."""

    def cancel(self, session_id: str) -> Refused | None:
        """Give it up; None when it is done."""
