"""What conversations may ask about ceremonies and events: `workflows.chat.ports.CeremonyPort` for one person."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.ceremonies import queries, texts
from backend.marriage.ceremonies.book import CeremonyRequest, book_ceremony, cancel_ceremony
from backend.marriage.ceremonies.cloud import choose_cloud, consents_of
from backend.marriage.ceremonies.couples import own_registrations
from backend.marriage.ceremonies.entries import confirm_entry, sign_up, withdraw_entry
from backend.marriage.ceremonies.models import Ceremony, GroupEntry, GroupEvent
from backend.marriage.ceremonies.page import page_address
from backend.marriage.ceremonies.parameters import guests_most
from backend.marriage.ceremonies.rules import STANDING_ENTRIES, CeremonyState, CloudState, EntryState, EventState
from backend.marriage.models import Appointment, Via
from backend.marriage.resources.free import resources_of
from backend.marriage.resources.rules import ResourceKind
from backend.storage import atomic, transaction
from workflows.chat.ceremony_ports import EventChoice, OwnCeremony, VenueChoice
from workflows.chat.ports import Refused

_LOOKED_AT = 20


class CeremonyChat:
    """The port as one person sees it; calls join the transaction of the turn."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id

    def registration(self) -> str | None:
        """The appointment a ceremony can be tied to."""
        found = self._registration()
        return str(found.id) if found else None

    def venues(self) -> Sequence[VenueChoice]:
        """Venues of its registry."""
        found = self._registration()
        if found is None:
            return []
        office = found.slot.office
        return [
            VenueChoice(str(one.id), one.name, one.outdoor, guests_most(office.code, one.guests_most))
            for one in resources_of(office.id, ResourceKind.VENUE)
        ]

    def times(self, venue_id: str, limit: int) -> Sequence[datetime]:
        """The first free sessions that fit."""
        found = self._registration()
        if found is None:
            return []
        place = queries.venue(uuid.UUID(venue_id))
        return [one.starts_at for one in queries.fitting_sessions(found, place, limit)]

    def book(self, venue_id: str, starts_at: datetime, guests: int) -> OwnCeremony | Refused:
        """Book a session."""
        found = self._registration()
        if found is None:
            return Refused("not_found", texts.REGISTRATION_UNKNOWN)
        request = CeremonyRequest(found.id, uuid.UUID(venue_id), starts_at, guests, self.person_id, Via.CHAT)
        try:
            with atomic():
                made = book_ceremony(request)
        except AppError as error:
            return Refused(error.code, error.user_text)
        return self._own(queries.own_ceremony(made.id, self.person_id))

    def own(self) -> OwnCeremony | None:
        """The ceremony that is booked, else the last one while its page can still be seen."""
        rows = queries.own_ceremonies(self.person_id, None, _LOOKED_AT)
        booked = next((row for row in rows if row.state is CeremonyState.BOOKED and row.ends_at > now()), None)
        if booked is not None:
            return self._own(booked)
        held = next((row for row in rows if row.state is not CeremonyState.CANCELLED), None)
        shown = self._own(held) if held else None
        return shown if shown and shown.page else None

    def cancel(self, ceremony_id: str) -> Refused | None:
        """Give it up."""
        return _refused(lambda: cancel_ceremony(uuid.UUID(ceremony_id), self.person_id))

    def choose_cloud(self, ceremony_id: str, given: bool) -> Refused | None:
        """Agree to be shown, or take it back."""
        return _refused(lambda: choose_cloud(uuid.UUID(ceremony_id), self.person_id, given=given))

    def events(self) -> Sequence[EventChoice]:
        """Events one can sign up for, or has."""
        entries = {
            row.event_id: row
            for row in queries.own_entries(self.person_id, None, _LOOKED_AT)
            if row.state in STANDING_ENTRIES
        }
        coming = queries.coming_events(None, _LOOKED_AT)
        return [_choice(one, entries.get(one.id), self.person_id) for one in coming if _offered(one, entries)]

    def act(self, event_id: str) -> Refused | None:
        """Sign up, confirm or withdraw, whichever comes next."""
        one = next((one for one in self.events() if one.id == event_id), None)
        found = self._registration()
        if one is None:
            return Refused("not_found", texts.EVENT_UNKNOWN)
        if one.entry_id is not None:
            entry_id = uuid.UUID(one.entry_id)
            step = confirm_entry if one.waits_for_me else withdraw_entry
            return _refused(lambda: step(entry_id, self.person_id))
        if found is None:
            return Refused("not_found", texts.REGISTRATION_UNKNOWN)
        return _refused(lambda: sign_up(uuid.UUID(event_id), found.id, self.person_id))

    def _registration(self) -> Appointment | None:
        with transaction():
            return next(iter(own_registrations(self.person_id, 1)), None)

    def _own(self, row: Ceremony) -> OwnCeremony:
        cloud = queries.clouds_of([row.id]).get(row.id)
        with transaction():
            words = consents_of(cloud.id) if cloud and cloud.state is not CloudState.ENDED else {}
        return OwnCeremony(
            id=str(row.id),
            number=row.number,
            starts_at=row.starts_at,
            place=f"{row.office.name} {row.venue.name}",
            guests=row.guests,
            needs_place=row.needs_place,
            changeable=row.state is CeremonyState.BOOKED and row.starts_at > now(),
            agreed=words.get(self.person_id, False),
            both_agreed=cloud is not None and cloud.state is CloudState.AGREED,
            page=page_address(cloud.token) if cloud and cloud.token else "",
        )


def _refused(act: Callable[[], object]) -> Refused | None:
    try:
        with atomic():
            act()
    except AppError as error:
        return Refused(error.code, error.user_text)
    return None


def _offered(event: GroupEvent, entries: dict[uuid.UUID, GroupEntry]) -> bool:
    open_now = event.state is EventState.ANNOUNCED and event.opens_at <= now() < event.closes_at
    return open_now or event.id in entries


def _choice(event: GroupEvent, entry: GroupEntry | None, person_id: uuid.UUID) -> EventChoice:
    waits = entry is not None and entry.state is EntryState.WAITS_FOR_PARTNER and entry.signed_by != person_id
    return EventChoice(
        id=str(event.id),
        title=event.title,
        place=event.place,
        starts_at=event.starts_at,
        closes_at=event.closes_at,
        places=event.places,
        mode_name=texts.MODE_NAMES[event.mode],
        entry_id=str(entry.id) if entry else None,
        waits_for_me=waits,
        state_name=texts.ENTRY_STATES[entry.state] if entry else "",
    )
