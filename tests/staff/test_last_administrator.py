"""The district cannot be left without an administrator, not even by two who act at the same moment."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import pytest

from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.staff import Permission, Role, holds
from backend.staff import administrators as guard
from backend.staff.accounts import deactivate_account
from backend.staff.assignments import end_role, give_role
from backend.staff.demo import DISTRICT, STREETS
from backend.staff.leave import take_leave
from backend.staff.models import StaffAccount
from backend.storage import database
from tests.staff.support import Meeting, account, assignments, at_once, member, node


def leave_one() -> None:
    """Only `admin` is left."""
    deactivate_account(account("admin-2").id, by=account("admin"))


def refusal(call: object) -> AppError:
    """What a call is refused with."""
    with pytest.raises(AppError) as caught:
        call()  # type: ignore[operator]
    return caught.value


def still_there() -> bool:
    """Whether somebody administers the district."""
    return any(holds(account(name), Permission.MANAGE_STAFF) for name in ("admin", "admin-2"))


def test_one_of_two_may_go() -> None:
    leave_one()
    assert still_there()


def test_the_last_one_is_not_deactivated_stripped_or_made_to_expire() -> None:
    leave_one()
    admin, role = account("admin"), assignments("admin")[0]
    for call in (
        lambda: deactivate_account(admin.id, by=None),
        lambda: end_role(role.id, by=admin),
        lambda: end_role(role.id, by=None),
        lambda: end_role(role.id, by=None, ends_at=now() + timedelta(days=365)),
    ):
        assert refusal(call).code == "last_administrator"
    assert assignments("admin")[0].ends_at is None
    assert account("admin").active


@pytest.mark.parametrize("kind", ["of a street", "for a time", "not yet", "as a stand-in"])
def test_who_does_not_count_as_another(kind: str) -> None:
    admin, district = account("admin"), node(DISTRICT).id
    other = member("other", None, DISTRICT)
    later = now() + timedelta(days=30)
    if kind == "of a street":
        give_role(other.id, Role.ADMINISTRATOR, node(STREETS[0]).id, by=admin)
    elif kind == "for a time":
        give_role(other.id, Role.ADMINISTRATOR, district, by=admin, ends_at=later)
    elif kind == "not yet":
        give_role(other.id, Role.ADMINISTRATOR, district, by=admin, starts_at=later)
    else:
        take_leave(admin.id, now().date(), later.date(), by=account("supervisor"), stand_in_id=other.id)
    leave_one()
    assert refusal(lambda: deactivate_account(admin.id, by=None)).code == "last_administrator"


def test_a_new_one_frees_the_old(clock: MovableClock) -> None:
    leave_one()
    other = member("other", None, DISTRICT)
    give_role(other.id, Role.ADMINISTRATOR, node(DISTRICT).id, by=account("admin"))
    end_role(assignments("admin")[0].id, by=other)
    assert not holds(account("admin"), Permission.MANAGE_STAFF)
    assert holds(other, Permission.MANAGE_STAFF)


def test_before_there_is_a_first_one_others_may_go() -> None:
    with database().engine.begin() as connection:
        connection.exec_driver_sql("UPDATE role_assignments SET ends_at = starts_at WHERE role = 'administrator'")
    deactivate_account(account("clerk-1").id, by=None)
    assert not account("clerk-1").active


def removals() -> tuple[StaffAccount, StaffAccount]:
    """The two administrators."""
    return account("admin"), account("admin-2")


@pytest.mark.parametrize("guarded", [True, False])
def test_two_who_remove_each_other_at_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard one is refused. Without it both succeed and nobody is left: that is the fault it is there for."""
    meeting, looks = Meeting(), guard._there_is_one

    def look_then_meet() -> bool:
        found = looks()
        meeting.wait()
        return found

    monkeypatch.setattr(guard, "_there_is_one", look_then_meet)
    if not guarded:
        monkeypatch.setattr(guard, "lock_tree", lambda: None)
    first, second = removals()
    outcomes = at_once(
        [lambda: deactivate_account(second.id, by=first), lambda: deactivate_account(first.id, by=second)]
    )
    monkeypatch.undo()
    assert still_there() is guarded
    # Who waited finds itself out of office already, or the last of all.
    assert outcomes["done"] == (1 if guarded else 2)


def test_resigning_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    roles = [assignments(name)[0].id for name in ("admin", "admin-2")]
    people = removals()
    outcomes = at_once([lambda i=i: end_role(roles[i], by=people[i]) for i in (0, 1)])  # type: ignore[misc]
    assert outcomes == {"done": 1, "last_administrator": 1}


def no_guard() -> AbstractContextManager[None]:
    """Nothing is kept."""
    return nullcontext()


def test_without_the_guard_the_last_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_one()
    monkeypatch.setattr("backend.staff.accounts.keeping_an_administrator", no_guard)
    deactivate_account(account("admin").id, by=None)
    assert not still_there()
