"""What becomes of appointments when something happens to one of the couple (domain-rules §3.4-3, §8-1).

A death ends the couple's active appointments, quietly and without a no-show; its reversal gives them back where their
places are still free. An appointment that somebody made for others stays theirs when that somebody dies: the couple
would come for nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.couples import name_index
from backend.marriage.history import move, record
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.notices import drop_reminders, notice_data, plan_reminders, subject
from backend.marriage.places import (
    expire_hold,
    free_place,
    keep_further,
    lock_slots,
    make_ready,
    parts_from,
    slot_ids_of,
    take_place,
)
from backend.marriage.rules import ACTIVE_STATES, State
from backend.marriage.texts import CONFIRMED_HINT, LIFE_EFFECTS, LIFE_LEFT, STOPPED_HINT
from backend.people.life_events import (
    EventKind,
    Handler,
    Happening,
    NotRestored,
    Reaction,
    all_living,
    on_life_event,
)
from backend.people.models import Person
from backend.storage import session
from messages import post

ROOM = "marriage"

# How each active appointment ends. A couple that is at the desk at this moment is past being cancelled: its visit ends.
_ENDS = {State.BOOKED: State.CANCELLED, State.CONFIRMED: State.CANCELLED, State.CHECKED_IN: State.FAILED_DOCUMENTS}
_CAN_RETURN = (State.BOOKED, State.CONFIRMED)


def react_to_life_events() -> None:
    """Take part in the events that concern appointments; called once when the application is put together."""
    parts = {
        EventKind.DEATH: (_stop, _preview_stop),
        EventKind.DEATH_REVERSED: (_restore, _preview_restore),
        EventKind.NAME_CORRECTED: (_rename, _preview_rename),
    }
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Number, registry and its telephone: enough to ask the registry about it."""
    query = sa.select(Appointment.id, Appointment.number, Office.name, Office.phone)
    query = query.join(Slot, Slot.id == Appointment.slot_id).join(Office, Office.id == Slot.office_id)
    rows = session().execute(query.where(Appointment.id.in_(ids)))
    return {row.id: " ".join((row.number or "", row.name, row.phone)) for row in rows}


# --- death ---


def _preview_stop(happening: Happening) -> Mapping[str, int]:
    return {
        "appointments_stopped": _count(_of_party(happening)),
        "holds_released": _count(_holds(happening)),
        "bookings_kept": _count(_for_others(happening)),
    }


def _stop(happening: Happening) -> Reaction:
    # A hold that its owner's own chat is handling at this moment is left alone: it runs out by itself.
    holds = session().scalars(_holds(happening).with_for_update(skip_locked=True)).all()
    appointments = _locked(_of_party(happening))
    lock_slots(*slot_ids_of([*holds, *appointments]))
    for hold in holds:
        expire_hold(hold)
    undo: dict[str, list[str]] = {state.value: [] for state in ACTIVE_STATES}
    for appointment in appointments:
        undo[appointment.state.value].append(str(appointment.id))
        _end(appointment, happening.person_id)
    counts = {"appointments_stopped": len(appointments), "holds_released": len(holds)}
    return Reaction({**counts, "bookings_kept": _count(_for_others(happening))}, undo)


def _end(appointment: Appointment, person_id: uuid.UUID) -> None:
    to_state = _ENDS[appointment.state]
    move(appointment, "stopped_by_life_event", to_state, SYSTEM)
    drop_reminders(appointment.id)
    if to_state is State.CANCELLED:
        free_place(appointment)
        if appointment.booked_by != person_id:
            hint = STOPPED_HINT.format(phone=_slot(appointment).office.phone)
            _tell_booker("people.booking_stopped", appointment, hint)


def _tell_booker(notice: str, appointment: Appointment, hint: str) -> None:
    slot = _slot(appointment)
    post(
        notice,
        recipient_id=appointment.booked_by,
        subject=subject(appointment.id),
        data={**_told(appointment, slot), "hint": hint},
        key=f"{notice}:{appointment.id}:{appointment.changed_at.isoformat()}",
        not_after=slot.ends_at,
    )


# --- reversal ---


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"appointments_restored": sum(len(happening.undo.get(state.value, ())) for state in _CAN_RETURN)}


