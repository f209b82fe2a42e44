"""Two persons: who may say yes, exactly once, and what becomes of a request that nobody answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, today
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, approvals, grants_of
from backend.staff.accounts import deactivate_account
from backend.staff.approval_lists import asked_by, to_decide
from backend.staff.approvals import ApprovalKind, approve, ask, decline, expire, register_approval_kind, withdraw
from backend.staff.audit import AuditEntry
from backend.staff.demo import CHANGLE_REGISTRY, XINCHENG_REGISTRY
from backend.staff.leave import take_leave
from backend.staff.models import Approval, ApprovalState
from backend.storage import Database, broken_constraint, transaction
from tests.console.support import counted_queries
from tests.staff.support import Meeting, account, assignments, at_once, member, node

done_ids: list[uuid.UUID] = []


def _run(approval: Approval) -> None:
    if approval.payload.get("fails"):
        raise AppError("state_conflict", "这份名单已经变了，请重新申请。", 409)
    done_ids.append(approval.id)


KIND = ApprovalKind(
    "test.export", Permission.APPROVE_EXPORT, _run, lambda approval: f"导出第 {approval.payload['n']} 份"
)


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    """A kind of request that counts how often it was done."""
    register_approval_kind(KIND)
    done_ids.clear()
    yield
    done_ids.clear()


def asked(by: str = "registrar-1", over: str = XINCHENG_REGISTRY, **payload: object) -> Approval:
    """Somebody asks."""
    more: dict[str, object] = {"n": 1} | payload
    return ask(KIND.name, more, reason="给民政厅报送", asked_by=account(by), node_id=node(over).id)  # type: ignore[arg-type]


def state(approval: Approval) -> ApprovalState:
    """How a request stands now."""
    with transaction() as session:
        return session.get_one(Approval, approval.id).state


def refusal(call: object) -> AppError:
    """What a call is refused with."""
    with pytest.raises(AppError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def test_a_second_person_says_yes_and_it_is_done() -> None:
    approval = asked()
    approve(approval.id, account("head-1"), " 可以 ")
    assert done_ids == [approval.id]
    assert (state(approval), approve_note(approval)) == (ApprovalState.APPROVED, "可以")


def approve_note(approval: Approval) -> str | None:
    """What the second person remarked."""
    with transaction() as session:
        return session.get_one(Approval, approval.id).note


def test_a_second_person_says_no_and_why() -> None:
    approval = asked()
    assert set(refusal(lambda: decline(approval.id, account("head-1"), " ")).errors) == {"note"}
    decline(approval.id, account("head-1"), "理由不够")
    assert (state(approval), done_ids) == (ApprovalState.DECLINED, [])


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("registrar-1", "forbidden"),  # oneself
        ("registrar-3", "not_found"),  # without the permission
        ("head-2", "not_found"),  # of another place
        ("admin", "not_found"),
        ("head-1", None),
        ("supervisor", None),
        ("supervisor-2", None),
    ],
)
def test_who_may_decide(who: str, code: str | None) -> None:
    approval = asked()
    if code is None:
        approve(approval.id, account(who))
        return
    assert refusal(lambda: approve(approval.id, account(who))).code == code
    assert refusal(lambda: decline(approval.id, account(who), "不行")).code == code
    assert (state(approval), done_ids) == (ApprovalState.PENDING, [])


def test_nobody_says_yes_to_oneself_by_holding_the_permission() -> None:
    approval = asked("head-1")
    assert refusal(lambda: approve(approval.id, account("head-1"))).code == "forbidden"


def test_a_stand_in_does_not_decide_in_the_askers_stead() -> None:
    approval = asked("head-1")
    take_leave(
        account("head-1").id, today(), today(), by=account("supervisor-2"), stand_in_id=account("registrar-3").id
    )
    assert refusal(lambda: approve(approval.id, account("registrar-3"))).code == "forbidden"
    other = asked("registrar-1")
    approve(other.id, account("registrar-3"))  # in the head's stead, about another's request
    assert done_ids == [other.id]


def test_a_stand_in_with_the_permission_of_their_own_decides() -> None:
    approval = asked("head-1")
    take_leave(account("head-1").id, today(), today(), by=account("supervisor-2"), stand_in_id=account("head-2").id)
    assert refusal(lambda: approve(approval.id, account("head-2"))).code == "forbidden"
    member("deputy", Role.REGISTRY_HEAD, XINCHENG_REGISTRY)
    take_leave(account("head-1").id, today(), today(), by=account("supervisor-2"), stand_in_id=account("deputy").id)
    approve(approval.id, account("deputy"))


def test_it_is_done_once() -> None:
    approval = asked()
    approve(approval.id, account("head-1"))
    for call in (
        lambda: approve(approval.id, account("supervisor")),
        lambda: decline(approval.id, account("supervisor"), "不行"),
        lambda: withdraw(approval.id, account("registrar-1")),
    ):
        assert refusal(call).code == "state_conflict"
    assert done_ids == [approval.id]


def unlocked(approval_id: uuid.UUID) -> Approval:
    """Reads a request without holding it."""
    from backend.storage import session

    return session().get_one(Approval, approval_id)


@pytest.mark.parametrize("guarded", [True, False])
def test_two_who_say_yes_at_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock it is done twice: that is the fault it is there for."""
    approval, meeting = asked(), Meeting()
    reads = approvals._locked if guarded else unlocked

    def read_then_meet(approval_id: uuid.UUID) -> Approval:
        found = reads(approval_id)
        meeting.wait()
        return found

    monkeypatch.setattr(approvals, "_locked", read_then_meet)
    first, second = account("head-1"), account("supervisor")
    outcomes = at_once([lambda: approve(approval.id, first), lambda: approve(approval.id, second)])
    assert len(done_ids) == (1 if guarded else 2)
    assert outcomes == ({"done": 1, "state_conflict": 1} if guarded else {"done": 2})


