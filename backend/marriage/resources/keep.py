"""Use cases on resources: `keep_resource` (add or change one with its week), `set_day` (away, or other hours)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.resources import texts
from backend.marriage.resources.models import Resource, ResourceDay, ResourceHours
from backend.marriage.resources.rules import Hours, ResourceKind, on_grid
from backend.storage import atomic, broken_constraint, locked, session

_NAME_CHARACTERS = 40
_MOST_GUESTS = 500


@dataclass(frozen=True)
class ResourceFacts:
    """A resource as staff enter it. `week`: hours by ISO weekday; minutes are whole tens."""

    name: str
    session_minutes: int
    pause_minutes: int = 0
    outdoor: bool = False
    fallback_id: uuid.UUID | None = None
    guests_most: int | None = None
    account_id: uuid.UUID | None = None
    active: bool = True
    week: Mapping[int, Sequence[Hours]] | None = None


def keep_resource(
    office_id: uuid.UUID, kind: ResourceKind, facts: ResourceFacts, resource_id: uuid.UUID | None = None
) -> Resource:
    """Add a resource, or change the one given; its week is replaced whole. What is booked already stays booked.

    Raises `AppError`: not_found, invalid (fields by name).
    """
    name = _checked(facts)
    with atomic():
        resource = _row(office_id, kind, resource_id)
        _check_fallback(resource, facts)
        resource.name, resource.active = name, facts.active
        resource.session_minutes, resource.pause_minutes = facts.session_minutes, facts.pause_minutes
        resource.outdoor, resource.fallback_id = facts.outdoor, facts.fallback_id
        resource.guests_most, resource.account_id = facts.guests_most, facts.account_id
        try:
            with atomic():
                session().add(resource)
                session().flush()
        except sa.exc.IntegrityError as error:
            raise _refusal(broken_constraint(error), error) from None
        _set_week(resource.id, facts.week or {})
        return resource


def set_day(resource_id: uuid.UUID, day: date, hours: Hours | None) -> None:
    """Have a resource be away on a day (None), or there at other hours. Raises `AppError` not_found, invalid."""
    if day < today():
        raise AppError("invalid", texts.DAY_PAST, 422, errors={"day": [texts.DAY_PAST]})
    if hours is not None:
        _check_hours([hours], "hours")
    with atomic():
        if locked(Resource, resource_id) is None:
            raise AppError("not_found", texts.RESOURCE_UNKNOWN, 404)
        row = session().get(ResourceDay, (resource_id, day)) or ResourceDay(resource_id=resource_id, day=day)
        row.opens, row.closes = (hours.opens, hours.closes) if hours else (None, None)
        session().add(row)
        session().flush()


def usual_day(resource_id: uuid.UUID, day: date) -> None:
    """Have a day be as its weekday is."""
    with atomic() as db:
        db.execute(sa.delete(ResourceDay).where(ResourceDay.resource_id == resource_id, ResourceDay.day == day))


def _row(office_id: uuid.UUID, kind: ResourceKind, resource_id: uuid.UUID | None) -> Resource:
    if resource_id is None:
        return Resource(id=new_id(), office_id=office_id, kind=kind, created_at=now())
    found = locked(Resource, resource_id)
    if found is None or found.office_id != office_id or found.kind is not kind:
        raise AppError("not_found", texts.RESOURCE_UNKNOWN, 404)
    return found


def _check_fallback(resource: Resource, facts: ResourceFacts) -> None:
    if facts.fallback_id is None:
        return
    other = session().get(Resource, facts.fallback_id)
    if not facts.outdoor or other is None or not _can_stand_in(other, resource):
        raise AppError("invalid", texts.FALLBACK_UNFIT, 422, errors={"fallback": [texts.FALLBACK_UNFIT]})


def _can_stand_in(other: Resource, resource: Resource) -> bool:
    same = other.office_id == resource.office_id and other.kind is ResourceKind.VENUE
    return same and other.id != resource.id and not other.outdoor


def _checked(facts: ResourceFacts) -> str:
    name, errors = " ".join(facts.name.split()), {}
    if not 0 < len(name) <= _NAME_CHARACTERS:
        errors["name"] = [texts.NAME_FORM]
    if not 10 <= facts.session_minutes <= 240 or not on_grid(facts.session_minutes):
        errors["session_minutes"] = [texts.MINUTES_FORM]
    if not 0 <= facts.pause_minutes <= 120 or not on_grid(facts.pause_minutes):
        errors["pause_minutes"] = [texts.MINUTES_FORM]
    if facts.guests_most is not None and not 0 <= facts.guests_most <= _MOST_GUESTS:
        errors["guests_most"] = [texts.GUESTS_FORM]
    if errors:
        raise AppError("invalid", "\n".join(told[0] for told in errors.values()), 422, errors=errors)
    for weekday, hours in (facts.week or {}).items():
        _check_hours(hours, f"week.{weekday}")
    return name


def _check_hours(hours: Sequence[Hours], field: str) -> None:
    ordered = sorted(hours, key=lambda one: one.opens)
    apart = all(before.closes <= after.opens for before, after in pairwise(ordered))
    whole = all(on_grid(one.opens.minute) and on_grid(one.closes.minute) and one.opens < one.closes for one in hours)
    if not apart or not whole:
        raise AppError("invalid", texts.HOURS_FORM, 422, errors={field: [texts.HOURS_FORM]})


def _set_week(resource_id: uuid.UUID, week: Mapping[int, Sequence[Hours]]) -> None:
    session().execute(sa.delete(ResourceHours).where(ResourceHours.resource_id == resource_id))
    for weekday, hours in week.items():
        for span in hours:
            row = ResourceHours(resource_id=resource_id, weekday=weekday, opens=span.opens, closes=span.closes)
            session().add(row)
    session().flush()


def _refusal(constraint: str | None, error: Exception) -> Exception:
    if constraint and constraint.startswith("uq_marriage_resources"):
        return AppError("invalid", texts.NAME_TAKEN, 422, errors={"name": [texts.NAME_TAKEN]})
    return error
