"""The marriage room's demonstration data: two registries, their slots, and a desk that is alive.

Names are invented and numbers are of the test-only area 100000. What is there already stays; the appointments are laid
around the day on which they are first loaded.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import now, today
from backend.kernel.identity import IdType, check_character, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, party_row
from backend.marriage.history import record
from backend.marriage.kinds import KINDS, Area
from backend.marriage.models import Appointment, Office, Party, Slot, Via
from backend.marriage.numbers import next_number
from backend.marriage.offers import forget_offices, office
from backend.marriage.open_slots import open_slots
from backend.marriage.parameters import booking_rules
from backend.marriage.rules import ACTIVE_STATES, Kind, ResidentGroup, State, plan_day
from backend.marriage.tickets.issue import queue_couple
from backend.people.models import Person
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY
from backend.staff.models import OrganisationNode
from backend.storage import transaction

KIND = Kind.MARRIAGE_REGISTRATION
MINUTES = KINDS[KIND].minutes

_OFFICES = (
    (XINCHENG_REGISTRY, "新城区婚姻登记处", "长乐中路28号政务中心2楼", "029-00000101"),
    (CHANGLE_REGISTRY, "长乐路婚姻登记处", "长乐西路6号社区服务中心1楼", "029-00000102"),
)

_GROOMS = (
    "周文博 吴志远 郑凯 孙浩然 马骏 朱子墨 胡明轩 林峰 何俊杰 高翔 罗一鸣 梁宇 宋嘉伟 唐晨 许诺 韩磊 "
    "谢天宇 冯超 程一凡 蔡文杰 彭浩 潘磊 袁野 于洋 董鹏 余洋 苏哲 叶枫 吕行 魏来 蒋文 田野"
)
_BRIDES = (
    "陈雨桐 杨静 赵欣怡 黄诗涵 徐梦洁 曹颖 邓丽华 冯晓雯 彭佳琪 曾子涵 萧然 田甜 董思思 袁媛 潘悦 于小满 "
    "蒋欣 蔡琳 余音 杜若 叶子 程曦 苏婉 魏紫 吕思 任静 沈月 姚瑶 卢晓 傅蓉 钟灵 姜南"
)

# Days from the loading day, and the states that day's couples are in: a morning under way, then days to come.
_DAYS = (
    (0, (State.SERVED, State.SERVED, State.CHECKED_IN, State.CONFIRMED, State.CONFIRMED, State.BOOKED)),
    (1, (State.CONFIRMED, State.BOOKED, State.BOOKED, State.CONFIRMED)),
    (2, (State.BOOKED, State.CONFIRMED, State.BOOKED)),
    (3, (State.BOOKED, State.CANCELLED, State.BOOKED)),
)


# Why a couple of the past was turned away, or its papers were not enough.
WRONG_PAPERS = "男方身份证过期，换好新证再来"
REFUSED_BECAUSE = "女方户籍信息还在更正，办好以后可以再约"


@dataclass(frozen=True)
class Couple:
    """An invented couple by its place in the list; the first are those of the days to come."""

    index: int

    @property
    def groom(self) -> CheckedParty:
        """One of the two."""
        names = _GROOMS.split()
        born = date(1996, 3, 1) + timedelta(days=37 * self.index % 4000)
        return _party(names[self.index % len(names)], born, 11 + 20 * (self.index // 108))

    @property
    def bride(self) -> CheckedParty:
        """The other one."""
        names = _BRIDES.split()
        born = date(1998, 5, 1) + timedelta(days=29 * self.index % 3000)
        return _party(
            names[(self.index + self.index // len(names) * 5) % len(names)], born, 22 + 20 * (self.index // 103)
        )


def _party(name: str, born: date, sequence: int) -> CheckedParty:
    first17 = f"100000{born:%Y%m%d}{sequence:03d}"
    identity = parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, first17 + check_character(first17), today=today())
    return CheckedParty(name, identity, f"139000{born:%m%d}{sequence % 10}", ResidentGroup.MAINLAND)


def load_demo() -> None:
    """Registries, slots and appointments."""
    with transaction() as session:
        first_time = session.scalar(sa.select(sa.func.count()).select_from(Office)) == 0
        _load_offices()
        open_slots()
        if first_time:
            _load_appointments()


def _load_offices() -> None:
    with transaction() as session:
        known = set(session.scalars(sa.select(Office.code)))
        nodes = {node.code: node.id for node in session.scalars(sa.select(OrganisationNode))}
        for position, (code, name, address, phone) in enumerate(_OFFICES):
            if code not in known:
                session.add(
                    Office(
                        id=new_id(),
                        code=code,
                        node_id=nodes[code],
                        name=name,
                        address=address,
                        phone=phone,
                        position=position,
                    )
                )
        session.flush()
        forget_offices()


def _load_appointments() -> None:
    with transaction() as session:
        couples = 0
        for place in session.scalars(sa.select(Office).order_by(Office.position)).all():
            for ahead, states in _DAYS:
                day = _workday_ahead(ahead)
                for slot, state in zip(slots_of(place, day), states, strict=False):
                    _add(Couple(couples), slot, _believable(state, slot))
                    couples += 1


def _believable(state: State, slot: Slot) -> State:
    """Nobody has come yet to a time that lies ahead: loaded on a Sunday, the morning under way is Monday's."""
    return State.CONFIRMED if state in (State.SERVED, State.CHECKED_IN) and slot.starts_at > now() else state


