"""What rushes hold about a person and for how long, and what becomes of it when two persons turn out to be one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_date, template_moment
from backend.kernel.personal_data import Batch, Holding, Period, RetentionRule, Section
from backend.marriage.rush import texts
from backend.marriage.rush.models import EarlyTry, PeakWatch, Rush, RushPerson, RushRequest
from backend.marriage.rush.rules import RequestState
from backend.people.models import Person
from backend.storage import session, transaction

KEPT_FOR = Period(days=180)
_HELD = (RushRequest, RushPerson)
_WATCHES_KEPT = Period(days=1)
_UNTRACKED = {"synchronize_session": False}


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    query = sa.select(RushRequest, Rush.day).join(Rush, Rush.id == RushRequest.rush_id)
    rows = session().execute(query.where(RushRequest.person_id == person_id).order_by(RushRequest.asked_at)).all()
    records = [
        {
            texts.L_DAY: spoken_date(day),
            texts.L_NUMBER: str(request.number),
            texts.L_STATE: texts.STATE_NAMES[request.state],
            texts.L_AT: template_moment(request.asked_at),
        }
        for request, day in rows
    ]
    watches = session().scalars(sa.select(PeakWatch).where(PeakWatch.person_id == person_id).order_by(PeakWatch.day))
    wanted = [
        {texts.L_DAY: spoken_date(watch.day), texts.L_OPENS: template_moment(watch.opens_at)} for watch in watches
    ]
    return [
        Section(texts.HELD_REQUESTS, records, texts.HELD_KEPT),
        Section(texts.HELD_WATCHES, wanted, texts.WATCHES_KEPT),
    ]


def _erase(person_id: uuid.UUID) -> Mapping[str, int]:
    """The number, its turn and its place stay as proof for the others, without anything that leads to a person.

    A request names its person until the time of keeping is over, since rows refer to them; all that was given is gone.
    """
    mine = sa.select(RushRequest.id).where(RushRequest.person_id == person_id)
    people = sa.delete(RushPerson).where(RushPerson.request_id.in_(mine)).returning(RushPerson.request_id)
    gone = len(session().execute(people, execution_options=_UNTRACKED).all())
    session().execute(
        sa.update(RushRequest)
        .where(RushRequest.person_id == person_id, RushRequest.state == RequestState.ASKED)
        .values(state=RequestState.UNPLACED),
        execution_options=_UNTRACKED,
    )
    session().execute(
        sa.update(RushRequest).where(RushRequest.person_id == person_id).values(parties_sealed=None),
        execution_options=_UNTRACKED,
    )
    watches = sa.delete(PeakWatch).where(PeakWatch.person_id == person_id).returning(PeakWatch.id)
    session().execute(sa.delete(EarlyTry).where(EarlyTry.person_id == person_id), execution_options=_UNTRACKED)
    return {
        "marriage_rush_persons": gone,
        "marriage_peak_watches": len(session().scalars(watches, execution_options=_UNTRACKED).all()),
    }


rush_holding = Holding(
    name="marriage_rush",
    title=texts.HELD_REQUESTS,
    tables=frozenset({table.__tablename__ for table in (*_HELD, PeakWatch, EarlyTry)}),
    collect=_collect,
    erase=_erase,
)


def _run(batch: Batch) -> int:
    old = sa.select(RushRequest.id).where(RushRequest.asked_at < KEPT_FOR.over_before(batch.moment))
    if batch.held:
        numbers = sa.select(Person.id_number_index).where(
            Person.id.in_(batch.held), Person.id_number_index.is_not(None)
        )
        theirs = sa.select(RushPerson.request_id).where(RushPerson.id_number_index.in_(numbers))
        old = old.where(RushRequest.person_id.not_in(batch.held), RushRequest.id.not_in(theirs))
    old = old.order_by(RushRequest.asked_at).limit(batch.limit).with_for_update(skip_locked=True)
    with transaction() as db:
        ids = db.scalars(old).all()
        db.execute(sa.delete(RushRequest).where(RushRequest.id.in_(ids)), execution_options=_UNTRACKED)
    return len(ids)


def _run_watches(batch: Batch) -> int:
    """Whom one told of a release, and who tried too early: neither is needed a day after."""
    before = _WATCHES_KEPT.over_before(batch.moment)
    old = sa.select(PeakWatch.id).where(PeakWatch.opens_at < before, PeakWatch.person_id.not_in(batch.held))
    tried = (
        sa.select(EarlyTry.rush_id, EarlyTry.person_id)
        .join(Rush, Rush.id == EarlyTry.rush_id)
        .where(Rush.opens_at < before, EarlyTry.person_id.not_in(batch.held))
    )
    with transaction() as db:
        ids = db.scalars(old.limit(batch.limit).with_for_update(skip_locked=True)).all()
        db.execute(sa.delete(PeakWatch).where(PeakWatch.id.in_(ids)), execution_options=_UNTRACKED)
        keys = [tuple(row) for row in db.execute(tried.limit(batch.limit))]
        both = sa.tuple_(EarlyTry.rush_id, EarlyTry.person_id)
        db.execute(sa.delete(EarlyTry).where(both.in_(keys)), execution_options=_UNTRACKED)
    return len(ids) + len(keys)


rush_rules = (
    RetentionRule(
        "marriage.rush_requests",
        texts.RULE_REQUESTS,
        tuple(table.__tablename__ for table in _HELD),
        KEPT_FOR,
        texts.SINCE_ASKED,
        texts.BASIS_REQUESTS,
        _run,
    ),
    RetentionRule(
        "marriage.peak_watches",
        texts.RULE_WATCHES,
        (PeakWatch.__tablename__, EarlyTry.__tablename__),
        _WATCHES_KEPT,
        texts.SINCE_OPENED,
        texts.BASIS_WATCHES,
        _run_watches,
    ),
)


def join_askers(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Give `person_id` what `joined_id` asked for."""
    session().execute(
        sa.update(RushRequest).where(RushRequest.person_id == joined_id).values(person_id=person_id),
        execution_options={"synchronize_session": "fetch"},
    )
    _join_watches(joined_id, person_id)


def _join_watches(joined_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Told once of each day; whoever tried too early by either WeChat is one who did."""
    mine = sa.orm.aliased(PeakWatch)
    twice = sa.select(mine.id).where(
        mine.person_id == person_id, mine.office_id == PeakWatch.office_id, mine.day == PeakWatch.day
    )
    session().execute(
        sa.delete(PeakWatch).where(PeakWatch.person_id == joined_id, twice.exists()), execution_options=_UNTRACKED
    )
    session().execute(
        sa.update(PeakWatch).where(PeakWatch.person_id == joined_id).values(person_id=person_id),
        execution_options=_UNTRACKED,
    )
    session().execute(sa.delete(EarlyTry).where(EarlyTry.person_id == joined_id), execution_options=_UNTRACKED)
