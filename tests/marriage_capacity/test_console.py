"""The calendar at the desk: who may open it, what is shown before a change, and what waits after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from backend.calendar import import_year
from backend.calendar.legal_days import year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage.capacity.rules import CallResult, LineState
from backend.marriage.models import Closure, Office, PeakDay
from backend.marriage.offices import OfficeView, forget_offices, office
from backend.marriage.open_slots import open_slots
from backend.staff.audit.models import AuditEntry
from backend.staff.demo import XINCHENG_REGISTRY
from backend.storage import transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.kept import fill_once
from tests.marriage.support import at, book
from tests.marriage_capacity.support import line_of, lines_of, moves, slots_of

__all__ = ["desk", "desks"]

THURSDAY = date(2026, 11, 26)


@pytest.fixture
def place(desks: MovableClock) -> OfficeView:
    """The registry of the registrars, on a Monday, its days laid out."""
    desks.move_to(at("2026-11-23 09:00"))
    fill_once("registrars_days", lay_out)
    forget_offices()
    with transaction() as session:
        office_id = session.scalars(sa.select(Office.id).where(Office.code == XINCHENG_REGISTRY)).one()
    found = office(office_id)
    assert found is not None
    return found


def lay_out() -> None:
    """2026's notice, and the days of both registries."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    with transaction() as session:
        session.execute(sa.update(Office).where(Office.code == "xincheng").values(code=XINCHENG_REGISTRY))
    forget_offices()
    open_slots()


def closing(**more: str) -> dict[str, str]:
    """The form that closes Thursday."""
    return {
        "action": "close",
        "day": "2026-11-26",
        "first": "2026-11-26",
        "last": "2026-11-26",
        "reason": "线路检修停电",
        **more,
    }


def base_of(page: str) -> str:
    """What the preview was drawn from."""
    found = re.search(r'name="base" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def closures() -> int:
    """How many closures are set."""
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Closure)) or 0


def test_only_who_may_plan_sees_the_calendar(place: OfficeView, desk: Callable[..., Desk]) -> None:
    assert desk("registrar-1").get("/console/marriage/capacity").status_code == 403
    head = desk("head-1")
    page = head.get("/console/marriage/capacity?month=2026-11")
    assert page.status_code == 200
    assert "11月开放日历" in page.text
    assert f"/console/marriage/capacity/{place.id}/days/2026-11-26" in page.text
    other = desk("head-2")
    assert other.get(f"/console/marriage/capacity/{place.id}/days/2026-11-26").status_code == 404


def test_a_look_changes_nothing_and_names_whom_it_hits(place: OfficeView, desk: Callable[..., Desk]) -> None:
    booked = book(slots_of(place, THURSDAY)[0].id, 1)
    head = desk("head-1")
    page = head.post(f"/console/marriage/capacity/{place.id}/preview", closing())
    assert page.status_code == 200
    assert booked.number in page.text
    assert "<b>1</b> 件约好的预约办不了" in page.text
    assert closures() == 0
    assert len(slots_of(place, THURSDAY)) > 1


def test_what_was_booked_meanwhile_is_shown_again(place: OfficeView, desk: Callable[..., Desk]) -> None:
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    shown = head.post(f"{path}/preview", closing())
    booked = book(slots_of(place, THURSDAY)[0].id, 1)
    again = head.post(f"{path}/changes", closing(base=base_of(shown.text)))
    assert again.status_code == 409
    assert booked.number in again.text
    assert closures() == 0
    done = head.post(f"{path}/changes", closing(base=base_of(again.text)))
    assert done.status_code == 303
    assert closures() == 1
    (move,) = moves()
    assert done.location.endswith(f"/moves/{move.id}")


def test_from_the_closure_to_the_last_answer(place: OfficeView, desk: Callable[..., Desk]) -> None:
    slots = slots_of(place, THURSDAY)
    first, second, third = (book(slots[index].id, index).appointment_id for index in range(3))
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    head.post(f"{path}/changes", closing(base=base_of(head.post(f"{path}/preview", closing()).text)))
    (move,) = moves()
    registrar = desk("registrar-1")
    assert "3 件预约还没通知" in registrar.get("/console/").text
    page = registrar.get(f"/console/marriage/capacity/moves/{move.id}")
    assert "留好新时间并通知" in page.text
    for _ in range(2):  # a colleague presses as well
        started = registrar.post(f"/console/marriage/capacity/moves/{move.id}/start")
        assert started.status_code == 303
    assert [line.state for line in lines_of(move.id)] == [LineState.OFFERED] * 3
    assert "0/3 件办妥" in registrar.get(f"/console/marriage/capacity/moves/{move.id}").text
    line_path = f"/console/marriage/capacity/moves/{move.id}/lines"
    shown = registrar.get(f"{line_path}/{line_of(first).id}").text
    slot_id = re.search(r'<option value="([0-9a-f-]{36})"', shown)
    assert "王小明" in shown
    assert slot_id
    answers = (
        (first, {"answer": "choose", "slot": slot_id[1]}),
        (second, {"answer": "give_up"}),
        (third, {"answer": "accept"}),
    )
    for couple_id, answer in answers:
        assert registrar.post(f"{line_path}/{line_of(couple_id).id}/answer", answer).status_code == 303
    assert [line_of(one).state for one in (first, second, third)] == [
        LineState.CHOSEN,
        LineState.GIVEN_UP,
        LineState.ACCEPTED,
    ]
    assert "3/3 件办妥" in registrar.get(f"/console/marriage/capacity/moves/{move.id}").text
    assert registrar.post(f"{line_path}/{line_of(third).id}/answer", {"answer": "give_up"}).status_code == 409


