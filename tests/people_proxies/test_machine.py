"""Whatever two people and a counter do, in whatever order: the tie moves as `MOVES` says, or not at all."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.people.proxies.answer import (
    confirm_as_principal,
    confirm_as_staff,
    confirm_by_code,
    count_try,
    decline,
    give_code,
    lapse_asked,
)
from backend.people.proxies.cut import cut, cut_as_staff
from backend.people.proxies.models import ProxyTie, ProxyTieEvent
from backend.people.proxies.rules import ACTIVE_STATES, MOVES, Confirmation, TieState
from backend.storage import transaction
from tests.concurrency.support import identity_number
from tests.people_proxies.support import Named, ask, make_person, staff_account

_births = itertools.count()


def somebody_new(name: str) -> tuple[uuid.UUID, Named]:
    """A verified person whom no earlier example has known."""
    serial = next(_births)
    named = (name, identity_number(date(1930, 1, 1) + timedelta(days=serial // 400), serial % 400 + 1))
    return make_person(named), named


@dataclass
class Pair:
    """A helper and a principal, and everything either of them or the counter can do."""

    clock: MovableClock
    staff: uuid.UUID
    code: str = "none"
    ties: list[uuid.UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.helper, _ = somebody_new("李红梅")
        self.principal, self.named = somebody_new("王秀英")
        self.ties.append(ask(self.helper, self.named))

    @property
    def tie(self) -> uuid.UUID:
        return self.ties[-1]

    def ask(self) -> None:
        self.ties.append(ask(self.helper, self.named))

    def agree(self) -> None:
        confirm_as_principal(self.tie, self.principal)

    def refuse(self) -> None:
        decline(self.tie, self.principal)

    def give_code(self) -> None:
        self.code = give_code(self.tie, self.principal, self.staff)

    def enter_code(self) -> None:
        confirm_by_code(self.tie, self.helper, self.code, may_try=count_try(self.tie, self.helper))

    def enter_wrong_code(self) -> None:
        confirm_by_code(self.tie, self.helper, "x", may_try=count_try(self.tie, self.helper))

    def staff_confirm(self) -> None:
        confirm_as_staff(self.tie, self.principal, self.staff, "看过户口簿")

    def helper_cuts(self) -> None:
        cut(self.tie, self.helper)

    def principal_cuts(self) -> None:
        cut(self.tie, self.principal)

    def staff_cut(self) -> None:
        cut_as_staff(self.tie, self.principal, self.staff, "老人投诉")

    def an_hour_passes(self) -> None:
        self.clock.advance(timedelta(hours=1))

    def weeks_pass(self) -> None:
        self.clock.advance(timedelta(days=15))
        lapse_asked()


def all_rows(ties: list[uuid.UUID]) -> list[tuple[object, ...]]:
    """Everything about the ties that a refused command must leave alone; tries at a code are meant to stay."""
    columns = [column for column in ProxyTie.__table__.c if column.name != "code_tries"]
    with transaction() as session:
        return [tuple(row) for row in session.execute(sa.select(*columns).where(ProxyTie.id.in_(ties)).order_by("id"))]


def check(pair: Pair) -> None:
    """What must hold after every step."""
    with transaction() as session:
        rows = session.scalars(
            sa.select(ProxyTie).where(ProxyTie.id.in_(pair.ties)).execution_options(populate_existing=True)
        ).all()
        assert sum(row.state in ACTIVE_STATES for row in rows) <= 1
        for row in rows:
            events = session.execute(
                sa.select(ProxyTieEvent.from_state, ProxyTieEvent.to_state, ProxyTieEvent.name)
                .where(ProxyTieEvent.tie_id == row.id)
                .order_by(ProxyTieEvent.id)
            ).all()
            assert events[0] == (None, TieState.ASKED, "asked")
            assert events[-1].to_state is row.state
            for before, after in itertools.pairwise(events):
                assert after.from_state is before.to_state
                assert after.to_state in MOVES[after.from_state] or after.name == "code_given"
            ever = TieState.CONFIRMED in {event.to_state for event in events}
            assert ever == (row.confirmation in set(Confirmation))
            assert (row.confirmation is Confirmation.STAFF) == (row.confirmed_by_staff is not None)
            assert row.code_index is None or row.state is TieState.ASKED


def refusal_of(step: Callable[[Pair], None], pair: Pair) -> str | None:
    """The code with which a step was refused, or None."""
    try:
        step(pair)
    except AppError as refusal:
        return refusal.code
    return None


STEPS: list[Callable[[Pair], None]] = [
    getattr(Pair, name)
    for name in (
        *("ask", "agree", "refuse", "give_code", "enter_code", "enter_wrong_code", "staff_confirm"),
        *("helper_cuts", "principal_cuts", "staff_cut", "an_hour_passes", "weeks_pass"),
    )
]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=14))
def test_any_order_of_events(clock: MovableClock, steps: list[Callable[[Pair], None]]):
    pair = Pair(clock, staff_account())
    for step in steps:
        before, many = all_rows(pair.ties), len(pair.ties)
        refused = refusal_of(step, pair)
        assert refused in (None, "state_conflict", "invalid", "forbidden")
        if refused is not None:
            assert (all_rows(pair.ties[:many]), len(pair.ties)) == (before, many), f"{step.__name__} half done"
        check(pair)
