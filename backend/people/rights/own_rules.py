"""How long the people room keeps what: logins, codes and tries, requests, consents, copies, empty accounts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from backend.kernel.personal_data import Batch, Period, RetentionRule
from backend.people import binding, logins, tries
from backend.people.entry import codes, linking, session_keys
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.rules import EventKind
from backend.people.models import Person
from backend.people.rights import texts
from backend.people.rights.copies import KEPT_FOR as COPY_FOR
from backend.people.rights.models import ConsentEvent, DataExport, LegalHold, RetentionRun, RightsRequest
from backend.people.rights.own_holding import PROOF
from backend.people.rights.proxies_holding import proxies_rule
from backend.storage import Base, transaction

_UNTRACKED = {"synchronize_session": False}
_TEN_MINUTES = timedelta(minutes=10)
# domain-rules §6.4: a case of bereavement.
_BEREAVEMENT = Period(months=120)


def _delete(key: sa.orm.InstrumentedAttribute[Any], old: sa.Select[Any], limit: int) -> int:
    """Delete a batch by its keys; rows that somebody holds at this moment are left for the next turn."""
    batch = old.limit(limit).with_for_update(skip_locked=True)
    with transaction() as session:
        statement = sa.delete(key.class_).where(key.in_(batch)).returning(key)
        return len(session.execute(statement, execution_options=_UNTRACKED).all())


def _not_held(column: sa.orm.InstrumentedAttribute[uuid.UUID], batch: Batch) -> sa.ColumnElement[bool]:
    return column.not_in(batch.held) if batch.held else sa.true()


def _logins(batch: Batch) -> int:
    return logins.forget_expired(batch.limit) + session_keys.forget_unused_keys(batch.limit)


def _login_codes(batch: Batch) -> int:
    return codes.forget_old(batch.limit)


def _link_codes(batch: Batch) -> int:
    return linking.forget_old_link_codes(batch.limit)


def _codes(batch: Batch) -> int:
    return binding.forget_old_codes(batch.limit)


def _tries(batch: Batch) -> int:
    return tries.forget_old_tries(batch.limit)


def _copies(batch: Batch) -> int:
    """A copy is the person's own and made anew in a moment, so a legal hold does not keep it."""
    old = sa.select(DataExport.id).where(DataExport.made_at <= COPY_FOR.over_before(batch.moment))
    return _delete(DataExport.id, old, batch.limit)


def _requests(batch: Batch) -> int:
    old = sa.select(RightsRequest.id).where(
        RightsRequest.closed_at < PROOF.over_before(batch.moment), _not_held(RightsRequest.person_id, batch)
    )
    return _delete(RightsRequest.id, old, batch.limit)


def _consents(batch: Batch) -> int:
    """What is no longer in force, three years after it ceased to be: replaced by a newer choice, or by closing."""
    before = PROOF.over_before(batch.moment)
    newer = sa.orm.aliased(ConsentEvent)
    replaced = sa.exists().where(
        newer.person_id == ConsentEvent.person_id,
        newer.purpose == ConsentEvent.purpose,
        newer.id > ConsentEvent.id,
        newer.at < before,
    )
    closed = sa.exists().where(Person.id == ConsentEvent.person_id, Person.closed_at < before)
    old = sa.select(ConsentEvent.id).where(
        ConsentEvent.at < before, sa.or_(replaced, closed), _not_held(ConsentEvent.person_id, batch)
    )
    return _delete(ConsentEvent.id, old, batch.limit)


def _holds(batch: Batch) -> int:
    old = sa.select(LegalHold.id).where(
        LegalHold.lifted_at < PROOF.over_before(batch.moment), _not_held(LegalHold.person_id, batch)
    )
    return _delete(LegalHold.id, old, batch.limit)


def _runs(batch: Batch) -> int:
    """Reports of sweeps, but for the newest of each rule, which says when it is due again."""
    newer = sa.orm.aliased(RetentionRun)
    replaced = sa.exists().where(newer.rule == RetentionRun.rule, newer.id > RetentionRun.id)
    old = sa.select(RetentionRun.id).where(RetentionRun.ended_at < PROOF.over_before(batch.moment), replaced)
    return _delete(RetentionRun.id, old, batch.limit)


def _reasons(kinds: tuple[EventKind, ...], keep: Period) -> Callable[[Batch], int]:
    """Forget what was written freely about events of these kinds; the event itself stays with the person."""

    def forget(batch: Batch) -> int:
        old = sa.select(LifeEvent.id).where(
            LifeEvent.kind.in_(kinds),
            LifeEvent.at < keep.over_before(batch.moment),
            LifeEvent.reason.is_not(None),
            _not_held(LifeEvent.person_id, batch),
        )
        rows = old.limit(batch.limit).with_for_update(skip_locked=True)
        forgotten = sa.update(LifeEvent).where(LifeEvent.id.in_(rows)).values(reason=None).returning(LifeEvent.id)
        with transaction() as session:
            return len(session.execute(forgotten, execution_options=_UNTRACKED).all())

    return forget


