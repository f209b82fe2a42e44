"""What the conversation about a time that was taken away may ask of the backend; a port like those in `ports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workflows.chat.ports import OfficeChoice, Refused


@dataclass(frozen=True)
class MovedAppointment:
    """An appointment whose time the registry has taken away; `new_starts_at` is None while no other was found.

    Until `answer_until` they choose freely; whoever says nothing keeps the new time.
    """

    id: str
    appointment_id: str
    number: str
    office: OfficeChoice
    old_starts_at: datetime
    new_starts_at: datetime | None
    answer_until: datetime | None
    reason: str


class MovesPort(Protocol):
    """What the conversation about a time that was taken away asks."""

    def own(self) -> Sequence[MovedAppointment]:
        """Those that wait for an answer, the oldest first."""

    def accept(self, move_id: str) -> Refused | None:
        """Agree to the new time; None when it is done."""
