"""What the waiting list holds about a person, for how long, and what becomes of it when two persons are one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from backend.kernel.actors import Actor
from backend.kernel.chinese_dates import spoken_date, template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.marriage.texts import KIND_NAMES
from backend.marriage.waiting import texts
from backend.marriage.waiting.history import locked_entry
from backend.marriage.waiting.leave import end_entry
from backend.marriage.waiting.models import WaitingEntry, WaitingEvent, WaitingParty
from backend.marriage.waiting.rules import OPEN_STATES, WaitingState
from backend.people.models import Person
from backend.storage import session, transaction

KEPT_FOR = Period(days=180)
_HELD = (WaitingEntry, WaitingParty, WaitingEvent)
_UNTRACKED = {"synchronize_session": False}


def _index(person_id: uuid.UUID) -> bytes | None:
    return session().scalar(sa.select(Person.id_number_index).where(Person.id == person_id))


def concerning(person_id: uuid.UUID, index: bytes | None) -> sa.ColumnElement[bool]:
    """Entries the person made, or waits by."""
    made = WaitingEntry.person_id == person_id
    if index is None:
        return made
    return sa.or_(
        made, WaitingEntry.id.in_(sa.select(WaitingParty.entry_id).where(WaitingParty.id_number_index == index))
    )


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    index = _index(person_id)
    query = sa.select(WaitingEntry).where(concerning(person_id, index))
    query = query.options(joinedload(WaitingEntry.office), selectinload(WaitingEntry.parties))
    rows = session().scalars(query.order_by(WaitingEntry.created_at, WaitingEntry.id)).all()
    return [Section(texts.HELD_WAITING, [_record(row, index) for row in rows], texts.HELD_KEPT)]


def _record(row: WaitingEntry, index: bytes | None) -> Mapping[str, str]:
    own = next((party for party in row.parties if index is not None and party.id_number_index == index), None)
    told = {
        texts.L_MATTER: KIND_NAMES[row.kind],
        texts.L_OFFICE: row.office.name,
        texts.L_DAYS: "–".join(dict.fromkeys((spoken_date(row.first_day), spoken_date(row.last_day)))),
        texts.L_STATE: texts.STATE_NAMES[row.state],
        texts.L_SINCE: template_moment(row.created_at),
    }
    if own is not None:
        mine = {texts.L_NAME: own.name, texts.L_ID_NUMBER: own.id_number, texts.L_PHONE: own.phone}
        told |= {label: text for label, text in mine.items() if text}
    return told


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    """Nothing has to be kept of waiting: what is open ends first, and its place goes to the next in line."""
    ids = session().scalars(sa.select(WaitingEntry.id).where(WaitingEntry.person_id == person_id)).all()
    stop_entries(ids, Actor("resident", person_id))
    gone = session().scalars(
        sa.delete(WaitingEntry).where(WaitingEntry.id.in_(ids)).returning(WaitingEntry.id), execution_options=_UNTRACKED
    )
    count = len(gone.all())
    index, parties = _index(person_id), 0
    if index is not None:
        theirs = sa.delete(WaitingParty).where(WaitingParty.id_number_index == index, ~WaitingParty.open)
        parties = len(session().scalars(theirs.returning(WaitingParty.id), execution_options=_UNTRACKED).all())
    return {"marriage_waiting": count, "marriage_waiting_parties": parties}


def stop_entries(ids: Sequence[uuid.UUID], actor: Actor) -> Sequence[uuid.UUID]:
    """End those of the entries that are open, each locked in turn; which they were."""
    ended = []
    for entry_id in sorted(ids):
        entry = locked_entry(entry_id)
        if entry.state in OPEN_STATES:
            end_entry(entry, "stopped", actor)
            ended.append(entry_id)
    session().flush()
    return ended


waiting_holding = Holding(
    name="marriage_waiting",
    title=texts.HELD_WAITING,
    tables=frozenset({table.__tablename__ for table in _HELD}),
    collect=_collect,
    erase=_erase,
)


def _run(batch: Batch) -> int:
    over = sa.select(WaitingEntry.id).where(
        WaitingEntry.state.in_((WaitingState.BOOKED, WaitingState.LEFT, WaitingState.ENDED)),
        WaitingEntry.changed_at < KEPT_FOR.over_before(batch.moment),
    )
    if batch.held:
        numbers = sa.select(Person.id_number_index).where(
            Person.id.in_(batch.held), Person.id_number_index.is_not(None)
        )
        theirs = sa.select(WaitingParty.entry_id).where(WaitingParty.id_number_index.in_(numbers))
        over = over.where(WaitingEntry.person_id.not_in(batch.held), WaitingEntry.id.not_in(theirs))
    over = over.order_by(WaitingEntry.changed_at).limit(batch.limit).with_for_update(skip_locked=True)
    with transaction() as db:
        ids = db.scalars(over).all()
        db.execute(sa.delete(WaitingEntry).where(WaitingEntry.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


waiting_rules = (
    RetentionRule(
        "marriage.waiting",
        texts.RULE_WAITING,
        tuple(table.__tablename__ for table in _HELD),
        KEPT_FOR,
        texts.SINCE_ENDED,
        texts.BASIS_WAITING,
        _run,
    ),
)


def join_waiters(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what `joined_id` waits for."""
    session().execute(
        sa.update(WaitingEntry).where(WaitingEntry.person_id == joined_id).values(person_id=person_id),
        execution_options={"synchronize_session": "fetch"},
    )
