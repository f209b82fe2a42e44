"""What happens when it happens at once: proofs of one number, joins, guesses, and bookings during a join."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.calendar import import_year, year_from_library
from backend.marriage.book import book_appointment
from backend.people import person_by_number
from backend.people.binding import ask_code, bind_by_code, give_code
from backend.people.counter import verify_at_counter
from backend.people.identities import identity_for, person_of
from backend.people.reading import read_claim
from backend.people.rules import CODE_TRIES, VERIFICATION_TRIES
from backend.people.verification_service import Answer
from backend.people.verify import verify_person
from backend.storage import broken_constraint
from messages import Product
from tests.concurrency.support import all_at_once, request
from tests.marriage.support import make_office, make_slot
from tests.people.support import CARD, Phone, Service, card, card_number, count, staff_account

Phones = Callable[..., Phone]
CALLERS = 8
COUNTERS = 4
ROUNDS = 5


def test_of_many_wechats_that_claim_one_number_online_one_gets_it(phone: Phones, service: Service) -> None:
    for turn in range(ROUNDS):
        wechats = [phone(f"{turn}-{caller}").identity_id for caller in range(CALLERS)]
        claim = read_claim("王小明", CARD, card_number(turn))
        outcomes = all_at_once(CALLERS, lambda i, w=wechats, c=claim: verify_person(w[i], c))
        assert outcomes == Counter(done=1, counter_needed=CALLERS - 1)
        assert [person_of(one) for one in wechats].count(person_by_number(CARD, card_number(turn))) == 1
        assert count("persons", "level = 2") == turn + 1


def test_many_wechats_that_prove_one_number_at_counters_are_one_person(phone: Phones, clerk: uuid.UUID) -> None:
    for turn in range(ROUNDS):
        wechats = [phone(f"{turn}-{caller}").identity_id for caller in range(COUNTERS)]
        cards = [card(turn, code=ask_code(one).digits) for one in wechats]
        outcomes = all_at_once(COUNTERS, lambda i, c=cards: verify_at_counter(clerk, c[i]))
        assert outcomes == Counter(done=COUNTERS)
        assert {person_of(one) for one in wechats} == {person_by_number(CARD, card_number(turn))}
        assert count("persons") == turn + 1
        assert count("proof_tries") == 0


def test_one_wechat_in_two_hands_is_proven_once(phone: Phones, service: Service) -> None:
    for turn in range(ROUNDS):
        wang = phone(f"wang-{turn}")
        claim = read_claim("王小明", CARD, card_number(turn))
        assert all_at_once(2, lambda _i, w=wang, c=claim: verify_person(w.identity_id, c)) == Counter(done=2)
        assert wang.person_id() == person_by_number(CARD, card_number(turn))
        assert count("persons") == turn + 1


def test_one_wechat_cannot_be_two_people(phone: Phones, service: Service) -> None:
    for turn in range(ROUNDS):
        wang = phone(f"wang-{turn}")
        claims = [read_claim("王小明", CARD, card_number(2 * turn + side)) for side in (0, 1)]
        outcomes = all_at_once(2, lambda i, w=wang, c=claims: verify_person(w.identity_id, c[i]))
        assert outcomes == Counter(done=1, state_conflict=1)
        assert count("persons", "level = 2") == turn + 1


def test_the_counter_and_the_phone_prove_one_number(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    for turn in range(ROUNDS):
        wang, claim = phone(f"wang-{turn}"), read_claim("王小明", CARD, card_number(turn))

        steps: list[Callable[[], object]] = [
            lambda w=wang, c=claim: verify_person(w.identity_id, c),
            lambda t=turn: verify_at_counter(clerk, card(t)),
        ]
        assert all_at_once(2, lambda i, s=steps: s[i]()) == Counter(done=2)
        assert wang.person_id() == person_by_number(CARD, card_number(turn))
        assert count("persons") == turn + 1


def test_a_code_is_used_once_however_many_type_it(phone: Phones, clerk: uuid.UUID) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    code = give_code(elder, clerk).digits
    wechats = [phone(f"{caller}").identity_id for caller in range(CALLERS)]
    outcomes = all_at_once(CALLERS, lambda i: bind_by_code(wechats[i], code))
    assert outcomes == Counter(done=1, invalid=CALLERS - 1)
    assert [person_of(one) for one in wechats].count(elder) == 1


def test_a_residents_code_is_used_once_however_many_clerks_type_it(phone: Phones, bureau: Flask) -> None:
    clerks = [staff_account(f"clerk-{number}") for number in range(4)]
    code = ask_code(phone().identity_id).digits
    outcomes = all_at_once(4, lambda i: verify_at_counter(clerks[i], card(i, code=code)))
    assert outcomes == Counter(done=1, invalid=3)
    assert count("persons", "level = 2") == 1


def test_asking_for_codes_at_once_leaves_one(phone: Phones) -> None:
    wang = phone()
    assert all_at_once(CALLERS, lambda _: ask_code(wang.identity_id)) == Counter(done=CALLERS)
    assert count("binding_codes") == 1


def test_codes_are_given_asked_for_and_used_at_once(phone: Phones, clerk: uuid.UUID) -> None:
    """Whoever gives a code and whoever uses one want the same rows; neither waits for the other for ever."""
    elder = verify_at_counter(clerk, card(1)).person_id
    for turn in range(ROUNDS):
        granny, code = phone(f"granny-{turn}"), give_code(elder, clerk).digits
        steps: list[Callable[[], object]] = [
            lambda g=granny, c=code: bind_by_code(g.identity_id, c),
            lambda: give_code(elder, clerk),
            lambda g=granny: ask_code(g.identity_id),
            lambda: verify_at_counter(clerk, card(1)),
        ]
        outcomes = all_at_once(4, lambda i, s=steps: s[i]())
        assert outcomes.keys() <= {"done", "invalid"}
        assert outcomes["done"] >= 3


def test_guessing_side_by_side_gives_no_more_guesses(phone: Phones, clerk: uuid.UUID) -> None:
    give_code(verify_at_counter(clerk, card(1)).person_id, clerk)
    thief = phone("thief").identity_id
    outcomes = all_at_once(CALLERS * 2, lambda _: bind_by_code(thief, "no code at all"))
    assert outcomes == Counter(invalid=CODE_TRIES, rate_limited=CALLERS * 2 - CODE_TRIES)


def test_the_service_is_not_asked_more_often_side_by_side(phone: Phones, service: Service) -> None:
    wang, service.answer = phone().identity_id, Answer.MISMATCHED
    claim = read_claim("王小明", CARD, card_number())
    outcomes = all_at_once(CALLERS, lambda _: verify_person(wang, claim))
    assert outcomes == Counter(identity_mismatch=VERIFICATION_TRIES, rate_limited=CALLERS - VERIFICATION_TRIES)
    assert len(service.asked) == VERIFICATION_TRIES


def test_first_contacts_with_one_unionid_are_one_person(bureau: Flask) -> None:
    settings = bureau.extensions["settings"]
    products = ((Product.ACCOUNT, settings.account.app_id), (Product.MINIPROGRAM, settings.miniprogram.app_id))
    for turn in range(ROUNDS):
        assert all_at_once(2, lambda i, t=turn: identity_for(*products[i], f"openid-{t}-{i}", f"union-{t}")) == Counter(
            done=2
        )
        assert count("persons") == turn + 1


def test_a_unionid_told_on_both_sides_at_once_joins_once(bureau: Flask) -> None:
    settings = bureau.extensions["settings"]
    products = ((Product.ACCOUNT, settings.account.app_id), (Product.MINIPROGRAM, settings.miniprogram.app_id))
    for turn in range(ROUNDS):
        for side in (0, 1):
            identity_for(*products[side], f"openid-{turn}-{side}")
        outcomes = all_at_once(2, lambda i, t=turn: identity_for(*products[i], f"openid-{t}-{i}", f"union-{t}"))
        assert outcomes == Counter(done=2)
        assert (count("persons"), count("person_joins")) == (turn + 1, turn + 1)


@pytest.mark.parametrize("_again", range(3))
def test_a_booking_during_a_join_is_the_persons_or_none_at_all(
    phone: Phones, service: Service, clerk: uuid.UUID, _again: int
) -> None:
    import_year(2026, year_from_library(2026), "chinesecalendar")
    office = make_office()
    slots = [make_slot(office, f"2026-11-26 {9 + hour:02d}:00", 2) for hour in range(ROUNDS)]
    for turn, slot_id in enumerate(slots):
        known = verify_at_counter(clerk, card(turn)).person_id
        wang, claim = phone(f"wang-{turn}"), read_claim("王小明", CARD, card_number(turn))
        anonymous, booked = wang.person_id(), list[uuid.UUID]()

        steps: list[Callable[[], object]] = [
            lambda w=wang, c=claim: verify_person(w.identity_id, c),
            lambda s=slot_id, t=turn, a=anonymous, b=booked: _book(s, t, a, b),
        ]
        assert all_at_once(2, lambda i, s=steps: s[i]()) == Counter(done=2)
        assert wang.person_id() == known
        assert count("marriage_appointments", "booked_by = :id", id=known) == len(booked)
        assert count("reminders", "recipient_id = :id", id=anonymous) == 0
        assert count("outbox_messages", "recipient_id = :id", id=anonymous) == 0


def _book(slot_id: uuid.UUID, turn: int, person_id: uuid.UUID, booked: list[uuid.UUID]) -> None:
    try:
        booked.append(book_appointment(request(slot_id, 400 + turn, person_id)).appointment_id)
    except sa.exc.IntegrityError as error:
        # The row was gone before the booking could refer to it: nothing was booked, and that is told.
        if broken_constraint(error) != "fk_marriage_appointments_booked_by":
            raise
