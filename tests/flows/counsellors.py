"""Counselling as the conversation about it sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from backend.kernel.clock import BEIJING
from workflows.chat.counselling_ports import Contact, CounsellingAnswers, CounsellingPlace, OwnCounselling
from workflows.chat.ports import Refused
from workflows.chat.understanding import read_crisis

TEN = datetime(2026, 11, 26, 10, 0, tzinfo=BEIJING)
WAYS = ("on_site", "video", "telephone")
SAFETY = "有危险马上打110；12338；12356；可以申请人身安全保护令。工作人员会尽快给您打电话。"


@dataclass
class Counsellors:
    """The port; by default a stranger and two registries. `refusals` come first, once each; `called` whom to call."""

    found: OwnCounselling | None = None
    listed: list[CounsellingPlace] = field(
        default_factory=lambda: [
            CounsellingPlace("xincheng", "新城区婚姻登记处", WAYS),
            CounsellingPlace("changle", "长乐路婚姻登记处", WAYS),
        ]
    )
    known: Contact | None = None
    minor: bool | None = None
    apart: Refused | None = None
    full: bool = False
    refusals: list[Refused] = field(default_factory=list)
    called: list[tuple[Contact, str]] = field(default_factory=list)
    asked: CounsellingAnswers | None = None

    def has(self, **more: object) -> None:
        own = OwnCounselling(
            "s1",
            "FW0000001",
            "relationship",
            "xincheng",
            "on_site",
            TEN,
            "新城区婚姻登记处 长乐中路28号 辅导室一",
            "苏敏（婚姻家庭咨询师）",
            False,
            True,
        )
        self.found = replace(own, **more)  # type: ignore[arg-type]

    def own(self) -> OwnCounselling | None:
        return self.found

    def places(self, matter: str) -> Sequence[CounsellingPlace]:
        return self.listed

    def times(self, matter: str, office_id: str, way: str, first: date, last: date, limit: int) -> Sequence[datetime]:
        if self.full:
            return []
        moments = [TEN + timedelta(days=day, hours=hour) for day in (0, 1, 4) for hour in (0, 1, 5)]
        return [one for one in moments if first <= one.date() <= last][:limit]

    def last_day(self, office_id: str) -> date:
        return date(2026, 12, 7)

    def contact(self) -> Contact | None:
        return self.known

    def is_minor(self, starts_at: datetime) -> bool | None:
        return self.minor

    def may_come_together(self) -> Refused | None:
        return self.apart

    def tell_of_danger(self, office_id: str, contact: Contact, words: str) -> str:
        if read_crisis(words) is None:
            return ""
        self.called.append((contact, words))
        return SAFETY

    def book(self, answers: CounsellingAnswers) -> OwnCounselling | Refused:
        if self.refusals:
            return self.refusals.pop(0)
        self.asked = answers
        self.has(starts_at=answers.starts_at, way=answers.way, together=answers.together, matter=answers.matter)
        assert self.found is not None
        return self.found

    def move(self, session_id: str, starts_at: datetime) -> OwnCounselling | Refused:
        if self.refusals:
            return self.refusals.pop(0)
        self.has(starts_at=starts_at)
        assert self.found is not None
        return self.found

    def cancel(self, session_id: str) -> Refused | None:
        self.found = None
        return None
