"""What conversations may do about peak days: `workflows.chat.rush_port.RushPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from backend.kernel.clock import BEIJING
from backend.kernel.errors import AppError
from backend.marriage.chat import office_choice, party_input, party_summary, refused
from backend.marriage.models import Via
from backend.marriage.offices import office
from backend.marriage.rush.ask import Asked, Asking, ask_in_rush, check_asking
from backend.marriage.rush.early import note_try
from backend.marriage.rush.peaks import PeakView, peak_view, peaks_ahead, unwatch_peak, watch_peak, watched
from backend.marriage.rush.queries import OwnRequest, own_requests, rush_view
from backend.marriage.rush.rules import DayPart, RequestState, RushMode
from backend.marriage.rush.withdraw import withdraw_request
from workflows.chat.ports import PartySummary, Refused, TypedParty
from workflows.chat.rush_port import OwnRush, PeakDay


class RushChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def peak(self, office_id: str, day: date) -> PeakDay | None:
        """A peak day whose release lies ahead or is under way."""
        place = office(uuid.UUID(office_id))
        view = peak_view(place, day) if place else None
        return None if view is None else self._day(view)

    def coming(self) -> Sequence[PeakDay]:
        """All of them, soonest first."""
        return [self._day(view) for view in peaks_ahead()]

    def watch(self, office_id: str, day: date) -> PeakDay | Refused:
        """Be told in time."""
        try:
            return self._day(watch_peak(uuid.UUID(office_id), day, self.person_id))
        except AppError as error:
            return refused(error)

    def unwatch(self, office_id: str, day: date) -> None:
        """Not be told any more."""
        unwatch_peak(uuid.UUID(office_id), day, self.person_id)

    def check(self, rush_id: str, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
        """Check a couple without writing anything."""
        try:
            checked = check_asking(self._asking(rush_id, parties, DayPart.ANY))
        except AppError as error:
            return refused(error)
        day = rush_view(uuid.UUID(rush_id)).rush.day
        return [party_summary(party, day) for party in checked]

    def ask(self, rush_id: str, parties: Sequence[TypedParty], part: str) -> OwnRush | Refused:
        """Ask for a place."""
        try:
            note_try(uuid.UUID(rush_id), self.person_id)
            asked = ask_in_rush(self._asking(rush_id, parties, DayPart(part)))
        except AppError as error:
            return refused(error)
        return _just_asked(asked)

    def own(self) -> Sequence[OwnRush]:
        """Requests of the couple, newest first."""
        return [_own(one) for one in own_requests(self.person_id)]

    def withdraw(self, request_id: str) -> Refused | None:
        """Take a request back."""
        try:
            withdraw_request(uuid.UUID(request_id), self.person_id)
        except AppError as error:
            return refused(error)
        return None

    def _asking(self, rush_id: str, parties: Sequence[TypedParty], part: DayPart) -> Asking:
        inputs = [party_input(party) for party in parties]
        return Asking(uuid.UUID(rush_id), inputs, self.person_id, part, via=Via.CHAT)

    def _day(self, view: PeakView) -> PeakDay:
        return PeakDay(
            office_choice(view.place),
            view.day,
            view.opens_at.astimezone(BEIJING),
            view.closes_at.astimezone(BEIJING) if view.closes_at else None,
            str(view.rush_id) if view.rush_id else None,
            None if view.mode is None else view.mode is RushMode.DRAW,
            (view.place.id, view.day) in watched(self.person_id),
        )


def _just_asked(asked: Asked) -> OwnRush:
    rush, asked_state = asked.rush, RequestState.ASKED.value
    place = office_choice(rush.place)
    return OwnRush(str(asked.id), place, rush.day, asked.number, asked_state, asked.ahead, rush.closes_at, None, None)


def _own(one: OwnRequest) -> OwnRush:
    request = one.request
    return OwnRush(
        str(request.id),
        office_choice(one.place),
        one.rush.day,
        request.number,
        request.state.value,
        one.ahead,
        one.rush.closes_at.astimezone(BEIJING),
        request.starts_at.astimezone(BEIJING) if request.starts_at else None,
        one.number,
    )
