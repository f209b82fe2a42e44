"""What the operator does on the command line, and the demonstration's district."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from backend.staff import Permission, Role, may, sign_in
from backend.staff.cli import staff_cli
from backend.staff.demo import DEMONSTRATION_PASSWORD, DISTRICT, STREETS, XINCHENG_REGISTRY, sign_ins
from backend.staff.models import NodeKind, OrganisationNode, RoleAssignment
from backend.staff.sign_in import SignedIn
from backend.storage import database, transaction
from tests.servers import empty_tables
from tests.staff.support import account, node


def run(*arguments: str) -> Result:
    """One command."""
    return CliRunner().invoke(staff_cli, arguments)


def test_a_place_is_added() -> None:
    result = run(
        "node", "add", "--kind", "community", "--name", "新社区", "--code", "changle-new", "--parent", STREETS[0]
    )
    assert result.exit_code == 0, result.output
    assert node("changle-new").parent_id == node(STREETS[0]).id
    assert "changle-new" in result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--kind", "community", "--name", "新社区", "--parent", "nowhere"), "nowhere"),
        (("--kind", "community", "--name", "新社区", "--parent", DISTRICT), "社区不能放在"),
        (("--kind", "district", "--name", "新区"), "只能有一个"),
    ],
)
def test_why_a_place_is_not_added(arguments: tuple[str, ...], told: str) -> None:
    result = run("node", "add", *arguments)
    assert result.exit_code == 1
    assert told in result.output


def test_the_first_district_is_added_to_an_empty_house() -> None:
    empty_tables(database())
    assert run("node", "add", "--kind", "district", "--name", "某区民政局", "--code", "some").exit_code == 0
    first = run(
        "create", "--username", "first", "--name", "一号", "--role", "administrator", "--node", "some",
        "--password", "four unlike words",
    )  # fmt: skip
    assert first.exit_code == 0, first.output
    assert may(account("first"), Permission.MANAGE_STAFF, node("some").id)


def test_a_password_is_reset() -> None:
    result = run("reset-password", "--username", "Clerk-1")
    assert result.exit_code == 0, result.output
    password = re.search(r"([a-z0-9]{4}-){3}[a-z0-9]{4}", result.output)
    assert password
    assert isinstance(sign_in("clerk-1", password[0]), SignedIn)
    assert account("clerk-1").must_change_password
    assert run("reset-password", "--username", "nobody").exit_code == 1


def test_a_role_is_assigned() -> None:
    arguments = ("assign", "--username", "clerk-1", "--role", "registrar", "--node", XINCHENG_REGISTRY)
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert "婚姻登记员" in result.output
    assert may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    again = run(*arguments)
    assert again.exit_code == 1
    assert "已经有这个角色" in again.output
    assert run("assign", "--username", "clerk-1", "--role", "registrar", "--node", "nowhere").exit_code == 1


def test_the_district_has_every_kind_of_place_and_every_role() -> None:
    with transaction() as session:
        kinds = dict(session.execute(sa.select(OrganisationNode.kind, sa.func.count()).group_by("kind")).all())
        roles = set(session.scalars(sa.select(RoleAssignment.role)))
    assert {
        kind: kinds[kind] for kind in (NodeKind.STREET, NodeKind.COMMUNITY, NodeKind.REGISTRY, NodeKind.CANTEEN)
    } == {
        NodeKind.STREET: 3,
        NodeKind.COMMUNITY: 9,
        NodeKind.REGISTRY: 2,
        NodeKind.CANTEEN: 3,
    }
    assert set(kinds) == set(NodeKind)
    assert roles == set(Role)


def test_few_sign_ins_are_printed_one_of_each_role_and_all_work() -> None:
    printed = sign_ins()
    assert len(printed) == len(Role)
    held = set()
    for row in printed:
        assert isinstance(sign_in(row.username, row.password), SignedIn)
        with transaction() as session:
            mine = sa.select(RoleAssignment.role).where(RoleAssignment.account_id == account(row.username).id)
            held |= set(session.scalars(mine))
    assert held == set(Role)
    assert isinstance(sign_in("registrar-2", DEMONSTRATION_PASSWORD), SignedIn)
