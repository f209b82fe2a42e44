"""Use cases of the registry: `place_ceremony` (another venue or time), `assign_officiant` (特邀颁证师)."""

from __future__ import annotations

import uuid
from datetime import datetime

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.book import locked_venue, switched
from backend.marriage.ceremonies.couples import registration_of
from backend.marriage.ceremonies.history import locked_ceremony, move, require_booked
from backend.marriage.ceremonies.models import Ceremony
from backend.marriage.ceremonies.notices import plan, tell
from backend.marriage.ceremonies.rules import CeremonyState, Misfit, misfit
from backend.marriage.models import Appointment, Slot
from backend.marriage.resources.claim import claim, give_back, is_free
from backend.marriage.resources.free import is_there, session_at
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind, Session
from backend.storage import atomic, session


def place_ceremony(ceremony_id: uuid.UUID, venue_id: uuid.UUID, starts_at: datetime, account_id: uuid.UUID) -> Ceremony:
    """Put a ceremony at another venue or time after speaking with the couple; the old place is given up last.

    Raises `AppError`: not_found, invalid (before the registration), slot_full, state_conflict.
    """
    with atomic():
        ceremony = locked_ceremony(ceremony_id)
        require_booked(ceremony)
        venue = locked_venue(venue_id, ceremony.office_id)
        found = session_at(venue, starts_at)
        if found is None or starts_at <= now() or switched(venue.id, starts_at):
            raise AppError("slot_full", texts.NO_SUCH_TIME, 409)
        if not after_registration(ceremony, starts_at):
            raise AppError("invalid", texts.BEFORE, 422, errors={"starts_at": [texts.BEFORE]})
        put(ceremony, venue, found)
        move(ceremony, "placed", CeremonyState.BOOKED, Actor("staff", account_id), detail={"venue": str(venue.id)})
        plan(ceremony)
        tell("marriage.ceremony_booked", ceremony)
        return ceremony


def put(ceremony: Ceremony, venue: Resource, found: Session) -> None:
    """Give a locked ceremony the session of a venue in place of what it has; raises `AppError` slot_full.

    The officiant comes along if the new time is free for them; otherwise a registrar asks somebody again.
    """
    if ceremony.venue_id == venue.id and ceremony.starts_at == found.starts_at and ceremony.venue_booking_id:
        return
    booking_id, before = claim(venue.id, found.starts_at, found.until), ceremony.venue_booking_id
    other_time = ceremony.starts_at != found.starts_at
    ceremony.venue_id, ceremony.venue_booking_id, ceremony.needs_place = venue.id, booking_id, False
    ceremony.starts_at, ceremony.ends_at = found.starts_at, found.ends_at
    session().flush()
    if before is not None:
        give_back(before)
    if other_time and ceremony.officiant_id is not None:
        _take_along(ceremony, found)


def after_registration(ceremony: Ceremony, starts_at: datetime) -> bool:
    """Whether a moment is not before the couple's registration; days are the registry's own to bend."""
    appointment = session().get_one(Appointment, ceremony.appointment_id)
    slot = session().get_one(Slot, appointment.slot_id)
    why = misfit(registration_of(appointment, slot), starts_at, within_days=366)
    return why is not Misfit.BEFORE


def assign_officiant(ceremony_id: uuid.UUID, officiant_id: uuid.UUID | None, account_id: uuid.UUID) -> Ceremony:
    """Have somebody of the roster hold the ceremony, or nobody (None).

    Raises `AppError`: not_found, slot_full (elsewhere at that time), invalid (not there by the roster), state_conflict.
    """
    with atomic():
        ceremony = locked_ceremony(ceremony_id)
        require_booked(ceremony)
        officiant = None if officiant_id is None else _officiant(officiant_id, ceremony)
        _release_officiant(ceremony)
        if officiant is not None:
            _take(ceremony, officiant)
        detail = {"officiant": str(officiant_id) if officiant_id else None}
        move(ceremony, "officiant_assigned", CeremonyState.BOOKED, Actor("staff", account_id), detail=detail)
        return ceremony


def _officiant(officiant_id: uuid.UUID, ceremony: Ceremony) -> Resource:
    found = session().get(Resource, officiant_id)
    fit = found is not None and found.kind is ResourceKind.OFFICIANT and found.active
    if found is None or not fit or found.office_id != ceremony.office_id:
        raise AppError("not_found", texts.OFFICIANT_UNKNOWN, 404)
    if not is_there(found, ceremony.starts_at, ceremony.ends_at):
        raise AppError("invalid", texts.OFFICIANT_AWAY, 422, errors={"officiant": [texts.OFFICIANT_AWAY]})
    return found


def _take(ceremony: Ceremony, officiant: Resource) -> None:
    ceremony.officiant_booking_id = claim(officiant.id, ceremony.starts_at, ceremony.ends_at)
    ceremony.officiant_id = officiant.id
    session().flush()


def _release_officiant(ceremony: Ceremony) -> None:
    before, ceremony.officiant_booking_id, ceremony.officiant_id = ceremony.officiant_booking_id, None, None
    session().flush()
    if before is not None:
        give_back(before)


def _take_along(ceremony: Ceremony, found: Session) -> None:
    officiant = session().get_one(Resource, ceremony.officiant_id)
    _release_officiant(ceremony)
    if is_there(officiant, found.starts_at, found.ends_at) and is_free(officiant.id, found.starts_at, found.ends_at):
        _take(ceremony, officiant)
