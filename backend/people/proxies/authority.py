"""The right to act for somebody, asked for by every command that is done on behalf, and the record of what was done."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.people.life_events import all_living
from backend.people.proxies.models import ActOnBehalf
from backend.people.proxies.rules import SEEN_BY_PROXY, Facet
from backend.people.proxies.texts import NO_AUTHORITY
from backend.storage import run, session


@dataclass(frozen=True)
class Authority:
    """That one person may act for another in a scope, now. Commands keep it with what they do (`record_act`).

    `may_see` is what of the principal a helper is shown: never health notes (domain-rules §5.3).
    """

    tie_id: uuid.UUID
    helper_id: uuid.UUID
    principal_id: uuid.UUID
    scope: str
    may_see: frozenset[Facet] = SEEN_BY_PROXY

    def sees(self, facet: Facet) -> bool:
        """Whether this may be shown to the helper."""
        return facet in self.may_see


# The share lock holds a cut, or a death, back until what is done under the authority has committed with its record.
_CONFIRMED = sa.text(
    """
    SELECT id FROM proxy_ties
    WHERE helper_id = :helper_id AND principal_id = :principal_id AND state = 'confirmed' AND :scope = ANY (scopes)
    FOR SHARE
    """
)


def acting_for(helper_id: uuid.UUID, principal_id: uuid.UUID, scope: str) -> Authority:
    """The authority to act, valid until the end of the open transaction.

    Raises `AppError` forbidden, the same whether there is no tie, it has ended, or it does not hold the scope.
    """
    all_living(helper_id, principal_id)  # locked before the tie, as a death does it, which cuts the tie
    tie = run(_CONFIRMED, {"helper_id": helper_id, "principal_id": principal_id, "scope": scope}).fetchone()
    if tie is None:
        raise AppError("forbidden", NO_AUTHORITY, 403)
    return Authority(tie.id, helper_id, principal_id, scope)


def record_act(authority: Authority, action: str, subject_kind: str, subject_id: uuid.UUID) -> None:
    """Write down in the open transaction what was done, such as `meals.ordered` on a `meal_order`."""
    session().add(
        ActOnBehalf(
            id=new_id(),
            tie_id=authority.tie_id,
            helper_id=authority.helper_id,
            principal_id=authority.principal_id,
            scope=authority.scope,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            at=now(),
        )
    )
    session().flush()
