"""What the conversation about waiting for a place may ask of the backend; a port like those in `ports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from workflows.chat.ports import BookedPlace, OfficeChoice, PartySummary, Refused, TimeChoice, TypedParty


@dataclass(frozen=True)
class OwnWaiting:
    """What the person who writes waits for. `offer`: a place kept for them until `until`; `ahead` of them in line."""

    id: str
    kind: str
    office: OfficeChoice
    first: date
    last: date
    ahead: int
    offer: TimeChoice | None = None
    until: datetime | None = None


class WaitingPort(Protocol):
    """What the conversation about waiting for a place asks."""

    def own(self) -> Sequence[OwnWaiting]:
        """What they wait for, offers first."""

    def check(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> Sequence[PartySummary] | Refused:
        """Check days and parties without writing anything."""

    def join(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> OwnWaiting | Refused:
        """Get in line."""

    def accept(self, entry_id: str) -> BookedPlace | Refused:
        """Take the place that is kept."""

    def let_pass(self, entry_id: str) -> bool | Refused:
        """Let the next have it; whether they go on waiting."""

    def leave(self, entry_id: str) -> Refused | None:
        """Get out of line."""
