"""What is held about a person as helper or as principal of ties (代办): told, cut, erased, kept for the other side."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_date, template_moment
from backend.kernel.clock import today
from backend.kernel.personal_data import Batch, Holding, Kept, Period, RetentionRule, Section
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.texts import KIND_NAMES
from backend.people.models import Person
from backend.people.proxies.cut import cut
from backend.people.proxies.models import ActOnBehalf, ProxyTie, ProxyTieEvent
from backend.people.proxies.rules import ACTIVE_STATES, scopes
from backend.people.proxies.texts import RELATION_NAMES, STATE_NAMES
from backend.people.rights import texts
from backend.storage import session, transaction

ENDED_FOR = Period(months=36)

_UNTRACKED = {"synchronize_session": False}


def _is_principal(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """Ties about this person, also those a stranger asked for by typing their number."""
    index = session().scalar(sa.select(Person.id_number_index).where(Person.id == person_id))
    known = ProxyTie.principal_id == person_id
    if index is None:
        return known
    return sa.or_(known, sa.and_(ProxyTie.principal_id.is_(None), ProxyTie.principal_number_index == index))


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    helping = _ties(ProxyTie.helper_id == person_id, texts.YOU_HELP)
    helped = _ties(_is_principal(person_id), texts.YOU_ARE_HELPED)
    return [
        Section(texts.TIES, [*helping, *helped], texts.KEPT_TIES),
        Section(texts.ACTS, _acts(person_id), texts.KEPT_TIES),
        Section(texts.LIFE_EVENTS, _life_events(person_id), texts.KEPT_LIFE_EVENTS),
    ]


def _ties(which: sa.ColumnElement[bool], side: str) -> Sequence[Mapping[str, str]]:
    """Who the other one is, is not told: it is theirs."""
    rows = session().scalars(sa.select(ProxyTie).where(which).order_by(ProxyTie.asked_at, ProxyTie.id))
    return [
        {
            texts.L_SIDE: side,
            texts.L_RELATION: RELATION_NAMES[row.relation],
            texts.L_SCOPES: "、".join(scopes().get(scope, scope) for scope in row.scopes),
            texts.L_STATE: STATE_NAMES[row.state],
            texts.L_RECEIVED: template_moment(row.asked_at),
            texts.L_AT: template_moment(row.changed_at),
        }
        for row in rows
    ]


def _acts(person_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = sa.select(ActOnBehalf).where(
        sa.or_(ActOnBehalf.helper_id == person_id, ActOnBehalf.principal_id == person_id)
    )
    return [
        {
            texts.L_SIDE: texts.YOU_HELP if row.helper_id == person_id else texts.YOU_ARE_HELPED,
            texts.L_SCOPES: scopes().get(row.scope, row.scope),
            texts.L_AT: template_moment(row.at),
        }
        for row in session().scalars(query.order_by(ActOnBehalf.at, ActOnBehalf.id))
    ]


def _life_events(person_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = sa.select(LifeEvent).where(LifeEvent.person_id == person_id).order_by(LifeEvent.at, LifeEvent.id)
    return [
        {
            texts.L_KIND: KIND_NAMES[row.kind],
            texts.L_DAY: spoken_date(row.effective_on),
            texts.L_RECEIVED: template_moment(row.at),
        }
        for row in session().scalars(query)
    ]


def _cut(person_id: uuid.UUID) -> None:
    """Nobody acts for this person any more, nor they for anybody; the other side is told as when a tie is cut."""
    mine = sa.or_(ProxyTie.helper_id == person_id, ProxyTie.principal_id == person_id)
    active = sa.select(ProxyTie.id).where(mine, ProxyTie.state.in_(ACTIVE_STATES)).order_by(ProxyTie.id)
    for tie_id in session().scalars(active).all():
        cut(tie_id, person_id)


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    """What others did for this person, and their ties. What this person did for others is the others' record."""
    acts = session().execute(
        sa.delete(ActOnBehalf).where(ActOnBehalf.principal_id == person_id).returning(ActOnBehalf.id),
        execution_options=_UNTRACKED,
    )
    of_others = sa.exists().where(ActOnBehalf.tie_id == ProxyTie.id)
    mine = sa.or_(ProxyTie.helper_id == person_id, _is_principal(person_id))
    ties = session().execute(
        sa.delete(ProxyTie).where(mine, ~of_others).returning(ProxyTie.id), execution_options=_UNTRACKED
    )
    return {"acts_on_behalf": len(acts.all()), "proxy_ties": len(ties.all())}


def _keeps(person_id: uuid.UUID) -> Sequence[Kept]:
    kept = []
    last = session().scalar(sa.select(sa.func.max(ActOnBehalf.at)).where(ActOnBehalf.helper_id == person_id))
    if last is not None:
        kept.append(Kept(texts.K_ACTS, texts.WHY_ACTS, ENDED_FOR.last_day(today())))
    if session().scalar(sa.select(sa.exists().where(LifeEvent.person_id == person_id))):
        kept.append(Kept(texts.K_LIFE_EVENTS, texts.WHY_LIFE_EVENTS))
    return kept


def _run(batch: Batch) -> int:
    """Ties that ended long ago, with what was done by them."""
    old = sa.select(ProxyTie.id).where(
        ProxyTie.state.not_in(ACTIVE_STATES), ProxyTie.changed_at < ENDED_FOR.over_before(batch.moment)
    )
    if batch.held:
        old = old.where(
            ProxyTie.helper_id.not_in(batch.held),
            sa.or_(ProxyTie.principal_id.is_(None), ProxyTie.principal_id.not_in(batch.held)),
        )
    with transaction() as opened:
        ids = opened.scalars(old.order_by(ProxyTie.id).limit(batch.limit).with_for_update(skip_locked=True)).all()
        for table, column in ((ActOnBehalf, ActOnBehalf.tie_id), (ProxyTie, ProxyTie.id)):
            opened.execute(sa.delete(table).where(column.in_(ids)), execution_options=_UNTRACKED)
        return len(ids)


proxies_holding = Holding(
    name="proxies",
    title=texts.PROXIES,
    tables=frozenset(table.__tablename__ for table in (ProxyTie, ProxyTieEvent, ActOnBehalf, LifeEvent)),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
    cut=_cut,
)

proxies_rule = RetentionRule(
    "people.proxies",
    texts.RULE_PROXIES,
    ("proxy_ties", "proxy_tie_events", "acts_on_behalf"),
    ENDED_FOR,
    texts.SINCE_ENDED,
    texts.BASIS_PROOF,
    _run,
)
