"""Demonstration data: requests in each state, asked on days counted back from the day of the loading.

Names are invented and numbers are of the test-only area 100000. What is there already stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import BEIJING, clock_at, today
from backend.kernel.identity import check_character
from backend.marriage.archive.ask import CounterAsk, enter_at_counter
from backend.marriage.archive.asking import Authority, Subject, Wanted
from backend.marriage.archive.decide import approve
from backend.marriage.archive.models import ArchiveRequest
from backend.marriage.archive.rules import (
    INSTITUTIONS,
    PAPERS,
    ApplicantKind,
    KeptAt,
    NotFoundWhy,
    Registration,
    Sought,
)
from backend.marriage.archive.search import Place, ask_one_thing, find_nothing, locate, mark_ready, take
from backend.marriage.archive.visit import Reading, record_visit
from backend.marriage.models import Office
from backend.staff.demo import XINCHENG_REGISTRY
from backend.staff.models import StaffAccount
from backend.storage import session, transaction

Result = TypeVar("Result")

_REGISTRAR, _HEAD = "registrar-1", "head-1"
_DISTRICT_ARCHIVE = Place(
    KeptAt.DISTRICT_ARCHIVE, "", "新城区档案馆", "尚勤路 186 号 3 楼查档厅", "029-87000186", they_go=True
)


@dataclass(frozen=True)
class _Story:
    """One request: asked so many days ago by somebody, about names and a year; `then` is how far it has come."""

    days_ago: int
    then: str
    names: tuple[str, str]
    year: int
    applicant: str
    kind: ApplicantKind = ApplicantKind.SELF
    sought: Sought = Sought.MARRIAGE_RECORD
    reference: str = ""
    reason: str = ""
    place: str = "新城区长乐公社"
    unit: str = ""


_STORIES = (
    _Story(1, "asked", ("申秀兰", "贺建国"), 1983, "申秀兰", unit="国营西北一印"),
    _Story(9, "asked", ("段玉梅", "罗志强"), 1991, "段玉梅"),
    _Story(
        2,
        "asked",
        ("石桂芳", "常德福"),
        1976,
        "常小勇",
        ApplicantKind.HEIR,
        reason="母亲去世，办房产继承，要父母的结婚登记",
    ),
    _Story(4, "searching", ("孟庆华", "康淑珍"), 1979, "孟庆华", unit="东风仪表厂"),
    _Story(
        5, "need_more", ("毛文斌", "邱晓燕"), 1988, "姜律师", ApplicantKind.LAWYER, reference="（2026）陕0102民初318号"
    ),
    _Story(3, "located", ("侯建军", "龙秀英"), 2001, "侯建军", sought=Sought.RECORD_PROOF),
    _Story(8, "ready", ("史国平", "陶丽"), 1998, "史国平"),
    _Story(6, "checked", ("黎明", "钱小芸"), 2009, "钱小芸", sought=Sought.REISSUE_CHECK),
    _Story(20, "referred", ("雷春生", "万秀珍"), 1958, "雷春生", place="胡家庙公社"),
    _Story(25, "not_found", ("汤永福", "赖玉兰"), 1965, "汤永福", place="记不清"),
    _Story(
        40, "visited", ("武立新", "乔红"), 1994, "办案人员", ApplicantKind.COURT, reference="新城区人民法院 协查函 41号"
    ),
)


def load_demo() -> None:
    """Requests of the first registry, unless there are some already."""
    with transaction() as db:
        if db.scalar(sa.select(sa.func.count()).select_from(ArchiveRequest)):
            return
        office_id = db.scalars(sa.select(Office.id).where(Office.code == XINCHENG_REGISTRY)).one_or_none()
        registrar, head = _account(_REGISTRAR), _account(_HEAD)
        if office_id is None or registrar is None or head is None:
            return
        for serial, story in enumerate(_STORIES):
            _Play(story, serial, office_id, registrar, head).play()


def _account(username: str) -> uuid.UUID | None:
    return session().scalar(sa.select(StaffAccount.id).where(StaffAccount.username == username))


@dataclass(frozen=True)
class _Play:
    story: _Story
    serial: int
    office_id: uuid.UUID
    registrar: uuid.UUID
    head: uuid.UUID

    def play(self) -> None:
        """Ask, and go as far as the story tells, a workday for each step."""
        asked_on = _workday(today() - timedelta(days=self.story.days_ago))
        request_id = _on(asked_on, self._ask)
        day = asked_on
        for step in self._steps(request_id):
            day = _workday(min(day + timedelta(days=1), today()))
            _on(day, step)

    def _ask(self) -> uuid.UUID:
        story = self.story
        institution = story.kind in INSTITUTIONS
        first, second = story.names
        asked = CounterAsk(
            self.office_id,
            Authority(story.kind, story.reference, story.reason),
            Wanted(
                sought=story.sought,
                subjects=[Subject(first, work_unit=story.unit), Subject(second)],
                first_year=story.year,
                last_year=story.year,
                registration=Registration.MARRIAGE,
                registered_at=story.place,
            ),
            story.applicant,
            None if institution else _number(self.serial),
            phone=f"1390012{self.serial:04d}",
        )
        return enter_at_counter(asked, self.registrar).id

    def _steps(self, request_id: uuid.UUID) -> list[Callable[[], object]]:
        account, story = self.registrar, self.story
        if story.then == "asked":
            return []
        steps: list[Callable[[], object]] = [lambda: take(request_id, account)]
        if story.kind in (ApplicantKind.HEIR, ApplicantKind.OTHER):
            steps.insert(0, lambda: approve(request_id, self.head))
        shelf = Place(KeptAt.HERE, f"{story.year}-结-{100 + 37 * self.serial:04d}")
        ends: dict[str, list[Callable[[], object]]] = {
            "need_more": [lambda: ask_one_thing(request_id, "女方登记时用的是现在的名字吗？", account)],
            "located": [lambda: locate(request_id, shelf, account)],
            "checked": [lambda: locate(request_id, shelf, account)],
            "ready": [lambda: locate(request_id, shelf, account), lambda: mark_ready(request_id, account)],
            "referred": [lambda: locate(request_id, _DISTRICT_ARCHIVE, account)],
            "not_found": [lambda: find_nothing(request_id, NotFoundWhy.NOT_IN_VOLUMES, account)],
            "visited": [
                lambda: locate(request_id, shelf, account),
                lambda: mark_ready(request_id, account),
                lambda: record_visit(request_id, Reading(set(PAPERS[story.kind]), 2), account),
            ],
        }
        return steps + ends.get(story.then, [])


def _on(day: date, act: Callable[[], Result]) -> Result:
    """Do it at ten in the morning of a day."""
    with clock_at(datetime.combine(day, time(10, 0), BEIJING)):
        return act()


def _workday(day: date) -> date:
    calendar = legal_calendar()
    return day if calendar.is_workday(day) else calendar.previous_workday(day)


def _number(serial: int) -> str:
    born = date(1958, 4, 6) + timedelta(days=417 * serial)
    first17 = f"100000{born:%Y%m%d}{21 + serial:03d}"
    return first17 + check_character(first17)
