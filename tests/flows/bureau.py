"""A registry in memory: the marriage port as conversations see it, with the product's own sentences and pre-checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from backend.kernel.clock import BEIJING, now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import Sex
from backend.kernel.masking import mask_number
from backend.marriage.couples import CheckedParty, PartyInput, check_for_day, read_parties, read_party
from backend.marriage.kinds import KINDS, Kind
from backend.marriage.offers import OfficeView
from backend.marriage.papers.checklist import Circumstances, History, PaperRules, checklist
from backend.marriage.papers.texts import in_chat
from backend.marriage.rules import ResidentGroup, age_then
from backend.marriage.texts import HOLD_GONE, PAPERS, SLOT_FULL
from workflows.chat.ports import (
    MARRIAGE,
    BookedPlace,
    DayChoice,
    HeldPlace,
    OfficeChoice,
    OwnAppointment,
    PartySummary,
    Refused,
    TimeChoice,
    TypedParty,
)

XINCHENG = OfficeChoice("xincheng", "新城区婚姻登记处", "长乐中路28号政务中心2楼", "029-00000101")
CHANGLE = OfficeChoice("changle", "长乐路婚姻登记处", "长乐西路6号社区服务中心1楼", "029-00000102")

HORIZON = timedelta(days=30)
RELEASE = time(8, 30)
HALF_HOUR = timedelta(minutes=30)
STARTS = [time(hour, minute) for hour in range(9, 12) for minute in (0, 30)] + [
    time(13 + (minute + 30) // 60, (minute + 30) % 60) for minute in range(0, 210, 30)
]


PAPER_RULES = PaperRules(3, 2, True, "红底", False, 6)


def given(kind: Kind) -> Circumstances:
    """As many mainland residents as the kind needs, never married before."""
    count = KINDS[kind].parties[0]
    return Circumstances(kind, [ResidentGroup.MAINLAND] * count, [History.NEVER] * count)


@dataclass
class Registry:
    """Two registries, open on weekdays, `capacity` places in each half hour; `refusals` come first, once each."""

    offices_known: list[OfficeChoice] = field(default_factory=lambda: [XINCHENG, CHANGLE])
    capacity: int = 2
    closed_days: set[date] = field(default_factory=set)
    starts: list[time] = field(default_factory=lambda: list(STARTS))
    taken: Counter[str] = field(default_factory=Counter)
    held: str | None = None
    appointments: list[OwnAppointment] = field(default_factory=list)
    refusals: dict[str, list[Refused]] = field(default_factory=dict)
    booked: list[tuple[str, list[TypedParty]]] = field(default_factory=list)
    absence_warning: str = ""
    cancel_warning: str = ""

    # --- for tests ---

    def slot(self, text: str, office: OfficeChoice = XINCHENG) -> TimeChoice:
        """The slot that begins at `2026-11-26 10:00`."""
        starts_at = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
        slot_id = f"{office.id} {starts_at:%Y-%m-%d %H:%M}"
        used = self.taken[slot_id] + (self.held == slot_id)
        return TimeChoice(slot_id, office, starts_at, starts_at + HALF_HOUR, self.capacity - used)

    def fill(self, *texts: str) -> None:
        """Others take all places of these slots, or of these days (`2026-11-26`)."""
        for text in texts:
            starts = [f"{text} {start:%H:%M}" for start in self.starts] if len(text) == 10 else [text]
            for start in starts:
                self.taken[self.slot(start).slot_id] = self.capacity

    def has(self, text: str, *, changeable: bool = True) -> OwnAppointment:
        """The person already has an appointment at `text`."""
        number = f"MZ0000000{len(self.appointments) + 1}"
        own = OwnAppointment(f"own-{number}", number, "待确认", self.slot(text), changeable)
        self.appointments.append(own)
        self.taken[own.time.slot_id] += 1
        return own

    def refuse(self, command: str, code: str, sentence: str, **more: object) -> None:
        """The next call of `command` is answered with a refusal."""
        self.refusals.setdefault(command, []).append(Refused(code, sentence, **more))  # type: ignore[arg-type]

    # --- the port ---

    def offices(self) -> Sequence[OfficeChoice]:
        return self.offices_known

    def last_day(self, office_id: str) -> date:
        return today() + HORIZON - timedelta(days=now().time() < RELEASE)

    def released_at(self, office_id: str, day: date) -> datetime:
        return datetime.combine(day - HORIZON, RELEASE, BEIJING)

    def free_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[DayChoice]:
        first, last = max(first, today() + timedelta(days=1)), min(last, self.last_day(office_id))
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        choices = [DayChoice(day, day.year > 2026, self._free(office_id, day)) for day in days]
        return [choice for choice in choices if choice.times]

    def full_days(self, office_id: str, first: date, last: date, kind: str = MARRIAGE) -> Sequence[date]:
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        ahead = [day for day in days if today() < day <= self.last_day(office_id)]
        return [day for day in ahead if self._opens(day) and not self._free(office_id, day)]

    def hold(self, slot_id: str, kind: str = MARRIAGE) -> HeldPlace | Refused:
        forced, slot = self._forced("hold"), self._by_id(slot_id)
        if forced or not slot.free:
            return forced or self._full(slot, SLOT_FULL)
        self.held = slot_id
        return HeldPlace(slot, 5)

    def release(self) -> None:
        self.held = None

    def parties_wanted(self, office_id: str, kind: str) -> Sequence[int]:
        return KINDS[Kind(kind)].parties

    def check_parties(
        self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE
    ) -> Sequence[PartySummary] | Refused:
        forced, day = self._forced("check_parties"), self._by_id(slot_id).starts_at.date()
        if forced:
            return forced
        inputs = [PartyInput(party.name, party.number) for party in parties]
        try:
            if len(inputs) not in KINDS[Kind(kind)].parties:
                return [_summary(read_party(party), day) for party in inputs]
            couple = read_parties(Kind(kind), inputs)
            if kind != "divorce_certificate":  # whose case the registry in memory does not know
                check_for_day(couple, day, _view(self._by_id(slot_id).office), declared=True, kind=Kind(kind))
        except AppError as error:
            possible = error.extra.get("possible_from")
            return Refused(error.code, error.user_text, (), date.fromisoformat(str(possible)) if possible else None)
        return [_summary(party, day) for party in couple]

    def book(self, slot_id: str, parties: Sequence[TypedParty], kind: str = MARRIAGE) -> BookedPlace | Refused:
        forced = self._forced("book")
        if forced:
            return forced
        slot = self._by_id(slot_id)
        if self.held != slot_id and not slot.free:
            return self._full(slot, HOLD_GONE)
        self.held = None
        self.taken[slot_id] += 1
        self.booked.append((slot_id, list(parties)))
        return BookedPlace("MZ73687871", slot, slot.starts_at + timedelta(minutes=15))

    def own(self) -> Sequence[OwnAppointment]:
        return self.appointments

    def reschedule(self, appointment_id: str, slot_id: str) -> TimeChoice | Refused:
        forced, slot = self._forced("reschedule"), self._by_id(slot_id)
        if forced or not slot.free:
            return forced or self._full(slot, SLOT_FULL)
        self.taken[slot_id] += 1
        return slot

    def confirm_coming(self, appointment_id: str) -> Refused | None:
        self.appointments = [replace(own, confirmed=own.id == appointment_id) for own in self.appointments]
        return self._forced("confirm_coming")

    def cancel(self, appointment_id: str) -> Refused | None:
        forced = self._forced("cancel")
        if forced is None:
            self.appointments = [own for own in self.appointments if own.id != appointment_id]
        return forced

    def if_absent(self, appointment_id: str) -> str:
        """What not coming would do, as the test has set it."""
        return self.absence_warning

    def if_cancelled(self, appointment_id: str) -> str:
        """What cancelling would do."""
        return self.cancel_warning

    def papers(self, kind: str = MARRIAGE, office_id: str = "") -> Sequence[str]:
        return PAPERS if kind == MARRIAGE else in_chat(checklist(given(Kind(kind)), PAPER_RULES), PAPER_RULES)

    # --- inside ---

    def _forced(self, command: str) -> Refused | None:
        waiting = self.refusals.get(command)
        return waiting.pop(0) if waiting else None

    def _by_id(self, slot_id: str) -> TimeChoice:
        office_id, moment = slot_id.split(" ", 1)
        return self.slot(moment, next(office for office in (XINCHENG, CHANGLE) if office.id == office_id))

    def _opens(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.closed_days

    def _free(self, office_id: str, day: date) -> tuple[TimeChoice, ...]:
        if not self._opens(day):
            return ()
        slots = [self._by_id(f"{office_id} {day} {start:%H:%M}") for start in self.starts]
        return tuple(slot for slot in slots if slot.free)

    def _full(self, slot: TimeChoice, sentence: str) -> Refused:
        days = self.free_days(slot.office.id, today(), self.last_day(slot.office.id))
        free = [other for choice in days for other in choice.times]
        nearest = sorted(free, key=lambda other: abs(other.starts_at - slot.starts_at))[:3]
        return Refused("slot_full", sentence, tuple(sorted(nearest, key=lambda other: other.starts_at)))


def _view(office: OfficeChoice) -> OfficeView:
    return OfficeView(UUID(int=1), office.id, office.name, office.address, office.phone)


def _summary(party: CheckedParty, day: date) -> PartySummary:
    sex = party.identity.sex
    male = None if sex is None else sex is Sex.MALE
    return PartySummary(party.name, mask_number(party.identity.number), male, age_then(party.identity, day))
