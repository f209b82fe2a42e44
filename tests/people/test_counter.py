"""Proof at the counter with the card in hand, and codes that tie a WeChat to a person, either way round."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.people import Level, level_of, person_by_number
from backend.people.binding import ask_code, bind_by_code, forget_old_codes, give_code
from backend.people.counter import verify_at_counter
from backend.people.models import Person
from backend.people.rules import CODE_TRIES, ProofMethod
from backend.people.tries import forget_old_tries
from backend.storage import transaction
from tests.people.support import CARD, Phone, Service, card, card_number, count, nobody, row, staff_account

Phones = Callable[..., Phone]


def refused(code: str, status: int, command: Callable[[], object]) -> AppError:
    """The refusal a command gives, which must be this one."""
    with pytest.raises(AppError) as refusal:
        command()
    assert (refusal.value.code, refusal.value.status) == (code, status)
    return refusal.value


def other(digits: str) -> str:
    """Another code of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"


# --- the card in hand ---


def test_an_elder_without_a_phone_becomes_a_person(clerk: uuid.UUID) -> None:
    proven = verify_at_counter(clerk, card(1, "王桂英", phone="139 0013 9000"))
    assert (proven.created, proven.joined, proven.renamed) == (True, False, False)
    person = row(proven.person_id)
    assert (person.name, person.phone, person.verified_by) == ("王桂英", "13900139000", ProofMethod.STAFF)
    assert level_of(person.id) is Level.FRESH
    assert count("person_events", "account_id = :clerk AND name = 'verified'", clerk=clerk) == 1


def test_the_same_card_again_is_the_same_person(clerk: uuid.UUID, clock: MovableClock) -> None:
    first = verify_at_counter(clerk, card(1))
    clock.advance(timedelta(days=3))
    again = verify_at_counter(clerk, card(1, " 王 小 明"))
    assert (again.person_id, again.created, again.renamed) == (first.person_id, False, False)
    assert row(first.person_id).verified_at == clock()


def test_a_new_name_on_the_card_is_taken_over_and_noted(clerk: uuid.UUID) -> None:
    first = verify_at_counter(clerk, card(1, "王小明"))
    again = verify_at_counter(clerk, card(1, "王晓明"))
    assert again.renamed
    assert row(first.person_id).name == "王晓明"
    assert count("person_events", "name = 'renamed' AND account_id = :clerk", clerk=clerk) == 1


def test_nobody_is_verified_without_a_look_at_the_card(clerk: uuid.UUID) -> None:
    refusal = refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, seen=False)))
    assert list(refusal.errors) == ["seen"]
    assert person_by_number(CARD, card_number(1)) is None


def test_the_dead_are_not_verified(clerk: uuid.UUID, clock: MovableClock) -> None:
    person_id = verify_at_counter(clerk, card(1)).person_id
    with transaction() as db:
        db.execute(sa.update(Person).where(Person.id == person_id).values(died_on=clock().date()))
    assert "去世" in refused("state_conflict", 409, lambda: verify_at_counter(clerk, card(1))).user_text
    refused("state_conflict", 409, lambda: give_code(person_id, clerk))


def test_a_closed_account_does_not_stand_in_the_way_at_the_counter(clerk: uuid.UUID, clock: MovableClock) -> None:
    closed = verify_at_counter(clerk, card(1)).person_id
    with transaction() as db:
        db.execute(sa.update(Person).where(Person.id == closed).values(closed_at=clock()))
    again = verify_at_counter(clerk, card(1))
    assert again.created
    assert again.person_id != closed
    assert person_by_number(CARD, card_number(1)) == again.person_id


# --- the resident's phone shows a code ---


def test_the_code_on_the_phone_makes_its_wechat_the_cards(phone: Phones, clerk: uuid.UUID) -> None:
    wang = phone()
    answer = wang.post("counter-code")
    assert answer.status_code == 201
    code = answer.get_json()["code"]
    assert len(code) == 6
    proven = verify_at_counter(clerk, card(1, code=code))
    assert wang.person_id() == proven.person_id
    assert wang.get()["level"] == 3
    assert proven.created
    assert count("persons") == 1  # the anonymous row became the person


