"""What the tests of the audit trail share: who is there, looks, ways to break the chain."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.marriage.models import Appointment
from backend.staff.audit import AuditEntry, record, record_look
from backend.staff.audit.models import AuditFlag, AuditLink
from backend.staff.audit.rules import Rule
from backend.staff.audit.verify import Progress, verify
from backend.staff.models import OrganisationNode
from backend.storage import database, transaction
from tests.console.support import Desk

REGISTRAR, AUDITOR = "registrar-1", "auditor"
CASE = "marriage_appointment"
TRAIL, FLAGS, BOARD = "/console/audit", "/console/audit/flags", "/console/marriage/appointments"
RELATIVES = "/console/account/relatives"
Opened = Callable[..., Desk]


@dataclass(frozen=True)
class Bureau:
    """The clock, and the ids of accounts by username."""

    clock: MovableClock
    accounts: dict[str, uuid.UUID]

    @property
    def registrar(self) -> uuid.UUID:
        """Somebody who looks."""
        return self.accounts[REGISTRAR]

    @property
    def auditor(self) -> uuid.UUID:
        """Somebody who looks at looks."""
        return self.accounts[AUDITOR]


def look(bureau: Bureau, subject: str = "case-1", **more: Any) -> None:
    """One look of the registrar at one case."""
    with transaction():
        record_look("marriage.appointment_viewed", CASE, [subject], account_id=bureau.registrar, **more)


def act(bureau: Bureau, subject: str = "case-1") -> None:
    """One step of the registrar."""
    with transaction():
        record("marriage.desk.confirm", CASE, subject, account_id=bureau.registrar)


def add_entries(count: int) -> list[int]:
    """So many entries of the system, each in a transaction of its own; their ids."""
    for number in range(count):
        with transaction():
            record("staff.locked", "staff_account", f"row-{number}", attempts=number, note="五次")
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(count)))[::-1]


def links() -> Sequence[AuditLink]:
    """The chain."""
    with transaction() as session:
        return session.scalars(sa.select(AuditLink).order_by(AuditLink.position)).all()


def last_entry() -> AuditEntry:
    """What was recorded last."""
    with transaction() as session:
        return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def flagged() -> list[Rule]:
    """The rules of all flags, in the order they were raised."""
    with transaction() as session:
        return list(session.scalars(sa.select(AuditFlag.rule).order_by(AuditFlag.at, AuditFlag.id)))


def outcome(*anchors: Any) -> Progress:
    """What a whole verification comes to."""
    return list(verify(anchors, batch=3))[-1]


def number_of(appointment_id: uuid.UUID) -> str:
    """The number people know an appointment by."""
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).number or ""


def every_node() -> frozenset[uuid.UUID]:
    """All places."""
    with transaction() as session:
        return frozenset(session.scalars(sa.select(OrganisationNode.id)))


def newest(action: str) -> AuditEntry:
    """The last entry of an action."""
    with transaction() as session:
        wanted = sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc()).limit(1)
        return session.scalars(wanted).one()


def shown_rows(page: str) -> int:
    """How many rows the tables of a page have."""
    return page.count("<tr data-row>")


@contextmanager
def tampering() -> Iterator[sa.Connection]:
    """A connection of somebody who may do everything: no trigger and no foreign key stands in the way."""
    with database().engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield connection


def tamper(statement: str, **values: Any) -> int:
    """One statement past every guard; how many rows it touched."""
    with tampering() as connection:
        return connection.execute(sa.text(statement), values).rowcount
