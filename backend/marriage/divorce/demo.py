"""Demonstration data: applications in each state, received on days counted back from the day of the loading.

Names are invented and numbers are of the test-only area 100000. What is there already stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, clock_at, today
from backend.kernel.identity import check_character
from backend.marriage.couples import PartyInput
from backend.marriage.divorce.accept import Application, accept_application
from backend.marriage.divorce.contact import note_contact, take_care
from backend.marriage.divorce.issue import Issuing, issue_certificate
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact, DivorceCase
from backend.marriage.divorce.rules import divorce_clock
from backend.marriage.divorce.withdraw import Withdrawal, withdraw_application
from backend.marriage.models import Office
from backend.staff.demo import XINCHENG_REGISTRY
from backend.staff.models import StaffAccount
from backend.storage import session, transaction

_HUSBANDS = ["秦远", "白川", "顾平", "尹航", "陶然", "武斌", "乔松", "龚毅", "邵阳", "万里"]
_WIVES = ["温岚", "柳絮", "安宁", "章雪", "褚云", "花影", "盛夏", "甘露", "蓝天", "葛薇"]

_REGISTRAR, _WORKER = "registrar-1", "social-1"


@dataclass(frozen=True)
class _Story:
    """One application: received so many days ago; `then` so many days `after` that, or after its window opened.

    `closes_in`: received so that its window closes in so many workdays, whatever holidays lie between.
    """

    days_ago: int
    care: tuple[bool, bool] = (False, False)
    then: str = ""
    after: int = 0
    closes_in: int | None = None


_STORIES = (
    _Story(0),
    _Story(5, care=(False, True)),
    _Story(18, care=(True, True)),
    _Story(35),
    _Story(57, closes_in=4),
    _Story(59, closes_in=2),
    _Story(26, then="withdraw", after=9),
    _Story(80, then="issue", after=5),
    _Story(120),
)


def load_demo() -> None:
    """Applications of the first registry, unless there are some already."""
    with transaction() as db:
        if db.scalar(sa.select(sa.func.count()).select_from(DivorceCase)):
            return
        office_id = db.scalars(sa.select(Office.id).where(Office.code == XINCHENG_REGISTRY)).one_or_none()
        registrar, worker = _account(_REGISTRAR), _account(_WORKER)
        if office_id is None or registrar is None or worker is None:
            return
        for place, story in enumerate(_STORIES):
            _play(place, story, office_id, registrar)
        _call(worker)


def _account(username: str) -> uuid.UUID | None:
    return session().scalar(sa.select(StaffAccount.id).where(StaffAccount.username == username))


def _play(place: int, story: _Story, office_id: uuid.UUID, registrar: uuid.UUID) -> None:
    received = _workday(today() - timedelta(days=story.days_ago))
    if story.closes_in is not None:
        received = _received_for(story.closes_in) or received
    application = Application(
        office_id, f"{received:%Y}-{200 + place:04d}", [_husband(place), _wife(place)], care=story.care
    )
    case = _on(received, lambda: accept_application(application, registrar))
    if story.then == "withdraw":
        withdrawal = Withdrawal(1, card_seen=True, receipt_seen=True)
        ended = _workday(received + timedelta(days=story.after))
        _on(ended, lambda: withdraw_application(case.id, withdrawal, registrar))
    elif story.then == "issue":
        issuing = Issuing(both_present=True, both_willing=True)
        # Counted from the window, which holidays move.
        ended = legal_calendar().roll(case.win_first + timedelta(days=story.after)).day
        if ended < today() and not case.cool_provisional:
            _on(ended, lambda: issue_certificate(case.id, issuing, registrar))


def _call(worker: uuid.UUID) -> None:
    """The social worker has taken the first care and made its first call."""
    query = sa.select(DivorceCareContact, DivorceCare.id).join(DivorceCare).where(DivorceCareContact.due_on <= today())
    first = session().execute(query.order_by(DivorceCareContact.due_on).limit(1)).first()
    if first is not None:
        contact, care_id = first
        take_care(care_id, worker)
        note_contact(contact.id, worker, reached=True, note="愿意再谈一次，主要担心孩子由谁带。")


def _on(day: date, act: Callable[[], DivorceCase]) -> DivorceCase:
    """Do it at ten in the morning of a day."""
    with clock_at(datetime.combine(day, time(10, 0), BEIJING)):
        return act()


def _received_for(ahead: int) -> date | None:
    """The workday on which an application came whose window closes in so many workdays, or soon after."""
    calendar = legal_calendar()
    wanted = calendar.add_workdays(today(), ahead).day
    days = (today() - timedelta(days=back) for back in range(90, 45, -1))
    fitting = (day for day in days if calendar.is_workday(day) and divorce_clock(day, calendar).win_last >= wanted)
    return next(fitting, None)


def _workday(day: date) -> date:
    calendar = legal_calendar()
    return day if calendar.is_workday(day) else calendar.previous_workday(day)


def _husband(place: int) -> PartyInput:
    return _person(_HUSBANDS[place], date(1984, 2, 3) + timedelta(days=71 * place), 31)


def _wife(place: int) -> PartyInput:
    return _person(_WIVES[place], date(1986, 7, 9) + timedelta(days=53 * place), 42)


def _person(name: str, born: date, sequence: int) -> PartyInput:
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    return PartyInput(name, first17 + check_character(first17), phone=f"139001{born:%m%d}{sequence % 10}")
