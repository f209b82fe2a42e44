"""Use cases of couples at an event: `sign_up`, `confirm_entry` by the other one, `withdraw_entry`."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.chinese_dates import spoken_date, spoken_moment
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.ceremonies import texts
from backend.marriage.ceremonies.couples import is_theirs, members, own_registration, recipients
from backend.marriage.ceremonies.models import GroupEntry, GroupEntryEvent, GroupEvent
from backend.marriage.ceremonies.notices import tell_entry
from backend.marriage.ceremonies.numbers import entry_number
from backend.marriage.ceremonies.rules import ENTRY_MOVES, EntryState, EventMode, EventState
from backend.marriage.models import Appointment
from backend.marriage.rules import State
from backend.people import Level, require_level
from backend.storage import atomic, broken_constraint, leave, locked, session

# The only way to a place: the database decides, however many say yes at the same moment.
_TAKE = sa.text("UPDATE marriage_group_events SET taken = taken + 1 WHERE id = :id AND taken < places")
_GIVE_BACK = sa.text("UPDATE marriage_group_events SET taken = taken - 1 WHERE id = :id")


def sign_up(event_id: uuid.UUID, appointment_id: uuid.UUID, person_id: uuid.UUID) -> GroupEntry:
    """Sign a couple up by one of the two. It counts once the other one has confirmed by their own account.

    Raises `AppError`: not_found, level_too_low, forbidden (not one of the two), too_early, too_late, invalid
    (criteria), already_booked.
    """
    require_level(person_id, Level.VERIFIED)
    with atomic():
        event = session().get(GroupEvent, event_id)
        if event is None:
            raise AppError("not_found", texts.EVENT_UNKNOWN, 404)
        _require_open(event)
        appointment = own_registration(appointment_id, person_id)
        if appointment is None:
            raise AppError("not_found", texts.REGISTRATION_UNKNOWN, 404)
        two = members(appointment_id)
        if person_id not in two.values():
            raise AppError("forbidden", texts.NOT_OF_THE_COUPLE, 403)
        _check_criteria(event, appointment)
        entry = _write(event, appointment, person_id)
        leave(_row(entry, None), "signed_up", Actor("resident", person_id))
        others = [one for one in two.values() if one != person_id]
        tell_entry("marriage.event_partner_asked", entry, event, others)
        return entry


def confirm_entry(entry_id: uuid.UUID, person_id: uuid.UUID) -> GroupEntry:
    """Say yes as the other one of the two: at a first-come event the couple has a place from now on, or is in reserve.

    Raises `AppError`: not_found, level_too_low, forbidden (the one who signed up), too_late, state_conflict.
    """
    require_level(person_id, Level.VERIFIED)
    with atomic():
        event, entry = locked_entry(entry_id, person_id)
        if entry.signed_by == person_id or person_id not in members(entry.appointment_id).values():
            raise AppError("forbidden", texts.NOT_THE_PARTNER, 403)
        if entry.state in (EntryState.ENTERED, EntryState.PLACED, EntryState.RESERVE):
            return entry
        _require_open(event)
        entry.confirmed_by, entry.confirmed_at = person_id, now()
        actor = Actor("resident", person_id)
        if event.mode is EventMode.DRAW:
            move_entry(entry, "confirmed", EntryState.ENTERED, actor)
            return entry
        entry.rank = _next_rank(event.id)
        placed = take_place(event.id)
        move_entry(entry, "confirmed", EntryState.PLACED if placed else EntryState.RESERVE, actor)
        notice = "marriage.event_placed" if placed else "marriage.event_reserve"
        tell_entry(notice, entry, event, list(recipients(entry.appointment_id)))
        return entry


def withdraw_entry(entry_id: uuid.UUID, person_id: uuid.UUID) -> GroupEntry:
    """Withdraw by either of the two; the place goes to the first in reserve. Twice is once.

    Raises `AppError`: not_found, too_late, state_conflict.
    """
    with atomic():
        event, entry = locked_entry(entry_id, person_id)
        if entry.state is EntryState.WITHDRAWN:
            return entry
        if event.starts_at <= now():
            raise AppError("too_late", texts.BEGUN, 409)
        leave_event(event, entry, Actor("resident", person_id))
        return entry


def leave_event(event: GroupEvent, entry: GroupEntry, actor: Actor) -> None:
    """Take a locked entry out of its locked event; the first in reserve moves up."""
    had_place = entry.state is EntryState.PLACED
    move_entry(entry, "withdrawn", EntryState.WITHDRAWN, actor)
    if had_place:
        session().execute(_GIVE_BACK, {"id": event.id})
        _move_up(event)


def locked_entry(entry_id: uuid.UUID, person_id: uuid.UUID | None) -> tuple[GroupEvent, GroupEntry]:
    """Event and entry, locked in this order; of the person's own couple where one is given. Raises not_found."""
    query = sa.select(GroupEntry.event_id).where(GroupEntry.id == entry_id)
    if person_id is not None:
        query = query.join(Appointment, Appointment.id == GroupEntry.appointment_id).where(is_theirs(person_id))
    event_id = session().scalar(query)
    event = None if event_id is None else locked(GroupEvent, event_id)
    entry = locked(GroupEntry, entry_id)
    if event is None or entry is None:
        raise AppError("not_found", texts.ENTRY_UNKNOWN, 404)
    return event, entry


