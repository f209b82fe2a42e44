"""The demonstration's events of lives: two deaths, one of them recorded by mistake and put right, moves, a name."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from backend.demonstration.moments import Colleague, moment_at
from backend.kernel.clock import today
from backend.kernel.scenes import Scene
from backend.people.demo import communities, people_at
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.models import Person
from backend.people.notices import SUBJECT_KIND
from backend.storage import transaction


@dataclass(frozen=True)
class _Event:
    person: int  # the place in the people room's list
    kind: EventKind
    days_ago: int
    source: Source
    reason: str
    name: str | None = None


_EVENTS = (
    _Event(27, EventKind.DEATH, 7, Source.DEATH_CERTIFICATE, "死亡医学证明，编号 YZ-2026-0117"),
    _Event(45, EventKind.DEATH, 20, Source.DATA_SHARE, "卫健数据推送"),
    _Event(45, EventKind.DEATH_REVERSED, 18, Source.POLICE, "本人到窗口，派出所出具证明，是同名的人"),
    _Event(60, EventKind.DEATH, 33, Source.POLICE, "派出所注销户口证明"),
    _Event(48, EventKind.MOVED, 12, Source.AT_THE_COUNTER, "本人带新房租赁合同来登记"),
    _Event(51, EventKind.MOVED, 9, Source.COMMITTEE, "社区上门核实，搬到女儿家"),
    _Event(16, EventKind.NAME_CORRECTED, 5, Source.AT_THE_COUNTER, "照身份证更正，原来登记时打错一个字", "李晓芸"),
)


def scenes(clerk: Colleague) -> list[Scene]:
    """What is played; nothing where there are events already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(LifeEvent.id.is_not(None)))):
            return []
    people = people_at({event.person for event in _EVENTS})
    homes = communities()
    return [
        Scene(moment_at(event.days_ago, 10, event.person % 60), _Played(event, people[event.person], clerk, homes))
        for event in _EVENTS
    ]


@dataclass(frozen=True)
class _Played:
    event: _Event
    person_id: uuid.UUID
    clerk: Colleague
    homes: Sequence[uuid.UUID]

    def __call__(self) -> None:
        event = self.event
        home = self._new_home() if event.kind is EventKind.MOVED else None
        report = Report(event.kind, self.clerk.id, event.source, self._day(), event.reason, home, event.name)
        event_id = record_life_event(self.person_id, report)
        source = event.source.value
        self.clerk.note(f"life.{event.kind.value}", SUBJECT_KIND, self.person_id, event=str(event_id), source=source)

    def _new_home(self) -> uuid.UUID:
        with transaction() as session:
            present = session.get_one(Person, self.person_id).community_id
        elsewhere = [home for home in self.homes if home != present]
        return elsewhere[self.event.person % len(elsewhere)]

    def _day(self) -> date:
        return today() - timedelta(days=2) if self.event.kind is EventKind.DEATH else today()
