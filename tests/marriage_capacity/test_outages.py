"""Windows that go out for some hours: who moves, who stays, what the hall does meanwhile, and what comes back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as some

from backend.kernel.actors import Actor
from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.errors import AppError
from backend.marriage.capacity.models import BulkMove, WindowOutage
from backend.marriage.capacity.outage import end_outage, place_chosen, take_windows_out
from backend.marriage.capacity.outage_look import OutageWish, look_at_outage
from backend.marriage.capacity.place import place_waiting
from backend.marriage.capacity.rules import LineState
from backend.marriage.capacity.surplus import Seated, surplus
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment
from backend.marriage.no_shows import note_absences
from backend.marriage.offices import OfficeView
from backend.marriage.rules import State
from backend.marriage.tickets.hall import hall_now
from backend.marriage.tickets.issue import issue_ticket
from backend.marriage.tickets.rules import Lane
from backend.storage import transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.marriage.support import at, book
from tests.marriage_capacity.support import assert_nothing_oversold, line_of, lines_of, slots_of
from tests.marriage_capacity.test_console import base_of
from tests.marriage_capacity.test_console import place as busy
from tests.marriage_divorce.support import accept, make_registrar
from tests.marriage_waiting.support import offer, wait_for_slot

__all__ = ["busy", "desk", "desks"]

THURSDAY = date(2026, 11, 26)


def book_all(place: OfficeView, day: date = THURSDAY) -> dict[str, list[uuid.UUID]]:
    """A couple on every place of the marriage hall that day, by time, in the order in which they booked."""
    booked: dict[str, list[uuid.UUID]] = {}
    index = 0
    for slot in slots_of(place, day):
        for _ in range(slot.capacity // 30):
            clock = f"{slot.starts_at.astimezone(BEIJING):%H:%M}"
            booked.setdefault(clock, []).append(book(slot.id, index).appointment_id)
            index += 1
    return booked


def wish(first: str, last: str, windows: set[int], area: Area = Area.MARRIAGE_HALL) -> OutageWish:
    """Windows out on the Thursday."""
    return OutageWish(area, frozenset(windows), at(f"2026-11-26 {first}"), at(f"2026-11-26 {last}"), "停电")


def take_out(place: OfficeView, wanted: OutageWish, officer: uuid.UUID) -> uuid.UUID:
    """Look, confirm what was proposed, and give the times; the outage's id."""
    look = look_at_outage(place, wanted)
    chosen = {one.hit.id: one.times[0].id if one.times else None for one in look.couples if one.must_move}
    done = take_windows_out(place, wanted, chosen, look.base, officer)
    place_chosen(done, chosen)
    return done.outage_id


def new_time(appointment_id: uuid.UUID) -> datetime:
    """Where they were moved to."""
    moment = line_of(appointment_id).new_starts_at
    assert moment is not None
    return moment.astimezone(BEIJING)


def state_of(appointment_id: uuid.UUID) -> State:
    """Where an appointment stands."""
    with transaction() as session:
        return session.get_one(Appointment, appointment_id).state


_SLOTS = [uuid.UUID(int=number) for number in range(1, 4)]


@given(
    some.lists(
        some.tuples(
            some.dictionaries(some.sampled_from(_SLOTS), some.integers(10, 40), min_size=1, max_size=2), some.booleans()
        ),
        max_size=8,
    ),
    some.lists(some.integers(0, 90), min_size=3, max_size=3),
)
def test_nobody_moves_for_nothing_and_the_rest_fits(
    couples: list[tuple[dict[uuid.UUID, int], bool]], allowed: list[int]
) -> None:
    """Whoever moves is in a slot with too much; afterwards no slot has more than its windows allow."""
    start = at("2026-11-01 09:00")
    seated = [
        Seated(uuid.UUID(int=100 + index), minutes, start + timedelta(hours=index), closing)
        for index, (minutes, closing) in enumerate(couples)
    ]
    used = {slot: sum(one.minutes.get(slot, 0) for one in seated) for slot in _SLOTS}
    most = dict(zip(_SLOTS, allowed, strict=True))
    too_much = {slot: max(used[slot] - most[slot], 0) for slot in _SLOTS}
    moved = surplus(seated, too_much)
    for slot in _SLOTS:
        left = sum(one.minutes.get(slot, 0) for one in seated if one.id not in moved)
        assert left <= most[slot] or not too_much[slot]
    for one in seated:
        assert one.id not in moved or any(too_much[slot] for slot in one.minutes)


