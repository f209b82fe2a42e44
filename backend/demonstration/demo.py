"""The demonstration's settings: some the bureau changed, one that will change, one that waits for a second person."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from backend.console.settings_pages.changes import Change, make
from backend.console.settings_pages.groups import EVERYWHERE, Declared
from backend.demonstration.moments import moment_at
from backend.kernel.clock import start_of_day, today
from backend.kernel.scenes import Scene
from backend.marriage.parameters import BOOKING
from backend.marriage.rush.parameters import RUSH
from backend.parameters.models import ParameterValue
from backend.people.rights.parameters import BUREAU
from backend.staff.audit import acting, acting_ends
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY, accounts_by_username
from backend.staff.entry.parameters import SESSIONS
from backend.staff.models import Role, StaffAccount
from backend.storage import transaction

_GROUPS = (BUREAU, BOOKING, RUSH, SESSIONS)
# Workdays ago, what, for which place, the value, in how many days it holds, and why.
_CHANGES = (
    (38, "bureau.phone", EVERYWHERE, "029-00000100", None, "公布咨询电话"),
    (38, "bureau.address", EVERYWHERE, "新城区长乐中路28号政务中心", None, "公布地址"),
    (30, "marriage.rush", EVERYWHERE, True, None, "高峰日先登记、再给位置，免得大家抢着点"),
    (30, "marriage.rush_drawn", CHANGLE_REGISTRY, True, None, "长乐路试行摇号"),
    (20, "marriage.late_grace_minutes", EVERYWHERE, 20, None, "门口修路，晚到的多"),
    (9, "marriage.foreign_related", XINCHENG_REGISTRY, True, None, "省民政厅指定"),
    (3, "marriage.hours", CHANGLE_REGISTRY, [["09:00", "12:00"], ["14:00", "17:30"]], 20, "换季调整作息"),
    (1, "staff.session_idle_minutes", EVERYWHERE, 30, None, "窗口多人共用电脑，离开座位早点退出"),
)


def scenes() -> list[Scene]:
    """What is played; nothing where something was set already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(ParameterValue.id.is_not(None)))):
            return []
    admin = accounts_by_username()["admin"]
    return [Scene(moment_at(days_ago, 9, 20), partial(_change, admin, *change)) for days_ago, *change in _CHANGES]


def _change(admin: StaffAccount, key: str, place: str, value: object, ahead: int | None, reason: str) -> None:
    declared = next(Declared(one, group) for group in _GROUPS for one in group.parameters if one.key == key)
    begins = None if ahead is None else start_of_day(today() + timedelta(days=ahead))
    acting(admin.id, Role.ADMINISTRATOR.value, "192.0.2.2", None)
    make(Change(declared, place, value, begins, reason), admin)
    acting_ends()
