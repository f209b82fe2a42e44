"""The organisation tree: what lies below what, adding, renaming, moving, closing."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import Permission, Role, may, visible_nodes
from backend.staff.approvals import ApprovalKind, ask, register_approval_kind
from backend.staff.audit import AuditEntry
from backend.staff.demo import CANTEENS, COMMUNITIES, DISTRICT, MARRIAGE_DEPARTMENT, STREETS, XINCHENG_REGISTRY
from backend.staff.models import NodeKind, OrganisationNode
from backend.staff.nodes import add_node, close_node, make_node, move_node, register_hanging, rename_node
from backend.staff.rules import PARENT_KINDS, may_lie_below
from backend.storage import broken_constraint, transaction
from tests.staff.support import account, member, node

KINDS = list(NodeKind)


def refusal(call: object) -> AppError:
    """What a call is refused with."""
    with pytest.raises(AppError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def test_no_kind_comes_below_itself() -> None:
    for kind in NodeKind:
        above, seen = set(PARENT_KINDS[kind]), set()
        while above:
            seen |= above
            above = {parent for each in above for parent in PARENT_KINDS[each]} - seen
        assert kind not in seen


def test_every_kind_but_the_district_reaches_up_to_it() -> None:
    assert [kind for kind in NodeKind if not PARENT_KINDS[kind]] == [NodeKind.DISTRICT]


@pytest.mark.parametrize(("kind", "parent"), [pair for pair in product(KINDS, [*KINDS, None]) if pair[1] != pair[0]])
def test_the_database_keeps_the_rule(kind: NodeKind, parent: NodeKind | None) -> None:
    with transaction() as session:
        of_kind = {each.kind: each for each in session.scalars(sa.select(OrganisationNode))}
    row = make_node("new", kind, "新", of_kind[parent] if parent else None)

    def insert() -> None:
        with transaction() as session:
            session.add(row)

    if kind is NodeKind.DISTRICT and parent is None:
        expected = "uq_organisation_nodes_one_district"  # there is one already
    elif may_lie_below(kind, parent):
        insert()
        return
    else:
        expected = "ck_organisation_nodes_placement"
    with pytest.raises(sa.exc.IntegrityError, check=lambda error: broken_constraint(error) == expected):
        insert()


def test_the_database_knows_the_parents_kind_from_the_parent() -> None:
    row = make_node("new", NodeKind.COMMUNITY, "新", node(STREETS[0]))
    row.parent_id = node(DISTRICT).id
    with pytest.raises(sa.exc.IntegrityError, match="fk_organisation_nodes_parent_id_parent_kind"), transaction() as s:
        s.add(row)


def test_a_loop_cannot_be_made() -> None:
    refused = refusal(lambda: move_node(node(STREETS[0]).id, node(COMMUNITIES[0][0]).id, by=account("admin")))
    assert set(refused.errors) == {"parent"}
    turned = sa.update(OrganisationNode).where(OrganisationNode.code == STREETS[0])
    turned = turned.values(parent_id=node(COMMUNITIES[0][0]).id, parent_kind=NodeKind.COMMUNITY)
    with pytest.raises(sa.exc.IntegrityError, match="ck_organisation_nodes_placement"), transaction() as session:
        session.execute(turned)


def test_a_place_is_added_and_seen() -> None:
    made = add_node(NodeKind.COUNTER, "  二楼 窗口 ", node(STREETS[1]).id, by=account("admin"))
    assert (made.name, made.code, made.parent_kind) == ("二楼 窗口", "counter-6", NodeKind.STREET)
    assert may(account("clerk-2"), Permission.READ_PERSONS, made.id)
    assert not may(account("clerk-1"), Permission.READ_PERSONS, made.id)


def test_made_up_codes_step_aside() -> None:
    add_node(NodeKind.DEPARTMENT, "甲", node(DISTRICT).id, code="counter-6", by=None)
    assert add_node(NodeKind.COUNTER, "乙", node(STREETS[1]).id, by=None).code == "counter-7"


@pytest.mark.parametrize(
    ("kind", "name", "parent", "code", "fields"),
    [
        (NodeKind.COMMUNITY, "新社区", DISTRICT, "", {"kind"}),
        (NodeKind.DISTRICT, "新区", None, "", {"kind"}),
        (NodeKind.STREET, "新街道", None, "", {"kind"}),
        (NodeKind.STREET, "  ", DISTRICT, "", {"name"}),
        (NodeKind.STREET, "长" * 81, DISTRICT, "", {"name"}),
        (NodeKind.STREET, "新街道", DISTRICT, "新", {"code"}),
        (NodeKind.STREET, "新街道", DISTRICT, XINCHENG_REGISTRY, {"code"}),
    ],
)
def test_what_is_wrong_with_a_place_is_said(
    kind: NodeKind, name: str, parent: str | None, code: str, fields: set[str]
) -> None:
    parent_id = node(parent).id if parent else None
    assert set(refusal(lambda: add_node(kind, name, parent_id, code=code, by=None)).errors) == fields


def test_a_place_is_renamed() -> None:
    assert rename_node(node(STREETS[0]).id, "长乐街道", by=account("admin")).name == "长乐街道"
    assert node(STREETS[0]).name == "长乐街道"
    assert set(refusal(lambda: rename_node(node(STREETS[0]).id, "", by=None)).errors) == {"name"}


def test_moving_takes_what_people_see_along() -> None:
    move_node(node(COMMUNITIES[0][0]).id, node(STREETS[1]).id, by=account("admin"))
    assert may(account("clerk-2"), Permission.READ_PERSONS, node(COMMUNITIES[0][0]).id)
    assert not may(account("clerk-1"), Permission.READ_PERSONS, node(COMMUNITIES[0][0]).id)


def test_others_places_are_out_of_reach() -> None:
    street_admin = member("street-admin", Role.ADMINISTRATOR, STREETS[0])
    own, other = node(COMMUNITIES[0][0]).id, node(COMMUNITIES[1][0]).id
    for call in (
        lambda: add_node(NodeKind.COUNTER, "窗口", other, by=street_admin),
        lambda: rename_node(other, "新名", by=street_admin),
        lambda: move_node(own, node(STREETS[1]).id, by=street_admin),
        lambda: move_node(other, node(STREETS[0]).id, by=street_admin),
        lambda: close_node(other, by=street_admin),
        lambda: rename_node(own, "新名", by=account("registrar-1")),
        lambda: rename_node(new_id(), "新名", by=None),
    ):
        assert refusal(call).code == "not_found"
    assert rename_node(own, "新名", by=street_admin).name == "新名"


def test_an_empty_place_is_closed_and_still_seen() -> None:
    closed = close_node(node(CANTEENS[0]).id, by=account("admin"))
    assert closed.closed_at is not None
    assert closed.id in visible_nodes(account("admin"), Permission.MANAGE_STAFF)
    assert refusal(lambda: close_node(closed.id, by=account("admin"))).code == "state_conflict"
    for call in (
        lambda: add_node(NodeKind.COUNTER, "窗口", closed.id, by=None),
        lambda: move_node(node("service-centre").id, closed.id, by=None),
    ):
        assert refusal(call).status == 422


def test_nothing_is_added_below_a_closed_place() -> None:
    community = add_node(NodeKind.COMMUNITY, "旧社区", node(STREETS[0]).id, by=None)
    close_node(community.id, by=None)
    refused = refusal(lambda: add_node(NodeKind.COUNTER, "窗口", community.id, by=None))
    assert set(refused.errors) == {"parent"}


def test_what_hangs_on_a_place_keeps_it_open() -> None:
    admin = account("admin")
    assert "2 个" in refusal(lambda: close_node(node(MARRIAGE_DEPARTMENT).id, by=admin)).errors["node"][0]
    hindrances = refusal(lambda: close_node(node("wanghe-counter").id, by=admin)).errors["node"]
    assert len(hindrances) == 1
    assert "1 位同事" in hindrances[0]
    assert refusal(lambda: close_node(node(DISTRICT).id, by=admin)).status == 409


def test_a_role_and_a_request_keep_a_place_open() -> None:
    community = node(COMMUNITIES[0][1])
    member("clerk-9", Role.COUNTER_CLERK, COMMUNITIES[0][1], home=DISTRICT)
    register_approval_kind(KIND)
    ask(KIND.name, {}, reason="看看", asked_by=account("head-1"), node_id=community.id)
    hindrances = refusal(lambda: close_node(community.id, by=account("admin"))).errors["node"]
    assert ["角色" in hindrances[0], "申请" in hindrances[1], len(hindrances)] == [True, True, 2]


def test_rooms_keep_their_places_open() -> None:
    register_hanging("a canteen's meals", lambda node_id: "这里还有订餐" if node_id == node(CANTEENS[2]).id else None)
    try:
        refused = refusal(lambda: close_node(node(CANTEENS[2]).id, by=account("admin")))
    finally:
        register_hanging("a canteen's meals", lambda _node_id: None)
    assert refused.errors["node"] == ["这里还有订餐"]
    close_node(node(CANTEENS[2]).id, by=account("admin"))


def test_changes_of_the_tree_leave_a_trail() -> None:
    admin = account("admin")
    made = add_node(NodeKind.COMMUNITY, "新社区", node(STREETS[0]).id, by=admin)
    rename_node(made.id, "新新社区", by=admin)
    move_node(made.id, node(STREETS[1]).id, by=admin)
    close_node(made.id, by=admin)
    with transaction() as session:
        mine = sa.select(AuditEntry).where(AuditEntry.subject_id == str(made.id)).order_by(AuditEntry.id)
        entries = session.scalars(mine).all()
    assert [entry.action for entry in entries] == [
        f"staff.node_{step}" for step in ("added", "renamed", "moved", "closed")
    ]
    assert {entry.account_id for entry in entries} == {admin.id}


def _nothing(_approval: object) -> None:
    """Approving does nothing here."""


KIND = ApprovalKind("test.tree", Permission.APPROVE_EXPORT, _nothing, lambda _approval: "试")
