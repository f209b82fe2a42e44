"""The staff room's demonstration data: a whole district with its people; every name is invented.

What is there already stays. One person of each role is printed at start-up; all have the same password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from pyotp import random_base32

from backend.demonstration.moments import moment_at
from backend.kernel.clock import clock_at, now, today
from backend.kernel.ids import new_id
from backend.kernel.scenes import Scene
from backend.staff.audit import record
from backend.staff.create import insert_account, insert_assignment
from backend.staff.entry.attempts import ATTEMPTS, LOCKED_FOR
from backend.staff.entry.models import SecondFactor
from backend.staff.leave import end_leave, take_leave
from backend.staff.models import NodeKind, OrganisationNode, Role, StaffAccount, StaffNotice
from backend.staff.nodes import make_node
from backend.staff.passwords import hash_password
from backend.staff.rescue import ask_to_remove_second_factor, unlock_account
from backend.storage import session, transaction

DISTRICT = "xincheng"
MARRIAGE_DEPARTMENT = "marriage-department"
ELDERLY_DEPARTMENT = "elderly-department"
RELIEF_DEPARTMENT = "relief-department"
FUNERAL_DEPARTMENT = "funeral-department"
INFORMATION_DEPARTMENT = "information-department"
XINCHENG_REGISTRY = "xincheng-registry"
CHANGLE_REGISTRY = "changle-registry"
STREETS = ("changle", "wanghe", "qinghuai")
COMMUNITIES = (
    ("changle-dongxiang", "changle-fangzhicheng", "changle-hepingli"),
    ("wanghe-qiaotou", "wanghe-liuyin", "wanghe-dukou"),
    ("qinghuai-yuan", "qinghuai-laohuaishu", "qinghuai-chunxiao"),
)
CANTEENS = ("changle-canteen", "liuyin-canteen", "qinghuai-canteen")

# The same for every demonstration account and printed at start-up; invented data only, refused in production.
DEMONSTRATION_PASSWORD = "nuanmin-2026"  # noqa: S105

# Each place after the one it lies below.
_NODES = (
    (DISTRICT, NodeKind.DISTRICT, "新城区民政局", None),
    (MARRIAGE_DEPARTMENT, NodeKind.DEPARTMENT, "婚姻登记科", DISTRICT),
    (ELDERLY_DEPARTMENT, NodeKind.DEPARTMENT, "养老服务科", DISTRICT),
    (RELIEF_DEPARTMENT, NodeKind.DEPARTMENT, "社会救助科", DISTRICT),
    (FUNERAL_DEPARTMENT, NodeKind.DEPARTMENT, "殡葬管理所", DISTRICT),
    (INFORMATION_DEPARTMENT, NodeKind.DEPARTMENT, "信息中心", DISTRICT),
    (XINCHENG_REGISTRY, NodeKind.REGISTRY, "新城区婚姻登记处", MARRIAGE_DEPARTMENT),
    (CHANGLE_REGISTRY, NodeKind.REGISTRY, "长乐路婚姻登记处", MARRIAGE_DEPARTMENT),
    (STREETS[0], NodeKind.STREET, "长乐路街道", DISTRICT),
    (COMMUNITIES[0][0], NodeKind.COMMUNITY, "东巷社区", STREETS[0]),
    (COMMUNITIES[0][1], NodeKind.COMMUNITY, "纺织城社区", STREETS[0]),
    (COMMUNITIES[0][2], NodeKind.COMMUNITY, "和平里社区", STREETS[0]),
    (STREETS[1], NodeKind.STREET, "望河街道", DISTRICT),
    (COMMUNITIES[1][0], NodeKind.COMMUNITY, "桥头社区", STREETS[1]),
    (COMMUNITIES[1][1], NodeKind.COMMUNITY, "柳荫社区", STREETS[1]),
    (COMMUNITIES[1][2], NodeKind.COMMUNITY, "渡口社区", STREETS[1]),
    (STREETS[2], NodeKind.STREET, "青槐街道", DISTRICT),
    (COMMUNITIES[2][0], NodeKind.COMMUNITY, "青槐园社区", STREETS[2]),
    (COMMUNITIES[2][1], NodeKind.COMMUNITY, "老槐树社区", STREETS[2]),
    (COMMUNITIES[2][2], NodeKind.COMMUNITY, "春晓社区", STREETS[2]),
    (CANTEENS[0], NodeKind.CANTEEN, "长乐路街道助餐点", STREETS[0]),
    (CANTEENS[1], NodeKind.CANTEEN, "柳荫社区助餐点", COMMUNITIES[1][1]),
    (CANTEENS[2], NodeKind.CANTEEN, "青槐园社区食堂", COMMUNITIES[2][0]),
    ("service-centre", NodeKind.COUNTER, "区政务中心民政窗口", DISTRICT),
    ("changle-counter", NodeKind.COUNTER, "长乐路街道便民服务窗口", STREETS[0]),
    ("wanghe-counter", NodeKind.COUNTER, "望河街道便民服务窗口", STREETS[1]),
    ("qinghuai-counter", NodeKind.COUNTER, "青槐街道便民服务窗口", STREETS[2]),
    ("laohuaishu-counter", NodeKind.COUNTER, "老槐树社区服务窗口", COMMUNITIES[2][1]),
)


@dataclass(frozen=True)
class _Member:
    username: str
    name: str
    role: Role
    over: str  # the place the role reaches
    home: str


MEMBERS = (
    _Member("registrar-1", "李芳", Role.REGISTRAR, XINCHENG_REGISTRY, XINCHENG_REGISTRY),
    _Member("registrar-2", "周敏", Role.REGISTRAR, CHANGLE_REGISTRY, CHANGLE_REGISTRY),
    _Member("registrar-3", "郑婷", Role.REGISTRAR, XINCHENG_REGISTRY, XINCHENG_REGISTRY),
    _Member("registrar-4", "孙丽", Role.REGISTRAR, CHANGLE_REGISTRY, CHANGLE_REGISTRY),
    _Member("head-1", "陈静", Role.REGISTRY_HEAD, XINCHENG_REGISTRY, XINCHENG_REGISTRY),
    _Member("head-2", "马建军", Role.REGISTRY_HEAD, CHANGLE_REGISTRY, CHANGLE_REGISTRY),
    _Member("clerk-1", "赵晓梅", Role.COUNTER_CLERK, STREETS[0], "changle-counter"),
    _Member("clerk-2", "吴磊", Role.COUNTER_CLERK, STREETS[1], "wanghe-counter"),
    _Member("clerk-3", "刘霞", Role.COUNTER_CLERK, STREETS[2], "qinghuai-counter"),
    _Member("clerk-4", "高娟", Role.COUNTER_CLERK, COMMUNITIES[2][1], "laohuaishu-counter"),
    _Member("clerk-5", "宋志刚", Role.COUNTER_CLERK, DISTRICT, "service-centre"),
    _Member("privacy", "林雪", Role.PRIVACY_OFFICER, DISTRICT, DISTRICT),
    _Member("auditor", "徐国强", Role.AUDITOR, DISTRICT, DISTRICT),
    _Member("social-1", "杨帆", Role.SOCIAL_WORKER, MARRIAGE_DEPARTMENT, MARRIAGE_DEPARTMENT),
    _Member("social-2", "蒋悦", Role.SOCIAL_WORKER, MARRIAGE_DEPARTMENT, MARRIAGE_DEPARTMENT),
    _Member("counsellor-1", "苏敏", Role.COUNSELLOR, MARRIAGE_DEPARTMENT, XINCHENG_REGISTRY),
    _Member("counsellor-2", "程远", Role.COUNSELLOR, MARRIAGE_DEPARTMENT, XINCHENG_REGISTRY),
    _Member("counsellor-3", "叶青", Role.COUNSELLOR, MARRIAGE_DEPARTMENT, CHANGLE_REGISTRY),
    _Member("counsellor-4", "韩律师", Role.COUNSELLOR, MARRIAGE_DEPARTMENT, XINCHENG_REGISTRY),
    _Member("counsellor-5", "田甜", Role.COUNSELLOR, MARRIAGE_DEPARTMENT, XINCHENG_REGISTRY),
    _Member("counselling", "沈岚", Role.COUNSELLING_SUPERVISOR, MARRIAGE_DEPARTMENT, MARRIAGE_DEPARTMENT),
    _Member("supervisor", "张岚", Role.SUPERVISOR, DISTRICT, DISTRICT),
    _Member("supervisor-2", "罗毅", Role.SUPERVISOR, MARRIAGE_DEPARTMENT, MARRIAGE_DEPARTMENT),
    _Member("supervisor-3", "唐慧", Role.SUPERVISOR, ELDERLY_DEPARTMENT, ELDERLY_DEPARTMENT),
    _Member("admin", "王主任", Role.ADMINISTRATOR, DISTRICT, DISTRICT),
    _Member("admin-2", "何伟", Role.ADMINISTRATOR, DISTRICT, INFORMATION_DEPARTMENT),
)
# One of each role; the rest sign in with the same password.
_PRINTED = (
    *("registrar-1", "head-1", "clerk-1", "privacy", "auditor", "supervisor", "social-1"),
    *("counsellor-1", "counselling", "admin"),
)

# On leave, who stands in, and who has arranged it.
_ABSENT, _STAND_IN, _ARRANGED_BY = "registrar-4", "registrar-3", "supervisor-2"
_LEAVE = (timedelta(days=-2), timedelta(days=5))


# Since when everybody has worked here: what happened before today needs somebody who could do it.
_HERE_FOR = timedelta(days=200)


@dataclass(frozen=True)
class DemonstrationSignIn:
    """One row of what is printed at start-up."""

    username: str
    password: str
    display_name: str
    place: str


def load_demo() -> None:
    """Make the places and accounts that are not there yet; safe to run any number of times."""
    with transaction():
        nodes = _load_nodes()
        with clock_at(now() - _HERE_FOR):
            made = _load_members(nodes)
        if _ABSENT in made:
            _load_leave()


def sign_ins() -> list[DemonstrationSignIn]:
    """The demonstration accounts to be printed, one of each role."""
    places = {code: name for code, _, name, _ in _NODES}
    return [
        DemonstrationSignIn(member.username, DEMONSTRATION_PASSWORD, member.name, places[member.home])
        for member in MEMBERS
        if member.username in _PRINTED
    ]


def _load_nodes() -> dict[str, OrganisationNode]:
    with transaction() as session:
        nodes = {node.code: node for node in session.scalars(sa.select(OrganisationNode))}
        for code, kind, name, parent in _NODES:
            if code not in nodes:
                nodes[code] = make_node(code, kind, name, nodes[parent] if parent else None)
                session.add(nodes[code])
                session.flush()
    return nodes


def _load_members(nodes: dict[str, OrganisationNode]) -> set[str]:
    """Add who is not there yet, and tell their usernames. The password is hashed once: that is slow on purpose."""
    with transaction() as session:
        known = set(session.scalars(sa.select(StaffAccount.username)))
        missing = [member for member in MEMBERS if member.username not in known]
        password_hash = hash_password(DEMONSTRATION_PASSWORD) if missing else ""
        for member in missing:
            account = insert_account(member.username, member.name, password_hash, nodes[member.home])
            insert_assignment(account.id, member.role, nodes[member.over].id, None)
            role, node = member.role.value, member.over
            record("staff.account_created", "staff_account", account.id, role=role, node=node)
    return {member.username for member in missing}


def _load_leave() -> None:
    first, last = (today() + step for step in _LEAVE)
    with transaction() as session:
        wanted = sa.select(StaffAccount).where(StaffAccount.username.in_([_ABSENT, _STAND_IN, _ARRANGED_BY]))
        people = {account.username: account for account in session.scalars(wanted)}
        take_leave(people[_ABSENT].id, first, last, by=people[_ARRANGED_BY], stand_in_id=people[_STAND_IN].id)


def accounts_by_username() -> dict[str, StaffAccount]:
    """Every account by its username; one query."""
    with transaction() as session:
        return {account.username: account for account in session.scalars(sa.select(StaffAccount))}


def scenes() -> list[Scene]:
    """What administrators did to accounts, and leaves that are over; nothing where accounts were touched already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(StaffNotice.id.is_not(None)))):
            return []
    people = accounts_by_username()
    admin, away, back = people["admin"], people["clerk-2"], moment_at(8, 9)
    return [
        Scene(moment_at(14, 8, 50), lambda: _lock(people["clerk-4"])),
        Scene(moment_at(14, 8, 58), lambda: unlock_account(people["clerk-4"].id, "本人来电，密码输错几次", by=admin)),
        Scene(
            moment_at(13, 9), lambda: take_leave(away.id, today(), today() + timedelta(days=6), by=people["supervisor"])
        ),
        Scene(back, lambda: end_leave(away.id, by=people["supervisor"])),
        Scene(moment_at(2, 10), lambda: _ask_for_leave(people)),
        Scene(moment_at(60, 9), lambda: _second_factor(people["clerk-2"])),
        Scene(
            moment_at(0, 8, 20),
            lambda: ask_to_remove_second_factor(
                people["clerk-2"].id, "手机丢了，恢复码也没带，已打电话核实", by=people["admin-2"]
            ),
        ),
    ]


def _lock(account: StaffAccount) -> None:
    account.failed_sign_ins, account.locked_until = ATTEMPTS, now() + LOCKED_FOR
    record("staff.locked", "staff_account", account.id, attempts=ATTEMPTS)


def _second_factor(account: StaffAccount) -> None:
    """One whose telephone nobody has: this colleague waits for two others to take it away."""
    row = SecondFactor(id=new_id(), account_id=account.id, created_at=now(), confirmed_at=now(), last_step=0)
    row.secret = random_base32()
    session().add(row)
    session().flush()


def _ask_for_leave(people: dict[str, StaffAccount]) -> None:
    """A leave of days to come, with a stand-in."""
    first = today() + timedelta(days=9)
    last, head = first + timedelta(days=4), people["head-1"]
    take_leave(people["registrar-1"].id, first, last, by=head, stand_in_id=people["registrar-3"].id)
