"""What conversations may do with the waiting list: `workflows.chat.ports.WaitingPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.chat import office_choice, party_input, party_summary, refused
from backend.marriage.kinds import Kind
from backend.marriage.models import Slot, Via
from backend.marriage.offers import OfficeView
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import no_show_from
from backend.marriage.waiting.join import WaitingRequest, check_waiting, join_waiting
from backend.marriage.waiting.leave import leave_waiting, pass_offer
from backend.marriage.waiting.queries import OwnEntry, open_entries, own_entry
from backend.marriage.waiting.rules import WaitingState
from backend.marriage.waiting.take import accept_offer
from workflows.chat.ports import BookedPlace, OfficeChoice, PartySummary, Refused, TimeChoice, TypedParty
from workflows.chat.waiting_port import OwnWaiting


class WaitingChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def own(self) -> Sequence[OwnWaiting]:
        """What they wait for, offers first."""
        return [_own(one) for one in open_entries(self.person_id)]

    def check(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> Sequence[PartySummary] | Refused:
        """Check days and parties without writing anything."""
        try:
            checked = check_waiting(self._wish(office_id, first, last, parties, kind))
        except AppError as error:
            return refused(error)
        return [party_summary(party, last) for party in checked]

    def join(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> OwnWaiting | Refused:
        """Get in line."""
        try:
            entry_id = join_waiting(self._wish(office_id, first, last, parties, kind))
        except AppError as error:
            return refused(error)
        return _own(own_entry(entry_id, self.person_id))

    def accept(self, entry_id: str) -> BookedPlace | Refused:
        """Take the place that is kept."""
        try:
            taken = accept_offer(uuid.UUID(entry_id), self.person_id, Via.CHAT)
        except AppError as error:
            return refused(error)
        check_in_by = no_show_from(taken.slot.starts_at, booking_rules(taken.place.code, now()))
        return BookedPlace(taken.number, _time(taken.slot, office_choice(taken.place), 0), check_in_by)

    def let_pass(self, entry_id: str) -> bool | Refused:
        """Let the next have it; whether they go on waiting."""
        try:
            return pass_offer(uuid.UUID(entry_id), self.person_id) is WaitingState.WAITING
        except AppError as error:
            return refused(error)

    def leave(self, entry_id: str) -> Refused | None:
        """Get out of line."""
        try:
            leave_waiting(uuid.UUID(entry_id), self.person_id)
        except AppError as error:
            return refused(error)
        return None

    def _wish(
        self, office_id: str, first: date, last: date, parties: Sequence[TypedParty], kind: str
    ) -> WaitingRequest:
        inputs = [party_input(party) for party in parties]
        return WaitingRequest(Kind(kind), inputs, True, self.person_id, Via.CHAT, uuid.UUID(office_id), first, last)


def _own(own: OwnEntry) -> OwnWaiting:
    entry, place = own.entry, own.entry.office
    choice = office_choice(OfficeView(place.id, place.code, place.name, place.address, place.phone))
    offer = own.offer
    return OwnWaiting(
        str(entry.id),
        entry.kind.value,
        choice,
        entry.first_day,
        entry.last_day,
        own.ahead or 0,
        None if offer is None else _time(offer.slot, choice, offer.minutes),
        None if offer is None else offer.expires_at,
    )


def _time(slot: Slot, choice: OfficeChoice, minutes: int) -> TimeChoice:
    until = max(slot.ends_at, slot.starts_at + timedelta(minutes=minutes))
    return TimeChoice(str(slot.id), choice, slot.starts_at, until, 0)
