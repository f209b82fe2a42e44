"""Ceremonies and events as the conversations about them see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.kernel.clock import BEIJING
from workflows.chat.ceremony_ports import EventChoice, OwnCeremony, VenueChoice
from workflows.chat.ports import Refused

ELEVEN = datetime(2026, 11, 26, 11, 0, tzinfo=BEIJING)
GARDEN, HALL = VenueChoice("garden", "屋顶花园", True, 10), VenueChoice("hall", "颁证大厅", False, 10)


@dataclass
class Ceremonies:
    """The port; by default somebody who has no appointment for the registration. `refusals` come first, once each."""

    marries: bool = False
    found: OwnCeremony | None = None
    listed: list[EventChoice] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    def has(self, **more: object) -> None:
        own = OwnCeremony("c1", "BZ0000001", ELEVEN, "新城区婚姻登记处 屋顶花园", 4, False, True, False, False, "")
        self.found = replace(own, **more)  # type: ignore[arg-type]

    def announces(self, **more: object) -> None:
        one = EventChoice(
            "e1",
            "七夕集体颁证",
            "屋顶花园",
            ELEVEN + timedelta(days=20),
            ELEVEN + timedelta(days=5),
            20,
            "抽签",
            None,
            False,
            "",
        )
        self.listed = [replace(one, **more)]  # type: ignore[arg-type]

    def registration(self) -> str | None:
        return "a1" if self.marries else None

    def venues(self) -> Sequence[VenueChoice]:
        return [GARDEN, HALL]

    def times(self, venue_id: str, limit: int) -> Sequence[datetime]:
        return [ELEVEN, ELEVEN + timedelta(minutes=30)][:limit]

    def book(self, venue_id: str, starts_at: datetime, guests: int) -> OwnCeremony | Refused:
        if self.refusals:
            return self.refusals.pop(0)
        self.has(starts_at=starts_at, guests=guests)
        assert self.found is not None
        return self.found

    def own(self) -> OwnCeremony | None:
        return self.found

    def cancel(self, ceremony_id: str) -> Refused | None:
        self.found = None
        return None

    def choose_cloud(self, ceremony_id: str, given: bool) -> Refused | None:
        self.has(agreed=given)
        return None

    def events(self) -> Sequence[EventChoice]:
        return self.listed

    def act(self, event_id: str) -> Refused | None:
        if self.refusals:
            return self.refusals.pop(0)
        self.announces(entry_id="n1", state_name="等另一方确认")
        return None
