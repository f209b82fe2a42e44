"""Digits of the mini-program typed in the account's chat: two WeChats become one person, once, and never two people."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.people.binding import give_code
from backend.people.counter import verify_at_counter
from backend.people.entry import linking
from backend.people.entry.linking import link_by_code, show_link_code
from backend.people.entry.models import LinkCode
from backend.people.entry.typed import read_typed_code, use_typed_code
from backend.people.identities import identity_for
from backend.people.rules import CODE_TRIES
from backend.storage import session, transaction
from messages import Product
from tests.concurrency.support import all_at_once, meeting
from tests.people.support import Phone, Service, card, card_number, count, row

Phones = Callable[..., Phone]


@pytest.fixture
def chatting(bureau: Flask) -> Callable[[str], uuid.UUID]:
    """The person of somebody who writes to the account."""
    app_id = bureau.extensions["settings"].account.app_id
    return lambda name: identity_for(Product.ACCOUNT, app_id, f"oChat{name}").person_id


def test_the_code_of_the_phone_joins_both(phone: Phones, chatting: Callable[[str], uuid.UUID]) -> None:
    wang, in_chat = phone(), chatting("wang")
    assert wang.person_id() != in_chat
    answer = wang.post("bind-codes")
    assert answer.status_code == 201
    digits = answer.get_json()["code"]
    assert len(digits) == 8
    assert digits.isdigit()
    linked = link_by_code(in_chat, digits)
    assert wang.person_id() == linked
    assert count("persons") == 1
    assert count("person_joins", "reason = 'code'") == 1
    assert count("person_events", "name = 'bound'") == 1
    assert count("outbox_messages", "notice = 'people.products_linked' AND recipient_id = :id", id=linked) == 1


def test_who_is_proven_stays(phone: Phones, service: Service, chatting: Callable[[str], uuid.UUID]) -> None:
    in_chat = chatting("wang")  # known longer
    wang = phone()
    wang.verifies(1)
    assert link_by_code(in_chat, show_link_code(wang.identity_id).digits) == wang.person_id()
    assert row(wang.person_id()).id_number == card_number(1)


def test_two_proven_people_stay_two(
    phone: Phones, service: Service, clerk: uuid.UUID, chatting: Callable[[str], uuid.UUID]
) -> None:
    wang, other = phone(), phone("other")
    wang.verifies(1)
    other.verifies(2)
    with pytest.raises(AppError) as refused:
        link_by_code(other.person_id(), show_link_code(wang.identity_id).digits)
    assert refused.value.code == "state_conflict"
    assert wang.person_id() != other.person_id()
    assert count("link_codes", "used_at IS NOT NULL") == 0  # nothing happened, so nothing is used up


def test_a_code_counts_once_for_ten_minutes_and_the_newest(
    phone: Phones, chatting: Callable[[str], uuid.UUID], clock: MovableClock
) -> None:
    wang = phone()
    old, new = show_link_code(wang.identity_id), show_link_code(wang.identity_id)
    assert count("link_codes") == 1
    for digits in {old.digits} - {new.digits}:
        refuse(chatting("a"), digits)
    link_by_code(chatting("a"), new.digits)
    refuse(chatting("b"), new.digits)
    late = show_link_code(wang.identity_id)
    clock.advance(timedelta(minutes=10))
    refuse(chatting("b"), late.digits)
    assert linking.forget_old_link_codes() == 0
    clock.advance(timedelta(seconds=1))
    assert linking.forget_old_link_codes() == 2


def refuse(person_id: uuid.UUID, digits: str) -> None:
    """The code does nothing."""
    with pytest.raises(AppError) as refused:
        link_by_code(person_id, digits)
    assert refused.value.code == "invalid"


def test_only_a_keyed_hash_is_kept(phone: Phones) -> None:
    code = show_link_code(phone().identity_id)
    assert code.digits not in repr(code)
    with transaction() as db:
        stored = db.scalars(sa.text("SELECT row_to_json(t)::text FROM link_codes AS t")).one()
    assert code.digits not in stored
    assert code.digits.encode().hex() not in stored


def test_guesses_are_counted(phone: Phones, chatting: Callable[[str], uuid.UUID]) -> None:
    show_link_code(phone().identity_id)
    thief = chatting("thief")
    outcomes = all_at_once(CODE_TRIES + 3, lambda _: _typed(thief, "no code"))
    assert outcomes == Counter(invalid=CODE_TRIES, rate_limited=3)


def _typed(person_id: uuid.UUID, digits: str) -> None:
    # As in a turn: what is refused is told, and the count commits.
    refusal = None
    with transaction():
        try:
            read_typed_code(person_id, digits)
        except AppError as error:
            refusal = error
    if refusal is not None:
        raise refusal


def test_a_counters_code_is_taken_too(phone: Phones, clerk: uuid.UUID, chatting: Callable[[str], uuid.UUID]) -> None:
    elder, in_chat = verify_at_counter(clerk, card(1)).person_id, chatting("granny")
    digits = give_code(elder, clerk).digits
    assert read_typed_code(in_chat, digits).person_id == elder
    assert not read_typed_code(in_chat, digits).of_miniprogram
    assert use_typed_code(in_chat, digits) == elder
    assert count("proof_tries") == 0


def test_of_many_who_type_it_at_once_one_is_linked(phone: Phones, chatting: Callable[[str], uuid.UUID]) -> None:
    for turn in range(5):
        digits = show_link_code(phone(f"{turn}").identity_id).digits
        people = [chatting(f"{turn}-{number}") for number in range(4)]
        assert all_at_once(4, lambda i, p=people, d=digits: link_by_code(p[i], d)) == Counter(done=1, invalid=3)
    assert count("person_joins") == 5


def test_without_the_guard_several_would_be_linked(
    phone: Phones, chatting: Callable[[str], uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look first, write afterwards: what `_use` is not."""

    all_looked = meeting(4)

    def looked_up(code_id: uuid.UUID) -> bool:
        unused = session().scalar(sa.select(LinkCode.used_at).where(LinkCode.id == code_id)) is None
        all_looked.wait()
        return unused

    monkeypatch.setattr(linking, "_use", looked_up)
    digits = show_link_code(phone().identity_id).digits
    people = [chatting(f"{number}") for number in range(4)]
    assert all_at_once(4, lambda i: link_by_code(people[i], digits))["done"] > 1