def test_those_who_booked_last_move_and_the_earlier_ones_stay(busy: OfficeView, desks: MovableClock) -> None:
    booked, officer = book_all(busy), make_registrar()
    desks.move_to(at("2026-11-26 09:40"))
    look = look_at_outage(busy, wish("09:40", "14:00", {2}))
    moving = {one.hit.id for one in look.couples if one.must_move}
    assert moving == {booked["10:00"][1], booked["11:00"][1]}
    assert look.surplus == 2
    take_out(busy, wish("09:40", "14:00", {2}), officer)
    assert line_of(booked["10:00"][1]).state is LineState.OFFERED
    with transaction() as session:
        assert session.get_one(Appointment, booked["10:00"][0]).rescheduled == 0
    capacities = [slot.capacity for slot in slots_of(busy, THURSDAY)[:6]]
    assert capacities == [30] * 6  # one window is left, and nobody is offered the other one
    assert_nothing_oversold()


def test_whoever_loses_a_time_of_today_is_offered_a_later_one_today(busy: OfficeView, desks: MovableClock) -> None:
    slots, officer = slots_of(busy, THURSDAY), make_registrar()
    first, second = (book(slots[2].id, index).appointment_id for index in (1, 2))
    desks.move_to(at("2026-11-26 09:10"))
    take_out(busy, wish("09:10", "14:00", {1}), officer)
    assert line_of(second).state is LineState.OFFERED
    assert f"{new_time(second):%m-%d %H:%M}" == "11-26 10:30"
    assert state_of(first) is State.BOOKED
    assert_nothing_oversold()


def test_a_closing_divorce_window_stays_while_anybody_else_can_move(busy: OfficeView, desks: MovableClock) -> None:
    officer = make_registrar()
    desks.move_to(at("2026-09-27 10:00"))
    accept(busy.id, officer, 1, "2026-0001")  # the window closes on the Friday after
    desks.move_to(at("2026-11-23 09:00"))
    room = slots_of(busy, THURSDAY, Area.DIVORCE_ROOM)
    closing = book(room[0].id, 1, kind=Kind.DIVORCE_CERTIFICATE).appointment_id
    look = look_at_outage(busy, wish("09:00", "10:00", {1}, Area.DIVORCE_ROOM))
    (couple,) = look.couples
    assert (couple.hit.id, couple.hit.closing, couple.must_move) == (closing, True, True)
    assert all(slot.starts_at.date() <= date(2026, 11, 27) for slot in couple.times)
    start = at("2026-11-01 09:00")
    seats = [
        Seated(uuid.UUID(int=1), {_SLOTS[0]: 30}, start + timedelta(days=1), closing=True),
        Seated(uuid.UUID(int=2), {_SLOTS[0]: 30}, start, closing=False),
    ]
    assert surplus(seats, {_SLOTS[0]: 30}) == {uuid.UUID(int=2)}


