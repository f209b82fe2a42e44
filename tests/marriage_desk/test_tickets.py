"""Tickets: each number once, one caller for each ticket, one ticket at a window; what the database itself refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from backend.kernel.actors import Actor
from backend.kernel.clock import MovableClock, now, today
from backend.kernel.errors import AppError
from backend.marriage.kinds import Area, Kind
from backend.marriage.tickets import draw, issue
from backend.marriage.tickets.call import begin_serving, call_next, call_this, note_left, queue_again
from backend.marriage.tickets.hall import hall_now
from backend.marriage.tickets.issue import issue_ticket
from backend.marriage.tickets.models import Ticket, TicketCounter, TicketEvent
from backend.marriage.tickets.moves import end_ticket_of
from backend.marriage.tickets.rules import Lane, TicketState
from backend.marriage.tickets.windows import close_window, open_window
from backend.staff.models import StaffAccount
from backend.storage import broken_constraint, session, transaction

CLERK = Actor("staff", uuid.UUID(int=7))
HALL = Area.MARRIAGE_HALL


@pytest.fixture
def accounts(desks: object) -> list[uuid.UUID]:
    with transaction() as opened:
        return list(opened.scalars(sa.select(StaffAccount.id).order_by(StaffAccount.username)))


def take(office_id: uuid.UUID, kind: Kind = Kind.MARRIAGE_REGISTRATION, lane: Lane = Lane.ORDINARY) -> Ticket:
    return issue_ticket(office_id, kind, lane, CLERK)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        act()
    return refused.value.code


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """Run `act` so often at the same moment; what was raised stands in place of the answer."""
    barrier = Barrier(count)

    def one(index: int) -> object:
        barrier.wait()
        try:
            return act(index)
        except (AppError, sa.exc.IntegrityError) as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


# --- numbers ---


def test_each_area_counts_for_itself_and_each_day_begins_anew(office_id: uuid.UUID, desks: MovableClock) -> None:
    numbers = [take(office_id).number, take(office_id).number, take(office_id, Kind.ARCHIVE_QUERY).number]
    assert numbers == [1, 2, 1]
    desks.move_to(now() + timedelta(days=1))
    assert take(office_id).number == 1


def test_a_ticket_names_nobody_and_leaves_its_event(office_id: uuid.UUID) -> None:
    ticket = take(office_id)
    with transaction() as opened:
        [event] = opened.scalars(sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id))
    assert (event.name, event.from_state, event.to_state) == ("issued", None, TicketState.WAITING)
    assert ticket.appointment_id is None


def test_no_number_is_given_twice(office_id: uuid.UUID) -> None:
    given = at_once(12, lambda _: take(office_id).number)
    assert sorted(given) == list(range(1, 13))


def test_counting_first_and_inserting_afterwards_gives_a_number_twice(
    office_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guard is for: without the counter's row two desks draw one number, and the unique key refuses one."""
    both = Barrier(2, timeout=10)

    def highest_so_far(office: uuid.UUID, day: object, area: Area) -> int:
        query = sa.select(sa.func.coalesce(sa.func.max(Ticket.number), 0)).where(Ticket.office_id == office)
        number = session().scalar(query) + 1
        both.wait()
        return number

    monkeypatch.setattr(issue, "draw_number", highest_so_far)
    answers = at_once(2, lambda _: take(office_id).number)
    errors = [one for one in answers if isinstance(one, sa.exc.IntegrityError)]
    assert [broken_constraint(error) for error in errors] == ["uq_marriage_tickets_office_id_day_area_number"]
    assert [one for one in answers if isinstance(one, int)] == [1]


def test_a_number_is_not_used_again_when_its_ticket_is_gone(office_id: uuid.UUID) -> None:
    first = take(office_id)
    with transaction() as opened:
        opened.execute(sa.delete(Ticket).where(Ticket.id == first.id))
    assert take(office_id).number == 2


def test_after_the_last_number_nobody_is_given_a_wrong_one(office_id: uuid.UUID) -> None:
    with transaction() as opened:
        opened.add(TicketCounter(office_id=office_id, day=today(), area=HALL, last_number=999))
    assert refusal(lambda: take(office_id)) == "state_conflict"
    with transaction():
        assert draw.draw_number(office_id, today(), Area.DIVORCE_ROOM) == 1


def test_what_has_no_windows_has_no_tickets(office_id: uuid.UUID) -> None:
    assert refusal(lambda: take(office_id, Kind.COUNSELLING)) == "invalid"


# --- calling ---