def move_entry(entry: GroupEntry, event: str, to_state: EntryState, actor: Actor) -> None:
    """Move a locked entry and leave the event row; raises `AppError` state_conflict."""
    if to_state not in ENTRY_MOVES[entry.state]:
        raise AppError("state_conflict", texts.ENTRY_MOVED, 409, extra={"state": entry.state.value})
    put_entry(entry, event, to_state, actor)


def put_entry(entry: GroupEntry, event: str, to_state: EntryState, actor: Actor) -> None:
    """Put a locked entry into a state and leave the event row, also where no move leads: what was wrong is undone."""
    from_state, entry.state, entry.changed_at = entry.state, to_state, now()
    session().flush()
    leave(_row(entry, from_state), event, actor)


def take_place(event_id: uuid.UUID) -> bool:
    """Take one of an event's places in the open transaction; False where all are taken."""
    taken: int = session().execute(_TAKE, {"id": event_id}).rowcount  # type: ignore[attr-defined]
    return taken > 0


def _row(entry: GroupEntry, from_state: EntryState | None) -> GroupEntryEvent:
    return GroupEntryEvent(entry_id=entry.id, from_state=from_state, to_state=entry.state)


def _move_up(event: GroupEvent) -> None:
    query = (
        sa.select(GroupEntry)
        .where(GroupEntry.event_id == event.id, GroupEntry.state == EntryState.RESERVE)
        .order_by(GroupEntry.rank)
        .limit(1)
        .with_for_update()
    )
    following = session().scalars(query).first()
    if following is None or not take_place(event.id):
        return
    move_entry(following, "moved_up", EntryState.PLACED, SYSTEM)
    tell_entry("marriage.event_placed", following, event, list(recipients(following.appointment_id)))


def _next_rank(event_id: uuid.UUID) -> int:
    """The next in the order of arrival; the event's row is locked."""
    last = session().scalar(sa.select(sa.func.max(GroupEntry.rank)).where(GroupEntry.event_id == event_id))
    return (last or 0) + 1


def _require_open(event: GroupEvent) -> None:
    if event.state is not EventState.ANNOUNCED or event.closes_at <= now():
        raise AppError("too_late", texts.SIGN_UP_OVER, 409)
    if event.opens_at > now():
        raise AppError("too_early", texts.SIGN_UP_NOT_OPEN.format(time=spoken_moment(event.opens_at)), 409)


def _check_criteria(event: GroupEvent, appointment: Appointment) -> None:
    told = None
    if event.registered_from is not None:
        registered = appointment.state is State.SERVED and appointment.slot.day >= event.registered_from
        if not registered:
            told = texts.NOT_REGISTERED_LATELY.format(day=spoken_date(event.registered_from))
    if appointment.slot.starts_at >= event.starts_at:
        told = texts.REGISTERED_AFTER_EVENT
    if told is not None:
        raise AppError("invalid", told, 422, errors={"appointment_id": [told]})


def _write(event: GroupEvent, appointment: Appointment, person_id: uuid.UUID) -> GroupEntry:
    entry = GroupEntry(
        id=new_id(),
        number=entry_number(),
        event_id=event.id,
        appointment_id=appointment.id,
        signed_by=person_id,
        state=EntryState.WAITS_FOR_PARTNER,
        created_at=now(),
        changed_at=now(),
    )
    try:
        with atomic() as db:
            db.add(entry)
            db.flush()
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "uq_marriage_group_entries_one_standing":
            raise
        raise AppError("already_booked", texts.ENTERED_ALREADY, 409) from None
    return entry