def test_windows_that_work_again_give_their_places_back(busy: OfficeView, desks: MovableClock) -> None:
    officer = make_registrar()
    booked = book_all(busy)
    before = [slot.capacity for slot in slots_of(busy, THURSDAY)]
    desks.move_to(at("2026-11-25 09:00"))
    outage_id = take_out(busy, wish("10:00", "12:00", {2}), officer)
    moved = booked["10:00"][1]
    assert new_time(moved).date() != THURSDAY  # all of Thursday was taken
    for _ in range(2):
        end_outage(busy, outage_id, officer)
    assert [slot.capacity for slot in slots_of(busy, THURSDAY)] == before
    assert line_of(moved).state is LineState.OFFERED  # theirs until they say otherwise
    assert_nothing_oversold()
    with pytest.raises(AppError) as refused:
        end_outage(busy, uuid.uuid4(), officer)
    assert refused.value.code == "not_found"


def test_places_that_come_back_go_to_whoever_waits(busy: OfficeView, desks: MovableClock) -> None:
    officer, booked = make_registrar(), book_all(busy)
    waits = wait_for_slot(slots_of(busy, THURSDAY)[2].id, 300)
    desks.move_to(at("2026-11-25 09:00"))
    outage_id = take_out(busy, wish("10:00", "12:00", {2}), officer)
    assert new_time(booked["10:00"][1]).date() != THURSDAY
    assert offer(waits) is None  # what was given back is nobody's while the window is out
    end_outage(busy, outage_id, officer)
    kept = offer(waits)
    assert kept is not None
    assert kept.slot_id == slots_of(busy, THURSDAY)[2].id
    assert_nothing_oversold()


def test_who_has_no_new_time_yet_stays_once_the_windows_work_again(busy: OfficeView, desks: MovableClock) -> None:
    officer = make_registrar()
    slot = slots_of(busy, THURSDAY)[2]
    first, second = (book(slot.id, index).appointment_id for index in (1, 2))
    desks.move_to(at("2026-11-25 09:00"))
    look = look_at_outage(busy, wish("10:00", "12:00", {2}), propose=False)
    done = take_windows_out(busy, wish("10:00", "12:00", {2}), {second: None}, look.base, officer)
    assert line_of(second).state is LineState.WAITING
    end_outage(busy, done.outage_id, officer)
    place_waiting(done.move_id)
    assert line_of(second).state is LineState.ENDED
    assert {state_of(first), state_of(second)} == {State.BOOKED}


def test_nobody_is_absent_by_itself_while_windows_are_out(busy: OfficeView, desks: MovableClock) -> None:
    officer = make_registrar()
    slots = slots_of(busy, THURSDAY)
    disturbed, usual = book(slots[2].id, 1).appointment_id, book(slots[-1].id, 2).appointment_id
    desks.move_to(at("2026-11-26 09:10"))
    take_out(busy, wish("09:10", "14:00", {2}), officer)
    issue_ticket(busy.id, Kind.MARRIAGE_REGISTRATION, Lane.ORDINARY, Actor("staff", officer))
    desks.move_to(at("2026-11-26 18:00"))
    note_absences()
    assert state_of(disturbed) is State.BOOKED
    assert state_of(usual) is State.NO_SHOW


def form(**more: str) -> dict[str, str]:
    """Window 2 out until two."""
    return {"area": "marriage_hall", "windows": "2", "from": "09:40", "until": "14:00", "reason": "停电", **more}


