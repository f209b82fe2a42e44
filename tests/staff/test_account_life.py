"""Leaving the service and coming back, one-time passwords, another home, and lists of accounts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.staff import Permission, Role, may, sign_in, staff_by_token
from backend.staff.accounts import deactivate_account, move_home, reactivate_account, reset_password
from backend.staff.approvals import ApprovalKind, ask, register_approval_kind
from backend.staff.demo import CHANGLE_REGISTRY, DEMONSTRATION_PASSWORD, DISTRICT, MEMBERS, STREETS, XINCHENG_REGISTRY
from backend.staff.directory import AccountFilter, AccountState, account_detail, accounts, tree
from backend.staff.models import Approval, ApprovalState, OrganisationNode
from backend.staff.sign_in import SignedIn
from backend.storage import Database, transaction
from tests.console.support import counted_queries
from tests.staff.support import account, assignments, member, node


def refusal(call: object) -> AppError:
    """What a call is refused with."""
    with pytest.raises(AppError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def token_of(username: str, password: str = DEMONSTRATION_PASSWORD) -> str:
    """The token of a new session."""
    opened = sign_in(username, password)
    assert isinstance(opened, SignedIn)
    return opened.token


def everywhere() -> frozenset[object]:
    """Every place."""
    with transaction() as session:
        return frozenset(session.scalars(sa.select(OrganisationNode.id)))


def test_leaving_ends_everything_at_once() -> None:
    register_approval_kind(ApprovalKind("test.leaving", Permission.APPROVE_EXPORT, lambda _a: None, lambda _a: "试"))
    token, gone = token_of("registrar-4"), account("registrar-4")
    request = ask("test.leaving", {}, reason="报送", asked_by=gone, node_id=gone.home_id)
    assert may(account("registrar-3"), Permission.DECIDE_APPOINTMENTS, gone.home_id)
    deactivate_account(gone.id, by=account("admin"))
    assert staff_by_token(token) is None
    assert not may(account("registrar-4"), Permission.DECIDE_APPOINTMENTS, gone.home_id)
    assert not may(account("registrar-3"), Permission.DECIDE_APPOINTMENTS, gone.home_id)
    assert account("registrar-4").absent_from is None
    with transaction() as session:
        assert session.get_one(Approval, request.id).state is ApprovalState.WITHDRAWN
    assert refusal(lambda: sign_in("registrar-4", DEMONSTRATION_PASSWORD)).code == "sign_in_refused"


def test_a_stand_in_who_leaves_stands_in_no_longer() -> None:
    deactivate_account(account("registrar-3").id, by=account("admin"))
    assert all(held.ends_at is not None for held in assignments("registrar-3"))
    assert may(account("registrar-4"), Permission.DECIDE_APPOINTMENTS, node(CHANGLE_REGISTRY).id)


def test_nobody_switches_themselves_off_or_another_twice() -> None:
    admin = account("admin")
    assert refusal(lambda: deactivate_account(admin.id, by=admin)).code == "forbidden"
    deactivate_account(account("clerk-1").id, by=admin)
    assert refusal(lambda: deactivate_account(account("clerk-1").id, by=admin)).code == "state_conflict"
    assert refusal(lambda: deactivate_account(new_id(), by=admin)).code == "not_found"


def test_coming_back_brings_no_role() -> None:
    admin, clerk = account("admin"), account("clerk-1")
    assert refusal(lambda: reactivate_account(clerk.id, by=admin)).code == "state_conflict"
    deactivate_account(clerk.id, by=admin)
    password = reactivate_account(clerk.id, by=admin)
    assert token_of("clerk-1", password)
    assert account("clerk-1").must_change_password
    assert not may(account("clerk-1"), Permission.READ_PERSONS, node(STREETS[0]).id)


def test_a_reset_password_is_for_one_time_and_ends_sessions() -> None:
    token = token_of("clerk-1")
    password = reset_password(account("clerk-1").id, by=account("admin"))
    assert staff_by_token(token) is None
    assert refusal(lambda: sign_in("clerk-1", DEMONSTRATION_PASSWORD)).code == "sign_in_refused"
    assert token_of("clerk-1", password)
    assert account("clerk-1").must_change_password


def test_ones_own_password_is_changed_not_reset() -> None:
    assert refusal(lambda: reset_password(account("admin").id, by=account("admin"))).code == "forbidden"
    deactivate_account(account("clerk-1").id, by=account("admin"))
    assert refusal(lambda: reset_password(account("clerk-1").id, by=account("admin"))).code == "state_conflict"


def test_a_home_says_where_one_sits_and_nothing_more() -> None:
    move_home(account("registrar-1").id, node(CHANGLE_REGISTRY).id, by=account("admin"))
    moved = account("registrar-1")
    assert moved.home.code == CHANGLE_REGISTRY
    assert may(moved, Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    assert not may(moved, Permission.DECIDE_APPOINTMENTS, node(CHANGLE_REGISTRY).id)
    street_admin = member("street-admin", Role.ADMINISTRATOR, STREETS[0])
    refused = refusal(lambda: move_home(account("clerk-1").id, node(STREETS[1]).id, by=street_admin))
    assert refused.code == "not_found"


# --- lists ---


def usernames(wanted: AccountFilter, nodes: frozenset[object] | None = None) -> list[str]:
    """Who is in a list."""
    page = accounts(nodes or everywhere(), wanted, None, 50)  # type: ignore[arg-type]
    return [row.account.username for row in page.rows]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AccountFilter(role=Role.AUDITOR), ["auditor"]),
        (AccountFilter(state=AccountState.ABSENT), ["registrar-4"]),
        (AccountFilter(state=AccountState.INACTIVE), []),
        (AccountFilter(words="建军"), ["head-2"]),
        (AccountFilter(words="ADMIN"), ["admin", "admin-2"]),
        (AccountFilter(words="%"), []),
        (AccountFilter(words="registrar", state=AccountState.AT_WORK), ["registrar-1", "registrar-2", "registrar-3"]),
    ],
)
def test_lists_are_narrowed(wanted: AccountFilter, expected: list[str]) -> None:
    assert usernames(wanted) == expected


def test_states_part_all_accounts() -> None:
    deactivate_account(account("clerk-5").id, by=account("admin"))
    for _ in range(5):
        refusal(lambda: sign_in("clerk-4", "not the password"))
    parts = {state: usernames(AccountFilter(state=state)) for state in AccountState}
    assert parts[AccountState.INACTIVE] == ["clerk-5"]
    assert parts[AccountState.LOCKED] == ["clerk-4"]
    assert sorted(name for part in parts.values() for name in part) == usernames(AccountFilter())


def test_a_place_lists_who_sits_or_works_there() -> None:
    here = AccountFilter(node_id=node(CHANGLE_REGISTRY).id)
    assert usernames(here) == ["counsellor-3", "head-2", "registrar-2", "registrar-3", "registrar-4"]
    only = frozenset({node(XINCHENG_REGISTRY).id})
    assert usernames(AccountFilter(), only) == [
        *("counsellor-1", "counsellor-2", "counsellor-4", "counsellor-5"),
        *("head-1", "registrar-1", "registrar-3"),
    ]


def test_lists_are_paged_by_few_queries(clean_database: Database) -> None:
    seen: list[str] = []
    after, nodes = None, everywhere()
    while True:
        with counted_queries(clean_database) as few:
            page = accounts(nodes, AccountFilter(), after, 7)  # type: ignore[arg-type]
        assert len(few) == 2
        seen += [row.account.username for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == len(MEMBERS)


def test_an_account_shows_what_it_holds_and_who_stands_in() -> None:
    found = account_detail(account("registrar-4").id, everywhere())  # type: ignore[arg-type]
    assert found is not None
    assert [held.place for held in found.held] == ["长乐路婚姻登记处"]
    assert [(held.holder, held.stand_in_for) for held in found.stand_ins] == [("郑婷", "孙丽")]
    assert account_detail(account("registrar-4").id, frozenset({node(XINCHENG_REGISTRY).id})) is None


def test_the_tree_is_drawn_from_what_one_sees() -> None:
    street = node(STREETS[0])
    with transaction() as session:
        below = session.scalars(sa.select(OrganisationNode.id).where(OrganisationNode.parent_id == street.id)).all()
    rows = tree(frozenset({street.id, *below}))
    assert (rows[0].node.code, rows[0].depth) == (STREETS[0], 0)
    assert {row.depth for row in rows[1:]} == {1}
    whole = tree(everywhere())  # type: ignore[arg-type]
    assert (whole[0].node.code, len(whole)) == (DISTRICT, 28)
    depth = {row.node.id: row.depth for row in whole}
    assert all(depth[row.node.id] == depth[row.node.parent_id] + 1 for row in whole if row.node.parent_id)
