"""Whoever holds the telephone of somebody who died does not read on in their name: their logins end at once.

No new ones are opened either (`people.logins.open_login`). After a reversal the person signs in anew, without a tap.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.people.entry.session_keys import drop_unused_key
from backend.people.life_events import EventKind, Handler, Happening, Reaction, on_life_event
from backend.people.models import LoginSession, WeChatIdentity
from backend.people.texts import LOGIN_EFFECTS
from backend.storage import session

ROOM = "people.logins"


def react_to_life_events() -> None:
    """Take part in deaths; called once when the application is put together."""
    on_life_event(EventKind.DEATH, Handler(ROOM, _end, _preview, LOGIN_EFFECTS))


def _of(person_id: uuid.UUID) -> sa.Select[uuid.UUID]:
    return sa.select(WeChatIdentity.id).where(WeChatIdentity.person_id == person_id)


def _preview(happening: Happening) -> Mapping[str, int]:
    mine = LoginSession.identity_id.in_(_of(happening.person_id))
    open_ones = sa.select(sa.func.count()).where(mine, LoginSession.expires_at > now())
    return {"logins_ended": session().scalar(open_ones) or 0}


def _end(happening: Happening) -> Reaction:
    counts = _preview(happening)
    gone = sa.delete(LoginSession).where(LoginSession.identity_id.in_(_of(happening.person_id)))
    session().execute(gone, execution_options={"synchronize_session": False})
    for identity_id in session().scalars(_of(happening.person_id)).all():
        drop_unused_key(identity_id)
    return Reaction(counts)
