"""The people room's demonstration data: a few hundred invented persons of the test-only area 100000.

Who they are follows from their place in the list, so every demonstration has the same ones. They live in the district's
communities as far as there are any; about a third are sixty and older.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from backend.kernel.clock import now, today
from backend.kernel.identity import IdentityNumber, IdType, check_character, parse_identity_number
from backend.kernel.ids import new_id
from backend.people.models import Person, PersonEvent, number_index
from backend.people.rules import Level, PersonEventName, ProofMethod
from backend.storage import transaction

PERSONS = 320
# The oldest among them was born then; every seventh elder is in the nineties.
_FIRST_YEAR = 1931

_FAMILY = (
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 萧 田 董 袁 潘 于 "
    "蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏"
)
_ELDER_MEN = "建国 德福 永昌 志刚 国强 玉林 长庚 福生 保国 树森 克勤 世昌 金山 庆丰 明德 守义"
_ELDER_WOMEN = "桂英 秀兰 玉珍 淑芬 凤英 秀英 桂兰 素琴 玉兰 春梅 惠芳 月娥 翠兰 淑珍 菊香 爱莲"
_MEN = "浩然 子轩 志强 俊杰 一鸣 文博 海涛 立新 晓东 宇航 鹏飞 家豪 思远 振华 天佑 明哲"
_WOMEN = "雨桐 欣怡 晓燕 佳琪 静怡 丽娜 思涵 梦洁 海燕 雪梅 文静 婷婷 若曦 嘉宁 红霞 小满"
# These are asked for by name in walks through the demonstration, so they are always there.
_KNOWN = (
    ("王桂英", date(1946, 3, 12), 2, "13900010001"),
    ("李建国", date(1938, 11, 2), 1, None),
    ("张秀兰", date(1951, 6, 30), 2, "13900010003"),
    ("赵德福", date(1934, 1, 19), 1, None),
)


def load_demo() -> None:
    """Make the persons that are not there yet; safe to run any number of times."""
    with transaction() as db:
        numbers = [number_at(place) for place in range(PERSONS)]
        indexes = {place: number_index(_identity(number)) for place, number in enumerate(numbers)}
        known = set(db.scalars(sa.select(Person.id_number_index).where(Person.id_number_index.in_(indexes.values()))))
        homes = communities()
        people = [_person(place, homes) for place in range(PERSONS) if indexes[place] not in known]
        db.add_all(people)
        db.flush()
        db.add_all(_event(person, name) for person in people for name in _EVENTS)
        db.flush()


_EVENTS = (PersonEventName.CREATED, PersonEventName.VERIFIED)


def _event(person: Person, name: PersonEventName) -> PersonEvent:
    return PersonEvent(person_id=person.id, at=person.created_at, name=name, method=person.verified_by)


def communities() -> Sequence[uuid.UUID]:
    """The communities of the tree in a lasting order; the staff room owns them, so they are only looked at here."""
    wanted = sa.text("SELECT id FROM organisation_nodes WHERE kind = 'community' ORDER BY code")
    with transaction() as db:
        return db.scalars(wanted).all()


def _person(place: int, homes: Sequence[uuid.UUID]) -> Person:
    moment = _verified_at(place)
    person = Person(id=new_id(), created_at=moment)
    person.name = name_at(place)
    person.take_number(_identity(number_at(place)))
    person.phone = _phone(place)
    person.level = Level.VERIFIED.value
    person.verified_at = moment
    # Elders come to the counter, most others verify themselves.
    person.verified_by = ProofMethod.STAFF if _is_elder(place) or place % 4 == 0 else ProofMethod.SERVICE
    # Some have not said yet where they live.
    person.community_id = homes[place % len(homes)] if homes and (place + 1) % 11 else None
    return person


def _verified_at(place: int) -> datetime:
    """Spread over the last four months, in office hours."""
    day = now() - timedelta(days=1 + place * 7 % 120)
    return day.replace(hour=9 + place % 8, minute=place * 13 % 60, second=0, microsecond=0)


def _is_elder(place: int) -> bool:
    return place < len(_KNOWN) or place % 3 == 0


def _is_man(place: int) -> bool:
    if place < len(_KNOWN):
        return _KNOWN[place][2] == 1
    return place % 2 == 0


def name_at(place: int) -> str:
    """What the person of a place is called."""
    if place < len(_KNOWN):
        return _KNOWN[place][0]
    elder, man = _is_elder(place), _is_man(place)
    given = (_ELDER_MEN if man else _ELDER_WOMEN) if elder else (_MEN if man else _WOMEN)
    return _one_of(_FAMILY, place * 5) + _one_of(given, place // 3)


def _one_of(names: str, place: int) -> str:
    listed = names.split()
    return listed[place % len(listed)]


def _born(place: int) -> date:
    if place < len(_KNOWN):
        return _KNOWN[place][1]
    years = place * 11 % 32 if _is_elder(place) else 38 + place * 7 % 36  # 1931-1962, or 1969-2004
    return date(_FIRST_YEAR + years, 1 + place % 12, 1 + place * 3 % 28)


def number_at(place: int) -> str:
    """The number on the card of the person of a place."""
    # Sequence numbers from 600 on: other rooms' invented people have lower ones.
    first17 = f"100000{_born(place):%Y%m%d}{600 + place % 180 * 2 + _is_man(place):03d}"
    return first17 + check_character(first17)


def _identity(number: str) -> IdentityNumber:
    return parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, number, today=today())


def _phone(place: int) -> str | None:
    if place < len(_KNOWN):
        return _KNOWN[place][3]
    return None if place % 9 == 0 else f"13900{20000 + place * 17:06d}"


def people_at(places: Iterable[int]) -> dict[int, uuid.UUID]:
    """The ids of the persons of some places in the list; one query. Raises `KeyError` where one is not loaded."""
    indexes = {place: number_index(_identity(number_at(place))) for place in places}
    wanted = sa.select(Person.id_number_index, Person.id).where(Person.id_number_index.in_(indexes.values()))
    with transaction() as db:
        found = dict(db.execute(wanted).all())
    return {place: found[index] for place, index in indexes.items()}
