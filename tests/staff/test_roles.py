"""Giving and taking roles: dates, separation of duties, and nobody raising themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, create_account, may
from backend.staff import assignments as roles
from backend.staff.accounts import deactivate_account, move_home, reset_password
from backend.staff.assignments import end_role, give_role
from backend.staff.audit import AuditEntry
from backend.staff.demo import CANTEENS, COMMUNITIES, DISTRICT, STREETS, XINCHENG_REGISTRY
from backend.staff.leave import take_leave
from backend.staff.models import RoleAssignment, StaffAccount
from backend.staff.nodes import close_node
from backend.storage import broken_constraint, session, transaction
from tests.staff.support import Meeting, account, assignments, at_once, member, node


def give(to: str, role: Role, over: str, by: str = "admin", **times: object) -> RoleAssignment:
    """One gives another a role over a place."""
    return give_role(account(to).id, role, node(over).id, by=account(by), **times)  # type: ignore[arg-type]


def refusal(*arguments: object, **more: object) -> AppError:
    """What giving is refused with."""
    with pytest.raises(AppError) as caught:
        give(*arguments, **more)  # type: ignore[arg-type]
    return caught.value


def test_a_role_is_given_and_taken() -> None:
    given = give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY)
    assert may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    end_role(given.id, by=account("admin"))
    assert not may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    with pytest.raises(AppError) as caught:
        end_role(given.id, by=account("admin"))
    assert caught.value.code == "state_conflict"


def test_giving_and_taking_leave_a_trail_with_names_of_nobody() -> None:
    given = give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY)
    end_role(given.id, by=account("admin"))
    with transaction() as session:
        wanted = sa.select(AuditEntry).where(AuditEntry.action.in_(["staff.role_given", "staff.role_ended"]))
        entries = session.scalars(wanted.order_by(AuditEntry.id)).all()
    assert [(entry.account_id, entry.subject_id) for entry in entries] == [
        (account("admin").id, str(account("clerk-1").id))
    ] * 2
    assert entries[0].detail["role"] == "registrar"


def test_a_role_may_end_later(clock: MovableClock) -> None:
    given, end = give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY), now() + timedelta(days=2)
    end_role(given.id, by=account("admin"), ends_at=end)
    assert may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)
    with pytest.raises(AppError) as caught:  # longer is given anew, not stretched
        end_role(given.id, by=account("admin"), ends_at=end + timedelta(days=1))
    assert caught.value.code == "invalid"
    clock.move_to(end)
    assert not may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)


def test_what_had_not_begun_never_holds(clock: MovableClock) -> None:
    begins = now() + timedelta(days=1)
    given = give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, starts_at=begins)
    end_role(given.id, by=account("admin"))
    clock.move_to(begins)
    assert not may(account("clerk-1"), Permission.DECIDE_APPOINTMENTS, node(XINCHENG_REGISTRY).id)


def test_a_role_is_held_once_at_a_time() -> None:
    later = now() + timedelta(days=5)
    assert set(refusal("clerk-1", Role.COUNTER_CLERK, STREETS[0]).errors) == {"role"}
    give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, ends_at=later)
    assert set(refusal("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY).errors) == {"role"}
    give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, starts_at=later)  # one after the other
    give("clerk-1", Role.COUNTER_CLERK, STREETS[1])  # the same elsewhere


def test_a_role_ends_after_it_begins() -> None:
    assert set(refusal("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, ends_at=now()).errors) == {"ends_at"}


def test_nobody_gives_to_themselves() -> None:
    for role in Role:
        assert refusal("admin", role, DISTRICT).code == "forbidden"


@pytest.mark.parametrize(("first", "second"), [("auditor", Role.ADMINISTRATOR), ("admin-2", Role.AUDITOR)])
def test_an_auditor_is_no_administrator(first: str, second: Role) -> None:
    refused = refusal(first, second, DISTRICT)
    assert set(refused.errors) == {"role"}
    assert "审计员" in refused.user_text
    assert "系统管理员" in refused.user_text


def test_duties_are_separate_in_time_too(clock: MovableClock) -> None:
    leaves = now() + timedelta(days=3)
    end_role(assignments("auditor")[0].id, by=account("admin"), ends_at=leaves)
    assert set(refusal("auditor", Role.ADMINISTRATOR, DISTRICT, starts_at=leaves - timedelta(hours=1)).errors) == {
        "role"
    }
    give("auditor", Role.ADMINISTRATOR, DISTRICT, starts_at=leaves)


@pytest.mark.parametrize("guarded", [True, False])
def test_separate_duties_are_not_joined_by_two_at_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the account's lock both are given: that is the fault it is there for."""
    someone, admin, district = member("someone", None, DISTRICT), account("admin"), node(DISTRICT).id
    meeting, checks = Meeting(), roles.require_compatible

    def check_then_meet(*arguments: object) -> None:
        checks(*arguments)  # type: ignore[arg-type]
        meeting.wait()

    monkeypatch.setattr(roles, "require_compatible", check_then_meet)
    if not guarded:
        monkeypatch.setattr(roles, "locked_account", lambda account_id: session().get_one(StaffAccount, account_id))
    outcomes = at_once(
        [
            lambda: give_role(someone.id, Role.AUDITOR, district, by=admin),
            lambda: give_role(someone.id, Role.ADMINISTRATOR, district, by=admin),
        ]
    )
    assert outcomes == ({"done": 1, "invalid": 1} if guarded else {"done": 2})


