"""What the desk does with an appointment: every act in every state, and the moments from which it may."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.marriage.check_in import check_in_couple
from backend.marriage.close import complete_service, fail_documents, mark_no_show
from backend.marriage.confirm import confirm_appointment
from backend.marriage.refuse import refuse_appointment
from backend.marriage.rules import MOVES, State
from tests.marriage.support import REGISTRAR, at, book, code_of, history, places, row, told, waiting

Command = Callable[[uuid.UUID], object]
DESK: dict[str, tuple[Command, State]] = {
    "confirm": (lambda one: confirm_appointment(one, REGISTRAR), State.CONFIRMED),
    "refuse": (lambda one: refuse_appointment(one, REGISTRAR, "身份证过期"), State.REFUSED),
    "check_in": (lambda one: check_in_couple(one, REGISTRAR), State.CHECKED_IN),
    "complete": (lambda one: complete_service(one, REGISTRAR), State.SERVED),
    "fail": (lambda one: fail_documents(one, REGISTRAR, "照片不合格"), State.FAILED_DOCUMENTS),
    "no_show": (lambda one: mark_no_show(one, REGISTRAR), State.NO_SHOW),
}
LEADING_TO: dict[State, list[str]] = {
    State.BOOKED: [],
    State.CONFIRMED: ["confirm"],
    State.REFUSED: ["refuse"],
    State.CHECKED_IN: ["check_in"],
    State.SERVED: ["check_in", "complete"],
    State.FAILED_DOCUMENTS: ["check_in", "fail"],
    State.NO_SHOW: ["no_show"],
}


@pytest.mark.parametrize("name", DESK)
@pytest.mark.parametrize("state", LEADING_TO)
def test_every_act_of_the_desk_in_every_state(slot: uuid.UUID, clock: MovableClock, state: State, name: str) -> None:
    """What the table allows is done and written down; all else is refused and changes nothing."""
    booked = book(slot).appointment_id
    clock.move_to(at("2026-11-26 10:15"))
    for step in LEADING_TO[state]:
        DESK[step][0](booked)
    before, (command, target) = (history(booked), places(slot)), DESK[name]
    if target in MOVES[state]:
        command(booked)
        assert row(booked).state is target
        assert history(booked)[-1][:4] == (history(booked)[-1][0], "staff", state, target)
        assert places(slot) == (0 if target is State.REFUSED else 1, 1)
        assert (waiting(booked) == {}) is (target is not State.CONFIRMED)
        return
    with pytest.raises(AppError) as refused:
        command(booked)
    assert refused.value.code == "state_conflict"
    assert refused.value.extra == {"state": state.value}
    assert refused.value.user_text
    assert (history(booked), places(slot)) == before
    assert row(booked).state is state


def test_a_refusal_gives_a_reason_and_the_place_back(slot: uuid.UUID) -> None:
    booked = book(slot).appointment_id
    assert code_of(lambda: refuse_appointment(booked, REGISTRAR, "  ")) == "invalid"
    refuse_appointment(booked, REGISTRAR, " 身份证\n过期 " + "请" * 300)
    stored = row(booked)
    assert stored.reason is not None
    assert stored.reason.startswith("身份证 过期 请")
    assert len(stored.reason) == 200
    assert history(booked)[-1][4] == stored.reason
    assert places(slot) == (0, 1)
    assert told(booked)[-1] == "marriage.refused"


@pytest.mark.parametrize(("now", "early"), [("2026-11-26 09:29", True), ("2026-11-26 09:30", False)])
def test_from_when_they_can_check_in(slot: uuid.UUID, clock: MovableClock, now: str, early: bool) -> None:
    booked = book(slot).appointment_id
    clock.move_to(at(now))
    if early:
        assert code_of(lambda: check_in_couple(booked, REGISTRAR)) == "too_early"
        assert len(waiting(booked)) == 2
    else:
        check_in_couple(booked, REGISTRAR)
        assert row(booked).state is State.CHECKED_IN


@pytest.mark.parametrize(("now", "early"), [("2026-11-26 10:14", True), ("2026-11-26 10:15", False)])
def test_from_when_they_have_not_come(slot: uuid.UUID, clock: MovableClock, now: str, early: bool) -> None:
    booked = book(slot).appointment_id
    clock.move_to(at(now))
    if early:
        assert code_of(lambda: mark_no_show(booked, REGISTRAR)) == "too_early"
    else:
        mark_no_show(booked, REGISTRAR)
    assert places(slot) == (1, 1), "a place nobody came for is used"