def _persons(batch: Batch) -> int:
    """Rows of closed accounts that nothing refers to any more; the audit trail holds their ids as text."""
    old = sa.select(Person.id).where(
        Person.closed_at.is_not(None), _not_held(Person.id, batch), *(~found for found in _references())
    )
    return _delete(Person.id, old, batch.limit)


def _references() -> list[sa.ColumnElement[bool]]:
    """One condition for each foreign key to persons, in whatever room, that does not go along with the person."""
    return [
        sa.exists().where(key.parent == Person.id)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column is Person.__table__.c.id and key.ondelete != "CASCADE"
    ]


def _rule(
    name: str,
    title: str,
    tables: tuple[str, ...],
    keep: Period,
    since: str,
    basis: str,
    run: Callable[[Batch], int],
    every: timedelta = timedelta(hours=1),
) -> RetentionRule:
    return RetentionRule(name, title, tables, keep, since, basis, run, every)


def _span(seconds: timedelta) -> Period:
    return Period(days=seconds.days, hours=seconds.seconds // 3600)


people_rules = (
    _rule(
        "people.logins",
        texts.RULE_LOGINS,
        ("login_sessions", "wechat_session_keys"),
        Period(),
        texts.SINCE_EXPIRY,
        texts.BASIS_LOGIN,
        _logins,
        _TEN_MINUTES,
    ),
    _rule(
        "people.codes",
        texts.RULE_CODES,
        ("binding_codes",),
        _span(binding.KEPT_FOR),
        texts.SINCE_CODE,
        texts.BASIS_LOGIN,
        _codes,
    ),
    _rule(
        "people.login_codes",
        texts.RULE_LOGIN_CODES,
        ("login_codes",),
        Period(),
        texts.SINCE_CODE,
        texts.BASIS_LOGIN,
        _login_codes,
        _TEN_MINUTES,
    ),
    _rule(
        "people.link_codes",
        texts.RULE_LINK_CODES,
        ("link_codes",),
        Period(),
        texts.SINCE_CODE,
        texts.BASIS_LOGIN,
        _link_codes,
        _TEN_MINUTES,
    ),
    _rule(
        "people.tries",
        texts.RULE_TRIES,
        ("proof_tries",),
        _span(tries.KEPT_FOR),
        texts.SINCE_TRY,
        texts.BASIS_TRIES,
        _tries,
    ),
    proxies_rule,
    _rule(
        "rights.copies",
        texts.RULE_EXPORTS,
        ("data_exports",),
        COPY_FOR,
        texts.SINCE_MADE,
        texts.BASIS_EXPORT,
        _copies,
        _TEN_MINUTES,
    ),
    _rule(
        "rights.requests",
        texts.RULE_REQUESTS,
        ("rights_requests", "rights_request_events"),
        PROOF,
        texts.SINCE_ANSWER,
        texts.BASIS_PROOF,
        _requests,
    ),
    _rule(
        "rights.consents",
        texts.RULE_CONSENTS,
        ("consent_events",),
        PROOF,
        texts.SINCE_CHANGE,
        texts.BASIS_PROOF,
        _consents,
    ),
    _rule("rights.holds", texts.RULE_HOLDS, ("legal_holds",), PROOF, texts.SINCE_LIFTED, texts.BASIS_PROOF, _holds),
    _rule("rights.runs", texts.RULE_RUNS, ("retention_runs",), PROOF, texts.SINCE_SWEEP, texts.BASIS_RUNS, _runs),
    _rule(
        "people.death_reasons",
        texts.RULE_DEATH_REASONS,
        ("life_events",),
        _BEREAVEMENT,
        texts.SINCE_RECORDED,
        texts.BASIS_DEATH,
        _reasons((EventKind.DEATH, EventKind.DEATH_REVERSED), _BEREAVEMENT),
    ),
    _rule(
        "people.life_reasons",
        texts.RULE_LIFE_REASONS,
        ("life_events",),
        PROOF,
        texts.SINCE_RECORDED,
        texts.BASIS_PROOF,
        _reasons((EventKind.MOVED, EventKind.NAME_CORRECTED), PROOF),
    ),
    _rule(
        "people.closed",
        texts.RULE_PERSONS,
        ("persons", "privacy_notices_shown"),
        Period(),
        texts.SINCE_EMPTY,
        texts.BASIS_EMPTY,
        _persons,
    ),
)
