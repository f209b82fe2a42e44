"""Accounts of the older tables keep what they could do when roles become assignments, and when they go back."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import command as alembic

from backend.commands import migrations
from backend.kernel.ids import new_id
from backend.storage import Database
from tests.conftest import MONDAY_MORNING

ACCOUNTS = (("registrar", True), ("administrator", True), ("registrar", False))


def run(database: Database, statement: str, **values: object) -> list[tuple[object, ...]]:
    """One statement; its rows, if it has any."""
    with database.engine.begin() as connection:
        result = connection.execute(sa.text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def old_house(database: Database) -> tuple[uuid.UUID, uuid.UUID]:
    """A district, a registry nobody hung below it, and three accounts, one of them switched off."""
    district, registry = new_id(), new_id()
    for node, kind in ((district, "district"), (registry, "registry")):
        run(
            database,
            "INSERT INTO organisation_nodes (id, code, kind, name) VALUES (:id, :code, :kind, 'n')",
            **{"id": node, "code": kind, "kind": kind},
        )
    for number, (role, active) in enumerate(ACCOUNTS):
        run(
            database,
            "INSERT INTO staff_accounts (id, username, display_name, password_hash, role, node_id, active,"
            " failed_sign_ins, created_at) VALUES (:id, :username, 'n', 'h', :role, :node, :active, 0, :at)",
            id=new_id(),
            username=f"account-{number}",
            role=role,
            node=registry if role == "registrar" else district,
            active=active,
            at=MONDAY_MORNING,
        )
    return district, registry


def test_roles_become_assignments_and_go_back(empty_database: Database) -> None:
    alembic.upgrade(migrations(), "0003")
    district, registry = old_house(empty_database)
    before = run(empty_database, "SELECT username, role, node_id, active FROM staff_accounts ORDER BY username")
    alembic.upgrade(migrations(), "0004")
    held = run(
        empty_database,
        "SELECT username, role, node_id, home_id, starts_at, ends_at FROM role_assignments"
        " JOIN staff_accounts ON staff_accounts.id = account_id ORDER BY username",
    )
    assert held == [
        ("account-0", "registrar", registry, registry, MONDAY_MORNING, None),
        ("account-1", "administrator", district, district, MONDAY_MORNING, None),
    ]
    tree = run(empty_database, "SELECT kind, parent_id, parent_kind FROM organisation_nodes ORDER BY kind")
    assert tree == [("district", None, None), ("registry", district, "district")]
    alembic.downgrade(migrations(), "0003")
    after = run(empty_database, "SELECT username, role, node_id, active FROM staff_accounts ORDER BY username")
    assert after == before
