"""Messages that need a person, and the worklist that counts them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import time, timedelta

import pytest

from backend.kernel.ids import new_id
from backend.marriage.notices import SUBJECT_KIND, notice_data
from backend.staff.audit import AuditEntry
from backend.storage import transaction
from messages.models import OutboxMessage, OutboxState
from messages.notices import find_notice
from tests.console.support import TUESDAY, Desk, make_appointment, make_slot

Opened = Callable[..., Desk]


def message(
    office: str = "xincheng",
    *,
    state: OutboxState = OutboxState.DEAD,
    failure: str | None = "no_channel",
    kind: str = SUBJECT_KIND,
    serial: int = 0,
) -> uuid.UUID:
    appointment_id = make_appointment(make_slot(office, TUESDAY.date(), time(10, serial % 60)), serial=serial)
    known = find_notice("marriage.confirmed")
    assert known is not None
    data = dict.fromkeys(known.fields, "x") | notice_data("登记处", TUESDAY, "MZ00000000")
    with transaction() as session:
        row = OutboxMessage(
            id=new_id(),
            key=str(new_id()),
            notice="marriage.confirmed",
            recipient_id=new_id(),
            subject_kind=kind,
            subject_id=appointment_id,
            data=data,
            state=state,
            next_at=TUESDAY,
            created_at=TUESDAY - timedelta(hours=2) + timedelta(seconds=serial),
            failure=failure,
        )
        session.add(row)
        return row.id


def state_of(message_id: uuid.UUID) -> OutboxState:
    with transaction() as session:
        return session.get_one(OutboxMessage, message_id).state


def test_the_list_says_what_when_why_and_leads_to_the_appointment(desk: Opened) -> None:
    message()
    message(state=OutboxState.UNCERTAIN, failure="uncertain", serial=1)
    message(failure="a_code_of_tomorrow", serial=2)
    page = desk().get("/console/messages").text
    for told in ("预约已确认", "5月18日（周二）07:40", "没有关注", "不知道是否送到", "a_code_of_tomorrow"):
        assert told in page
    assert page.count('href="/console/marriage/appointments/') >= 3


@pytest.mark.parametrize(
    ("verb", "state", "told"), [("again", OutboxState.QUEUED, "再发一次"), ("settle", OutboxState.SENT, "电话告知")]
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_message_is_dealt_with_once(desk: Opened, verb: str, state: OutboxState, told: str, htmx: bool) -> None:
    made, somebody = message(), desk()
    answer = somebody.post(f"/console/messages/{made}/{verb}", htmx=htmx)
    page = answer.text if htmx else somebody.get(answer.headers["Location"]).text
    assert told in page
    assert state_of(made) is state
    again = somebody.post(f"/console/messages/{made}/{verb}", htmx=True)
    assert "已经处理过了" in again.text
    with transaction() as session:
        entries = session.query(AuditEntry).filter(AuditEntry.subject_id == str(made)).all()
    assert len(entries) == 1


@pytest.mark.parametrize("verb", ["again", "settle"])
def test_another_registrys_message_is_not_there(desk: Opened, verb: str) -> None:
    made, somebody = message("changle"), desk("registrar-1")
    assert "预约已确认" not in somebody.get("/console/messages").text
    assert somebody.post(f"/console/messages/{made}/{verb}").status_code == 404
    assert state_of(made) is OutboxState.DEAD
    assert somebody.post(f"/console/messages/{uuid.uuid4()}/{verb}").status_code == 404


def test_a_subject_no_room_knows_is_the_districts(desk: Opened) -> None:
    made = message(kind="of_a_room_not_built_yet")
    assert "预约已确认" not in desk("registrar-1").get("/console/messages").text
    assert "预约已确认" in desk("admin").get("/console/messages").text
    assert desk("admin").post(f"/console/messages/{made}/settle").status_code == 303


def test_pages_of_messages(desk: Opened) -> None:
    for serial in range(31):
        message(serial=serial)
    somebody = desk()
    first = somebody.get("/console/messages").text
    assert first.count("data-row") == 30
    address = first.split('rel="next" href="')[1].split('"')[0]
    assert somebody.get(address).text.count("data-row") == 1
    answer = somebody.get("/console/messages?cursor=nonsense")
    assert answer.status_code == 422
    assert "从第一页看起" in answer.text


def test_pages_hold_ones_own_alone(desk: Opened) -> None:
    """A page is full although older messages of another registry come before."""
    for serial in range(31):
        message("changle", serial=serial)
    mine = message(serial=40)
    page = desk().get("/console/messages").text
    assert f'id="message-{mine}"' in page
    assert page.count("data-row") == 1
    assert 'rel="next"' not in page


def test_an_empty_list_says_so(desk: Opened) -> None:
    assert "没有要处理的消息" in desk().get("/console/messages").text
