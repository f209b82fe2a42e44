"""The steps a registrar takes, from the board and from the page of an appointment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from backend.marriage.desk.actions import DeskAction, actions_for
from backend.marriage.models import Appointment, AppointmentEvent
from backend.marriage.rules import State
from backend.staff.audit import AuditEntry
from backend.staff.models import StaffAccount
from backend.storage import transaction
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot

BOARD = "/console/marriage/appointments"
REASON = {"reason": "合影不符合要求", "words": "请补拍"}

Opened = Callable[..., Desk]


def appointment(state: State, at: time = time(10, 0)) -> str:
    return str(make_appointment(make_slot("xincheng", TUESDAY.date(), at), state))


def state_of(appointment_id: str) -> State:
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).state


STEPS = [
    ("confirm", State.BOOKED, time(10, 0), State.CONFIRMED),
    ("check-in", State.CONFIRMED, time(10, 0), State.CHECKED_IN),
    ("complete", State.CHECKED_IN, time(10, 0), State.SERVED),
    ("no-show", State.CONFIRMED, time(9, 0), State.NO_SHOW),
    ("refuse", State.BOOKED, time(10, 0), State.REFUSED),
    ("fail-documents", State.CHECKED_IN, time(10, 0), State.FAILED_DOCUMENTS),
]


@pytest.mark.parametrize(("step", "before", "at", "after"), STEPS)
def test_a_step_moves_and_leaves_both_trails(desk: Opened, step: str, before: State, at: time, after: State) -> None:
    made = appointment(before, at)
    answer = desk().post(f"{BOARD}/{made}/{step}?tab=pending", REASON, htmx=True)
    assert answer.status_code == 200
    assert 'id="notices" hx-swap-oob' in answer.text
    assert state_of(made) is after
    with transaction() as session:
        me = session.scalars(sa.select(StaffAccount.id).where(StaffAccount.username == "registrar-1")).one()
        event = session.scalars(sa.select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
        audited = session.scalars(
            sa.select(AuditEntry.account_id).where(
                AuditEntry.action == f"marriage.desk.{step}", AuditEntry.subject_id == made
            )
        ).one()
    assert event is not None
    assert (event.actor_kind, event.actor_id, event.to_state) == ("staff", me, after)
    assert audited == me


@pytest.mark.parametrize(("view", "place"), [("tab=pending", f"{BOARD}?tab=pending"), ("view=detail", BOARD + "/{id}")])
def test_without_scripts_a_step_leads_back(desk: Opened, view: str, place: str) -> None:
    made = appointment(State.BOOKED)
    somebody = desk()
    answer = somebody.post(f"{BOARD}/{made}/confirm?{view}")
    assert (answer.status_code, answer.headers["Location"]) == (303, place.format(id=made))
    assert "已确认" in somebody.get(answer.headers["Location"]).text


def test_htmx_redraws_the_part_where_the_step_was_taken(desk: Opened) -> None:
    made, somebody = appointment(State.BOOKED), desk()
    assert '<section id="detail"' in somebody.post(f"{BOARD}/{made}/confirm?view=detail", htmx=True).text
    again = somebody.post(f"{BOARD}/{made}/check-in?tab=today", htmx=True)
    assert '<section id="board"' in again.text


def test_the_filter_and_the_page_survive_a_step(desk: Opened) -> None:
    made = appointment(State.BOOKED)
    part = desk().post(f"{BOARD}/{made}/confirm?tab=all&day=2027-05-18&state=confirmed", htmx=True).text
    assert f"{BOARD}/{made}/check-in?tab=all&amp;day=2027-05-18&amp;state=confirmed" in part


@pytest.mark.parametrize("htmx", [True, False])
def test_a_step_that_came_too_late_says_how_things_stand(desk: Opened, htmx: bool) -> None:
    made, somebody = appointment(State.SERVED), desk()
    answer = somebody.post(f"{BOARD}/{made}/confirm?tab=today", htmx=htmx)
    page = answer.text if htmx else somebody.get(answer.headers["Location"]).text
    assert answer.status_code == (409 if htmx else 303)
    assert "已经办结了" in page
    assert state_of(made) is State.SERVED
    with transaction() as session:
        taken = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action.like("marriage.desk.%"))
        assert session.scalar(taken) == 0


def test_nobody_is_marked_absent_before_the_time(desk: Opened) -> None:
    made = appointment(State.CONFIRMED)
    answer = desk().post(f"{BOARD}/{made}/no-show", htmx=True)
    assert answer.status_code == 409
    assert state_of(made) is State.CONFIRMED


@pytest.mark.parametrize("step", ["refuse", "fail-documents"])
@pytest.mark.parametrize("htmx", [True, False])
def test_a_reason_is_asked_for_until_there_is_one(desk: Opened, step: str, htmx: bool) -> None:
    made, somebody = appointment(State.BOOKED if step == "refuse" else State.CHECKED_IN), desk()
    form = somebody.get(f"{BOARD}/{made}/{step}?tab=pending", htmx=htmx)
    assert form.status_code == 200
    assert ("<html" in form.text) is not htmx
    answer = somebody.post(f"{BOARD}/{made}/{step}?tab=pending", {"reason": "  ", "words": ""}, htmx=htmx)
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert answer.headers["HX-Retarget"] == "#dialog-body"
    assert state_of(made) in (State.BOOKED, State.CHECKED_IN)


def test_the_reason_is_kept_as_chosen_and_added_to(desk: Opened) -> None:
    made = appointment(State.CHECKED_IN)
    desk().post(f"{BOARD}/{made}/fail-documents", REASON)
    with transaction() as session:
        assert session.get_one(Appointment, made).reason == "合影不符合要求 请补拍"


def test_a_reason_is_shown_as_text(desk: Opened) -> None:
    made, somebody = appointment(State.BOOKED), desk()
    somebody.post(f"{BOARD}/{made}/refuse", {"words": "<script>alert(1)</script>"})
    page = somebody.get(f"{BOARD}/{made}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/confirm-all", "/", "/../x"])
def test_unknown_steps_do_not_exist(desk: Opened, path: str) -> None:
    made = appointment(State.BOOKED)
    assert desk().post(f"{BOARD}/{made}{path}").status_code in (404, 405)
    assert desk().post(f"{BOARD}/not-an-id/confirm").status_code in (404, 405)


@pytest.mark.parametrize(
    ("state", "days", "hours", "expected"),
    [
        (State.BOOKED, 0, 1, [DeskAction.CONFIRM, DeskAction.CHECK_IN, DeskAction.REFUSE]),
        (State.BOOKED, 3, 1, [DeskAction.CONFIRM, DeskAction.REFUSE]),
        (State.BOOKED, -1, 0, [DeskAction.NO_SHOW, DeskAction.REFUSE]),
        (State.CONFIRMED, 0, -1, [DeskAction.CHECK_IN, DeskAction.NO_SHOW, DeskAction.REFUSE]),
        (State.CHECKED_IN, 0, 0, [DeskAction.COMPLETE, DeskAction.FAIL_DOCUMENTS]),
        (State.SERVED, 0, 0, []),
        (State.CANCELLED, 0, 1, []),
    ],
)
def test_only_timely_steps_are_offered(state: State, days: int, hours: int, expected: list[DeskAction]) -> None:
    starts_at = TUESDAY + timedelta(days=days, hours=hours)
    assert list(actions_for(state, starts_at, TUESDAY)) == expected
