"""A registry in memory that has taken times away, as the conversation about them asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.kernel.clock import BEIJING
from tests.flows.bureau import XINCHENG
from workflows.chat.moves_port import MovedAppointment
from workflows.chat.ports import OwnAppointment, Refused


@dataclass
class Moves:
    """`waiting` are the moves without an answer; `accepted` those that were agreed to."""

    waiting: list[MovedAppointment] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refusal: Refused | None = None

    def took(self, own: OwnAppointment, new: str | None = "2026-11-27 09:00") -> None:
        """An appointment lost its time, and has a new one at `2026-11-27 09:00`, or none yet."""
        until = datetime(2026, 11, 25, 20, 0, tzinfo=BEIJING)
        new_starts_at = datetime.fromisoformat(new).replace(tzinfo=BEIJING) if new else None
        self.waiting.append(
            MovedAppointment(
                f"move-{own.number}",
                own.id,
                own.number,
                XINCHENG,
                own.time.starts_at,
                new_starts_at,
                until if new else None,
                "线路检修停电",
            )
        )

    def own(self) -> Sequence[MovedAppointment]:
        return self.waiting

    def accept(self, move_id: str) -> Refused | None:
        if self.refusal is None:
            self.accepted.append(move_id)
            self.waiting = [one for one in self.waiting if one.id != move_id]
        return self.refusal
