"""Ask to act for somebody (domain-rules §5.3).

A request for a stranger, for somebody who cannot be reached and for somebody who is dead is taken like any other: the
same checks, the same row, the same answer. Otherwise whoever has a name and a number could ask us who lives here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.ids import new_id
from backend.people.levels import require_level
from backend.people.life_events import require_living
from backend.people.models import Person, number_index
from backend.people.proxies import texts
from backend.people.proxies.history import record
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.notices import ask_principal
from backend.people.proxies.parameters import answer_time, most_principals
from backend.people.proxies.principals import Somebody, person_of, same_as, somebody
from backend.people.proxies.rules import (
    ACTIVE_STATES,
    NEVER_BY_PROXY,
    Confirmation,
    Relation,
    TieState,
    scopes,
    unknown_scopes,
    ways_to_confirm,
)
from backend.people.reading import Claim, read_claim
from backend.people.rules import Level
from backend.storage import atomic, broken_constraint, session

_ONE_ACTIVE = ("uq_proxy_ties_one_active", "uq_proxy_ties_one_active_principal")


@dataclass(frozen=True)
class Wish:
    """For whom somebody wants to act, and in what; nothing is checked yet."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    relation: Relation
    scopes: Sequence[str]
    id_type: IdType = IdType.RESIDENT_IDENTITY_CARD


def ask_proxy(helper_id: uuid.UUID, wish: Wish) -> ProxyTie:
    """Ask for a tie. The principal, where known, is told; otherwise the counter joins them later.

    Raises `AppError`: invalid (fields), level_too_low for a helper who is not verified, state_conflict for a second
    request, too_many_principals.
    """
    claim = read_wish(wish)
    try:
        with atomic():
            tie = _add(_allowed_helper(helper_id, wish, claim), wish, claim)
            _join(tie)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) not in _ONE_ACTIVE:
            raise
        raise _asked_already() from None
    return tie


def read_wish(wish: Wish) -> Claim:
    """Who is meant; raises one `AppError` for all that is wrong with the fields of a wish."""
    errors: dict[str, list[str]] = {}
    claim = None
    try:
        claim = read_claim(wish.name, wish.id_type, wish.id_number)
    except AppError as refused:
        errors |= {f"principal.{name}": sentences for name, sentences in refused.errors.items()}
    if faults := _scope_faults(wish.scopes):
        errors["scopes"] = faults
    if errors or claim is None:
        sentence = "\n".join(dict.fromkeys(sentence for sentences in errors.values() for sentence in sentences))
        raise AppError("invalid", sentence, 422, errors=errors)
    return claim


def _scope_faults(wanted: Sequence[str]) -> list[str]:
    if NEVER_BY_PROXY in wanted:
        return [texts.NEVER_MARRIAGE]
    if not wanted:
        return [texts.SCOPE_MISSING]
    return [texts.SCOPE_UNKNOWN.format(name=name[:40]) for name in unknown_scopes(wanted)]


def _allowed_helper(helper_id: uuid.UUID, wish: Wish, claim: Claim) -> Somebody:
    """The helper, locked, so that their requests are counted one at a time; refused where they cannot ask."""
    session().execute(sa.select(Person.id).where(Person.id == helper_id).with_for_update(key_share=True))
    require_living(helper_id)
    require_level(helper_id, Level.VERIFIED)
    helper = somebody(helper_id)
    if same_as(helper, claim.identity):
        raise AppError("invalid", texts.NOT_FOR_YOURSELF, 422, errors={"principal.id_number": [texts.NOT_FOR_YOURSELF]})
    active = sa.select(ProxyTie.principal_number_index).where(
        ProxyTie.helper_id == helper_id, ProxyTie.state.in_(ACTIVE_STATES)
    )
    numbers = session().scalars(active).all()
    if number_index(claim.identity) in numbers:
        raise _asked_already()
    most = most_principals(wish.relation, now())
    if len(numbers) >= most:
        raise AppError("too_many_principals", texts.TOO_MANY.format(most=most), 409)
    return helper


def _asked_already() -> AppError:
    return AppError("state_conflict", texts.ASKED_ALREADY, 409)


def _add(helper: Somebody, wish: Wish, claim: Claim) -> ProxyTie:
    moment = now()
    tie = ProxyTie(
        id=new_id(),
        helper_id=helper.id,
        principal_id_type=claim.identity.id_type,
        principal_number_index=number_index(claim.identity),
        relation=wish.relation,
        scopes=[name for name in scopes() if name in wish.scopes],
        state=TieState.ASKED,
        asked_at=moment,
        lapses_at=moment + answer_time(moment),
        changed_at=moment,
        code_tries=0,
    )
    tie.principal_name = claim.name
    tie.principal_number = claim.identity.number
    session().add(tie)
    session().flush()
    record(tie.id, "asked", Actor("helper", helper.id), None, TieState.ASKED)
    return tie


def _join(tie: ProxyTie) -> None:
    """Join the principal where they are known, living and of that name, and tell them."""
    found = person_of(tie)
    if found is None:
        return
    tie.principal_id = found.id
    session().flush()
    if Confirmation.OWN_WECHAT in ways_to_confirm(tie.relation):
        ask_principal(tie)