def test_two_windows_that_call_at_once_get_two_tickets(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    for _ in range(4):
        take(office_id)
    for window, account in enumerate(accounts[:4], start=1):
        open_window(office_id, window, HALL, account)
    called = at_once(4, lambda index: call_next(accounts[index]).number)
    assert sorted(called) == [1, 2, 3, 4]


def test_one_who_calls_twice_at_once_gets_one(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    take(office_id), take(office_id)
    open_window(office_id, 1, HALL, accounts[0])
    answers = at_once(3, lambda _: call_next(accounts[0]).number)
    assert [one for one in answers if isinstance(one, int)] == [1]
    assert {one.code for one in answers if isinstance(one, AppError)} == {"state_conflict"}


def test_the_life_of_a_ticket(office_id: uuid.UUID, accounts: list[uuid.UUID], desks: MovableClock) -> None:
    here, me = {office_id}, accounts[0]
    first, second = take(office_id), take(office_id)
    assert refusal(lambda: call_next(me)) == "state_conflict", "no window yet"
    open_window(office_id, 3, HALL, me)
    assert call_next(me).id == first.id
    assert refusal(lambda: call_next(me)) == "state_conflict", "somebody is called to the window"
    assert call_this(first.id, here, me).calls == 2
    note_left(first.id, here, me)
    assert call_next(me).id == second.id
    desks.move_to(now() + timedelta(minutes=5))
    back = queue_again(first.id, here, me)
    assert (back.state, back.window_number, back.ended_at, back.number) == (TicketState.WAITING, None, None, 1)
    assert begin_serving(second.id, here, me).serving_from == now()
    assert refusal(lambda: close_window(me)) == "state_conflict"
    assert refusal(lambda: note_left(second.id, here, me)) == "state_conflict"
    assert refusal(lambda: begin_serving(second.id, {uuid.uuid4()}, me)) == "not_found"


def test_a_colleagues_ticket_is_not_taken_away(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    ticket = take(office_id)
    open_window(office_id, 1, HALL, accounts[0])
    open_window(office_id, 2, HALL, accounts[1])
    call_next(accounts[0])
    assert refusal(lambda: call_this(ticket.id, {office_id}, accounts[1])) == "state_conflict"
    assert hall_now(office_id).windows[0].ticket is not None


def test_only_ones_own_area_is_called(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    take(office_id, Kind.DIVORCE_APPLICATION)
    open_window(office_id, 1, HALL, accounts[0])
    assert refusal(lambda: call_next(accounts[0])) == "state_conflict"
    open_window(office_id, 1, Area.DIVORCE_ROOM, accounts[0])
    assert call_next(accounts[0]).area is Area.DIVORCE_ROOM


def test_the_priority_lane(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    take(office_id)
    elder = take(office_id, lane=Lane.PRIORITY)
    open_window(office_id, 1, HALL, accounts[0])
    assert call_next(accounts[0]).id == elder.id


# --- windows ---


def test_one_window_for_one_officer(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    open_window(office_id, 1, HALL, accounts[0])
    assert refusal(lambda: open_window(office_id, 1, HALL, accounts[1])) == "state_conflict"
    assert refusal(lambda: open_window(office_id, 0, HALL, accounts[1])) == "invalid"
    open_window(office_id, 2, HALL, accounts[0])
    open_window(office_id, 1, HALL, accounts[1])
    assert [line.window for line in hall_now(office_id).windows] == [1, 2]
    close_window(accounts[0])
    close_window(accounts[0])
    assert [line.window for line in hall_now(office_id).windows] == [1]


def test_two_officers_who_sit_down_at_once(office_id: uuid.UUID, accounts: list[uuid.UUID]) -> None:
    answers = at_once(2, lambda index: open_window(office_id, 5, HALL, accounts[index]))
    assert [one.code for one in answers if isinstance(one, AppError)] == ["state_conflict"]
    assert len(hall_now(office_id).windows) == 1


def test_the_estimate_follows_the_day(office_id: uuid.UUID, accounts: list[uuid.UUID], desks: MovableClock) -> None:
    open_window(office_id, 1, HALL, accounts[0])
    for _ in range(5):
        take(office_id)
    assert [line.wait for line in hall_now(office_id).area(HALL).waiting] == [0, 30, 60, 90, 120]
    for _ in range(3):
        ticket = call_next(accounts[0])
        begin_serving(ticket.id, {office_id}, accounts[0])
        desks.move_to(now() + timedelta(minutes=10))
        with transaction() as opened:
            served = opened.get_one(Ticket, ticket.id)
            served.state, served.ended_at = TicketState.DONE, now()
    line = hall_now(office_id).area(HALL)
    assert (line.mean, line.done, [one.wait for one in line.waiting]) == (10.0, 3, [0, 10])


def test_nothing_is_ended_without_a_ticket(office_id: uuid.UUID) -> None:
    with transaction():
        end_ticket_of(uuid.uuid4(), CLERK)


# --- what the database refuses, whatever code does ---


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"number": 0}, "ck_marriage_tickets_three_digits"),
        ({"state": TicketState.CALLED}, "ck_marriage_tickets_called_to_a_window"),
        ({"state": TicketState.DONE}, "ck_marriage_tickets_ended_at_some_time"),
    ],
)
def test_impossible_tickets(office_id: uuid.UUID, values: dict[str, object], constraint: str) -> None:
    ticket = take(office_id)
    with pytest.raises(sa.exc.IntegrityError) as refused, transaction() as opened:
        opened.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(**values))
    assert broken_constraint(refused.value) == constraint