def test_a_stand_in_keeps_duties_separate() -> None:
    day = now().date()
    with pytest.raises(AppError) as caught:
        take_leave(account("auditor").id, day, day, by=account("supervisor"), stand_in_id=account("admin-2").id)
    assert caught.value.code == "invalid"
    assert account("auditor").absent_from is None


def test_only_managers_give() -> None:
    for by in ("registrar-1", "head-1", "supervisor", "auditor", "privacy"):
        assert refusal("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, by).code == "not_found"


def test_who_manages_a_street_manages_nobody_above_it() -> None:
    """Whoever could reset the password of somebody above would be that somebody."""
    street_admin = member("street-admin", Role.ADMINISTRATOR, STREETS[0])
    member("seated-here", Role.ADMINISTRATOR, DISTRICT, home=STREETS[0])
    own, above = account("clerk-1"), account("seated-here")
    calls = (
        lambda whose: give_role(whose.id, Role.REGISTRAR, node(STREETS[0]).id, by=street_admin),
        lambda whose: reset_password(whose.id, by=street_admin),
        lambda whose: move_home(whose.id, node(COMMUNITIES[0][0]).id, by=street_admin),
        lambda whose: deactivate_account(whose.id, by=street_admin),
    )
    for call in calls:
        for whose in (above, account("clerk-2")):
            with pytest.raises(AppError) as caught:
                call(whose)
            assert caught.value.code == "not_found"
        call(own)


def test_a_role_over_a_place_of_others_is_not_given() -> None:
    member("street-admin", Role.ADMINISTRATOR, STREETS[0])
    assert refusal("clerk-1", Role.COUNTER_CLERK, STREETS[1], "street-admin").code == "not_found"
    with pytest.raises(AppError) as caught:
        create_account("li.hua", "李华", "four unlike words", Role.REGISTRAR, DISTRICT, by=account("street-admin"))
    assert caught.value.code == "not_found"


def test_a_stand_in_makes_no_administrators() -> None:
    """It would outlive the days for which the power was lent."""
    day = now().date()
    take_leave(account("admin").id, day, day, by=account("supervisor"), stand_in_id=account("privacy").id)
    give("clerk-1", Role.REGISTRAR, XINCHENG_REGISTRY, "privacy")
    assert refusal("clerk-1", Role.ADMINISTRATOR, DISTRICT, "privacy").code == "forbidden"
    with pytest.raises(AppError) as caught:
        end_role(assignments("admin-2")[0].id, by=account("privacy"))
    assert caught.value.code == "forbidden"


def test_nothing_is_given_to_who_has_left_or_where_a_place_is_closed() -> None:
    close_node(node(CANTEENS[0]).id, by=None)
    assert refusal("clerk-1", Role.COUNTER_CLERK, CANTEENS[0]).code == "invalid"
    deactivate_account(account("clerk-2").id, by=account("admin"))
    assert refusal("clerk-2", Role.REGISTRAR, XINCHENG_REGISTRY).code == "state_conflict"


def test_closing_a_place_and_giving_a_role_there_do_not_pass_each_other() -> None:
    someone, canteen = member("someone", None, DISTRICT), node(CANTEENS[0]).id
    outcomes = at_once(
        [
            lambda: close_node(canteen, by=None),
            lambda: give_role(someone.id, Role.COUNTER_CLERK, canteen, by=None),
        ]
    )
    assert outcomes in ({"done": 1, "invalid": 1}, {"done": 1, "state_conflict": 1})


# --- what no code can get past ---


def test_a_stand_in_repeats_what_is_there() -> None:
    source, other = assignments("registrar-1")[0], account("registrar-2")
    row = RoleAssignment(
        account_id=other.id,
        role=Role.ADMINISTRATOR,
        node_id=source.node_id,
        starts_at=now(),
        ends_at=now(),
        stand_in_for=source.account_id,
        source_id=source.id,
    )
    with pytest.raises(sa.exc.IntegrityError, match="fk_role_assignments_source"), transaction() as session:
        session.add(row)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"ends_at": None}, "ck_role_assignments_stand_in_ends"),
        ({"source_id": None}, "ck_role_assignments_stand_in_is_whole"),
        ({"ends_at": sa.text("starts_at - interval '1 second'")}, "ck_role_assignments_ends_after_start"),
        ({"account_id": sa.text("stand_in_for")}, "ck_role_assignments_stand_in_is_another"),
    ],
)
def test_a_stand_ins_row_is_whole(changes: dict[str, object], constraint: str) -> None:
    changed = sa.update(RoleAssignment).where(RoleAssignment.stand_in_for.is_not(None)).values(changes)
    with (
        pytest.raises(sa.exc.IntegrityError, check=lambda error: broken_constraint(error) == constraint),
        transaction() as session,
    ):
        session.execute(changed)