def test_a_call_is_noted_sealed_and_looked_at_on_record(place: OfficeView, desk: Callable[..., Desk]) -> None:
    couple_id = book(slots_of(place, THURSDAY)[0].id, 1).appointment_id
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    head.post(f"{path}/changes", closing(base=base_of(head.post(f"{path}/preview", closing()).text)))
    (move,) = moves()
    head.post(f"/console/marriage/capacity/moves/{move.id}/start")
    line_path = f"/console/marriage/capacity/moves/{move.id}/lines/{line_of(couple_id).id}"
    head.get(line_path)
    assert head.post(f"{line_path}/call", {"result": "maybe"}).status_code == 422
    assert head.post(f"{line_path}/call", {"result": "reached", "note": "下午再定"}).status_code == 303
    line = line_of(couple_id)
    assert (line.call, line.note) == (CallResult.REACHED, "下午再定")
    assert "下午再定".encode() not in (line.note_sealed or b"")
    with transaction() as session:
        actions = set(session.scalars(sa.select(AuditEntry.action)))
    assert {"marriage.capacity.close", "marriage.move_started", "marriage.move_line_viewed"} <= actions
    assert "marriage.move_called" in actions
    other = desk("head-2")
    assert other.get(line_path).status_code == 404


def test_half_a_day(place: OfficeView, desk: Callable[..., Desk]) -> None:
    morning, afternoon = slots_of(place, THURSDAY)[0], slots_of(place, THURSDAY)[-1]
    book(morning.id, 1)
    kept = book(afternoon.id, 2)
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    form = closing(half="afternoon")
    shown = head.post(f"{path}/preview", form)
    assert kept.number not in shown.text
    assert head.post(f"{path}/changes", form | {"base": base_of(shown.text)}).status_code == 303
    assert all(
        slot.starts_at >= at("2026-11-26 13:00") for slot in slots_of(place, THURSDAY) if slot.capacity > slot.taken
    )
    assert closures() == 0


def test_a_peak_day_with_a_release_of_its_own(place: OfficeView, desk: Callable[..., Desk]) -> None:
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    form: dict[str, str] = {
        "action": "peak",
        "day": "2026-12-12",
        "first": "2026-12-12",
        "hours": "08:00-12:00 13:00-18:00",
        "extra_windows": "2",
        "share": "90",
        "kinds": "marriage_registration",
        "open_even_if_rest": "1",
    }
    assert head.post(f"{path}/preview", form | {"hours": "八点"}).status_code == 422
    late = form | {"release_day": "2026-12-13", "release_time": "09:00"}
    assert head.post(f"{path}/preview", late).status_code == 422
    shown = head.post(f"{path}/preview", form)
    assert shown.status_code == 200
    assert "08:00–08:30" in shown.text
    assert head.post(f"{path}/changes", form | {"base": base_of(shown.text)}).status_code == 303
    with transaction() as session:
        peak = session.scalars(sa.select(PeakDay)).one()
    assert (peak.day, peak.extra_windows, peak.online_share) == (date(2026, 12, 12), 2, 0.9)
    assert slots_of(place, date(2026, 12, 12))[0].starts_at == at("2026-12-12 08:00")


@pytest.mark.parametrize(
    "more",
    [
        {"last": "2026-11-25"},
        {"first": "2026-11-20", "last": "2026-11-20"},
        {"last": "2027-03-01"},
        {"reason": " "},
        {"reason": "停" * 81},
        {"first": "tomorrow"},
        {"area": "garden"},
        {"half": "morning", "area": "divorce_room"},
        {"action": "burn"},
    ],
)
def test_what_cannot_be_is_asked_again(place: OfficeView, desk: Callable[..., Desk], more: dict[str, str]) -> None:
    page = desk("head-1").post(f"/console/marriage/capacity/{place.id}/preview", closing(**more))
    assert page.status_code == 422
    assert 'role="alert"' in page.text


def test_reopening_gives_the_days_back(place: OfficeView, desk: Callable[..., Desk]) -> None:
    head, path = desk("head-1"), f"/console/marriage/capacity/{place.id}"
    head.post(f"{path}/changes", closing(base=base_of(head.post(f"{path}/preview", closing()).text)))
    assert slots_of(place, THURSDAY) == []
    day = head.get(f"{path}/days/2026-11-26").text
    closure = re.search(r'name="closure" value="([0-9a-f-]{36})"', day)
    assert closure
    form = {"action": "reopen", "day": "2026-11-26", "closure": closure[1]}
    shown = head.post(f"{path}/preview", form)
    assert head.post(f"{path}/changes", form | {"base": base_of(shown.text)}).status_code == 303
    assert slots_of(place, THURSDAY)
    assert head.post(f"{path}/preview", form).status_code == 409
