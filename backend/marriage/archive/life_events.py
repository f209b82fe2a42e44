"""What becomes of requests when something happens to whoever asked (domain-rules §8-1).

With a death they end, and nobody is written to: an heir asks anew, with papers of their own. A death of somebody on the
record changes nothing. When it turns out to be a mistake, a request goes on where it stood.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import today
from backend.marriage.archive.history import move, office_of
from backend.marriage.archive.models import ArchiveRequest, ArchiveRequestEvent
from backend.marriage.archive.notices import drop_reminders, plan_reminders
from backend.marriage.archive.rules import CLOCK_STATES, INSTITUTIONS, ArchiveState
from backend.marriage.archive.search import promise_anew, wait_anew
from backend.marriage.archive.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.marriage.models import Office
from backend.people.life_events import (
    EventKind,
    Handler,
    Happening,
    NotRestored,
    Reaction,
    on_life_event,
)
from backend.people.models import Person, name_index
from backend.storage import session

ROOM = "marriage.archive"
_STOPPED = "stopped_by_life_event"


def react_to_life_events() -> None:
    """Take part in the events that concern requests; called once when the application is put together."""
    parts = {
        EventKind.DEATH: (_end, _preview_end),
        EventKind.DEATH_REVERSED: (_restore, _preview_restore),
        EventKind.NAME_CORRECTED: (_rename, _preview_rename),
    }
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(ArchiveRequest.id, ArchiveRequest.number, Office.name, Office.phone)
    rows = session().execute(
        query.join(Office, Office.id == ArchiveRequest.office_id).where(ArchiveRequest.id.in_(ids))
    )
    return {row.id: f"{row.number} {row.name} {row.phone}" for row in rows}


def _open_of(happening: Happening) -> sa.Select[ArchiveRequest]:
    """What the person asks for; an institution's goes on with another officer."""
    theirs = sa.or_(
        ArchiveRequest.person_id == happening.person_id,
        ArchiveRequest.applicant_number_index == happening.number_index,
    )
    return sa.select(ArchiveRequest).where(
        ArchiveRequest.open, theirs, ArchiveRequest.applicant_kind.not_in(INSTITUTIONS)
    )


def _locked(query: sa.Select[ArchiveRequest]) -> Sequence[ArchiveRequest]:
    locking = query.order_by(ArchiveRequest.id).with_for_update(of=ArchiveRequest)
    return session().scalars(locking.execution_options(populate_existing=True)).all()


def _count(query: sa.Select[ArchiveRequest]) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def _preview_end(happening: Happening) -> Mapping[str, int]:
    return {"archive_requests_ended": _count(_open_of(happening))}


def _end(happening: Happening) -> Reaction:
    found = _locked(_open_of(happening))
    for request in found:
        move(request, _STOPPED, ArchiveState.ENDED, SYSTEM)
        drop_reminders(request.id)
    return Reaction({"archive_requests_ended": len(found)}, {"requests": [str(one.id) for one in found]})


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"archive_requests_restored": len(happening.undo.get("requests", ()))}


def _restore(happening: Happening) -> Reaction:
    wanted = [uuid.UUID(text) for text in happening.undo.get("requests", ())]
    query = sa.select(ArchiveRequest).where(ArchiveRequest.id.in_(wanted), ArchiveRequest.state == ArchiveState.ENDED)
    restored = {request.id for request in _locked(query) if _give_back(request)}
    left = [NotRestored("archive_request", one) for one in wanted if one not in restored]
    return Reaction({"archive_requests_restored": len(restored)}, not_restored=left)


def _give_back(request: ArchiveRequest) -> bool:
    """Back to where it stood, with new days, unless the same has been asked anew meanwhile."""
    anew = sa.select(ArchiveRequest.id).where(
        ArchiveRequest.person_id == request.person_id,
        ArchiveRequest.fingerprint == request.fingerprint,
        ArchiveRequest.open,
    )
    stood = session().scalar(
        sa.select(ArchiveRequestEvent.from_state)
        .where(ArchiveRequestEvent.request_id == request.id, ArchiveRequestEvent.name == _STOPPED)
        .order_by(ArchiveRequestEvent.id.desc())
        .limit(1)
    )
    if stood is None or session().scalar(anew.limit(1)):
        return False
    if stood in (ArchiveState.NEED_MORE, ArchiveState.READY):
        wait_anew(request, stood)
    move(request, "restored_by_life_event", stood, SYSTEM)
    if stood in CLOCK_STATES and request.due_on < today():
        promise_anew(request)
    plan_reminders(request, office_of(request))
    return True


def _preview_rename(happening: Happening) -> Mapping[str, int]:
    return {"archive_names_corrected": _count(_open_of(happening))}


def _rename(happening: Happening) -> Reaction:
    """The name of whoever asks; the names on the record are those of then."""
    name = session().get_one(Person, happening.person_id).name or ""
    found = _locked(_open_of(happening))
    for request in found:
        request.applicant_name, request.applicant_name_index = name, name_index(name)
    session().flush()
    return Reaction({"archive_names_corrected": len(found)})
