"""How a request is answered: by the principal's own WeChat, by the counter's six digits, or by staff (§5.3).

Exactly one of them confirms; whichever comes first holds, for each locks the row.
"""

from __future__ import annotations

import hmac
import secrets
import uuid

import sqlalchemy as sa

from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.identity import tells_a_number
from backend.people.life_events import require_living
from backend.people.proxies import texts
from backend.people.proxies.history import locked_tie, move, not_found, record
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.notices import tell_helper, tell_principal, withdraw_notices
from backend.people.proxies.parameters import code_time
from backend.people.proxies.principals import claim_asks
from backend.people.proxies.rules import Confirmation, TieState, ways_to_confirm
from backend.storage import atomic, blind_index, session, transaction

MOST_TRIES = 5
_DIGITS = 6


def confirm_as_principal(tie_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """The principal agrees, in their own WeChat; agreeing twice is the same as once.

    Raises `AppError`: not_found (also for what is not theirs), forbidden where staff have to look at a paper,
    state_conflict.
    """
    with atomic():
        tie = _asked_of(tie_id, person_id)
        if tie.state is TieState.CONFIRMED and tie.confirmation is Confirmation.OWN_WECHAT:
            return
        _confirm(tie, Confirmation.OWN_WECHAT, Actor("principal", person_id))
        tell_helper(tie, texts.TOLD_CONFIRMED)


def decline(tie_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """The principal does not agree; the helper is told that, and nothing else.

    Raises `AppError`: not_found, state_conflict.
    """
    with atomic():
        tie = _asked_of(tie_id, person_id)
        if tie.state is TieState.DECLINED:
            return
        move(tie, "declined", TieState.DECLINED, Actor("principal", person_id))
        withdraw_notices(tie)
        tell_helper(tie, texts.TOLD_DECLINED)


def give_code(tie_id: uuid.UUID, principal_id: uuid.UUID, staff_id: uuid.UUID) -> str:
    """Six digits for the principal who stands at the counter; told once, an earlier code is worth nothing any more.

    Raises `AppError`: not_found, state_conflict, forbidden where staff have to look at a paper.
    """
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    with atomic():
        tie = _asked_of(tie_id, principal_id)
        _require_waiting(tie, Confirmation.COUNTER_CODE)
        moment = now()
        tie.code_index, tie.code_expires_at, tie.code_tries = _code_index(tie.id, code), moment + code_time(moment), 0
        record(tie.id, "code_given", Actor("staff", staff_id), tie.state, tie.state)
    return code


def count_try(tie_id: uuid.UUID, helper_id: uuid.UUID) -> bool:
    """Count an attempt at the counter's digits before they are looked at; False when there were too many.

    A use case of its own: a refusal must not take the count back with it.
    """
    counted = (
        sa.update(ProxyTie)
        .where(ProxyTie.id == tie_id, ProxyTie.helper_id == helper_id, ProxyTie.code_tries < MOST_TRIES)
        .where(ProxyTie.code_index.is_not(None))
        .values(code_tries=ProxyTie.code_tries + 1)
        .returning(ProxyTie.id)
        .execution_options(synchronize_session=False)
    )
    with transaction() as opened:
        return opened.execute(counted).first() is not None


def confirm_by_code(tie_id: uuid.UUID, helper_id: uuid.UUID, code: str, *, may_try: bool) -> None:
    """The helper types the digits that the principal was told at the counter; `may_try` is what `count_try` said.

    Raises `AppError`: not_found, invalid for wrong or aged digits, state_conflict.
    """
    with atomic():
        _lock_lives(tie_id)
        tie = locked_tie(tie_id)
        if tie.helper_id != helper_id:
            raise not_found()
        if tie.state is TieState.CONFIRMED and tie.confirmation is Confirmation.COUNTER_CODE:
            return
        _require_waiting(tie, Confirmation.COUNTER_CODE)
        _check_code(tie, code, may_try=may_try)
        _confirm(tie, Confirmation.COUNTER_CODE, Actor("helper", helper_id))
        tell_principal(tie, "people.proxy_begun")


def confirm_as_staff(tie_id: uuid.UUID, principal_id: uuid.UUID, staff_id: uuid.UUID, reason: str) -> None:
    """Staff have seen both, or the paper that says so; `reason` tells what was looked at.

    Raises `AppError`: invalid without a reason, not_found, state_conflict.
    """
    reason = given_reason(reason, texts.REASON_MISSING)
    with atomic():
        tie = _asked_of(tie_id, principal_id)
        tie.confirmed_by_staff, tie.reason = staff_id, reason
        _confirm(tie, Confirmation.STAFF, Actor("staff", staff_id), reason)
        tell_helper(tie, texts.TOLD_CONFIRMED)
        tell_principal(tie, "people.proxy_begun")


def lapse_asked(limit: int = 200) -> int:
    """End requests that nobody answered in time; returns how many."""
    with transaction() as opened:
        due = sa.select(ProxyTie).where(ProxyTie.state == TieState.ASKED, ProxyTie.lapses_at <= now())
        ties = opened.scalars(due.order_by(ProxyTie.lapses_at).limit(limit).with_for_update(skip_locked=True)).all()
        for tie in ties:
            move(tie, "lapsed", TieState.LAPSED, SYSTEM)
            withdraw_notices(tie)
            tell_helper(tie, texts.TOLD_LAPSED, texts.HINT_ASK_AGAIN)
    return len(ties)


def given_reason(reason: str, missing: str) -> str:
    """The reason without surrounding space, at most 200 characters.

    Raises `AppError` invalid when there is none, or when it tells the number of a card or telephone.
    """
    reason = " ".join(reason.split())[:200]
    told = texts.REASON_HAS_NUMBER if tells_a_number(reason) else None if reason else missing
    if told is not None:
        raise AppError("invalid", told, 422, errors={"reason": [told]})
    return reason


def _asked_of(tie_id: uuid.UUID, principal_id: uuid.UUID) -> ProxyTie:
    """The locked tie of this principal, who may have become known only after the helper asked."""
    _lock_lives(tie_id, principal_id)
    claim_asks(principal_id)
    tie = locked_tie(tie_id)
    if tie.principal_id != principal_id:
        raise not_found()
    return tie


def _lock_lives(tie_id: uuid.UUID, *sides: uuid.UUID) -> None:
    """Both sides are alive and stay so until we are done; locked before the tie, as a death does it."""
    helper_id = session().scalar(sa.select(ProxyTie.helper_id).where(ProxyTie.id == tie_id))
    if helper_id is None:
        raise not_found()
    require_living(helper_id, *sides)


def _require_waiting(tie: ProxyTie, way: Confirmation) -> None:
    if tie.state is not TieState.ASKED:
        raise AppError("state_conflict", texts.STATE_TEXTS[tie.state], 409, extra={"state": tie.state.value})
    if now() >= tie.lapses_at:  # the tick has not come by yet
        raise AppError("state_conflict", texts.STATE_TEXTS[TieState.LAPSED], 409, extra={"state": "lapsed"})
    if way not in ways_to_confirm(tie.relation):
        raise AppError("forbidden", texts.ONLY_STAFF, 403)


def _confirm(tie: ProxyTie, way: Confirmation, actor: Actor, reason: str | None = None) -> None:
    _require_waiting(tie, way)
    tie.confirmation, tie.confirmed_at = way, now()
    move(tie, "confirmed", TieState.CONFIRMED, actor, reason)
    withdraw_notices(tie)


def _check_code(tie: ProxyTie, code: str, *, may_try: bool) -> None:
    if tie.code_index is None or tie.code_expires_at is None or now() >= tie.code_expires_at:
        raise _wrong_code(texts.CODE_WRONG)
    if not may_try:
        raise _wrong_code(texts.CODE_TRIED_OUT)
    if not hmac.compare_digest(tie.code_index, _code_index(tie.id, code.strip())):
        raise _wrong_code(texts.CODE_WRONG)


def _wrong_code(sentence: str) -> AppError:
    return AppError("invalid", sentence, 422, errors={"code": [sentence]})


def _code_index(tie_id: uuid.UUID, code: str) -> bytes:
    return blind_index(f"{tie_id}:{code}", "proxy_code")
