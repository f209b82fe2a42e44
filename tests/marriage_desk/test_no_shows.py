"""Absences: noted by themselves only where the registry worked, told with the way to object, and taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Closure
from backend.marriage.no_shows import annul_no_show, note_absences, still_counts
from backend.marriage.rules import State
from backend.marriage.tickets.issue import issue_ticket
from backend.marriage.tickets.models import AnnulledNoShow
from backend.marriage.tickets.rules import Lane
from backend.marriage.tickets.windows import open_window
from backend.staff.models import StaffAccount
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.console.support import TUESDAY, Desk, make_appointment

CLERK = Actor("staff", uuid.UUID(int=7))
PLACE = "/console/marriage/appointments"
Opened = Callable[..., Desk]


def state_of(appointment_id: uuid.UUID) -> State:
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).state


def worked(office_id: uuid.UUID) -> None:
    issue_ticket(office_id, Kind.ARCHIVE_QUERY, Lane.ORDINARY, CLERK)


@pytest.mark.parametrize(("minutes", "noted"), [(64, 0), (65, 1)])
def test_absent_from_the_end_of_the_slot_and_the_grace_on(
    office_id: uuid.UUID, ten: uuid.UUID, desks: MovableClock, minutes: int, noted: int
) -> None:
    made = make_appointment(ten, State.CONFIRMED)  # 10:00 to 10:30, and it is 09:40
    worked(office_id)
    desks.move_to(TUESDAY + timedelta(minutes=minutes))
    assert note_absences() == noted
    assert state_of(made) is (State.NO_SHOW if noted else State.CONFIRMED)
    assert note_absences() == 0


def test_a_day_on_which_nobody_worked_makes_nobody_absent(
    office_id: uuid.UUID, ten: uuid.UUID, desks: MovableClock
) -> None:
    made = make_appointment(ten, State.BOOKED)
    desks.move_to(TUESDAY + timedelta(hours=5))
    assert note_absences() == 0
    assert state_of(made) is State.BOOKED
    with transaction() as session:
        account = session.scalars(sa.select(StaffAccount.id)).first()
    assert account is not None
    open_window(office_id, 1, Area.MARRIAGE_HALL, account)
    assert note_absences() == 1


@pytest.mark.parametrize(
    ("area", "noted"), [(None, 0), (Area.MARRIAGE_HALL, 0), (Area.DIVORCE_ROOM, 1)], ids=["all", "theirs", "another"]
)
def test_a_closed_hall_makes_nobody_absent(
    office_id: uuid.UUID, ten: uuid.UUID, desks: MovableClock, area: Area | None, noted: int
) -> None:
    make_appointment(ten, State.CONFIRMED)
    worked(office_id)
    with transaction() as session:
        day = TUESDAY.date()
        session.add(Closure(id=new_id(), office_id=office_id, first_day=day, last_day=day, area=area, reason="停电"))
    desks.move_to(TUESDAY + timedelta(hours=5))
    assert note_absences() == noted


def test_who_has_checked_in_is_never_absent(office_id: uuid.UUID, ten: uuid.UUID, desks: MovableClock) -> None:
    """Sites that note absences of people who are sitting in the hall lose their trust (peers.md)."""
    states = (State.CHECKED_IN, State.SERVED, State.CANCELLED, State.REFUSED)
    made = {state: make_appointment(ten, state, serial=index) for index, state in enumerate(states)}
    worked(office_id)
    desks.move_to(TUESDAY + timedelta(hours=8))
    assert note_absences() == 0
    assert {state: state_of(one) for state, one in made.items()} == {state: state for state in states}


def test_they_are_told_how_to_object(office_id: uuid.UUID, ten: uuid.UUID, desks: MovableClock) -> None:
    made = make_appointment(ten, State.CONFIRMED)
    worked(office_id)
    desks.move_to(TUESDAY + timedelta(hours=2))
    note_absences()
    with transaction() as session:
        [message] = session.scalars(sa.select(OutboxMessage).where(OutboxMessage.subject_id == made))
    assert message.notice == "marriage.no_show"
    assert "029-87000000" in message.data["hint"]


def test_an_absence_is_taken_back_once_and_with_a_reason(ten: uuid.UUID) -> None:
    absent, served = make_appointment(ten, State.NO_SHOW, serial=1), make_appointment(ten, State.SERVED, serial=2)
    for appointment_id, reason, code in (
        (absent, "  ", "invalid"),
        (served, "当时到了", "state_conflict"),
        (uuid.uuid4(), "当时到了", "not_found"),
    ):
        with pytest.raises(AppError) as refused:
            annul_no_show(appointment_id, CLERK, reason)
        assert refused.value.code == code
    annul_no_show(absent, CLERK, "当时到了")
    with pytest.raises(AppError) as twice:
        annul_no_show(absent, CLERK, "当时到了")
    assert "已经撤销过" in twice.value.user_text
    with transaction() as session:
        [row] = session.scalars(sa.select(AnnulledNoShow))
        counted = session.scalars(sa.select(Appointment.id).where(Appointment.id == absent, still_counts())).all()
    assert (row.reason, row.at, row.account_id) == ("当时到了", now(), CLERK.id)
    assert counted == []


def test_taken_back_at_the_desk(desk: Opened, ten: uuid.UUID) -> None:
    made = make_appointment(ten, State.NO_SHOW, serial=1)
    somebody = desk()
    assert "撤销未到…" in somebody.get(f"{PLACE}/{made}").text
    assert "怎么核实的" in somebody.get(f"{PLACE}/{made}/annul-no-show", htmx=True).text
    assert somebody.post(f"{PLACE}/{made}/annul-no-show", {}, htmx=True).status_code == 422
    page = somebody.post(f"{PLACE}/{made}/annul-no-show", {"reason": "交通、天气原因"}, htmx=True).text
    assert "未到已撤销" in page
    assert "交通、天气原因" in page
    assert "撤销未到…" not in page
    again = somebody.post(f"{PLACE}/{made}/annul-no-show", {"reason": "再来一次"}, htmx=True)
    assert again.status_code == 409
    assert desk("admin").post(f"{PLACE}/{made}/annul-no-show", {"reason": "不行"}).status_code == 403