def test_the_code_joins_the_wechat_to_somebody_known(phone: Phones, clerk: uuid.UUID) -> None:
    known = verify_at_counter(clerk, card(1)).person_id
    wang = phone()
    proven = verify_at_counter(clerk, card(1, code=ask_code(wang.identity_id).digits))
    assert (proven.person_id, proven.joined) == (known, True)
    assert wang.person_id() == known
    assert count("persons") == 1


def test_a_code_is_good_for_ten_minutes_and_once(phone: Phones, clerk: uuid.UUID, clock: MovableClock) -> None:
    wang = phone()
    late = ask_code(wang.identity_id).digits
    clock.advance(timedelta(minutes=10))
    refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, code=late)))
    code = ask_code(wang.identity_id).digits
    verify_at_counter(clerk, card(1, code=code))
    refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, code=code)))


def test_a_new_code_voids_the_one_before(phone: Phones, clerk: uuid.UUID) -> None:
    wang = phone()
    first, second = ask_code(wang.identity_id).digits, ask_code(wang.identity_id).digits
    if first != second:
        refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, code=first)))
    verify_at_counter(clerk, card(1, code=second))


def test_five_wrong_codes_lock_the_clerk_out_of_codes_for_a_while(
    phone: Phones, clerk: uuid.UUID, clock: MovableClock
) -> None:
    code = ask_code(phone().identity_id).digits
    for _ in range(CODE_TRIES):
        refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, code=other(code))))
    assert person_by_number(CARD, card_number(1)) is None  # a wrong code verifies nobody
    refusal = refused("rate_limited", 429, lambda: verify_at_counter(clerk, card(1, code=code)))
    assert refusal.extra["retry_after"] == 601
    verify_at_counter(clerk, card(1))  # the card itself is still believed
    verify_at_counter(staff_account("other"), card(1, code=code))  # and a colleague may type it
    clock.advance(timedelta(minutes=10))
    code = ask_code(phone("li").identity_id).digits
    verify_at_counter(clerk, card(2, code=code))


def test_a_wechat_that_is_somebodys_is_not_tied_to_another_card(phone: Phones, clerk: uuid.UUID) -> None:
    wang = phone()
    verify_at_counter(clerk, card(1, code=ask_code(wang.identity_id).digits))
    code = ask_code(wang.identity_id).digits
    refused("state_conflict", 409, lambda: verify_at_counter(clerk, card(2, "李小红", code=code)))
    assert person_by_number(CARD, card_number(2)) is None


# --- staff give a code ---


def test_the_code_on_the_slip_makes_the_wechat_the_elders(phone: Phones, clerk: uuid.UUID) -> None:
    elder = verify_at_counter(clerk, card(1, "王桂英")).person_id
    code = give_code(elder, clerk).digits
    assert len(code) == 8
    granny = phone("granny")
    answer = granny.post("binding", code=f"{code[:4]} {code[4:]}")
    assert (answer.status_code, answer.get_json()["id"]) == (200, str(elder))
    assert answer.get_json()["name"] == "王桂英"  # fresh from the counter
    assert count("persons") == 1


def test_typing_it_twice_is_once_and_another_wechat_is_too_late(phone: Phones, clerk: uuid.UUID) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    code = give_code(elder, clerk).digits
    for _ in range(3):
        assert bind_by_code(phone("granny").identity_id, code) == elder
    assert count("person_events", "name = 'bound'") == 1
    refusal = refused("invalid", 422, lambda: bind_by_code(phone("thief").identity_id, code))
    assert refusal.extra == {"tries_left": 4}
    assert phone("thief").get()["level"] == 0


def test_a_given_code_lasts_a_week(phone: Phones, clerk: uuid.UUID, clock: MovableClock) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    code = give_code(elder, clerk).digits
    clock.advance(timedelta(days=7, seconds=-1))
    granny = phone("granny")
    assert bind_by_code(granny.identity_id, code) == elder
    late = give_code(elder, clerk).digits
    clock.advance(timedelta(days=7))
    refused("invalid", 422, lambda: bind_by_code(phone("son").identity_id, late))


