"""What conversations about ceremonies and events of many couples ask of the backend (`workflows.chat.ports`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workflows.chat.ports import Refused


@dataclass(frozen=True)
class VenueChoice:
    """Where ceremonies are held; `guests_most` besides the couple."""

    id: str
    name: str
    outdoor: bool
    guests_most: int


@dataclass(frozen=True)
class OwnCeremony:
    """The couple's ceremony. `agreed`: the one who writes agreed to be shown; `page` is empty where there is none."""

    id: str
    number: str
    starts_at: datetime
    place: str
    guests: int
    needs_place: bool
    changeable: bool
    agreed: bool
    both_agreed: bool
    page: str


@dataclass(frozen=True)
class EventChoice:
    """An event of many couples, with the couple's own entry where they have one; it may wait for the one who writes."""

    id: str
    title: str
    place: str
    starts_at: datetime
    closes_at: datetime
    places: int
    mode_name: str
    entry_id: str | None
    waits_for_me: bool
    state_name: str


class CeremonyPort(Protocol):
    """What conversations about ceremonies and events of many couples ask."""

    def registration(self) -> str | None:
        """The appointment that a ceremony can be tied to; None without one."""

    def venues(self) -> Sequence[VenueChoice]:
        """Where it can be held."""

    def times(self, venue_id: str, limit: int) -> Sequence[datetime]:
        """The first free times of a venue that fit the registration."""

    def book(self, venue_id: str, starts_at: datetime, guests: int) -> OwnCeremony | Refused:
        """Book a time."""

    def own(self) -> OwnCeremony | None:
        """The ceremony that lies ahead, or can still be watched."""

    def cancel(self, ceremony_id: str) -> Refused | None:
        """Give it up; None when it is done."""

    def choose_cloud(self, ceremony_id: str, given: bool) -> Refused | None:
        """Agree to be shown on a private link, or take it back; None when it is done."""

    def events(self) -> Sequence[EventChoice]:
        """Events one can sign up for, and those one is at."""

    def act(self, event_id: str) -> Refused | None:
        """Sign up, confirm or withdraw, whichever comes next; None when it is done."""