def _restore(happening: Happening) -> Reaction:
    states = {uuid.UUID(text): state for state in ACTIVE_STATES for text in happening.undo.get(state.value, ())}
    _lock_partners(states)
    restored: set[uuid.UUID] = set()
    cancelled = sa.select(Appointment).where(Appointment.id.in_(states), Appointment.state == State.CANCELLED)
    for appointment in _locked(cancelled):
        if _give_back(appointment, states[appointment.id]):
            restored.add(appointment.id)
            _announce(appointment, happening.person_id)
    left = [NotRestored("appointment", one) for one in states if one not in restored]
    return Reaction({"appointments_restored": len(restored)}, not_restored=left)


def _lock_partners(appointment_ids: Mapping[uuid.UUID, State]) -> None:
    """Hold whoever belongs to these couples as they are; taken before the appointments, as a death does it."""
    indexes = sa.select(Party.id_number_index).where(Party.appointment_id.in_(appointment_ids)).distinct()
    all_living(number_indexes=session().scalars(indexes).all())


def _give_back(appointment: Appointment, state: State) -> bool:
    """The old place and the old state, unless the time is over, the place is taken, or one of them has another."""
    slot = _slot(appointment)
    parties = sa.select(Party.id_number_index).where(Party.appointment_id == appointment.id)
    if slot.starts_at <= now() or not all_living(number_indexes=session().scalars(parties).all()):
        return False
    parts, _ = parts_from(slot.id, appointment.minutes)
    if not parts:  # the day has been laid out anew meanwhile
        return False
    make_ready([part.slot_id for part in parts])
    try:
        with session().begin_nested():
            if not take_place(parts):
                return False
            keep_further(appointment.id, parts)
            _revive(appointment, state)
    except sa.exc.IntegrityError:  # E8: the partner has booked anew meanwhile
        return False
    return True


def _revive(appointment: Appointment, state: State) -> None:
    """Undo the end that a wrong record brought about. `rules.MOVES` has no such move, for nobody else may make it."""
    from_state, appointment.state, appointment.changed_at = appointment.state, state, now()
    record(appointment.id, "restored_by_life_event", SYSTEM, from_state, state)


def _announce(appointment: Appointment, person_id: uuid.UUID) -> None:
    slot = _slot(appointment)
    data = _told(appointment, slot)
    plan_reminders(appointment.id, appointment.booked_by, slot.starts_at, data)
    if appointment.booked_by != person_id:
        _tell_booker("people.booking_restored", appointment, CONFIRMED_HINT)


# --- a name put right ---


def _preview_rename(happening: Happening) -> Mapping[str, int]:
    return {"names_corrected": _count(_of_party(happening))}


def _rename(happening: Happening) -> Reaction:
    """The registrar compares cards with what was booked; the number shows that it is the same person."""
    name = session().get_one(Person, happening.person_id).name
    query = sa.select(Party).where(Party.active, Party.id_number_index == happening.number_index).order_by(Party.id)
    parties = session().scalars(query.with_for_update()).all()
    for party in parties:
        party.name, party.name_index = name, name_index(name or "")
    session().flush()
    return Reaction({"names_corrected": len(parties)})


# --- which ---


def _of_party(happening: Happening) -> sa.Select[Appointment]:
    of_person = sa.exists().where(
        Party.appointment_id == Appointment.id, Party.active, Party.id_number_index == happening.number_index
    )
    return sa.select(Appointment).where(Appointment.state.in_(ACTIVE_STATES), of_person)


def _for_others(happening: Happening) -> sa.Select[Appointment]:
    own = sa.exists().where(Party.appointment_id == Appointment.id, Party.id_number_index == happening.number_index)
    booked = sa.select(Appointment).where(Appointment.booked_by == happening.person_id)
    return booked.where(Appointment.state.in_(ACTIVE_STATES), ~own)


def _holds(happening: Happening) -> sa.Select[Appointment]:
    held = sa.and_(Appointment.state == State.HELD, Appointment.waiting_id.is_(None))
    return sa.select(Appointment).where(Appointment.booked_by == happening.person_id, held)


def _locked(query: sa.Select[Appointment]) -> Sequence[Appointment]:
    """Appointments in the order of their ids, so that two who lock several never wait in a circle."""
    locking = query.order_by(Appointment.id).with_for_update(of=Appointment).execution_options(populate_existing=True)
    return session().scalars(locking).all()


def _told(appointment: Appointment, slot: Slot) -> dict[str, str]:
    return notice_data(slot.office.name, slot.starts_at, appointment.number or "", appointment.kind)


def _slot(appointment: Appointment) -> Slot:
    query = sa.select(Slot).where(Slot.id == appointment.slot_id).options(joinedload(Slot.office))
    return session().scalars(query).one()


def _count(query: sa.Select[Appointment]) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
