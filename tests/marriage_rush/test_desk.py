"""Rushes and the waiting list at the console: who sees them, what can be done there, and the proof."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.marriage.cancel import cancel_appointment
from backend.marriage.days import PeakSetting, set_peak_day
from backend.marriage.kinds import Kind
from backend.marriage.models import Appointment, Slot, Via
from backend.marriage.offices import OfficeView
from backend.marriage.rules import State
from backend.marriage.rush.ask import Asking, ask_in_rush
from backend.marriage.rush.models import Rush
from backend.marriage.rush.plan import announce
from backend.marriage.rush.rules import RushMode
from backend.marriage.rushes.export import RUSH_PROOF
from backend.marriage.waiting.desk_queries import entries_of
from backend.marriage.waiting.models import WaitingEntry, WaitingEvent
from backend.marriage.waiting.rules import WaitingState
from backend.staff.models import OrganisationNode
from backend.storage import transaction
from tests.console.conftest import desk, desks
from tests.console.support import Desk
from tests.marriage.support import at, book, couple, make_person
from tests.marriage_capacity.support import slots_of
from tests.marriage_capacity.test_console import place
from tests.marriage_rush.test_rush import settle_all

__all__ = ["desk", "desks", "place"]

DAY, OPENS = date(2026, 12, 16), at("2026-11-25 08:30")
RUSHES, WAITING = "/console/marriage/rushes", "/console/marriage/waiting"
THURSDAY = date(2026, 11, 26)


def announced(place: OfficeView, mode: RushMode = RushMode.QUEUE) -> Rush:
    """A peak day with four places."""
    kinds = [Kind.MARRIAGE_REGISTRATION]
    set_peak_day(place.id, PeakSetting(DAY, [["09:00", "10:00"]], 0, kinds, 1.0, False, OPENS))
    announce(place, DAY, mode, OPENS, OPENS + timedelta(minutes=30))
    with transaction() as session:
        return session.scalars(sa.select(Rush)).one()


def test_from_the_plan_to_the_proof(place: OfficeView, desk: Callable[..., Desk], desks: MovableClock) -> None:
    rush, head, registrar = announced(place, RushMode.DRAW), desk("head-1"), desk("registrar-1")
    address = f"{RUSHES}/{rush.id}"
    assert "还没开始" in registrar.get(RUSHES).text
    assert "推迟并通知" not in registrar.get(address).text  # it is for those who plan
    assert registrar.post(f"{address}/call-off", {"reason": "停电"}).status_code == 403
    assert desk("head-2").get(address).status_code == 404
    page = head.get(address).text
    assert "推迟并通知" in page
    assert "对</td>" in page
    assert head.post(f"{address}/put-off", {"opens_at": "没有", "reason": "停电"}).status_code == 422
    assert head.post(f"{address}/put-off", {"opens_at": "2026-11-25T10:00", "reason": "停电"}).status_code == 303
    desks.move_to(OPENS)
    head = desk("head-1")  # the session of Monday is over
    assert "12月16日的号11月25日10:00开始登记" in head.get("/console/").text
    desks.move_to(at("2026-11-25 10:00"))
    for index in range(6):
        ask_in_rush(Asking(rush.id, couple(index), make_person()))
    head = desk("head-1")
    running = head.get(address).text
    assert 'hx-trigger="every 5s"' in running
    assert "0/6 份有结果" in running
    assert head.post(f"{address}/call-off", {"reason": "停电"}).status_code == 409
    desks.move_to(at("2026-11-25 10:30"))
    settle_all()
    head = desk("head-1")
    assert "6/6 份有结果" in head.get(address).text
    proof = head.get(f"{address}/proof").text
    for words in ("没有多给", "号码从 1 到 6", "公布的密码和事先的指纹对得上", "先后由密码算出"):
        assert words in proof
    assert "王小明" not in proof
    with transaction() as session:
        nodes = frozenset(session.scalars(sa.select(OrganisationNode.id)))
    arguments = RUSH_PROOF.read_arguments({"rush": str(rush.id)})
    file = RUSH_PROOF.page(nodes, arguments, [], None, 4)
    rest = RUSH_PROOF.page(nodes, arguments, [], file.next, 4)
    assert [row["number"] for row in (*file.rows, *rest.rows)] == ["1", "2", "3", "4", "5", "6"]
    assert RUSH_PROOF.page(frozenset(), arguments, [], None, 4).rows == []
    assert RUSH_PROOF.count(nodes, arguments, 10) == 6


def full_day(place: OfficeView) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Every place of Thursday's hall is booked: appointment and person of each."""
    made = []
    for slot in slots_of(place, THURSDAY):
        for _ in range((slot.capacity - slot.taken) // 30):
            person = make_person()
            made.append((book(slot.id, len(made), person).appointment_id, person))
    return made


def typed(place: OfficeView, index: int) -> dict[str, str]:
    """The form for a couple on the telephone."""
    first, second = couple(index)
    return {
        "office": str(place.id),
        "kind": "marriage_registration",
        "first": str(THURSDAY),
        "name_0": first.name,
        "number_0": first.id_number,
        "name_1": second.name,
        "number_1": second.id_number,
        "phone": "13900000001",
    }


def test_in_line_by_telephone_and_answered_by_telephone(place: OfficeView, desk: Callable[..., Desk]) -> None:
    registrar = desk("registrar-1")
    refused = registrar.post(f"{WAITING}/new", typed(place, 90))
    assert refused.status_code == 409  # there are free places: booking is faster
    booked = full_day(place)
    for index in (90, 91):
        assert registrar.post(f"{WAITING}/new", typed(place, index)).status_code == 303
    assert registrar.post(f"{WAITING}/new", typed(place, 90)).status_code == 409
    with transaction() as session:
        first, second = session.scalars(sa.select(WaitingEntry).order_by(WaitingEntry.queued_at)).all()
        assert {first.via, second.via} == {Via.DESK}
    page = registrar.get(f"{WAITING}?day={THURSDAY}").text
    assert page.index(str(first.id)) < page.index(str(second.id))
    assert str(first.id) not in registrar.get(f"{WAITING}?day=2026-11-27").text
    assert desk("head-2").get(f"{WAITING}/{first.id}").status_code == 404
    cancel_appointment(*booked[0])
    assert "请打电话问要不要" in registrar.get("/console/").text
    address = f"{WAITING}/{first.id}"
    assert "接受，约上" in registrar.get(address).text
    assert registrar.post(f"{address}/answer", {"answer": "accept"}).status_code == 303
    assert registrar.post(f"{address}/end", {"reason": "已经约上"}).status_code == 409
    other = f"{WAITING}/{second.id}"
    assert registrar.post(f"{other}/end", {"reason": " "}).status_code == 422
    assert registrar.post(f"{other}/end", {"reason": "他们说不结了"}).status_code == 303
    assert "他们说不结了" in registrar.get(other).text
    assert str(second.id) in registrar.get(f"{WAITING}?tab=over").text
    with transaction() as session:
        states = session.scalars(sa.select(WaitingEntry.state).order_by(WaitingEntry.queued_at)).all()
        assert states == [WaitingState.BOOKED, WaitingState.ENDED]
        made = session.scalars(sa.select(Appointment).where(Appointment.waiting_id == first.id)).one()
        assert (made.state, made.via) == (State.BOOKED, Via.DESK)
        by = session.scalars(sa.select(WaitingEvent.actor_kind).where(WaitingEvent.entry_id == first.id)).all()
        assert list(by) == ["staff", "system", "staff"]
        assert session.scalar(sa.select(sa.func.count()).select_from(entries_of(frozenset()).subquery())) == 0
        assert session.scalar(sa.select(sa.func.bool_and(Slot.taken <= Slot.capacity)))
