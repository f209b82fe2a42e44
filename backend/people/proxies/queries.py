"""What each side may see of ties and of what was done."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from backend.kernel.identity import Sex
from backend.kernel.masking import mask_name
from backend.kernel.paging import Cursor
from backend.people.proxies.history import not_found
from backend.people.proxies.models import ActOnBehalf, ProxyTie
from backend.people.proxies.principals import Somebody, claim_asks, people
from backend.people.proxies.rules import ACTIVE_STATES, Confirmation, Relation, TieState
from backend.people.proxies.texts import HELPER_UNNAMED
from backend.storage import transaction

MOST_LISTED = 100


@dataclass(frozen=True)
class TieView:
    """A tie as one of its two sides sees it. `role` is the side that looks; `other_name` the other one's, masked.

    `other_id` is told only while the tie holds: before that it would tell a helper that somebody is known here.
    """

    id: uuid.UUID
    role: str
    relation: Relation
    other_name: str = field(repr=False)
    other_id: uuid.UUID | None
    other_sex: Sex | None
    scopes: tuple[str, ...]
    state: TieState
    asked_at: datetime
    lapses_at: datetime
    confirmed_at: datetime | None
    confirmation: Confirmation | None


def ties_of(person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[TieView]:
    """A page of the ties in which a person is helper or principal, newest first; three queries however long."""
    with transaction() as session:
        claim_asks(person_id)
        sides = [_side(column == person_id, after, limit) for column in (ProxyTie.helper_id, ProxyTie.principal_id)]
        either = sa.union_all(*sides).subquery()
        query = sa.select(ProxyTie).join(either, either.c.id == ProxyTie.id)
        ties = session.scalars(query.order_by(ProxyTie.asked_at.desc(), ProxyTie.id.desc()).limit(limit)).all()
        return _views(ties, person_id)


def active_ties(person_id: uuid.UUID) -> Sequence[TieView]:
    """Ties that wait or hold, newest first, at most `MOST_LISTED`."""
    with transaction() as session:
        claim_asks(person_id)
        mine = sa.or_(ProxyTie.helper_id == person_id, ProxyTie.principal_id == person_id)
        query = sa.select(ProxyTie).where(mine, ProxyTie.state.in_(ACTIVE_STATES))
        ties = session.scalars(query.order_by(ProxyTie.asked_at.desc(), ProxyTie.id.desc()).limit(MOST_LISTED)).all()
        return _views(ties, person_id)


def tie_of(tie_id: uuid.UUID, person_id: uuid.UUID) -> TieView:
    """One tie of a person; raises `AppError` not_found, also for another's."""
    with transaction() as session:
        claim_asks(person_id)
        tie = session.get(ProxyTie, tie_id, populate_existing=True)
        if tie is None or person_id not in (tie.helper_id, tie.principal_id):
            raise not_found()
        return _views([tie], person_id)[0]


@dataclass(frozen=True)
class Act:
    """Something that was done on somebody's behalf."""

    id: uuid.UUID
    scope: str
    action: str
    subject_kind: str
    subject_id: uuid.UUID
    at: datetime


def acts_of(tie_id: uuid.UUID, person_id: uuid.UUID, after: Cursor | None, limit: int) -> Sequence[Act]:
    """A page of what was done under a tie of this person's, newest first; raises `AppError` not_found."""
    tie_of(tie_id, person_id)
    query = sa.select(ActOnBehalf).where(ActOnBehalf.tie_id == tie_id)
    if after is not None:
        query = query.where(sa.tuple_(ActOnBehalf.at, ActOnBehalf.id) < sa.tuple_(after.at, after.id))
    with transaction() as session:
        rows = session.scalars(query.order_by(ActOnBehalf.at.desc(), ActOnBehalf.id.desc()).limit(limit))
        return [Act(row.id, row.scope, row.action, row.subject_kind, row.subject_id, row.at) for row in rows]


def _side(mine: sa.ColumnElement[bool], after: Cursor | None, limit: int) -> sa.Select[uuid.UUID]:
    query = sa.select(ProxyTie.id).where(mine)
    if after is not None:
        query = query.where(sa.tuple_(ProxyTie.asked_at, ProxyTie.id) < sa.tuple_(after.at, after.id))
    return query.order_by(ProxyTie.asked_at.desc(), ProxyTie.id.desc()).limit(limit)


def _views(ties: Sequence[ProxyTie], person_id: uuid.UUID) -> list[TieView]:
    helpers = people({tie.helper_id for tie in ties if tie.helper_id != person_id})
    return [_view(tie, person_id, helpers.get(tie.helper_id)) for tie in ties]


def _view(tie: ProxyTie, person_id: uuid.UUID, helper: Somebody | None) -> TieView:
    """The helper sees the name as typed, known or not; the principal sees the helper's."""
    is_helper = tie.helper_id == person_id
    typed = mask_name(tie.principal_name or "")
    told = mask_name(helper.name) if helper and helper.name else HELPER_UNNAMED
    return TieView(
        tie.id,
        "helper" if is_helper else "principal",
        tie.relation,
        typed if is_helper else told,
        (tie.principal_id if is_helper else tie.helper_id) if tie.state is TieState.CONFIRMED else None,
        None if helper is None else helper.sex,
        tuple(tie.scopes),
        tie.state,
        tie.asked_at,
        tie.lapses_at,
        tie.confirmed_at,
        tie.confirmation,
    )
