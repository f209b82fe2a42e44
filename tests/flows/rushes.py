"""Peak days in memory, as conversations see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from backend.kernel.clock import BEIJING, now
from tests.flows.bureau import XINCHENG
from workflows.chat.ports import PartySummary, Refused, TypedParty
from workflows.chat.rush_port import OwnRush, PeakDay

WEDNESDAY = date(2026, 12, 16)


@dataclass
class Rushes:
    """Peak days at one registry; `refusals` come first, once each."""

    days: list[PeakDay] = field(default_factory=list)
    requests: list[OwnRush] = field(default_factory=list)
    watches: set[date] = field(default_factory=set)
    refusals: dict[str, list[Refused]] = field(default_factory=dict)
    asked: list[tuple[str, list[TypedParty], str]] = field(default_factory=list)

    # --- for tests ---

    def announces(self, day: date = WEDNESDAY, *, is_open: bool = False, drawn: bool | None = False) -> PeakDay:
        """A peak day released at half past eight in two days, or whose places are asked for now."""
        opens_at = now() - timedelta(minutes=5) if is_open else datetime(2026, 11, 25, 8, 30, tzinfo=BEIJING)
        asked_for = drawn is not None
        made = PeakDay(
            XINCHENG,
            day,
            opens_at,
            opens_at + timedelta(minutes=30) if asked_for else None,
            f"rush {day}" if asked_for else None,
            drawn,
        )
        self.days.append(made)
        return made

    def has(self, state: str = "asked", ahead: int | None = 11) -> OwnRush:
        """The couple has asked for the first day there is."""
        day = self.days[0]
        placed = state == "placed"
        made = OwnRush(
            "request",
            XINCHENG,
            day.day,
            12,
            state,
            ahead if state == "asked" else None,
            day.closes_at or day.opens_at,
            datetime(2026, 12, 16, 9, 30, tzinfo=BEIJING) if placed else None,
            "MZ00000012" if placed else None,
        )
        self.requests.insert(0, made)
        return made

    # --- the port ---

    def peak(self, office_id: str, day: date) -> PeakDay | None:
        found = (one for one in self.days if one.day == day and one.office.id == office_id)
        return next((replace(one, watched=one.day in self.watches) for one in found), None)

    def coming(self) -> Sequence[PeakDay]:
        return [replace(one, watched=one.day in self.watches) for one in sorted(self.days, key=lambda one: one.day)]

    def watch(self, office_id: str, day: date) -> PeakDay | Refused:
        refused = self._forced("watch")
        if refused is None:
            self.watches.add(day)
        found = self.peak(office_id, day)
        return refused or found or Refused("not_found", "这一天没有单独放号的安排，直接约就行。")

    def unwatch(self, _office_id: str, day: date) -> None:
        self.watches.discard(day)

    def check(self, _rush_id: str, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
        refused = self._forced("check")
        masked = [PartySummary(one.name, f"1{'*' * 16}{one.number[-1]}", None, 30) for one in parties]
        return refused or masked

    def ask(self, rush_id: str, parties: Sequence[TypedParty], part: str) -> OwnRush | Refused:
        refused = self._forced("ask")
        if refused is not None:
            return refused
        self.asked.append((rush_id, list(parties), part))
        return self.has(ahead=None if self.days[0].drawn else 11)

    def own(self) -> Sequence[OwnRush]:
        return list(self.requests)

    def withdraw(self, request_id: str) -> Refused | None:
        refused = self._forced("withdraw")
        if refused is None:
            self.requests = [replace(one, state="withdrawn") for one in self.requests if one.id == request_id]
        return refused

    def _forced(self, command: str) -> Refused | None:
        waiting = self.refusals.get(command)
        return waiting.pop(0) if waiting else None
