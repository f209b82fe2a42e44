"""The archive as conversations see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from backend.kernel.clock import BEIJING
from tests.flows.bureau import XINCHENG
from workflows.chat.archive_port import ArchiveWish, AskedArchive, OwnArchive
from workflows.chat.ports import BookedPlace, Refused, TimeChoice

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=BEIJING)


def own_archive(**more: object) -> OwnArchive:
    """A request under way."""
    plain = OwnArchive(
        id="r1",
        number="CD00000001",
        state_name="查找中",
        sought_name="结婚登记档案",
        next_step="11月30日前给您答复，不用再来问。",
        open=True,
        waits_for_answer=False,
        bookable=False,
        visit="",
        office=XINCHENG,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@dataclass
class Archives:
    """The port; by default somebody who may ask and has not. `refusals` come first, once each."""

    found: list[OwnArchive] = field(default_factory=list)
    barred: dict[str, Refused] = field(default_factory=dict)
    wishes: list[ArchiveWish] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    def has(self, *states: dict[str, object]) -> None:
        self.found = [own_archive(id=f"r{place}", **more) for place, more in enumerate(states, 1)]

    def may_ask(self, applicant: str) -> Refused | None:
        return self.barred.get(applicant)

    def ask(self, wish: ArchiveWish) -> AskedArchive | Refused:
        if self.refusals:
            return self.refusals.pop(0)
        self.wishes.append(wish)
        return AskedArchive("CD00000001", date(2026, 11, 30), provisional=False)

    def own(self) -> Sequence[OwnArchive]:
        return self.found

    def answer(self, request_id: str, words: str) -> Refused | None:
        self.answers.append(words)
        return None

    def withdraw(self, request_id: str) -> Refused | None:
        self.found = []
        return None

    def book(self, request_id: str, slot_id: str) -> BookedPlace | Refused:
        if self.refusals:
            return self.refusals.pop(0)
        time = TimeChoice(slot_id, XINCHENG, NINE, NINE, 1)
        return BookedPlace("MZ0000009", time, NINE)
