"""What the tests of the staff room share: the demonstration's people and places by name, and races."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.staff.create import insert_account, insert_assignment
from backend.staff.models import OrganisationNode, Role, RoleAssignment, StaffAccount
from backend.storage import transaction


def account(username: str) -> StaffAccount:
    """An account as it stands now."""
    with transaction() as session:
        return session.scalars(sa.select(StaffAccount).where(StaffAccount.username == username)).one()


def node(code: str) -> OrganisationNode:
    """A place as it stands now."""
    with transaction() as session:
        return session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == code)).one()


def member(username: str, role: Role | None, over: str, home: str | None = None) -> StaffAccount:
    """Somebody new who holds a role, without a password that fits."""
    with transaction() as session:
        places = {each.code: each for each in session.scalars(sa.select(OrganisationNode))}
        made = insert_account(username, "测试", "no hash", places[home or over])
        if role is not None:
            insert_assignment(made.id, role, places[over].id, None)
        return made


def assignments(username: str) -> Sequence[RoleAssignment]:
    """Everything somebody holds or held, oldest first."""
    with transaction() as session:
        mine = sa.select(RoleAssignment).join(StaffAccount, StaffAccount.id == RoleAssignment.account_id)
        mine = mine.where(StaffAccount.username == username)
        return session.scalars(mine.order_by(RoleAssignment.starts_at, RoleAssignment.id)).all()


def at_once(calls: Sequence[Callable[[], object]]) -> Counter[str]:
    """Let callers go at one moment; how often each outcome was: `done`, or the code of the refusal."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], object]) -> str:
        barrier.wait()
        try:
            call()
        except AppError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(one, calls))


class Meeting:
    """Makes two callers meet at a point if they can both come there, so that what they do afterwards overlaps."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(2)

    def wait(self) -> None:
        """Wait for the other, half a second at most: the other may be held back, which is what a lock is for."""
        try:
            self._barrier.wait(timeout=0.5)
        except threading.BrokenBarrierError:
            return
