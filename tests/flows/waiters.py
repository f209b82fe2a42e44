"""Somebody who waits for a place, as the conversation about it sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from backend.kernel.clock import BEIJING
from tests.flows.bureau import XINCHENG
from workflows.chat.ports import BookedPlace, PartySummary, Refused, TimeChoice, TypedParty
from workflows.chat.waiting_port import OwnWaiting

TEN = datetime(2026, 11, 26, 10, 0, tzinfo=BEIJING)
KEPT = TimeChoice("slot", XINCHENG, TEN, TEN + timedelta(minutes=30), 0)


@dataclass
class Waiting:
    """The port; by default nobody waits. `refused` answers the next command."""

    entries: list[OwnWaiting] = field(default_factory=list)
    refused: Refused | None = None

    def waits(self, *, offered: bool = False, first: date = TEN.date(), last: date = TEN.date()) -> OwnWaiting:
        entry = OwnWaiting(str(len(self.entries)), "marriage_registration", XINCHENG, first, last, 2)
        if offered:
            entry = replace(entry, offer=KEPT, until=TEN - timedelta(days=2))
        self.entries.append(entry)
        return entry

    def own(self) -> Sequence[OwnWaiting]:
        return self.entries

    def check(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> Sequence[PartySummary] | Refused:
        return self._forced() or [PartySummary(one.name, "1****************1", None, None) for one in parties]

    def join(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> OwnWaiting | Refused:
        return self._forced() or self.waits(first=first, last=last)

    def accept(self, entry_id: str) -> BookedPlace | Refused:
        self.entries = []
        return self._forced() or BookedPlace("MZ73687871", KEPT, TEN + timedelta(minutes=15))

    def let_pass(self, entry_id: str) -> bool | Refused:
        self.entries = [replace(one, offer=None, until=None) for one in self.entries]
        return self._forced() or True

    def leave(self, entry_id: str) -> Refused | None:
        self.entries = [one for one in self.entries if one.id != entry_id]
        return self._forced()

    def _forced(self) -> Refused | None:
        refused, self.refused = self.refused, None
        return refused