def _workday_ahead(ahead: int) -> date:
    calendar, day = legal_calendar(), today()
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    for _ in range(ahead):
        day = calendar.add_workdays(day, 1).day
    return day


def slots_of(place: Office, day: date) -> list[Slot]:
    """The day's slots with room; today's were never opened on this new machine, so they are made here."""
    with transaction() as session:
        found = session.scalars(
            sa.select(Slot)
            .where(Slot.office_id == place.id, Slot.day == day, Slot.area == Area.MARRIAGE_HALL)
            .order_by(Slot.starts_at)
        ).all()
        if not found and office(place.id):
            found = [
                Slot(
                    id=new_id(),
                    office_id=place.id,
                    area=planned.area,
                    kinds=sorted(planned.kinds),
                    day=day,
                    starts_at=planned.starts_at,
                    ends_at=planned.ends_at,
                    capacity=planned.capacity,
                    taken=0,
                )
                for planned in plan_day(day, booking_rules(place.code, now()), legal_calendar())
            ]
            session.add_all(found)
            session.flush()
        return [slot for slot in found if slot.taken + MINUTES <= slot.capacity]


def _add(couple: Couple, slot: Slot, state: State) -> None:
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        session.flush()
        appointment = appointment_row(person.id, slot, state, now() - timedelta(days=2))
        session.add(appointment)
        if state is not State.CANCELLED:
            slot.taken += MINUTES
        session.flush()
        for position, party in enumerate((couple.groom, couple.bride)):
            values = party_row(party, position)
            session.add(Party(appointment_id=appointment.id, active=state in ACTIVE_STATES, kind=KIND, **values))
        record(appointment.id, "booked", Actor("resident", person.id), None, State.BOOKED)
        if state is not State.BOOKED:
            record(appointment.id, state.value, SYSTEM, State.BOOKED, state)
        if state is State.CHECKED_IN:
            queue_couple(slot.office_id, appointment.id, KIND, slot.starts_at, SYSTEM)


def appointment_row(person_id: uuid.UUID, slot: Slot, state: State, created_at: datetime) -> Appointment:
    """A row that nobody has checked."""
    return Appointment(
        id=new_id(),
        number=next_number(),
        slot_id=slot.id,
        kind=KIND,
        minutes=MINUTES,
        state=state,
        booked_by=person_id,
        via=Via.CHAT,
        created_at=created_at,
        changed_at=created_at,
    )