def test_from_the_power_cut_to_the_hall(busy: OfficeView, desks: MovableClock, desk: Callable[..., Desk]) -> None:
    booked = book_all(busy)
    desks.move_to(at("2026-11-26 09:40"))
    registrar, hall = desk("registrar-1"), f"/console/marriage/hall?office={busy.code}"
    window = {"window": "2", "area": "marriage_hall"}
    registrar.post(f"/console/marriage/hall/window?office={busy.code}", window)
    path = f"/console/marriage/capacity/{busy.id}"
    assert f'{path}/outage" data-hall-key="w"' in registrar.get(hall).text
    assert 'name="windows" required maxlength="40"' in registrar.get(f"{path}/outage").text
    shown = registrar.post(f"{path}/outage/look", form())
    assert "办不过来的有 <b>2</b> 件" in shown.text
    moving = [booked["10:00"][1], booked["11:00"][1]]
    assert [str(one) for one in moving] == re.findall(r'name="move" value="([0-9a-f-]+)" checked', shown.text)
    confirm = {**form(), "base": base_of(shown.text), "move": str(moving[1])}  # she leaves the other one where it is
    done = registrar.post(f"{path}/outage", confirm)
    assert done.status_code == 303
    (move,) = _moves()
    assert done.location.endswith(f"/moves/{move.id}")
    assert [line.appointment_id for line in lines_of(move.id)] == [moving[1]]
    page = registrar.get(hall).text
    assert "2 号窗口停到 14:00" in page
    assert hall_now(busy.id).area(Area.MARRIAGE_HALL).wait == 260  # from 9:40 until there is a window again
    refused = registrar.post(f"/console/marriage/hall/next?office={busy.code}")
    assert refused.status_code == 303
    assert "这之前不叫号" in registrar.get(hall).text
    again = registrar.post(f"{path}/outage", {**form(), "base": base_of(shown.text)})
    assert again.status_code == 409
    assert "已经停了" in again.text
    (outage,) = _outages()
    assert registrar.post(f"{path}/outages/{outage.id}/end").status_code == 303
    assert "停到 14:00" not in registrar.get(hall).text
    assert hall_now(busy.id).area(Area.MARRIAGE_HALL).wait == 0
    other = desk("registrar-2")
    assert other.get(f"{path}/outage").status_code == 404
    assert other.post(f"{path}/outages/{outage.id}/end").status_code == 404


def test_what_changed_meanwhile_is_shown_again(
    busy: OfficeView, desks: MovableClock, desk: Callable[..., Desk]
) -> None:
    """A booking that comes while one looks, and a colleague who takes another window out."""
    registrar, path = desk("registrar-1"), f"/console/marriage/capacity/{busy.id}"
    wanted = form(day="2026-11-26")
    shown = registrar.post(f"{path}/outage/look", wanted)
    assert "不用通知谁" in shown.text
    late = book(slots_of(busy, THURSDAY)[3].id, 9)
    again = registrar.post(f"{path}/outage", {**wanted, "base": base_of(shown.text)})
    assert again.status_code == 409
    assert late.number in again.text
    assert not _outages()
    assert registrar.post(f"{path}/outage", {**wanted, "base": base_of(again.text)}).status_code == 303
    both = registrar.post(f"{path}/outage/look", form(day="2026-11-26", windows="1、2"))
    assert "办不过来的有 <b>1</b> 件" in both.text
    stranger = {**form(day="2026-11-26", windows="1"), "base": base_of(both.text), "move": str(uuid.uuid4())}
    assert registrar.post(f"{path}/outage", stranger).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"windows": "二"}, "请写停哪几个窗口"),
        ({"windows": "1、2、3"}, "一共 2 个窗口"),
        ({"until": "09:00"}, "结束要晚于开始"),
        ({"until": "下午"}, "从几点停到几点"),
        ({"from": "07:00", "until": "08:00"}, "已经过去"),
        ({"reason": " "}, "请写明原因"),
        ({"area": "roof"}, "没有这个选项"),
        ({"day": "2027-11-26"}, "两个月以内"),
        ({"day": "2026-11-29"}, "本来就不办"),
    ],
)
def test_what_cannot_be_is_said_at_the_form(
    busy: OfficeView, desk: Callable[..., Desk], wrong: dict[str, str], told: str
) -> None:
    answer = desk("registrar-1").post(f"/console/marriage/capacity/{busy.id}/outage/look", form(**wrong))
    assert answer.status_code == 422
    assert told in answer.text


def _moves() -> list[BulkMove]:
    with transaction() as session:
        return list(session.scalars(sa.select(BulkMove)))


def _outages() -> list[WindowOutage]:
    with transaction() as session:
        return list(session.scalars(sa.select(WindowOutage).where(WindowOutage.ended_at.is_(None))))
