"""What becomes of requests for a peak day when one of a couple dies: they are not served, and nobody is written to.

What was given stays sealed until the rush is settled, so that a mistake can be put right; a request that comes back is
served by the number it has.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_date
from backend.marriage.rush.models import Rush, RushPerson, RushRequest
from backend.marriage.rush.rules import RequestState
from backend.marriage.rush.texts import LIFE_EFFECTS, LIFE_LEFT
from backend.people.life_events import EventKind, Handler, Happening, Reaction, all_living, bring_back, on_life_event
from backend.storage import session

ROOM = "marriage.rush"


def react_to_life_events() -> None:
    """Take part in deaths and their reversals; called once when the application is put together."""
    parts = {EventKind.DEATH: (_stop, _preview_stop), EventKind.DEATH_REVERSED: (_restore, _preview_restore)}
    for kind, (react, preview) in parts.items():
        on_life_event(kind, Handler(ROOM, react, preview, LIFE_EFFECTS, LIFE_LEFT, _names))


def _names(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    query = sa.select(RushRequest.id, RushRequest.number, Rush.day).join(Rush, Rush.id == RushRequest.rush_id)
    rows = session().execute(query.where(RushRequest.id.in_(ids)))
    return {row.id: f"{spoken_date(row.day)} {row.number}" for row in rows}


def _asked_by(happening: Happening) -> sa.Select[RushRequest]:
    concerned = RushRequest.person_id == happening.person_id
    if happening.number_index is not None:
        theirs = sa.select(RushPerson.request_id).where(RushPerson.id_number_index == happening.number_index)
        concerned = sa.or_(concerned, RushRequest.id.in_(theirs))
    return sa.select(RushRequest).where(RushRequest.state == RequestState.ASKED, concerned).order_by(RushRequest.id)


def _preview_stop(happening: Happening) -> Mapping[str, int]:
    return {"rush_requests_stopped": len(session().scalars(_asked_by(happening)).all())}


def _stop(happening: Happening) -> Reaction:
    # One that is being served at this moment is left alone: booking it asks for the living, and waits for our commit.
    stopped = session().scalars(_asked_by(happening).with_for_update(skip_locked=True)).all()
    for request in stopped:
        request.state = RequestState.UNPLACED
    session().flush()
    counts = {"rush_requests_stopped": len(stopped)}
    return Reaction(counts, {"requests": [str(request.id) for request in stopped]})


def _preview_restore(happening: Happening) -> Mapping[str, int]:
    return {"rush_requests_restored": len(happening.undo.get("requests", ()))}


def _restore(happening: Happening) -> Reaction:
    return bring_back(happening, "requests", what="rush_request", effect="rush_requests_restored", give_back=_give_back)


def _give_back(request_id: uuid.UUID) -> bool:
    """To be served again, unless the places are given already, or somebody else concerned has died too."""
    indexes = sa.select(RushPerson.id_number_index).where(RushPerson.request_id == request_id)
    maker = session().scalars(sa.select(RushRequest.person_id).where(RushRequest.id == request_id)).all()
    if not maker or not all_living(*maker, number_indexes=session().scalars(indexes).all()):
        return False
    # The rush is held as it is: whoever ends it empties what was given (`settle`).
    standing = sa.select(Rush.id).where(
        Rush.id == sa.select(RushRequest.rush_id).where(RushRequest.id == request_id).scalar_subquery(),
        Rush.settled_at.is_(None),
    )
    if session().scalar(standing.with_for_update(read=True)) is None:
        return False
    again = (
        sa.update(RushRequest)
        .where(
            RushRequest.id == request_id,
            RushRequest.state == RequestState.UNPLACED,
            RushRequest.parties_sealed.is_not(None),
        )
        .values(state=RequestState.ASKED)
        .returning(RushRequest.id)
    )
    return session().scalar(again, execution_options={"synchronize_session": "fetch"}) is not None
