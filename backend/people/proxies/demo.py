"""The demonstration's proxies: some that hold, some that wait, some that ended, each by its own way."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backend.demonstration.moments import Colleague, moment_at
from backend.kernel.clock import now
from backend.kernel.scenes import Scene
from backend.people.demo import name_at, number_at, people_at
from backend.people.proxies.answer import (
    confirm_as_principal,
    confirm_as_staff,
    confirm_by_code,
    count_try,
    decline,
    give_code,
    lapse_asked,
)
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.cut import cut, cut_as_staff
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.rules import Relation, Scope
from backend.storage import transaction

_SUBJECT = "proxy_tie"
_ALL = (Scope.MEALS, Scope.CARE, Scope.PEOPLE)


@dataclass(frozen=True)
class _Tie:
    """Who asks for whom, so many workdays ago, and how it goes on; places are those of the people room's list."""

    helper: int
    principal: int
    relation: Relation
    days_ago: int
    then: str = ""  # how it was answered, and after a plus sign how it ended
    scopes: tuple[Scope, ...] = _ALL
    reason: str = "双方到场，看过户口簿"


_TIES = (
    _Tie(10, 0, Relation.CHILD, 40, "own"),
    _Tie(13, 1, Relation.CHILD, 35, "code"),
    _Tie(19, 2, Relation.CHILD_IN_LAW, 28, "staff"),
    _Tie(22, 3, Relation.GRANDCHILD, 26, "code"),
    _Tie(25, 6, Relation.CHILD, 24, "own+cut"),
    _Tie(28, 9, Relation.CHILD, 22, "staff+staff_cut"),
    _Tie(31, 12, Relation.SIBLING, 30, "+declined", (Scope.MEALS,)),
    _Tie(34, 15, Relation.ENTRUSTED, 32, "+lapsed", (Scope.ASSISTANCE,)),
    _Tie(37, 18, Relation.GUARDIAN, 18, "staff", (Scope.ASSISTANCE, Scope.CARE), "看过监护人指定书原件"),
    _Tie(40, 21, Relation.COMMITTEE, 15, "staff", (Scope.ASSISTANCE,), "社区出具了委托书"),
    _Tie(40, 24, Relation.COMMITTEE, 15, "staff", (Scope.ASSISTANCE,), "社区出具了委托书"),
    _Tie(43, 27, Relation.CHILD, 12, "own"),
    _Tie(46, 30, Relation.CHILD, 6),
    _Tie(49, 33, Relation.CHILD_IN_LAW, 4),
    _Tie(52, 36, Relation.GUARDIAN, 2, "", (Scope.ASSISTANCE,)),
    _Tie(55, 0, Relation.GRANDCHILD, 1, "", (Scope.MEALS,)),
)


def scenes(clerk: Colleague) -> list[Scene]:
    """What is played; nothing where there are ties already."""
    with transaction() as session:
        if session.scalar(sa.select(sa.exists().where(ProxyTie.id.is_not(None)))):
            return []
    people = people_at({place for tie in _TIES for place in (tie.helper, tie.principal)})
    return [scene for tie in _TIES for scene in _played(_Played(tie, people, clerk))]


class _Played:
    """One tie and its steps; it has an id once it was asked for."""

    def __init__(self, tie: _Tie, people: dict[int, uuid.UUID], clerk: Colleague) -> None:
        self.tie, self.clerk = tie, clerk
        self.helper, self.principal = people[tie.helper], people[tie.principal]
        self.id = uuid.UUID(int=0)

    def ask(self) -> None:
        tie = self.tie
        wish = Wish(
            name_at(tie.principal), number_at(tie.principal), tie.relation, [scope.value for scope in tie.scopes]
        )
        self.id = ask_proxy(self.helper, wish).id

    def own(self) -> None:
        confirm_as_principal(self.id, self.principal)

    def code(self) -> None:
        digits = give_code(self.id, self.principal, self.clerk.id)
        self._record("proxies.code_given")
        confirm_by_code(self.id, self.helper, digits, may_try=count_try(self.id, self.helper))

    def staff(self) -> None:
        confirm_as_staff(self.id, self.principal, self.clerk.id, self.tie.reason)
        self._record("proxies.confirmed")

    def cut(self) -> None:
        cut(self.id, self.principal)

    def staff_cut(self) -> None:
        cut_as_staff(self.id, self.principal, self.clerk.id, "老人来窗口说，改由二女儿代办")
        self._record("proxies.cut")

    def declined(self) -> None:
        decline(self.id, self.principal)

    def lapsed(self) -> None:
        lapse_asked()

    def _record(self, action: str) -> None:
        self.clerk.note(action, _SUBJECT, self.id)


def _played(one: _Played) -> list[Scene]:
    answered, _, ended = one.tie.then.partition("+")
    began = moment_at(one.tie.days_ago, 9 + one.tie.helper % 8, one.tie.principal)
    steps: list[tuple[timedelta, Callable[[], None]]] = [(timedelta(0), one.ask)]
    if answered:
        steps.append((timedelta(hours=2), getattr(one, answered)))
    if ended:
        # A request lapses after 14 days.
        steps.append((timedelta(days=15 if ended == "lapsed" else 3), getattr(one, ended)))
    return [Scene(min(began + later, now()), play) for later, play in steps]
