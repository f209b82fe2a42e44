"""A peak day: numbers without gaps, served in order or by a draw that anybody can check; nothing is oversold."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.marriage.days import PeakSetting, set_peak_day
from backend.marriage.hold import hold_place
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Slot
from backend.marriage.rules import State
from backend.marriage.rush.ask import Asked, Asking, ask_in_rush
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.parameters import BY_NUMBERS, DRAWN
from backend.marriage.rush.plan import forget_rushes, plan_rushes
from backend.marriage.rush.rules import DayPart, RequestState, commitment_to, draw_order
from backend.marriage.rush.settle import settle_rushes
from backend.parameters import set_value
from backend.people import log_in
from backend.storage import Database, transaction, use_database
from messages.models import OutboxMessage
from tests.api.conftest import DECLARED, booking
from tests.concurrency.support import couple as many_couples
from tests.marriage.conftest import calendar_2026, office
from tests.marriage.support import at, book, code_of, couple, make_person

__all__ = ["calendar_2026", "office"]

DAY = date(2026, 12, 16)
OPENS = at("2026-11-25 08:30")
THREADS = 12


def peak(office_id: uuid.UUID, mode: str, windows: int = 0, hours: tuple[str, str] = ("09:00", "10:00")) -> Rush:
    """A Wednesday whose places are released on 25 November; announced."""
    set_value(BY_NUMBERS, "xincheng", True, now(), "test")
    set_value(DRAWN, "xincheng", mode == "draw", now(), "test")
    setting = PeakSetting(DAY, [list(hours)], windows, [Kind.MARRIAGE_REGISTRATION], 1.0, False, OPENS)
    set_peak_day(office_id, setting)
    assert plan_rushes() == 1
    assert plan_rushes() == 0
    with transaction() as session:
        return session.scalars(sa.select(Rush)).one()


def ask(rush: Rush, index: int, part: DayPart = DayPart.ANY, person_id: uuid.UUID | None = None) -> Asked:
    """The `index`-th couple asks."""
    return ask_in_rush(Asking(rush.id, couple(index), person_id or make_person(), part))


def settle_all() -> None:
    """The tick, as often as it has something to do."""
    while settle_rushes():
        pass
    settle_rushes()


def requests() -> list[RushRequest]:
    """All requests by their numbers."""
    with transaction() as session:
        return list(session.scalars(sa.select(RushRequest).order_by(RushRequest.number)))


def the_rush() -> Rush:
    """The rush as it stands."""
    with transaction() as session:
        return session.scalars(sa.select(Rush)).one()


def hall() -> tuple[int, int]:
    """Minutes taken and minutes there are on the day."""
    with transaction() as session:
        mine = sa.and_(Slot.day == DAY, Slot.area == Area.MARRIAGE_HALL)
        taken, capacity = session.execute(
            sa.select(sa.func.sum(Slot.taken), sa.func.sum(Slot.capacity)).where(mine)
        ).one()
        return taken, capacity


@given(st.text(min_size=1, max_size=64), st.integers(0, 200))
def test_a_draw_takes_everybody_once(secret: str, count: int) -> None:
    assert sorted(draw_order(secret, range(1, count + 1))) == list(range(1, count + 1))


def test_a_draw_favours_nobody() -> None:
    """Whoever asks first wins as often as whoever asks last: 2,000 draws of 20 numbers, first place."""
    firsts = Counter(draw_order(f"secret {turn}", range(1, 21))[0] for turn in range(2000))
    assert set(firsts) == set(range(1, 21))
    assert max(firsts.values()) < 160  # 100 expected, six standard deviations


def test_before_and_after_nobody_can_ask(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue")
    assert code_of(lambda: ask(rush, 0)) == "too_early"
    clock.move_to(OPENS)
    assert ask(rush, 0)
    clock.move_to(OPENS + timedelta(minutes=30))
    assert code_of(lambda: ask(rush, 1)) == "too_late"
    assert code_of(lambda: ask_in_rush(Asking(uuid.uuid4(), couple(1), make_person()))) == "not_found"


def test_in_the_order_of_arrival(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue")  # two windows, two half hours: four places
    clock.move_to(OPENS)
    assert [ask(rush, index).ahead for index in range(6)] == list(range(6))
    assert code_of(lambda: ask(rush, 0)) == "already_waiting"
    settle_all()
    placed, unplaced = RequestState.PLACED, RequestState.UNPLACED
    assert [(one.number, one.state) for one in requests()] == [
        (1, placed),
        (2, placed),
        (3, placed),
        (4, placed),
        (5, unplaced),
        (6, unplaced),
    ]
    assert hall() == (120, 120)
    assert the_rush().places == 4
    assert the_rush().settled_at is None  # numbers are still handed out
    with transaction() as session:
        told = Counter(session.scalars(sa.select(OutboxMessage.notice)))
        kept = session.scalars(sa.select(RushRequest.parties_sealed)).all()
    assert told == {"marriage.booked": 4, "marriage.rush_unplaced": 2}
    assert kept == [None] * 6
    clock.move_to(OPENS + timedelta(minutes=30))
    settle_all()
    assert the_rush().settled_at == clock()


def test_what_suits_them(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue", hours=("11:30", "13:30"))
    clock.move_to(OPENS)
    ask(rush, 0, DayPart.AFTERNOON)
    ask(rush, 1, DayPart.MORNING)
    settle_all()
    times = [one.starts_at for one in requests()]
    assert times == [at("2026-12-16 12:30"), at("2026-12-16 11:30")]


def test_a_draw_can_be_checked_by_anybody(office: uuid.UUID, clock: MovableClock, app: Flask) -> None:
    rush = peak(office, "draw")
    client = app.test_client()
    before = client.get(f"/api/v1/marriage/rushes/{rush.id}").get_json()
    assert (before["phase"], before["seed"], len(before["commitment"])) == ("ahead", None, 64)
    clock.move_to(OPENS)
    for index in range(12):
        ask(rush, index)
    settle_all()
    assert {one.state for one in requests()} == {RequestState.ASKED}  # nothing before all have asked
    clock.move_to(OPENS + timedelta(minutes=30))
    settle_all()
    after = client.get(f"/api/v1/marriage/rushes/{rush.id}").get_json()
    lines = client.get(f"/api/v1/marriage/rushes/{rush.id}/proof").get_json()["items"]
    assert (after["phase"], after["requests"], after["placed"], after["places"]) == ("settled", 12, 4, 4)
    # What a resident does, with nothing of ours: the secret fits what was promised, the order follows from it.
    assert sha256(after["seed"].encode()).hexdigest() == before["commitment"] == commitment_to(after["seed"])
    turns = sorted(range(1, 13), key=lambda number: sha256(f"{after['seed']}:{number}".encode()).digest())
    assert [line["number"] for line in sorted(lines, key=lambda line: line["turn"])] == turns
    assert {line["number"] for line in lines if line["state"] == "placed"} == set(turns[:4])
    page = client.get(f"/h5/marriage/rushes/{rush.id}").text
    assert after["seed"] in page
    assert "没有空号" in page
    assert not any(name in page for name in ("王小明", "李小红"))


def test_nobody_books_around_a_rush(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue")
    clock.move_to(OPENS)
    ask(rush, 0)
    settle_all()
    with transaction() as session:
        free = session.scalars(sa.select(Slot.id).where(Slot.day == DAY, Slot.taken < Slot.capacity)).first()
    assert free is not None
    assert code_of(lambda: book(free, 5)) == "rush_open"
    assert code_of(lambda: hold_place(free, make_person())) == "rush_open"
    clock.move_to(OPENS + timedelta(minutes=30))
    settle_all()
    forget_rushes()
    assert book(free, 5).number  # what is left is anybody's


def test_who_has_a_place_by_then_takes_no_second(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "draw")
    clock.move_to(OPENS)
    ask(rush, 0)
    with transaction() as session:
        other = Slot(
            office_id=office,
            area=Area.MARRIAGE_HALL,
            kinds=[Kind.MARRIAGE_REGISTRATION.value],
            day=date(2026, 12, 1),
            starts_at=at("2026-12-01 10:00"),
            ends_at=at("2026-12-01 10:30"),
            capacity=30,
            taken=0,
        )
        session.add(other)
    assert book(other.id, 0).number
    assert code_of(lambda: ask(rush, 0)) == "already_booked"
    clock.move_to(OPENS + timedelta(minutes=30))
    settle_all()
    assert [one.state for one in requests()] == [RequestState.UNPLACED]
    assert hall()[0] == 0


@pytest.fixture
def crowd(office: uuid.UUID, clean_database: Database, database_url: str) -> Iterator[None]:
    """A connection for every thread of a server, and more."""
    wide = Database(database_url, pool_size=THREADS + 4)
    use_database(wide)
    yield
    use_database(clean_database)
    wide.engine.dispose()


@pytest.mark.parametrize(("mode", "callers", "windows"), [("queue", 2000, 18), ("draw", 300, 3)])
def test_many_callers_on_few_places(
    crowd: None, office: uuid.UUID, app: Flask, clock: MovableClock, mode: str, callers: int, windows: int
) -> None:
    """Through HTTP, while the tick gives places: as many as there are, in order, and no answer is a fault."""
    rush = peak(office, mode, windows, ("09:00", "14:00"))  # ten half hours
    clock.move_to(OPENS)
    app_id = app.extensions["settings"].miniprogram.app_id
    tokens = [log_in(app_id, f"openid-{index}", None).token for index in range(callers)]

    def call(index: int) -> tuple[int, Any]:
        body = booking("", index)
        asking = {"parties": body["parties"], "declarations": DECLARED}
        headers = {"Authorization": f"Bearer {tokens[index]}", "Idempotency-Key": f"{index}"}
        answer = app.test_client().post(f"/api/v1/marriage/rushes/{rush.id}/requests", json=asking, headers=headers)
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(THREADS) as pool:
        ticking = pool.submit(lambda: [settle_rushes() for _ in range(60)])
        answers = list(pool.map(call, range(callers)))
        ticking.result()
    assert Counter(status for status, _ in answers) == {201: callers}, answers[0]
    assert sorted(answer["number"] for _, answer in answers) == list(range(1, callers + 1))
    clock.move_to(OPENS + timedelta(minutes=30))
    settle_all()
    places = 10 * (windows + 2)
    assert the_rush().places == places
    placed = [one for one in requests() if one.state is RequestState.PLACED]
    assert len(placed) == places
    assert hall() == (places * 30, places * 30)
    if mode == "queue":
        assert [one.number for one in placed] == list(range(1, places + 1))
    else:
        assert {one.rank for one in placed} == set(range(1, places + 1))
    with transaction() as session:
        booked = sa.select(sa.func.count()).where(Appointment.state == State.BOOKED)
        assert session.scalar(booked) == places


def test_couples_of_the_crowd_are_all_different() -> None:
    """What the test above would say nothing about otherwise."""
    numbers = {party.id_number for index in range(2000) for party in many_couples(index)}
    assert len(numbers) == 4000


def test_refusals_are_in_words(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "draw")
    with pytest.raises(AppError) as early:
        ask(rush, 0)
    assert "11月25日08:30开始登记" in early.value.user_text
