"""Use case `switch_indoors`: a day's outdoor ceremonies go to the indoor venue, and every couple hears of it (§2.7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now, start_of_day, today
from backend.kernel.errors import AppError
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.arrange import after_registration, put
from backend.marriage.ceremonies.history import move
from backend.marriage.ceremonies.models import Ceremony, WeatherSwitch
from backend.marriage.ceremonies.notices import plan, tell, tell_moved
from backend.marriage.ceremonies.rules import CeremonyState
from backend.marriage.resources.claim import give_back
from backend.marriage.resources.free import free_between, session_at
from backend.marriage.resources.models import Resource
from backend.marriage.resources.rules import ResourceKind, Session
from backend.storage import atomic, locked, session

_REASON_CHARACTERS = 20


@dataclass(frozen=True)
class Switched:
    """How many ceremonies were moved, of these to another time, and how many found no place: those are telephoned."""

    moved: int
    at_another_time: int
    without_place: int


def switch_indoors(venue_id: uuid.UUID, day: date, reason: str, account_id: uuid.UUID) -> Switched:
    """Move all ceremonies of an outdoor venue's day to its indoor one: at their time where it is free there, else at
    the nearest free time of the day after their registration. Nobody can book the venue for the day any more.

    Raises `AppError`: not_found, invalid (day past, no reason), state_conflict (switched already).
    """
    words = " ".join(reason.split())[:_REASON_CHARACTERS]
    if not words or day < today():
        told = texts.WEATHER_REASON if not words else texts.DAY_PAST
        raise AppError("invalid", told, 422, errors={"reason" if not words else "day": [told]})
    with atomic() as db:
        venue = locked(Resource, venue_id)
        if venue is None or venue.kind is not ResourceKind.VENUE or not venue.outdoor:
            raise AppError("not_found", texts.VENUE_UNKNOWN, 404)
        if db.get(WeatherSwitch, (venue_id, day)) is not None:
            raise AppError("state_conflict", texts.SWITCHED_ALREADY, 409)
        db.add(WeatherSwitch(venue_id=venue_id, day=day, reason=words, switched_at=now(), switched_by=account_id))
        db.flush()
        return _move_all(venue, day, words, Actor("staff", account_id))


def lift_switch(venue_id: uuid.UUID, day: date) -> None:
    """Let the venue be booked again; whoever was moved stays indoors, for they have been told. Raises not_found."""
    with atomic() as db:
        found = locked(WeatherSwitch, (venue_id, day))
        if found is None:
            raise AppError("not_found", texts.NOT_SWITCHED, 404)
        db.delete(found)
        db.flush()


def _move_all(venue: Resource, day: date, reason: str, actor: Actor) -> Switched:
    indoors = None if venue.fallback_id is None else session().get_one(Resource, venue.fallback_id)
    moved = other_time = without = 0
    for ceremony in _ceremonies(venue.id, day):
        before = ceremony.starts_at
        if _take_in(ceremony, indoors):
            moved += 1
            other_time += ceremony.starts_at != before
        else:
            _leave_without(ceremony)
            without += 1
        ceremony.wished_id = venue.id
        detail = {"from": str(venue.id), "to": None if ceremony.needs_place else str(ceremony.venue_id)}
        move(ceremony, "weather", CeremonyState.BOOKED, actor, reason, detail)
        plan(ceremony)
        if ceremony.needs_place:
            tell("marriage.ceremony_without_place", ceremony, reason=reason)
        else:
            tell_moved(ceremony, reason)
    return Switched(moved, other_time, without)


def _ceremonies(venue_id: uuid.UUID, day: date) -> list[Ceremony]:
    query = (
        sa.select(Ceremony)
        .where(
            Ceremony.venue_id == venue_id,
            Ceremony.state == CeremonyState.BOOKED,
            Ceremony.starts_at >= start_of_day(day),
            Ceremony.starts_at < start_of_day(day + timedelta(days=1)),
            Ceremony.ends_at > now(),
        )
        .order_by(Ceremony.starts_at, Ceremony.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(query))


def _take_in(ceremony: Ceremony, indoors: Resource | None) -> bool:
    """Give a ceremony a place indoors, as near to its time as can be; whether there was one."""
    if indoors is None or not indoors.active:
        return False
    for found in _candidates(ceremony, indoors):
        try:
            with atomic():
                put(ceremony, indoors, found)
        except AppError as refusal:  # somebody was quicker; the next one
            session().refresh(ceremony)
            if refusal.code != "slot_full":
                raise
        else:
            return True
    return False


def _candidates(ceremony: Ceremony, indoors: Resource) -> list[Session]:
    day = ceremony.starts_at.date()
    same = session_at(indoors, ceremony.starts_at)
    free = free_between([indoors], day, day)[indoors.id]
    others = sorted(free, key=lambda one: abs(one.starts_at - ceremony.starts_at))
    wanted = [same, *others] if same is not None else others
    return [one for one in wanted if one.starts_at > now() and after_registration(ceremony, one.starts_at)]


def _leave_without(ceremony: Ceremony) -> None:
    given = ceremony.venue_booking_id
    ceremony.venue_booking_id, ceremony.needs_place = None, True
    session().flush()
    if given is not None:
        give_back(given)
