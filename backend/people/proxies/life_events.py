"""What becomes of ties when one of the two has died: they are cut, and remembered for a reversal. Nobody is told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM
from backend.kernel.clock import now
from backend.people.life_events import EventKind, Handler, Happening, NotRestored, Reaction, on_life_event
from backend.people.proxies.history import move, put
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.notices import withdraw_notices
from backend.people.proxies.rules import ACTIVE_STATES, TieState
from backend.people.proxies.texts import TIE_EFFECTS, TIE_LEFT
from backend.storage import session

ROOM = "proxies"


def react_to_life_events() -> None:
    """Take part in deaths and their reversals; called once when the application is put together."""
    for kind, react in ((EventKind.DEATH, _cut_all), (EventKind.DEATH_REVERSED, _restore)):
        on_life_event(kind, Handler(ROOM, react, _preview, TIE_EFFECTS, TIE_LEFT))


def _preview(happening: Happening) -> Mapping[str, int]:
    if happening.kind is EventKind.DEATH:
        return {"ties_cut": session().scalar(sa.select(sa.func.count()).where(*_active(happening.person_id))) or 0}
    return {"ties_restored": sum(len(ids) for ids in happening.undo.values())}


def _cut_all(happening: Happening) -> Reaction:
    query = sa.select(ProxyTie).where(*_active(happening.person_id)).order_by(ProxyTie.id)
    ties = session().scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    undo: dict[str, list[str]] = {state.value: [] for state in ACTIVE_STATES}
    for tie in ties:
        undo[tie.state.value].append(str(tie.id))
        move(tie, "cut_by_life_event", TieState.CUT, SYSTEM)
        withdraw_notices(tie)
    return Reaction(effects={"ties_cut": len(ties)}, undo=undo)


def _restore(happening: Happening) -> Reaction:
    left: list[NotRestored] = []
    restored = 0
    for state in ACTIVE_STATES:
        for tie in _remembered([uuid.UUID(tie_id) for tie_id in happening.undo.get(state.value, ())]):
            if _can_return(tie, state):
                put(tie, "restored_by_life_event", state, SYSTEM)
                restored += 1
            else:
                left.append(NotRestored("tie", tie.id))
    return Reaction(effects={"ties_restored": restored}, not_restored=left)


def _active(person_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    mine = sa.or_(ProxyTie.helper_id == person_id, ProxyTie.principal_id == person_id)
    return mine, ProxyTie.state.in_(ACTIVE_STATES)


def _remembered(ids: list[uuid.UUID]) -> list[ProxyTie]:
    query = sa.select(ProxyTie).where(ProxyTie.id.in_(ids), ProxyTie.state == TieState.CUT).order_by(ProxyTie.id)
    return list(session().scalars(query.with_for_update().execution_options(populate_existing=True)))


def _can_return(tie: ProxyTie, state: TieState) -> bool:
    """Not a request whose time is over, nor one beside which the helper has asked again, nor with a dead other side."""
    if state is TieState.ASKED and now() >= tie.lapses_at:
        return False
    again = sa.exists().where(
        ProxyTie.helper_id == tie.helper_id,
        ProxyTie.principal_number_index == tie.principal_number_index,
        ProxyTie.state.in_(ACTIVE_STATES),
    )
    return not session().scalar(sa.select(again)) and not _other_is_dead(tie)


def _other_is_dead(tie: ProxyTie) -> bool:
    dead = sa.text("SELECT count(*) FROM persons WHERE id IN (:helper, :principal) AND died_on IS NOT NULL")
    values = {"helper": tie.helper_id, "principal": tie.principal_id}
    return bool(session().scalar(dead, values))
