"""Papers that were not in order: a new time before the couple leaves, and a mark on the board when they come again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from backend.marriage.models import Appointment, Party, Slot, Via
from backend.marriage.rules import State
from backend.storage import transaction
from messages.models import OutboxMessage
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot, party_name
from tests.marriage_desk.test_hall import state_of

BOARD = "/console/marriage/appointments"
Opened = Callable[..., Desk]
TOMORROW = TUESDAY.date() + timedelta(days=1)


@pytest.fixture
def failed(desk: Opened, ten: uuid.UUID) -> uuid.UUID:
    """A couple at the window of ten o'clock whose photographs will not do; there are places later and tomorrow."""
    made = make_appointment(ten, State.CHECKED_IN, serial=3)
    for day, clock in ((TUESDAY.date(), time(15, 0)), (TOMORROW, time(9, 30)), (TOMORROW, time(14, 0))):
        make_slot("xincheng", day, clock)
    return made


def fail(somebody: Desk, made: uuid.UUID, view: str = "view=hall&office=xincheng") -> str:
    """Press F and give the reason, as the dialog does."""
    answer = somebody.post(f"{BOARD}/{made}/fail-documents?{view}", {"words": "合影不合格"}, htmx=True)
    assert answer.status_code == 200
    assert answer.headers["HX-Retarget"] == "#dialog-body"
    return answer.text


def newest() -> Appointment:
    """The appointment made last."""
    with transaction() as session:
        return session.scalars(sa.select(Appointment).order_by(Appointment.created_at.desc()).limit(1)).one()


def test_a_new_time_before_they_leave(desk: Opened, failed: uuid.UUID) -> None:
    somebody = desk()
    shown = fail(somebody, failed)
    assert "走之前约好下一次" in shown
    assert party_name(3, 0) in shown
    assert "今天15:00" in shown.replace(" ", "") or "5月18日（周二）15:00" in shown
    slots = re.findall(r'name="slot" value="([0-9a-f-]{36})" data-digit="(\d)"', shown)
    assert [digit for _, digit in slots] == ["1", "2", "3"]
    again = f"{BOARD}/{failed}/again?view=hall&office=xincheng"
    answer = somebody.post(again, {"slot": slots[1][0]}, htmx=True)
    assert answer.status_code == 200
    assert 'id="hall"' in answer.text
    made = newest()
    assert made.number is not None
    assert f"{made.number} 约好了" in answer.text
    assert (made.state, made.via, str(made.slot_id)) == (State.BOOKED, Via.DESK, slots[1][0])
    with transaction() as session:
        before = session.get_one(Appointment, failed)
        assert (made.booked_by, made.kind) == (before.booked_by, before.kind)
        names = session.scalars(sa.select(Party).where(Party.appointment_id == made.id).order_by(Party.position))
        assert [party.name for party in names] == [party_name(3, 0), party_name(3, 1)]
        told = session.scalars(sa.select(OutboxMessage.notice).where(OutboxMessage.subject_id == made.id)).all()
    assert told == ["marriage.booked"]
    twice = somebody.post(again, {"slot": slots[2][0]}, htmx=True)
    assert twice.status_code == 409
    assert "已经有" in twice.text
    assert state_of(failed) is State.FAILED_DOCUMENTS


def test_the_rest_of_today_is_offered_to_whoever_stands_there(desk: Opened, failed: uuid.UUID) -> None:
    somebody = desk()
    first = re.search(r'name="slot" value="([0-9a-f-]{36})"', fail(somebody, failed))
    assert first
    with transaction() as session:
        assert session.get_one(Slot, uuid.UUID(first[1])).day == TUESDAY.date()
    assert somebody.post(f"{BOARD}/{failed}/again", {"slot": first[1]}, htmx=True).status_code == 200
    assert str(newest().slot_id) == first[1]


def test_without_scripts_it_is_a_page_of_its_own(desk: Opened, failed: uuid.UUID) -> None:
    somebody = desk()
    answer = somebody.post(f"{BOARD}/{failed}/fail-documents?view=detail", {"words": "合影不合格"})
    assert answer.location.endswith(f"{BOARD}/{failed}/again?view=detail")
    page = somebody.get(f"{BOARD}/{failed}/again?view=detail")
    assert page.status_code == 200
    assert "<html" in page.text
    assert "先不约" in page.text
    assert somebody.post(f"{BOARD}/{failed}/again?view=detail", {"slot": "bad"}).status_code == 422
    slot = re.search(r'name="slot" value="([0-9a-f-]{36})"', page.text)
    assert slot
    done = somebody.post(f"{BOARD}/{failed}/again?view=detail", {"slot": slot[1]})
    assert done.location.endswith(f"{BOARD}/{failed}")
    assert "约下一次" in somebody.get(f"{BOARD}/{failed}").text


def test_only_of_ones_own_and_only_after_papers_failed(desk: Opened, failed: uuid.UUID) -> None:
    assert desk("registrar-2").get(f"{BOARD}/{failed}/again").status_code == 404
    slot = make_slot("xincheng", TOMORROW, time(16, 0))
    answer = desk().post(f"{BOARD}/{failed}/again", {"slot": str(slot)}, htmx=True)
    assert answer.status_code == 409
    assert "材料不符的预约" in answer.text
    assert state_of(failed) is State.CHECKED_IN


def test_the_board_shows_who_was_sent_home_last_time(desk: Opened, failed: uuid.UUID) -> None:
    somebody = desk()
    slot = re.findall(r'name="slot" value="([0-9a-f-]{36})"', fail(somebody, failed))[0]
    make_appointment(make_slot("xincheng", TUESDAY.date(), time(16, 0)), State.BOOKED, serial=8)
    somebody.post(f"{BOARD}/{failed}/again", {"slot": slot}, htmx=True)
    board = somebody.get(f"{BOARD}?tab=today").text
    assert board.count("上次材料不符：合影不合格") == 1
    assert "上次材料不符：合影不合格" in somebody.get("/console/marriage/hall").text
    assert "上次材料不符：合影不合格" in somebody.get(f"{BOARD}/{newest().id}").text
