"""The district always keeps an administrator: one with an active account and a role of their own, without an end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.models import NodeKind, OrganisationNode, Role, RoleAssignment, StaffAccount
from backend.staff.nodes import lock_tree
from backend.storage import session


@contextmanager
def keeping_an_administrator() -> Iterator[None]:
    """Refuse what is done inside if it would take the district's last administrator away.

    Changes of this kind happen one after the other, so that two administrators who remove each other at the same
    moment cannot both succeed. Before there is a first administrator nothing is refused. Needs an open transaction;
    raises `AppError` last_administrator (409).
    """
    lock_tree()
    before = _there_is_one()
    yield
    session().flush()
    if before and not _there_is_one():
        raise AppError("last_administrator", texts.LAST_ADMINISTRATOR, 409)


def _there_is_one() -> bool:
    held = (
        sa.select(RoleAssignment.id)
        .join(StaffAccount, StaffAccount.id == RoleAssignment.account_id)
        .join(OrganisationNode, OrganisationNode.id == RoleAssignment.node_id)
        .where(
            RoleAssignment.role == Role.ADMINISTRATOR,
            RoleAssignment.stand_in_for.is_(None),
            RoleAssignment.starts_at <= now(),
            RoleAssignment.ends_at.is_(None),
            StaffAccount.active,
            OrganisationNode.kind == NodeKind.DISTRICT,
        )
    )
    return bool(session().scalar(sa.select(held.exists())))
