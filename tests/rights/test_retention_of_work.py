"""What colleagues leave behind goes too: exports and approvals after three years, notices after one, free words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock, now, today
from backend.kernel.ids import new_id
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.rights.holds import place_hold
from backend.people.rights.retention import use_rules
from backend.personal_data import RULES
from backend.staff.models import AccountMatter, Approval, ApprovalState, StaffAccount, StaffNotice
from backend.storage import transaction
from tests.marriage.support import couple
from tests.rights.support import make_officer, make_person, prove, rows
from tests.rights.test_retention import at, sweep


@pytest.fixture(autouse=True)
def the_rules(office: uuid.UUID) -> Iterator[None]:
    """Every rule, on an empty database with its calendar."""
    use_rules(RULES)
    yield
    use_rules(RULES)


def proven(couple_at: int) -> uuid.UUID:
    """Somebody whose card was seen."""
    person = make_person()
    prove(person, couple(couple_at)[0])
    return person


def make_approval(officer: uuid.UUID) -> uuid.UUID:
    """A request that its asker took back today."""
    with transaction() as session:
        account = session.get_one(StaffAccount, officer)
        row = Approval(
            id=new_id(),
            kind="test",
            node_id=account.home_id,
            payload={},
            reason="试",
            asked_by=officer,
            asked_at=now(),
            expires_at=now() + timedelta(hours=72),
            state=ApprovalState.WITHDRAWN,
            closed_at=now(),
        )
        session.add(row)
        return row.id


def make_export(officer: uuid.UUID, approval_id: uuid.UUID, state: str = "waiting") -> None:
    """An export that waited for that request; written as it lies in the table."""
    with transaction() as session:
        node = session.get_one(StaffAccount, officer).home_id
        session.execute(
            sa.text(
                """
                INSERT INTO exports (id, definition, arguments, columns, personal, format, node_id, reason_kind, reason,
                    asked_by, asked_at, approval_id, state, rows_expected, most_rows, rows_done, attempts, failure)
                VALUES (:id, 'test', '{}', '[]', false, 'csv', :node, 'statistics', '试', :by, :at, :approval, :state,
                    1, 1, 0, 0, :failure)
                """
            ),
            {
                "id": new_id(),
                "node": node,
                "by": officer,
                "at": now(),
                "approval": approval_id,
                "state": state,
                "failure": "fault" if state == "failed" else None,
            },
        )


def test_exports_and_what_was_agreed_go_after_three_years(clock: MovableClock):
    officer = make_officer()
    make_export(officer, make_approval(officer), "failed")
    make_approval(officer)
    clock.move_to(at(date(2029, 11, 23)))
    sweep()
    assert (rows("exports"), rows("approvals")) == (1, 2)
    clock.move_to(at(date(2029, 11, 24)))
    sweep()
    assert (rows("exports"), rows("approvals")) == (0, 0)


def test_what_was_never_decided_goes_with_the_request_it_waited_for(clock: MovableClock):
    officer = make_officer()
    make_export(officer, make_approval(officer), "waiting")
    clock.move_to(at(date(2029, 11, 24)))
    sweep()
    assert (rows("exports"), rows("approvals")) == (0, 0)


def test_notices_to_colleagues_go_after_a_year(clock: MovableClock):
    officer, other = make_officer(), make_officer()
    with transaction() as session:
        row = StaffNotice(
            id=new_id(), account_id=officer, at=now(), matter=AccountMatter.UNLOCKED, reason="试", by_id=other
        )
        session.add(row)
    clock.move_to(at(date(2027, 11, 20)))
    sweep()
    assert rows("staff_notices") == 1
    clock.move_to(at(date(2027, 11, 25)))
    sweep()
    assert rows("staff_notices") == 0


@pytest.mark.parametrize(
    ("kind", "kept", "gone"),
    [
        (EventKind.NAME_CORRECTED, date(2029, 11, 20), date(2029, 11, 25)),
        (EventKind.DEATH, date(2036, 11, 20), date(2036, 11, 25)),
    ],
)
def test_only_the_words_about_an_event_are_forgotten(kind: EventKind, kept: date, gone: date, clock: MovableClock):
    person, officer = proven(0), make_officer()
    source = Source.POLICE
    record_life_event(person, Report(kind, officer, source, today(), "派出所出具证明", name="王更名"))
    held = proven(1)
    record_life_event(held, Report(kind, officer, source, today(), "另一份证明", name="李更名"))
    place_hold(held, "诉讼", officer)
    clock.move_to(at(kept))
    sweep()
    with transaction() as session:
        assert None not in session.scalars(sa.select(LifeEvent.reason)).all()
    clock.move_to(at(gone))
    sweep()
    with transaction() as session:
        left = dict(session.execute(sa.select(LifeEvent.person_id, LifeEvent.reason)).all())
    assert left == {person: None, held: "另一份证明"}


def test_a_reason_can_be_forgotten_and_nothing_else_changed(clock: MovableClock):
    person, officer = proven(0), make_officer()
    record_life_event(person, Report(EventKind.DEATH, officer, Source.POLICE, today(), "派出所出具证明"))
    for change in ("reason = 'other'", "effective_on = effective_on - 1", "effects = '{}', reason = NULL"):
        with pytest.raises(sa.exc.DBAPIError), transaction() as session:
            session.execute(sa.text(f"UPDATE life_events SET {change}"))
    with pytest.raises(sa.exc.DBAPIError), transaction() as session:
        session.execute(sa.text("DELETE FROM life_events"))
