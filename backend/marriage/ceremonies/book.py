"""Use cases `book_ceremony` and `cancel_ceremony`: a couple's ceremony, tied to their registration (M10)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import is_theirs, own_registration, registration_of
from backend.marriage.ceremonies.history import end, locked_ceremony, move, not_found
from backend.marriage.ceremonies.models import Ceremony, WeatherSwitch
from backend.marriage.ceremonies.notices import plan, tell
from backend.marriage.ceremonies.numbers import ceremony_number
from backend.marriage.ceremonies.parameters import guests_most, within_days
from backend.marriage.ceremonies.rules import CeremonyState, Misfit, misfit
from backend.marriage.models import Appointment, Office, Via
from backend.marriage.resources.claim import claim
from backend.marriage.resources.free import free_between, session_at
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind, Session
from backend.storage import atomic, broken_constraint, session

REASON_CHARACTERS = 200
_SHOWN = 3
_DAYS_AROUND = timedelta(days=7)


@dataclass(frozen=True)
class CeremonyRequest:
    """What a couple asks for: `guests` besides the two."""

    appointment_id: uuid.UUID
    venue_id: uuid.UUID
    starts_at: datetime
    guests: int
    person_id: uuid.UUID
    via: Via


def book_ceremony(request: CeremonyRequest) -> Ceremony:
    """Book a session at a venue for a couple with an appointment for the registration, or registered lately.

    Raises `AppError`: not_found (appointment, venue), invalid (guests, a day that does not fit), slot_full with the
    nearest free sessions, already_booked.
    """
    with atomic() as db:
        appointment = own_registration(request.appointment_id, request.person_id)
        if appointment is None:
            raise AppError("not_found", texts.REGISTRATION_UNKNOWN, 404)
        venue = locked_venue(request.venue_id, appointment.slot.office_id)
        office = db.get_one(Office, venue.office_id)
        _check_guests(request.guests, guests_most(office.code, venue.guests_most))
        fits(appointment, office, request.starts_at)
        found = _session(venue, request.starts_at)
        try:
            with atomic():
                ceremony = _write(request, venue, found)
        except sa.exc.IntegrityError as error:
            if broken_constraint(error) != "uq_marriage_ceremonies_one_booked":
                raise
            raise AppError("already_booked", texts.ALREADY, 409) from None
        except AppError as refusal:
            raise _with_others(refusal, venue, request.starts_at) from None
        move(ceremony, "booked", CeremonyState.BOOKED, Actor("resident", request.person_id))
        tell("marriage.ceremony_booked", ceremony)
        plan(ceremony)
        return ceremony


def cancel_ceremony(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> Ceremony:
    """Give a ceremony up, by either of the two before it begins; twice is once.

    Raises `AppError`: not_found (also for another couple's), too_late.
    """
    with atomic():
        ceremony = locked_own(ceremony_id, person_id)
        if ceremony.state is CeremonyState.CANCELLED:
            return ceremony
        if ceremony.starts_at <= now():
            raise AppError("too_late", texts.BEGUN, 409)
        end(ceremony, "cancelled", CeremonyState.CANCELLED, Actor("resident", person_id))
        plan(ceremony)
        tell("marriage.ceremony_cancelled", ceremony, reason=texts.CANCELLED_BY_COUPLE)
        return ceremony


def call_off(ceremony_id: uuid.UUID, reason: str, account_id: uuid.UUID) -> Ceremony:
    """Call a ceremony off for the registry; both read the reason.

    Raises `AppError` not_found, invalid, state_conflict.
    """
    words = " ".join(reason.split())[:REASON_CHARACTERS]
    if not words:
        raise AppError("invalid", texts.REASON_MISSING, 422, errors={"reason": [texts.REASON_MISSING]})
    with atomic():
        ceremony = locked_ceremony(ceremony_id)
        end(ceremony, "called_off", CeremonyState.CANCELLED, Actor("staff", account_id), words)
        plan(ceremony)
        tell("marriage.ceremony_cancelled", ceremony, reason=words)
        return ceremony


def locked_own(ceremony_id: uuid.UUID, person_id: uuid.UUID) -> Ceremony:
    """A ceremony of the person's own appointment, locked; raises `AppError` not_found."""
    ceremony = locked_ceremony(ceremony_id)
    own = sa.select(Appointment.id).where(Appointment.id == ceremony.appointment_id, is_theirs(person_id))
    if session().scalar(own) is None:
        raise not_found()
    return ceremony


def locked_venue(venue_id: uuid.UUID, office_id: uuid.UUID) -> Resource:
    """A venue that is offered at the office, held against the weather's decision for the rest of the transaction.

    Raises `AppError` not_found.
    """
    venue = session().get(Resource, venue_id, with_for_update={"read": True}, populate_existing=True)
    offered = venue is not None and venue.active and venue.kind is ResourceKind.VENUE
    if venue is None or not offered or venue.office_id != office_id:
        raise AppError("not_found", texts.VENUE_UNKNOWN, 404)
    return venue


def fits(appointment: Appointment, office: Office, starts_at: datetime) -> None:
    """Refuse a time that does not fit the registration; raises `AppError` invalid."""
    days = within_days(office.code)
    why = misfit(registration_of(appointment, appointment.slot), starts_at, days)
    if why is not None:
        told = _MISFITS[why].format(days=days)
        raise AppError("invalid", told, 422, errors={"starts_at": [told]}, extra={"problems": [why.value]})


_MISFITS = {Misfit.BEFORE: texts.BEFORE, Misfit.NOT_YET: texts.NOT_YET, Misfit.TOO_LATE: texts.TOO_LATE}


def switched(venue_id: uuid.UUID, starts_at: datetime) -> bool:
    """Whether the weather keeps the venue from being used on that day."""
    return session().get(WeatherSwitch, (venue_id, starts_at.date())) is not None


def _check_guests(guests: int, most: int) -> None:
    if not 0 <= guests <= most:
        told = texts.GUESTS.format(most=most)
        raise AppError("invalid", told, 422, errors={"guests": [told]})


def _session(venue: Resource, starts_at: datetime) -> Session:
    found = session_at(venue, starts_at)
    if found is None or found.starts_at <= now() or switched(venue.id, starts_at):
        raise _with_others(AppError("slot_full", texts.NO_SUCH_TIME, 409), venue, starts_at)
    return found


def _write(request: CeremonyRequest, venue: Resource, found: Session) -> Ceremony:
    booking_id, moment = claim(venue.id, found.starts_at, found.until), now()
    ceremony = Ceremony(
        id=new_id(),
        number=ceremony_number(),
        office_id=venue.office_id,
        appointment_id=request.appointment_id,
        venue_id=venue.id,
        venue_booking_id=booking_id,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        guests=request.guests,
        needs_place=False,
        state=CeremonyState.BOOKED,
        via=request.via,
        created_at=moment,
        changed_at=moment,
    )
    session().add(ceremony)
    session().flush()
    return ceremony


def _with_others(refusal: AppError, venue: Resource, starts_at: datetime) -> AppError:
    """The same refusal with the free sessions nearest to what was wanted."""
    first = max(today(), starts_at.date() - _DAYS_AROUND)
    found = free_between([venue], first, max(first, starts_at.date() + _DAYS_AROUND))[venue.id]
    nearest = sorted(found, key=lambda one: abs(one.starts_at - starts_at))[:_SHOWN]
    times = [{"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()} for one in nearest]
    refusal.extra = {**refusal.extra, "free": times}
    return refusal
