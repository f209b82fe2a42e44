"""Before, while and after a peak day is asked for: told in time, no gain by pressing early, taken back, changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from backend.chat.ports import ports_for
from backend.kernel.clock import MovableClock, now
from backend.kernel.errors import AppError
from backend.marriage.coming import coming_rushes
from backend.marriage.days import drop_peak_day
from backend.marriage.kinds import Kind
from backend.marriage.models import Via
from backend.marriage.offers import free_days
from backend.marriage.offices import office as office_view
from backend.marriage.rush.change import call_off_rush, put_off_rush
from backend.marriage.rush.early import note_try
from backend.marriage.rush.models import PeakWatch, Rush, RushRequest
from backend.marriage.rush.peaks import follow_watches, unwatch_peak, watch_peak
from backend.marriage.rush.plan import forget_rushes, in_rush
from backend.marriage.rush.queries import own_requests
from backend.marriage.rush.rules import FREE_TRIES, MOST_BACK_OFF, RequestState, back_off
from backend.marriage.rush.settle import settle_rushes
from backend.marriage.rush.withdraw import withdraw_request
from backend.marriage.rushes.chat import RushChat
from backend.marriage.waiting.join import join_waiting
from backend.storage import Database, transaction
from messages.models import OutboxMessage, Reminder, ReminderState
from messages.reminders import post_due
from tests.api.conftest import DECLARED, Caller, booking, bureau, caller
from tests.marriage.conftest import calendar_2026, office
from tests.marriage.support import at, code_of, couple, make_person
from tests.marriage_divorce.support import make_registrar
from tests.marriage_rush.test_rush import DAY, OPENS, ask, peak, requests, settle_all, the_rush
from tests.marriage_waiting.support import wish
from tests.marriage_waiting.test_partners import proven
from tests.statements import all_statements
from workflows.chat.engine import Progress
from workflows.chat.flows import DIRECTORY
from workflows.chat.ports import TypedParty
from workflows.chat.router import route

__all__ = ["bureau", "calendar_2026", "caller", "office"]

SECOND = timedelta(seconds=1)


class Talk:
    """One resident in the chat, with the real rooms behind it."""

    def __init__(self, person_id: uuid.UUID) -> None:
        self.person_id = person_id
        self.progress: Progress | None = None

    def says(self, text: str) -> str:
        """Write a text; the reply."""
        with transaction():
            routed = route(DIRECTORY, self.progress, ports_for(self.person_id), now(), text)
        self.progress = routed.progress
        return routed.saying


def names(index: int) -> str:
    """The `index`-th couple as it is typed."""
    return "\n".join(f"{party.name} {party.id_number}" for party in couple(index))


def told(person_id: uuid.UUID) -> list[OutboxMessage]:
    """What was told to a person, oldest first."""
    with transaction() as session:
        query = sa.select(OutboxMessage).where(OutboxMessage.recipient_id == person_id)
        return list(session.scalars(query.order_by(OutboxMessage.created_at, OutboxMessage.id)))


# --- the story ---


def test_from_the_wish_to_the_number_of_the_place(app: Flask, office: uuid.UUID, clock: MovableClock) -> None:
    peak(office, "queue")
    person = make_person()
    talk = Talk(person)
    assert "12月16日（周三）是登记高峰日，号源在11月25日08:30放出" in talk.says("想12月16日领证")
    assert "提前一天和提前10分钟提醒您" in talk.says("1")
    clock.move_to(OPENS - timedelta(minutes=9))
    post_due()
    assert {one.notice for one in told(person)} == {"marriage.peak_day_before", "marriage.peak_soon"}
    clock.move_to(OPENS)
    assert "正在登记" in talk.says("抢约")
    talk.says("1")
    talk.says("都行")
    assert "请核对" in talk.says(names(0))
    assert "号码1，马上就到您" in talk.says("1")
    assert "您已经登记了" in talk.says("12月16日领证")
    settle_all()
    [*_, last] = told(person)
    assert last.notice == "marriage.booked"
    assert last.data["number"].startswith("MZ")
    assert "约上了 ✔ 12月16日（周三）09:00，预约号 MZ" in talk.says("我的摇号")
    with transaction() as session:
        assert session.scalars(sa.select(RushRequest.via)).one() is Via.CHAT


def test_who_is_not_placed_hears_of_the_nearest_days(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue")  # four places
    persons = [make_person() for _ in range(5)]
    clock.move_to(OPENS)
    for index, person in enumerate(persons):
        ask(rush, index, person_id=person)
    settle_all()
    [last] = told(persons[4])
    assert last.notice == "marriage.rush_unplaced"
    assert "离得最近的空位在12月14日、12月15日、12月17日" in last.data["hint"]
    assert "候补" in last.data["hint"]
    assert "12月16日" not in last.data["hint"]


# --- told in time ---


def due() -> list[tuple[str, datetime]]:
    """Reminders that wait, in order."""
    with transaction() as session:
        query = sa.select(Reminder.notice, Reminder.due_at).where(Reminder.state == ReminderState.WAITING)
        return [(notice, at_) for notice, at_ in session.execute(query.order_by(Reminder.due_at))]


def test_reminders_follow_the_release(office: uuid.UUID, clock: MovableClock) -> None:
    rush, person = peak(office, "queue"), make_person()
    for _ in range(2):
        watch_peak(office, DAY, person)
    soon = timedelta(minutes=10)
    assert due() == [("marriage.peak_day_before", OPENS - timedelta(days=1)), ("marriage.peak_soon", OPENS - soon)]
    assert follow_watches() == 0
    put_off_rush(rush.id, [office], OPENS + timedelta(hours=2), "系统演练")
    assert follow_watches() == 1
    assert follow_watches() == 0
    assert due()[-1] == ("marriage.peak_soon", OPENS + timedelta(hours=2) - soon)
    [changed] = told(person)
    assert (changed.notice, changed.data["time"][-5:]) == ("marriage.peak_changed", "10:30")
    assert "系统演练" in changed.data["hint"]
    unwatch_peak(office, DAY, person)
    unwatch_peak(office, DAY, person)
    assert due() == []


def test_called_off_it_is_booked_from_its_release_on(office: uuid.UUID, clock: MovableClock) -> None:
    rush, person, officer = peak(office, "queue"), make_person(), make_registrar()
    watch_peak(office, DAY, person)
    for _ in range(2):
        call_off_rush(rush.id, [office], "人手不够，改为直接预约", officer)
    assert follow_watches() == 1
    [changed] = told(person)
    assert "先约先得（人手不够，改为直接预约）" in changed.data["hint"]
    assert not in_rush(office, DAY)
    clock.move_to(OPENS)
    assert code_of(lambda: ask(rush, 0)) == "too_late"
    settle_all()
    assert the_rush().seed is None
    assert code_of(lambda: call_off_rush(uuid.uuid4(), [office], "没有", officer)) == "not_found"
    assert code_of(lambda: call_off_rush(rush.id, [], "别处的", officer)) == "not_found"


def test_dropped_it_is_a_day_like_others(office: uuid.UUID, clock: MovableClock) -> None:
    rush, person = peak(office, "queue"), make_person()
    watch_peak(office, DAY, person)
    with transaction() as session:
        session.execute(sa.delete(Rush).where(Rush.id == rush.id))
    forget_rushes()
    drop_peak_day(office, DAY)
    assert follow_watches() == 1
    assert [one.notice for one in told(person)] == ["marriage.peak_dropped"]
    assert due() == []
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count(PeakWatch.id))) == 0


def test_once_it_has_opened_nothing_is_changed_any_more(office: uuid.UUID, clock: MovableClock) -> None:
    rush, officer = peak(office, "queue"), make_registrar()
    for wrong in (OPENS, now() - SECOND, at("2026-12-16 08:00")):
        assert code_of(lambda wrong=wrong: put_off_rush(rush.id, [office], wrong, "停电")) == "invalid"
    assert code_of(lambda: put_off_rush(rush.id, [office], OPENS + SECOND, " ")) == "invalid"
    clock.move_to(OPENS - timedelta(minutes=5))
    assert code_of(lambda: watch_peak(office, DAY, make_person())) == "too_late"
    clock.move_to(OPENS)
    assert code_of(lambda: put_off_rush(rush.id, [office], OPENS + timedelta(hours=1), "停电")) == "state_conflict"
    assert code_of(lambda: call_off_rush(rush.id, [office], "停电", officer)) == "state_conflict"
    assert code_of(lambda: watch_peak(office, date(2026, 12, 17), make_person())) == "not_found"


# --- nothing is gained by pressing early ---


@given(st.integers(0, 10_000))
def test_each_try_more_takes_longer_and_never_more_than_a_minute(tries: int) -> None:
    assert timedelta(0) <= back_off(tries) <= back_off(tries + 1) <= MOST_BACK_OFF
    assert (back_off(tries) == timedelta(0)) is (tries <= FREE_TRIES)


def attempt(rush: Rush, person_id: uuid.UUID, index: int) -> str | int:
    """What the mini-program does: a number, or the code of the refusal."""
    try:
        note_try(rush.id, person_id)
        return ask(rush, index, person_id=person_id).number
    except AppError as refusal:
        return refusal.code


def test_a_program_comes_later_than_a_person(office: uuid.UUID, clock: MovableClock) -> None:
    """One presses twice a second from a minute before the opening on; one taps three seconds after it."""
    rush, program, person = peak(office, "queue"), make_person(), make_person()
    clock.move_to(OPENS - timedelta(minutes=1))
    answers: list[str | int] = []
    while now() < OPENS + timedelta(minutes=2):
        answers.append(attempt(rush, program, 0))
        if now() == OPENS + 3 * SECOND:
            assert attempt(rush, person, 1) == 1
        clock.advance(timedelta(milliseconds=500))
    assert not any(isinstance(one, int) for one in answers)  # it never stopped pressing, so it was never let in
    assert answers[: FREE_TRIES + 1] == ["too_early"] * FREE_TRIES + ["rate_limited"]
    clock.advance(MOST_BACK_OFF)
    assert attempt(rush, program, 0) == 2  # it did as it was told


def test_a_clock_that_is_fast_costs_nothing(office: uuid.UUID, clock: MovableClock) -> None:
    rush, person = peak(office, "queue"), make_person()
    clock.move_to(OPENS - 2 * SECOND)
    assert [attempt(rush, person, 0) for _ in range(FREE_TRIES)] == ["too_early"] * FREE_TRIES
    clock.move_to(OPENS)
    assert attempt(rush, person, 0) == 1


def test_through_http_it_says_how_long_to_wait(
    bureau: Flask, clock: MovableClock, caller: Callable[..., Caller]
) -> None:
    office_id = uuid.UUID(bureau.test_client().get("/api/v1/marriage/offices").get_json()["items"][0]["id"])
    rush, mine = peak(office_id, "queue"), caller()
    body = {"parties": booking("", 0)["parties"], "declarations": DECLARED}
    clock.move_to(OPENS - timedelta(seconds=20))
    answers = [mine.post(f"/rushes/{rush.id}/requests", body, key=f"early-{one}") for one in range(6)]
    assert [one.status_code for one in answers] == [409, 409, 409, 429, 429, 429]
    assert [one.headers.get("Retry-After") for one in answers[3:]] == ["2", "4", "8"]
    assert "早点没有用" in answers[3].get_json()["detail"]


# --- one's own request ---


def test_either_of_the_two_sees_it_and_may_take_it_back(office: uuid.UUID, clock: MovableClock) -> None:
    rush, asker, partner = peak(office, "queue"), make_person(), proven(0)
    clock.move_to(OPENS)
    ask(rush, 5)
    ask(rush, 0, person_id=asker)
    for who in (asker, partner):
        [own] = own_requests(who)
        assert (own.request.number, own.ahead) == (2, 1)
        [coming] = coming_rushes(who)
        assert (coming.title[:6], "前面还有 1 位" in coming.note) == ("12月16日", True)
    assert code_of(lambda: withdraw_request(own.request.id, make_person())) == "not_found"
    for who in (partner, asker):
        withdraw_request(own.request.id, who)
    assert coming_rushes(asker) == []
    assert ask(rush, 0, person_id=partner).number == 3  # anew, and behind the others
    settle_all()
    assert [one.state for one in requests()] == [RequestState.PLACED, RequestState.WITHDRAWN, RequestState.PLACED]
    [newest, *_] = own_requests(partner)
    assert code_of(lambda: withdraw_request(newest.request.id, partner)) == "state_conflict"


def test_served_or_taken_back_never_both(app: Flask, office: uuid.UUID, clock: MovableClock) -> None:
    """The tick gives places while everybody takes theirs back."""
    rush = peak(office, "queue", 8)
    clock.move_to(OPENS)
    persons = [make_person() for _ in range(12)]
    for index, person in enumerate(persons):
        ask(rush, index, person_id=person)
    ids = [one.id for one in requests()]

    def back(index: int) -> str:
        try:
            withdraw_request(ids[index], persons[index])
        except AppError as refusal:
            return refusal.code
        return "withdrawn"

    with ThreadPoolExecutor(4) as pool:
        ticking = pool.submit(settle_all)
        answers = list(pool.map(back, range(12)))
        ticking.result()
    settle_all()
    for one, answer in zip(requests(), answers, strict=True):
        assert (one.state is RequestState.WITHDRAWN) is (answer == "withdrawn")
        assert (one.appointment_id is None) is (answer == "withdrawn")


def test_in_the_mini_program(bureau: Flask, clock: MovableClock, caller: Callable[..., Caller]) -> None:
    office_id = uuid.UUID(bureau.test_client().get("/api/v1/marriage/offices").get_json()["items"][0]["id"])
    rush, mine = peak(office_id, "draw"), caller()
    wish = {"office_id": str(office_id), "day": str(DAY)}
    [day] = mine.get("/rushes/peak-days").get_json()["items"]
    assert (day["day"], day["mode"], day["reminder"], day["phase"]) == (str(DAY), "draw", False, "ahead")
    assert mine.post("/rushes/reminders", wish).get_json()["reminder"] is True
    assert mine.post("/rushes/reminders", wish | {"wanted": False}).get_json()["reminder"] is False
    assert mine.post("/rushes/reminders", wish | {"day": "2026-12-17"}).status_code == 404
    clock.move_to(OPENS)
    body = {"parties": booking("", 0)["parties"], "declarations": DECLARED, "part": "morning"}
    asked = mine.post(f"/rushes/{rush.id}/requests", body, key="once").get_json()
    assert mine.get(f"/rushes/{rush.id}/requests/mine").get_json() == asked
    assert mine.post(f"/rushes/{rush.id}/requests", body, key="once").get_json() == asked
    assert (asked["number"], asked["state"], asked["ahead"], asked["phase"]) == (1, "asked", None, "open")
    assert (asked["day"], asked["rush_id"], asked["requests"]) == (str(DAY), str(rush.id), 1)
    assert caller("li").post(f"/rushes/{rush.id}/requests/mine/withdraw").status_code == 404
    gone = mine.post(f"/rushes/{rush.id}/requests/mine/withdraw").get_json()
    assert gone["state"] == "withdrawn"
    [listed] = mine.get("/rushes/mine").get_json()["items"]
    assert listed == gone
    assert caller("li").get("/rushes/mine").get_json()["items"] == []


def test_what_the_chat_is_told_at_once_is_what_it_finds_later(office: uuid.UUID, clock: MovableClock) -> None:
    rush, mine = peak(office, "queue"), RushChat(make_person())
    clock.move_to(OPENS)
    typed = [TypedParty(party.name, party.id_number) for party in couple(0)]
    assert [mine.ask(str(rush.id), typed, "any")] == list(mine.own())


def test_with_its_number_a_request_keeps_nobody_waiting(
    bureau: Flask, clean_database: Database, clock: MovableClock, caller: Callable[..., Caller]
) -> None:
    """From the number on everybody waits for the commit: then its answer is kept, and nothing more is asked."""
    office_id = uuid.UUID(bureau.test_client().get("/api/v1/marriage/offices").get_json()["items"][0]["id"])
    rush, mine = peak(office_id, "queue"), caller()
    clock.move_to(OPENS)
    body = {"parties": booking("", 0)["parties"], "declarations": DECLARED}
    with all_statements(clean_database) as sent:
        assert mine.post(f"/rushes/{rush.id}/requests", body, key="once").status_code == 201
    [drawn] = [place for place, statement in enumerate(sent) if "UPDATE marriage_rushes" in statement]
    assert [statement.split()[:3] for statement in sent[drawn + 1 :]] == [["INSERT", "INTO", "idempotent_answers"]]


def test_nobody_gets_in_line_before_the_others(office: uuid.UUID, clock: MovableClock) -> None:
    rush = peak(office, "queue")
    clock.move_to(OPENS)
    ask(rush, 0)
    settle_rushes()
    assert code_of(lambda: join_waiting(wish(office, 1, make_person(), DAY, DAY))) == "rush_open"
    found = office_view(office)
    assert found is not None
    assert DAY not in {offer.day for offer in free_days(found, Kind.MARRIAGE_REGISTRATION, DAY, DAY)}
