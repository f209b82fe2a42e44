"""The demonstration's trail: weeks of looks by day and by person, declared relatives, and unusual looks.

Looks are those of real pages, at persons that the people room has loaded; the rules flag what they would flag anyway.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from backend.demonstration.moments import moment_at
from backend.kernel.scenes import Scene
from backend.staff.audit.acting import acting, acting_ends
from backend.staff.audit.flags import look_into
from backend.staff.audit.models import AuditFlag, WatchedNumber
from backend.staff.audit.rules import FlagState, Outcome, Relation, Rule
from backend.staff.audit.trail import record, record_look
from backend.staff.audit.watch import add_well_known, declare_relative, register_own_number, watch_index
from backend.staff.demo import accounts_by_username
from backend.staff.models import Role, StaffAccount
from backend.storage import session, transaction

_PERSON = "person"
# Who looks at how many records on a usual day, in which role.
_LOOKERS = (
    ("clerk-1", Role.COUNTER_CLERK, 3),
    ("clerk-2", Role.COUNTER_CLERK, 2),
    ("clerk-5", Role.COUNTER_CLERK, 3),
    ("privacy", Role.PRIVACY_OFFICER, 1),
)
_DAYS = 18


@dataclass(frozen=True)
class Known:
    """A person to look at: id, name and number, as the people room has them."""

    id: uuid.UUID
    name: str
    number: str


def scenes(known: Sequence[Known]) -> list[Scene]:
    """What is played with at least twenty persons; nothing where numbers are watched already."""
    with transaction() as opened:
        if opened.scalar(sa.select(sa.exists().where(WatchedNumber.id.is_not(None)))):
            return []
    accounts = accounts_by_username()
    return [*_declared(accounts, known), *_usual(accounts, known), *_unusual(accounts, known), *_judged(accounts)]


def _declared(accounts: dict[str, StaffAccount], known: Sequence[Known]) -> list[Scene]:
    clerk, registrar, auditor = (accounts[name].id for name in ("clerk-1", "registrar-1", "auditor"))
    mother, brother, mayor, own = known[:4]
    return [
        Scene(moment_at(25, 9, 10), lambda: register_own_number(clerk, own.number)),
        Scene(moment_at(25, 9, 12), lambda: declare_relative(clerk, mother.name, mother.number, Relation.PARENT.value)),
        Scene(
            moment_at(24, 9, 30),
            lambda: declare_relative(registrar, brother.name, brother.number, Relation.SIBLING.value),
        ),
        Scene(moment_at(24, 10), lambda: add_well_known(auditor, mayor.name, mayor.number, "本地电视台主持人")),
    ]


def _usual(accounts: dict[str, StaffAccount], known: Sequence[Known]) -> list[Scene]:
    found = []
    for days_ago in range(1, _DAYS):
        for turn, (username, role, most) in enumerate(_LOOKERS):
            for count in range(1 + (days_ago * 5 + turn * 3) % (most + 1)):
                one = known[4 + (days_ago * 7 + turn * 5 + count) % (len(known) - 4)]
                at = moment_at(days_ago, 9 + count * 2, 5 + turn * 9)
                found.append(Scene(at, partial(_look, accounts[username], role, one)))
    return found


def _unusual(accounts: dict[str, StaffAccount], known: Sequence[Known]) -> list[Scene]:
    clerk, other = accounts["clerk-1"], accounts["clerk-2"]
    mother, _, mayor, own = known[:4]
    late = moment_at(3, 9).replace(hour=21, minute=40)
    return [
        Scene(moment_at(16, 11), lambda: _reason(clerk, mother, "替母亲核对登记的电话")),
        Scene(moment_at(16, 11, 1), lambda: _look(clerk, Role.COUNTER_CLERK, mother)),
        Scene(moment_at(10, 15), lambda: _look(other, Role.COUNTER_CLERK, mayor)),
        Scene(moment_at(6, 16), lambda: _look(other, Role.COUNTER_CLERK, own)),
        Scene(late, lambda: _look(accounts["clerk-5"], Role.COUNTER_CLERK, known[9])),
        Scene(moment_at(1, 14), lambda: _look(accounts["clerk-5"], Role.COUNTER_CLERK, mayor)),
        *_hurry(accounts["clerk-3"], known, moment_at(2, 16)),
    ]


def _hurry(who: StaffAccount, known: Sequence[Known], began: datetime) -> list[Scene]:
    """More records within ten minutes than anybody needs."""
    some = [known[4 + place % (len(known) - 4)] for place in range(34)]
    return [
        Scene(began + timedelta(seconds=15 * place), partial(_look, who, Role.COUNTER_CLERK, one))
        for place, one in enumerate(some)
    ]


def _judged(accounts: dict[str, StaffAccount]) -> list[Scene]:
    auditor = accounts["auditor"].id
    return [
        Scene(
            moment_at(15, 9), lambda: _judge(auditor, Rule.RELATIVE, Outcome.EXPLAINED, "已说明理由，当天另有同事在场")
        ),
        Scene(moment_at(8, 10), lambda: _judge(auditor, Rule.WELL_KNOWN, Outcome.REMINDED, "已提醒，不是本人经办的事")),
    ]


def _look(who: StaffAccount, role: Role, one: Known) -> None:
    acting(who.id, role.value, "192.0.2.20", None)
    indexes = [watch_index(one.number)]
    record_look("people.person_viewed", _PERSON, [one.id], number_indexes=indexes, account_id=who.id)
    acting_ends()


def _reason(who: StaffAccount, one: Known, purpose: str) -> None:
    acting(who.id, Role.COUNTER_CLERK.value, "192.0.2.20", None)
    record("audit.reason_stated", _PERSON, one.id, account_id=who.id, purpose=purpose)
    acting_ends()


def _judge(auditor: uuid.UUID, rule: Rule, outcome: Outcome, note: str) -> None:
    oldest = sa.select(AuditFlag.id).where(AuditFlag.rule == rule, AuditFlag.state == FlagState.NEW)
    flag_id = session().scalar(oldest.order_by(AuditFlag.at).limit(1))
    if flag_id is not None:
        look_into(flag_id, auditor, outcome.value, note)
