"""End a tie: either side, or staff, at any time (domain-rules §5.3)."""

from __future__ import annotations

import uuid

from backend.kernel.actors import Actor
from backend.people.proxies import texts
from backend.people.proxies.answer import given_reason
from backend.people.proxies.history import locked_tie, move, not_found
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.notices import tell_helper, tell_principal, withdraw_notices
from backend.people.proxies.rules import TieState
from backend.storage import atomic


def cut(tie_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Either side ends the tie, or the helper withdraws the request; the other side is told. Twice is the same as once.

    Raises `AppError`: not_found (also for what is not theirs), state_conflict.
    """
    with atomic():
        tie = locked_tie(tie_id)
        if person_id not in (tie.helper_id, tie.principal_id):
            raise not_found()
        if tie.state is TieState.CUT:
            return
        by_helper = person_id == tie.helper_id
        _end(tie, Actor("helper" if by_helper else "principal", person_id), None, tell=not by_helper)


def cut_as_staff(tie_id: uuid.UUID, person_id: uuid.UUID, staff_id: uuid.UUID, reason: str) -> None:
    """Staff end a tie of this person, for a reason that is kept; both sides are told that it ended.

    Raises `AppError`: invalid without a reason, not_found, state_conflict.
    """
    reason = given_reason(reason, texts.CUT_REASON_MISSING)
    with atomic():
        tie = locked_tie(tie_id)
        if person_id not in (tie.helper_id, tie.principal_id):
            raise not_found()
        _end(tie, Actor("staff", staff_id), reason, tell=True)


def _end(tie: ProxyTie, actor: Actor, reason: str | None, *, tell: bool) -> None:
    was_confirmed = tie.state is TieState.CONFIRMED
    move(tie, "cut", TieState.CUT, actor, reason)
    withdraw_notices(tie)
    if tell:
        tell_helper(tie, texts.TOLD_CUT, texts.HINT_ASK_AGAIN)
    # A request that is withdrawn needs no word to the principal: it was theirs to answer or not.
    if was_confirmed and actor.kind != "principal":
        tell_principal(tie, "people.proxy_ended")
