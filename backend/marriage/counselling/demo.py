"""Demonstration data: counsellors with their weeks, rooms, talks that were and that are to come. Invented; nobody is
told, and no note says anything of anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import BEIJING, clock_at, now, today
from backend.kernel.crisis import Crisis
from backend.kernel.ids import new_id
from backend.marriage.counselling.book import CounsellingWish, write_session
from backend.marriage.counselling.callbacks import close_callback, raise_callback, take_callback
from backend.marriage.counselling.history import move
from backend.marriage.counselling.hold_talk import write_note
from backend.marriage.counselling.keep_counsellor import CounsellorFacts, keep_counsellor
from backend.marriage.counselling.models import Callback, CounsellingSession, Counsellor
from backend.marriage.counselling.offers import offers
from backend.marriage.counselling.places import take_time
from backend.marriage.counselling.rules import TOGETHER, Matter, Outcome, Profession, SessionState, Way
from backend.marriage.models import Office, Via
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.rules import Hours, ResourceKind
from backend.people.models import Person
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY, accounts_by_username
from backend.storage import session, transaction

_MORNING, _AFTERNOON = Hours(time(9, 0), time(12, 0)), Hours(time(13, 30), time(17, 30))
_WEEK: Mapping[int, Sequence[Hours]] = {day: [_MORNING, _AFTERNOON] for day in range(1, 6)}
_SIX_DAYS = {**_WEEK, 6: [_MORNING]}
_PAST_WORKDAYS, _WORKDAYS_AHEAD = 9, 3
_NOTE = "情况平稳，约定两周后再联系一次。"
_NAMES = ("李女士", "王先生", "赵女士", "周先生", "孙女士", "吴先生", "郑女士", "冯先生")


@dataclass(frozen=True)
class _Cast:
    """One counsellor of the demonstration."""

    username: str
    name: str
    profession: Profession
    ways: Sequence[Way]
    office: str
    week: Mapping[int, Sequence[Hours]]


@dataclass(frozen=True)
class _Talk:
    """What is spoken of and how; what became of it where it is over."""

    matter: Matter
    way: Way
    ended: SessionState
    about: str = ""


_CAST = (
    _Cast("counsellor-1", "苏敏", Profession.FAMILY_COUNSELLOR, tuple(Way), XINCHENG_REGISTRY, _SIX_DAYS),
    _Cast("counsellor-2", "程远", Profession.PSYCHOLOGIST, (Way.ON_SITE, Way.VIDEO), XINCHENG_REGISTRY, _WEEK),
    _Cast("counsellor-4", "韩律师", Profession.LAWYER, (Way.ON_SITE, Way.TELEPHONE), XINCHENG_REGISTRY, _WEEK),
    _Cast("counsellor-5", "田甜", Profession.SOCIAL_WORKER, tuple(Way), XINCHENG_REGISTRY, _SIX_DAYS),
    _Cast("counsellor-3", "叶青", Profession.SOCIAL_WORKER, tuple(Way), CHANGLE_REGISTRY, _WEEK),
)
_TALKS = (
    _Talk(Matter.PREMARITAL, Way.ON_SITE, SessionState.DONE, "结婚前想谈谈怎么和双方父母相处"),
    _Talk(Matter.RELATIONSHIP, Way.VIDEO, SessionState.DONE, "总为小事吵架，想学学怎么好好说话"),
    _Talk(Matter.CHILDREN, Way.VIDEO, SessionState.ABSENT),
    _Talk(Matter.RELATIONSHIP, Way.ON_SITE, SessionState.DONE),
    _Talk(Matter.LEGAL, Way.TELEPHONE, SessionState.DONE, "想问问财产约定怎么写"),
    _Talk(Matter.PSYCHOLOGICAL, Way.ON_SITE, SessionState.DONE),
    _Talk(Matter.MEDIATION, Way.ON_SITE, SessionState.CANCELLED),
)
_EVENTS = {SessionState.DONE: "done", SessionState.ABSENT: "absent", SessionState.CANCELLED: "cancelled"}


def load_demo() -> None:
    """What there is; nothing where counsellors are already."""
    with transaction() as db:
        if db.scalar(sa.select(sa.exists().where(Counsellor.resource_id.is_not(None)))):
            return
        accounts = accounts_by_username()
        offices = db.scalars(sa.select(Office).order_by(Office.position)).all()
        for office in offices:
            for name in ("辅导室一", "辅导室二")[: 2 if office.code == XINCHENG_REGISTRY else 1]:
                keep_resource(office.id, ResourceKind.ROOM, ResourceFacts(name, 60, week=_SIX_DAYS))
            for one in (cast for cast in _CAST if cast.office == office.code and cast.username in accounts):
                _keep(one, office.id, accounts[one.username].id)
            _load_talks(office)
            if office.code == XINCHENG_REGISTRY and "counsellor-1" in accounts:
                _load_calls(office, accounts["counsellor-1"].id)


def _keep(one: _Cast, office_id: uuid.UUID, account_id: uuid.UUID) -> None:
    roster = ResourceFacts(one.name, 50, 10, account_id=account_id, week=one.week)
    keep_counsellor(office_id, CounsellorFacts(one.profession, one.ways, roster))


def _load_talks(office: Office) -> None:
    day, calendar = today(), legal_calendar()
    a_day = 2 if office.code == XINCHENG_REGISTRY else 1
    for back in range(_PAST_WORKDAYS):
        day = calendar.previous_workday(day)
        for turn in range(back * a_day, (back + 1) * a_day):
            _past(office, turn, day)
    day = today()
    for ahead in range(_WORKDAYS_AHEAD):
        day = calendar.add_workdays(day, 1).day
        for turn in range(ahead * a_day * 2, (ahead + 1) * a_day * 2):
            _book(office, turn, day)


def _past(office: Office, turn: int, day: date) -> None:
    """A talk that was booked two days before and is over."""
    talk = _TALKS[turn % len(_TALKS)]
    with clock_at(datetime.combine(day - timedelta(days=2), time(10, 0), BEIJING)):
        row = _book(office, turn, day)
    if row is None:
        return
    with clock_at(row.ends_at):
        move(row, _EVENTS[talk.ended], talk.ended, SYSTEM)
        if talk.ended is SessionState.DONE:
            write_note(row.id, _NOTE)


def _book(office: Office, turn: int, day: date) -> CounsellingSession | None:
    """Book without a word to anybody; None where nobody is there for it on the day."""
    talk = _TALKS[turn % len(_TALKS)]
    free = offers(office, talk.matter, talk.way, day, day)
    if not free:
        return None
    starts_at = free[turn * 3 % len(free)].starts_at
    wish = CounsellingWish(
        office_id=office.id,
        matter=talk.matter,
        way=talk.way,
        starts_at=starts_at,
        name=_NAMES[turn % len(_NAMES)],
        phone=f"1390002{turn:04d}",
        person_id=_person(),
        via=Via.CHAT,
        together=talk.matter in TOGETHER and turn % 3 == 0,
        about=talk.about,
    )
    return write_session(wish, take_time(office, talk.matter, talk.way, starts_at), at_risk=False)


def _person() -> uuid.UUID:
    person = Person(id=new_id(), created_at=now())
    session().add(person)
    session().flush()
    return person.id


def _load_calls(office: Office, account_id: uuid.UUID) -> None:
    """One that was made some days ago, and one that waits."""
    day = legal_calendar().previous_workday(legal_calendar().previous_workday(today()))
    with clock_at(datetime.combine(day, time(10, 5), BEIJING)):
        person_id = _person()
        raise_callback(office.id, person_id, Crisis.VIOLENCE, ("钱女士", "13900029001"))
        call = _call_of(person_id)
    with clock_at(datetime.combine(day, time(10, 20), BEIJING)):
        take_callback(call, account_id)
        close_callback(call, account_id, Outcome.REFERRED)
    raise_callback(office.id, _person(), Crisis.DESPAIR, ("何先生", "13900029002"))


def _call_of(person_id: uuid.UUID) -> uuid.UUID:
    return session().scalars(sa.select(Callback.id).where(Callback.person_id == person_id)).one()
