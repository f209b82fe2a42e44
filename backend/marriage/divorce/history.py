"""Who did what to an application. Every move leaves a row; a move that `rules.MOVES` does not list is refused."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.divorce.care import stop_care_of
from backend.marriage.divorce.models import DivorceCase, DivorceCaseEvent
from backend.marriage.divorce.notices import drop_reminders
from backend.marriage.divorce.parameters import lapses_at
from backend.marriage.divorce.rules import MOVES, OPEN_STATES, CareEnd, CaseState, state_at
from backend.marriage.divorce.texts import CASE_UNKNOWN, STATE_TEXTS
from backend.marriage.models import Office
from backend.storage import leave, session

REASON_CHARACTERS = 200


def locked_case(case_id: uuid.UUID) -> DivorceCase:
    """The application, its row locked, brought to where it stands at this moment; raises `AppError` not_found."""
    found = session().get(DivorceCase, case_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise AppError("not_found", CASE_UNKNOWN, 404)
    bring_up(found)
    return found


def office_of(case: DivorceCase) -> Office:
    """The office that received it, and the only one where its certificate is issued."""
    return session().get_one(Office, case.office_id)


def bring_up(case: DivorceCase) -> bool:
    """Make the moves that time has made in a locked open application; returns whether there was one.

    Commands call it first, so that nothing depends on how long ago the tick ran.
    """
    if case.state not in OPEN_STATES:
        return False
    stands = state_at(case.clock, now(), lapses_at(office_of(case).code, case.clock))
    if stands is case.state:
        return False
    event = "lapsed" if stands is CaseState.LAPSED else "went_on"
    move(case, event, stands, SYSTEM)
    return True


def move(
    case: DivorceCase,
    event: str,
    to_state: CaseState,
    actor: Actor,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Move a locked application and leave the event row; with its end reminders and care stop, in one transaction.

    Raises `AppError` state_conflict, which tells where the application stands now.
    """
    from_state = case.state
    if to_state not in MOVES[from_state]:
        raise refused(from_state)
    case.state = to_state
    case.changed_at = now()
    case.ended_at = None if to_state in OPEN_STATES else now()
    if to_state is not CaseState.WINDOW:
        case.certificate_booked = False
    session().flush()
    record(case, event, actor, from_state, reason, detail)
    if to_state not in OPEN_STATES:
        drop_reminders(case.id)
        stop_care_of(case.id, CareEnd.CASE_OVER)


def refused(state: CaseState) -> AppError:
    """Why not, by where it stands."""
    return AppError("state_conflict", STATE_TEXTS[state], 409, extra={"state": state.value})


def require(case: DivorceCase, states: Collection[CaseState]) -> None:
    """Refuse unless the application stands in one of these; raises `AppError` state_conflict."""
    if case.state not in states:
        raise refused(case.state)


def record(
    case: DivorceCase,
    event: str,
    actor: Actor,
    from_state: CaseState | None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Leave an event row in the open transaction."""
    row = DivorceCaseEvent(
        case_id=case.id, from_state=from_state, to_state=case.state, reason=reason, detail=detail or {}
    )
    leave(row, event, actor)


def case_events(case_id: uuid.UUID) -> sa.Select[DivorceCaseEvent]:
    """The history of an application, oldest first."""
    return sa.select(DivorceCaseEvent).where(DivorceCaseEvent.case_id == case_id).order_by(DivorceCaseEvent.id)


def clean_reason(text: str) -> str:
    """Words on one line, cut to what a row holds."""
    return " ".join(text.split())[:REASON_CHARACTERS]
