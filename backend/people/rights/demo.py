"""The demonstration's requests about personal data: of every kind and state, choices on reminders, and a legal hold.

They belong to persons of the people room's demonstration, and go through the use cases with the clock at their day.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from backend.demonstration.moments import Colleague, moment_at
from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.kernel.scenes import Scene
from backend.people.demo import people_at
from backend.people.rights.answers import SUBJECT_KIND, ask_for_oneself, complete, refuse, take_up
from backend.people.rights.consent import choose, purposes
from backend.people.rights.holds import place_hold
from backend.people.rights.models import RightsRequest
from backend.people.rights.notice import current_notice
from backend.people.rights.requests import ask
from backend.people.rights.rules import RefusalReason, RequestKind, Via
from backend.storage import transaction


@dataclass(frozen=True)
class _Request:
    """Asked for by the person of a place, so many workdays ago; then taken up, answered or refused, if it was."""

    person: int
    kind: RequestKind
    days_ago: int
    words: str = ""
    taken: bool = False
    answer: str = ""
    refusal: RefusalReason | None = None
    via: Via = Via.CHAT


_REQUESTS = (
    _Request(64, RequestKind.DELETE, 17, "以后不在本区住了，请删除我的信息"),
    _Request(65, RequestKind.CORRECT, 14, "手机号换了，以窗口登记的新号为准"),
    _Request(67, RequestKind.CORRECT, 11, "所在社区搬到和平里了", taken=True, via=Via.DESK),
    _Request(68, RequestKind.DELETE, 6, taken=True),
    _Request(70, RequestKind.DELETE, 2),
    _Request(71, RequestKind.CORRECT, 1, "名字里“云”应该是“芸”", via=Via.DESK),
    _Request(73, RequestKind.CORRECT, 22, "手机号少了一位", taken=True, answer="已按您在窗口登记的号码改好"),
    _Request(74, RequestKind.DELETE, 28, taken=True, refusal=RefusalReason.STILL_UNDER_WAY),
    _Request(76, RequestKind.CORRECT, 34, "出生日期登错了", taken=True, answer="已照身份证改好"),
    _Request(79, RequestKind.EXPORT, 4),
    _Request(82, RequestKind.EXPORT, 25),
)
# Who has said whether reminders may come: places of the list; the last one has thought again.
_AGREED, _DECLINED = (0, 2, 10, 13, 19, 28, 40, 41, 43, 64, 65, 70), (22, 31, 73, 82)
_HELD = 85


def scenes(officer: Colleague) -> list[Scene]:
    """What is played; nothing where there are requests already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(RightsRequest.id.is_not(None)))):
            return []
    people = people_at({*(wanted.person for wanted in _REQUESTS), *_AGREED, *_DECLINED, _HELD})
    asked = [scene for wanted in _REQUESTS for scene in _Played(wanted, people[wanted.person], officer).scenes()]
    chosen = [
        Scene(moment_at(1 + place % 30, 19, place % 60), partial(_choose, people[place], given))
        for given, places in ((True, _AGREED), (False, (*_DECLINED, _AGREED[-1])))
        for place in places
    ]
    return [*asked, *chosen, Scene(moment_at(13, 15), lambda: _hold(people[_HELD], officer))]


def _choose(person_id: uuid.UUID, given: bool) -> None:
    choose(person_id, purposes()[0].key, given=given, version=current_notice().version, via=Via.CHAT)


def _hold(person_id: uuid.UUID, officer: Colleague) -> None:
    hold_id = place_hold(person_id, "行政复议审理中，案号 新复〔2026〕12号", officer.id)
    officer.note("rights.hold_placed", "legal_hold", hold_id)


class _Played:
    """One request and its steps; it has an id once it was asked for."""

    def __init__(self, wanted: _Request, person_id: uuid.UUID, officer: Colleague) -> None:
        self.wanted, self.person_id, self.officer = wanted, person_id, officer
        self.id = uuid.UUID(int=0)

    def scenes(self) -> list[Scene]:
        wanted, began = self.wanted, moment_at(self.wanted.days_ago, 10, self.wanted.person % 60)
        steps = [(timedelta(0), self.ask)]
        if wanted.taken:
            steps.append((timedelta(hours=5), self.take))
        if wanted.answer or wanted.refusal:
            steps.append((timedelta(days=3), self.answer))
        return [Scene(min(began + later, now()), play) for later, play in steps]

    def ask(self) -> None:
        wanted = self.wanted
        if wanted.via is Via.DESK:
            actor = Actor("staff", self.officer.id)
            self.id = ask(self.person_id, wanted.kind, wanted.words, Via.DESK, actor).id
            self.officer.note("rights.request_registered", SUBJECT_KIND, self.id)
        else:
            self.id = ask_for_oneself(self.person_id, wanted.kind, wanted.words, Via.CHAT, confirmed=True).id

    def take(self) -> None:
        take_up(self.id, self.officer.id)
        self.officer.note("rights.request_taken", SUBJECT_KIND, self.id)

    def answer(self) -> None:
        if self.wanted.refusal is not None:
            refuse(self.id, self.officer.id, self.wanted.refusal, "您预约的业务还没办完，办完以后可以再申请")
            self.officer.note("rights.request_refused", SUBJECT_KIND, self.id)
        else:
            complete(self.id, self.officer.id, self.wanted.answer)
            self.officer.note("rights.request_done", SUBJECT_KIND, self.id)