def test_what_cannot_be_done_stays_open() -> None:
    approval = asked(fails=True)
    assert refusal(lambda: approve(approval.id, account("head-1"))).user_text.startswith("这份名单")
    assert state(approval) is ApprovalState.PENDING


def test_a_request_lapses_after_three_days(clock: MovableClock) -> None:
    approval = asked()
    clock.advance(timedelta(hours=71, minutes=59))
    assert expire() == 0
    clock.advance(timedelta(minutes=1))
    assert refusal(lambda: approve(approval.id, account("head-1"))).code == "state_conflict"
    assert (expire(), expire()) == (1, 0)
    assert (state(approval), done_ids) == (ApprovalState.EXPIRED, [])


def test_requests_lapse_in_batches(clock: MovableClock) -> None:
    for _ in range(5):
        asked()
    clock.advance(timedelta(hours=72))
    assert [expire(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_one_takes_back_ones_own_request() -> None:
    approval = asked()
    assert refusal(lambda: withdraw(approval.id, account("head-1"))).code == "not_found"
    withdraw(approval.id, account("registrar-1"))
    assert state(approval) is ApprovalState.WITHDRAWN


def test_who_leaves_asks_for_nothing_any_more() -> None:
    approval, other = asked(), asked("registrar-3")
    deactivate_account(account("registrar-1").id, by=account("admin"))
    assert (state(approval), state(other)) == (ApprovalState.WITHDRAWN, ApprovalState.PENDING)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_request_has_a_reason(reason: str) -> None:
    refused = refusal(
        lambda: ask(KIND.name, {}, reason=reason, asked_by=account("head-1"), node_id=node(XINCHENG_REGISTRY).id)
    )
    assert set(refused.errors) == {"reason"}


def test_only_known_kinds_are_asked_for() -> None:
    with pytest.raises(KeyError):
        ask("test.unknown", {}, reason="看看", asked_by=account("head-1"), node_id=node(XINCHENG_REGISTRY).id)


def test_two_rooms_do_not_share_a_name() -> None:
    register_approval_kind(KIND)  # again the same is nothing new
    with pytest.raises(ValueError, match="two rooms"):
        register_approval_kind(ApprovalKind(KIND.name, Permission.READ_AUDIT, _run, str))


def test_every_step_leaves_a_trail() -> None:
    first, second = asked(), asked()
    approve(first.id, account("head-1"))
    decline(second.id, account("head-1"), "不行")
    with transaction() as session:
        wanted = sa.select(AuditEntry).where(AuditEntry.subject_kind == "approval").order_by(AuditEntry.id)
        entries = [(entry.action, entry.account_id) for entry in session.scalars(wanted)]
    me, head = account("registrar-1").id, account("head-1").id
    assert entries == [
        ("approvals.asked", me),
        ("approvals.asked", me),
        ("approvals.approved", head),
        ("approvals.declined", head),
    ]


def test_the_database_wants_two_persons() -> None:
    approval = asked()
    changes = {"state": "approved", "decided_by": approval.asked_by, "closed_at": approval.asked_at}
    changed = sa.update(Approval).where(Approval.id == approval.id).values(changes)
    with (
        pytest.raises(sa.exc.IntegrityError, check=lambda e: broken_constraint(e) == "ck_approvals_two_persons"),
        transaction() as session,
    ):
        session.execute(changed)


# --- lists ---


def test_one_sees_what_waits_for_one(clock: MovableClock) -> None:
    here, elsewhere = asked(n=1), asked("registrar-2", CHANGLE_REGISTRY, n=2)
    clock.advance(timedelta(hours=1))
    own = asked("head-1", n=3)

    def titles(username: str) -> list[str]:
        me = account(username)
        return [row.title for row in to_decide(me, grants_of(me), None, 10).rows]

    assert titles("head-1") == ["导出第 1 份"]
    assert titles("head-2") == ["导出第 2 份"]
    assert titles("supervisor") == ["导出第 1 份", "导出第 2 份", "导出第 3 份"]
    assert titles("registrar-1") == []
    approve(here.id, account("head-1"))
    withdraw(own.id, account("head-1"))
    assert titles("supervisor") == ["导出第 2 份"]
    clock.advance(timedelta(hours=72))
    assert titles("supervisor") == []
    assert state(elsewhere) is ApprovalState.PENDING


def test_lists_are_paged_and_read_in_one_query(clean_database: Database, clock: MovableClock) -> None:
    for number in range(5):
        asked(n=number)
        clock.advance(timedelta(minutes=1))
    head, me, seen, after = account("head-1"), account("registrar-1"), [], None
    grants = grants_of(head)
    for _ in range(3):
        with counted_queries(clean_database) as few:
            page = to_decide(head, grants, after, 2)
        assert len(few) == 1
        seen += [row.approval.payload["n"] for row in page.rows]
        after = page.next
    assert (seen, after) == ([0, 1, 2, 3, 4], None)
    first = asked_by(me, None, 3)
    assert [row.approval.payload["n"] for row in first.rows] == [4, 3, 2]
    assert [row.approval.payload["n"] for row in asked_by(me, first.next, 3).rows] == [1, 0]
    assert asked_by(head, None, 3).rows == []


def test_stead_only_requests_are_not_listed() -> None:
    asked("head-1")
    take_leave(account("head-1").id, today(), today(), by=account("supervisor-2"), stand_in_id=account("head-2").id)
    me = account("head-2")
    assert to_decide(me, grants_of(me), None, 10).rows == []
    assert len(assignments("head-2")) == 2
