"""What becomes of ceremonies and entries when one of the two dies: they end, and nobody is written to about it.

When the death turns out to be a mistake, a ceremony comes back if its time lies ahead and its place is free, and so
does an entry (`entries_back`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.ceremonies.couples import STANDING
from backend.marriage.ceremonies.entries import leave_event, locked_entry
from backend.marriage.ceremonies.entries_back import give_entry_back
from backend.marriage.ceremonies.history import end, locked_ceremony, move
from backend.marriage.ceremonies.models import Ceremony, GroupEntry, GroupEvent
from backend.marriage.ceremonies.notices import plan
from backend.marriage.ceremonies.rules import STANDING_ENTRIES, CeremonyState, EntryState
from backend.marriage.ceremonies.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.marriage.models import Appointment, Office, Party
from backend.marriage.resources.claim import claim
from backend.marriage.resources.free import session_at
from backend.marriage.resources.models import Resource
from backend.people.life_events import EventKind, Handler, Happening, NotRestored, Reaction, on_life_event
from backend.storage import atomic, session

ROOM = "marriage.ceremonies"


def react_to_life_events() -> None:
    """Take part in the events that concern ceremonies; called once when the application is put together."""
    parts = {
        EventKind.DEATH: (_end, _preview_end),
        EventKind.DEATH_REVERSED: (_restore, _preview_restore),
    }
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(Ceremony.id, Ceremony.number, Office.name, Office.phone)
    rows = session().execute(query.join(Office, Office.id == Ceremony.office_id).where(Ceremony.id.in_(ids)))
    named = {row.id: f"{row.number} {row.name} {row.phone}" for row in rows}
    entries = sa.select(GroupEntry.id, GroupEntry.number, GroupEvent.title).join(GroupEvent)
    at_events = session().execute(entries.where(GroupEntry.id.in_(ids)))
    return named | {row.id: f"{row.number} {row.title}" for row in at_events}


def _of(happening: Happening) -> sa.Select[uuid.UUID]:
    return sa.select(Party.appointment_id).where(Party.id_number_index == happening.number_index)


def _ceremonies(happening: Happening) -> Sequence[uuid.UUID]:
    query = sa.select(Ceremony.id).where(
        Ceremony.appointment_id.in_(_of(happening)), Ceremony.state == CeremonyState.BOOKED
    )
    return session().scalars(query.order_by(Ceremony.id)).all()


def _entries(happening: Happening) -> Sequence[uuid.UUID]:
    query = sa.select(GroupEntry.id).where(
        GroupEntry.appointment_id.in_(_of(happening)), GroupEntry.state.in_(STANDING_ENTRIES)
    )
    return session().scalars(query.order_by(GroupEntry.event_id, GroupEntry.id)).all()


def _preview_end(happening: Happening) -> Mapping[str, int]:
    return {"ceremonies_ended": len(_ceremonies(happening)), "entries_ended": len(_entries(happening))}


def _end(happening: Happening) -> Reaction:
    ceremonies, entries = _ceremonies(happening), _entries(happening)
    for ceremony_id in ceremonies:
        ceremony = locked_ceremony(ceremony_id)
        if ceremony.state is CeremonyState.BOOKED:
            end(ceremony, "stopped_by_life_event", CeremonyState.CANCELLED, SYSTEM)
            plan(ceremony)
    undo: dict[str, list[str]] = {"ceremonies": [str(one) for one in ceremonies]}
    for entry_id in entries:
        event, entry = locked_entry(entry_id, None)
        if entry.state in STANDING_ENTRIES:
            undo.setdefault(entry.state.value, []).append(str(entry_id))
            leave_event(event, entry, SYSTEM)
    return Reaction({"ceremonies_ended": len(ceremonies), "entries_ended": len(entries)}, undo)


def _entries_before(happening: Happening) -> Mapping[uuid.UUID, EntryState]:
    """The entries that the death has ended, and where each stood."""
    return {uuid.UUID(text): state for state in STANDING_ENTRIES for text in happening.undo.get(state.value, ())}


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    ceremonies = len(happening.undo.get("ceremonies", ()))
    return {"ceremonies_restored": ceremonies, "entries_restored": len(_entries_before(happening))}


def _restore(happening: Happening) -> Reaction:
    wanted = [uuid.UUID(text) for text in happening.undo.get("ceremonies", ())]
    restored = [one for one in wanted if _give_back(one)]
    entries = _entries_before(happening)
    back = [one for one, state in entries.items() if give_entry_back(one, state)]
    left = [NotRestored("marriage_ceremony", one) for one in wanted if one not in restored]
    left += [NotRestored("marriage_group_entry", one) for one in entries if one not in back]
    return Reaction({"ceremonies_restored": len(restored), "entries_restored": len(back)}, not_restored=left)


def _give_back(ceremony_id: uuid.UUID) -> bool:
    ceremony = session().get(Ceremony, ceremony_id, with_for_update=True, populate_existing=True)
    if ceremony is None or ceremony.state is not CeremonyState.CANCELLED or ceremony.starts_at <= now():
        return False
    registration = session().get_one(Appointment, ceremony.appointment_id)
    found = session_at(session().get_one(Resource, ceremony.venue_id), ceremony.starts_at)
    if found is None or registration.state not in STANDING:  # the appointment has come back before, or not at all
        return False
    try:
        with atomic():
            ceremony.venue_booking_id = claim(ceremony.venue_id, found.starts_at, found.until)
            move(ceremony, "restored_by_life_event", CeremonyState.BOOKED, SYSTEM)
    except (AppError, sa.exc.IntegrityError):  # the place is taken, or they have booked anew
        session().refresh(ceremony)
        return False
    plan(ceremony)
    return True
