"""What becomes of waiting when somebody dies (domain-rules §8-1): nobody waits for them, and nobody is written to.

When the death turns out to be a mistake they stand where they stood in the line, unless their days are over.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.marriage.models import Office, Party, Slot
from backend.marriage.waiting.history import record
from backend.marriage.waiting.holdings import concerning, stop_entries
from backend.marriage.waiting.leave import is_over
from backend.marriage.waiting.models import WaitingEntry, WaitingParty
from backend.marriage.waiting.rules import WaitingState
from backend.marriage.waiting.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.people.life_events import EventKind, Handler, Happening, Reaction, all_living, bring_back, on_life_event
from backend.storage import locked, session

ROOM = "marriage.waiting"


def react_to_life_events() -> None:
    """Take part in deaths and their reversals; called once when the application is put together."""
    parts = {EventKind.DEATH: (_stop, _preview_stop), EventKind.DEATH_REVERSED: (_restore, _preview_restore)}
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(WaitingEntry.id, Office.name, Office.phone).join(Office, Office.id == WaitingEntry.office_id)
    return {row.id: f"{row.name} {row.phone}" for row in session().execute(query.where(WaitingEntry.id.in_(ids)))}


def _open_of(happening: Happening) -> Sequence[uuid.UUID]:
    query = sa.select(WaitingEntry.id).where(WaitingEntry.open, concerning(happening.person_id, happening.number_index))
    return session().scalars(query).all()


def _preview_stop(happening: Happening) -> Mapping[str, int]:
    return {"waiting_ended": len(_open_of(happening))}


def _stop(happening: Happening) -> Reaction:
    ended = stop_entries(_open_of(happening), SYSTEM)
    return Reaction({"waiting_ended": len(ended)}, {"entries": [str(one) for one in ended]})


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"waiting_restored": len(happening.undo.get("entries", ()))}


def _restore(happening: Happening) -> Reaction:
    return bring_back(happening, "entries", what="marriage_waiting", effect="waiting_restored", give_back=_give_back)


def _give_back(entry_id: uuid.UUID) -> bool:
    """Back into the line at the old place; a place that was kept for them has gone to somebody else meanwhile."""
    parties = sa.select(WaitingParty.id_number_index).where(WaitingParty.entry_id == entry_id)
    indexes = session().scalars(parties).all()
    maker = session().scalars(sa.select(WaitingEntry.person_id).where(WaitingEntry.id == entry_id)).all()
    if not maker or not all_living(*maker, number_indexes=indexes):
        return False
    entry = locked(WaitingEntry, entry_id)
    if entry is None or entry.state is not WaitingState.ENDED or _is_late(entry) or _have_place(entry, indexes):
        return False
    try:
        with session().begin_nested():
            _revive(entry)
    except sa.exc.IntegrityError:  # one of them waits anew for the same kind
        return False
    return True


def _is_late(entry: WaitingEntry) -> bool:
    slot = None if entry.slot_id is None else session().get(Slot, entry.slot_id)
    return is_over(entry.office_id, entry.last_day) or (slot is not None and slot.starts_at <= now())


def _have_place(entry: WaitingEntry, indexes: Sequence[bytes]) -> bool:
    has = sa.select(Party.id).where(Party.active, Party.kind == entry.kind, Party.id_number_index.in_(indexes))
    return session().scalar(has.limit(1)) is not None


def _revive(entry: WaitingEntry) -> None:
    """Undo the end that a wrong record brought about. `rules.MOVES` has no such move, for nobody else may make it."""
    from_state, entry.state, entry.changed_at = entry.state, WaitingState.WAITING, now()
    session().flush()
    record(entry.id, "restored_by_life_event", SYSTEM, from_state, WaitingState.WAITING)