def test_five_wrong_codes_lock_the_phone_out_for_a_while(phone: Phones, clerk: uuid.UUID, clock: MovableClock) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    code = give_code(elder, clerk).digits
    granny = phone("granny")
    left = [granny.post("binding", code=other(code)).get_json()["tries_left"] for _ in range(CODE_TRIES)]
    assert left == [4, 3, 2, 1, 0]
    answer = granny.post("binding", code=code)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) == 601
    clock.advance(timedelta(minutes=10))
    assert granny.post("binding", code=code).status_code == 200


@pytest.mark.parametrize("typed", ["", "abc", "1234", "123456789012"])
def test_what_is_no_code_is_refused(phone: Phones, typed: str) -> None:
    answer = phone().post("binding", code=typed)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["code"])


def test_the_two_kinds_of_code_are_not_mixed_up(phone: Phones, clerk: uuid.UUID) -> None:
    elder = verify_at_counter(clerk, card(1)).person_id
    given = give_code(elder, clerk).digits
    asked = ask_code(phone().identity_id).digits
    refused("invalid", 422, lambda: verify_at_counter(clerk, card(2, code=given)))
    refused("invalid", 422, lambda: bind_by_code(phone().identity_id, asked))


def test_only_the_verified_are_given_a_code(clerk: uuid.UUID) -> None:
    refused("state_conflict", 409, lambda: give_code(nobody(), clerk))
    refused("not_found", 404, lambda: give_code(uuid.uuid4(), clerk))


def test_a_phone_that_is_somebodys_cannot_take_the_code(phone: Phones, service: Service, clerk: uuid.UUID) -> None:
    daughter = phone("daughter")
    daughter.verifies(2, name="李小红")
    code = give_code(verify_at_counter(clerk, card(1)).person_id, clerk).digits
    refused("state_conflict", 409, lambda: bind_by_code(daughter.identity_id, code))
    assert phone("granny").post("binding", code=code).status_code == 200  # it was not used up


# --- what is kept ---


def test_codes_are_kept_as_keyed_hashes(phone: Phones, clerk: uuid.UUID) -> None:
    asked = ask_code(phone().identity_id).digits
    given = give_code(verify_at_counter(clerk, card(1)).person_id, clerk).digits
    with transaction() as db:
        rows = db.scalars(sa.text("SELECT row_to_json(c)::text FROM binding_codes AS c")).all()
    assert len(rows) == 2
    assert not [stored for stored in rows if asked in stored or given in stored]
    assert asked not in repr(ask_code(phone().identity_id))


def test_old_codes_and_tries_go(phone: Phones, clerk: uuid.UUID, clock: MovableClock) -> None:
    code = ask_code(phone().identity_id).digits
    refused("invalid", 422, lambda: verify_at_counter(clerk, card(1, code=other(code))))
    assert (forget_old_codes(), forget_old_tries()) == (0, 0)
    clock.advance(timedelta(days=1, minutes=11))
    assert (forget_old_codes(), forget_old_tries()) == (1, 0)
    clock.advance(timedelta(days=1))
    assert forget_old_tries() == 1
    assert (count("binding_codes"), count("proof_tries")) == (0, 0)


def test_a_drawn_code_that_is_taken_is_drawn_again(
    phone: Phones, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    drawn = iter([123456, 123456, 654321])
    monkeypatch.setattr("backend.people.binding.secrets.randbelow", lambda _limit: next(drawn))
    assert ask_code(phone("a").identity_id).digits == "123456"
    assert ask_code(phone("b").identity_id).digits == "654321"
    monkeypatch.setattr("backend.people.binding.secrets.randbelow", lambda _limit: 123456)
    refused("busy", 503, lambda: ask_code(phone("c").identity_id))
    clock.advance(timedelta(minutes=10))
    assert ask_code(phone("c").identity_id).digits == "123456"  # nobody used the first one in time
