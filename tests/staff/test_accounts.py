"""Accounts, what they may do and where, and the trail they leave."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from backend.kernel.errors import AppError
from backend.staff import Permission, Role, StaffAccount, create_account, may, record, visible_nodes
from backend.staff.audit import AuditEntry
from backend.staff.cli import staff_cli
from backend.staff.demo import CHANGLE_REGISTRY, DISTRICT, MEMBERS, XINCHENG_REGISTRY, load_demo
from backend.staff.models import OrganisationNode, RoleAssignment
from backend.staff.permissions import ROLES
from backend.storage import transaction


def account(username: str) -> StaffAccount:
    with transaction() as session:
        return session.scalars(sa.select(StaffAccount).where(StaffAccount.username == username)).one()


def nodes() -> dict[str, OrganisationNode]:
    with transaction() as session:
        return {node.code: node for node in session.scalars(sa.select(OrganisationNode))}


def test_an_account_sees_its_place_and_what_is_below() -> None:
    known = nodes()
    assert visible_nodes(account("registrar-1"), Permission.READ_APPOINTMENTS) == {known[XINCHENG_REGISTRY].id}
    assert visible_nodes(account("admin"), Permission.MANAGE_STAFF) == {node.id for node in known.values()}


def test_an_account_sees_nothing_by_a_permission_it_does_not_hold() -> None:
    assert visible_nodes(account("registrar-1"), Permission.MANAGE_STAFF) == frozenset()
    assert visible_nodes(account("auditor"), Permission.READ_PERSONS) == frozenset()


@pytest.mark.parametrize(
    ("username", "permission", "node", "expected"),
    [
        ("registrar-1", Permission.DECIDE_APPOINTMENTS, XINCHENG_REGISTRY, True),
        ("registrar-1", Permission.DECIDE_APPOINTMENTS, CHANGLE_REGISTRY, False),
        ("registrar-1", Permission.READ_APPOINTMENTS, DISTRICT, False),
        ("admin", Permission.READ_APPOINTMENTS, CHANGLE_REGISTRY, True),
        ("admin", Permission.DECIDE_APPOINTMENTS, CHANGLE_REGISTRY, False),
        ("admin", "no.such.permission", DISTRICT, False),
    ],
)
def test_permissions_hold_for_a_place(username: str, permission: str, node: str, expected: bool) -> None:
    assert may(account(username), permission, nodes()[node].id) is expected


def test_every_role_has_its_permissions() -> None:
    assert set(ROLES) == set(Role)


def test_demonstration_data_can_be_loaded_again() -> None:
    before = account("registrar-1").password_hash
    load_demo()
    assert account("registrar-1").password_hash == before
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffAccount)) == len(MEMBERS)
        assert (
            session.scalar(sa.select(sa.func.count()).select_from(RoleAssignment)) == len(MEMBERS) + 1
        )  # one of them a stand-in's


def test_an_account_is_made() -> None:
    made = create_account(" Li.Hua ", "李华", "four unlike words", Role.REGISTRAR, CHANGLE_REGISTRY)
    assert (made.username, made.display_name, made.home.code) == ("li.hua", "李华", CHANGLE_REGISTRY)
    assert "four unlike words" not in made.password_hash


@pytest.mark.parametrize(
    ("username", "name", "password", "node", "fields"),
    [
        ("x", "李华", "four unlike words", DISTRICT, {"username"}),
        ("李华", "李华", "four unlike words", DISTRICT, {"username"}),
        ("registrar-1", "李华", "four unlike words", DISTRICT, {"username"}),
        ("li.hua", " ", "four unlike words", DISTRICT, {"display_name"}),
        ("li.hua", "李华", "short", DISTRICT, {"password"}),
        ("li.hua", "李华", "x" * 201, DISTRICT, {"password"}),
        ("li.hua", "李华", "Li.Hua-2026", DISTRICT, {"password"}),
        ("li.hua", "李华", "four unlike words", "nowhere", {"node_code"}),
        ("?", "", "", "nowhere", {"username", "display_name", "password", "node_code"}),
    ],
)
def test_what_is_wrong_is_said_by_field(username: str, name: str, password: str, node: str, fields: set[str]) -> None:
    with pytest.raises(AppError) as caught:
        create_account(username, name, password, Role.REGISTRAR, node)
    assert caught.value.code == "invalid"
    assert set(caught.value.errors) == fields


def test_the_command_makes_an_account() -> None:
    arguments = ["create", "--username", "li.hua", "--name", "李华", "--role", "registrar", "--node", XINCHENG_REGISTRY]
    result = CliRunner().invoke(staff_cli, arguments, input="four unlike words\nfour unlike words\n")
    assert result.exit_code == 0, result.output
    assert "新城区婚姻登记处" in result.output
    assert "four unlike words" not in result.output
    assert may(account("li.hua"), Permission.DECIDE_APPOINTMENTS, nodes()[XINCHENG_REGISTRY].id)


def test_the_command_says_what_is_wrong() -> None:
    arguments = ["create", "--username", "li.hua", "--name", "李华", "--role", "registrar", "--node", "nowhere"]
    result = CliRunner().invoke(staff_cli, [*arguments, "--password", "four unlike words"])
    assert result.exit_code == 1
    assert XINCHENG_REGISTRY in result.output


def test_the_trail_is_kept_with_what_it_tells_of() -> None:
    with transaction():
        record("test.done", "thing", "42", account_id=account("admin").id, count=3)
    with transaction() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "test.done")).one()
    assert (entry.subject_kind, entry.subject_id, entry.detail) == ("thing", "42", {"count": 3})


def test_the_trail_goes_when_the_transaction_fails() -> None:
    def fail() -> None:
        with transaction():
            record("test.done", "thing")
            raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        fail()
    with transaction() as session:
        assert session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "test.done")).all() == []


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_the_trail_can_only_grow(statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), transaction() as session:
        session.execute(sa.text(statement))


def test_passwords_are_nowhere_in_the_trail() -> None:
    create_account("li.hua", "李华", "four unlike words", Role.REGISTRAR, CHANGLE_REGISTRY)
    with transaction() as session:
        entries = session.scalars(sa.select(AuditEntry)).all()
    told = json.dumps([[entry.action, entry.detail] for entry in entries], ensure_ascii=False)
    assert "staff.account_created" in told
    assert "four unlike" not in told
    assert "李华" not in told
