"""`/api/v1/me`: proofs by the verification service, the telephone, and what is shown of oneself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.parameters import set_value
from backend.people import Level, level_of, person_by_number, person_view, require_level
from backend.people.models import Person
from backend.people.parameters import FRESH_MINUTES
from backend.people.reading import read_claim
from backend.people.rules import VERIFICATION_TRIES, VERIFICATION_TRIES_OF_A_NUMBER, ProofMethod
from backend.people.verification_service import Answer, use_verification_service
from backend.people.verify import verify_person
from backend.storage import transaction
from tests.caches import forget_caches
from tests.people.support import CARD, Phone, Service, card_number, count, row

Phones = Callable[..., Phone]


# --- what one sees of oneself ---


def test_a_stranger_is_known_by_nothing(phone: Phones, service: Service) -> None:
    me = phone().get()
    assert me | {"id": None} == {
        "id": None,
        "level": 0,
        "name": None,
        "id_type": None,
        "id_number_masked": None,
        "phone_masked": None,
        "verified": None,
        "online_verification": True,
    }


def test_a_fresh_proof_shows_more_than_an_old_one(phone: Phones, service: Service, clock: MovableClock) -> None:
    wang = phone()
    answer = wang.verifies()
    assert answer.status_code == 200, answer.text
    fresh = answer.get_json()
    assert (fresh["level"], fresh["name"], fresh["hints"]) == (3, "王小明", {})
    number = card_number()
    assert fresh["id_number_masked"] == f"100***********{number[-4:]}"
    assert fresh["verified"]["by"] == "service"
    clock.advance(timedelta(minutes=30))
    aged = wang.get()
    assert (aged["level"], aged["name"]) == (2, "王*明")
    assert aged["id_number_masked"] == f"1****************{number[-1]}"
    assert wang.verifies().get_json()["level"] == 3


def test_how_long_a_proof_is_fresh_is_the_bureaus(phone: Phones, service: Service, clock: MovableClock) -> None:
    set_value(FRESH_MINUTES, "", 5, clock(), "test")
    wang = phone()
    wang.verifies()
    clock.advance(timedelta(minutes=4, seconds=59))
    assert wang.get()["level"] == 3
    clock.advance(timedelta(seconds=1))
    assert wang.get()["level"] == 2
    forget_caches()


def test_what_was_proven_is_kept_sealed_and_found_again(phone: Phones, service: Service) -> None:
    wang = phone()
    wang.verifies(4)
    person_id = wang.person_id()
    assert person_by_number(CARD, card_number(4)) == person_id
    assert person_by_number(CARD, card_number(5)) is None
    view = person_view(person_id)
    assert view is not None
    assert (view.name, view.id_number, view.birth_date) == ("王小明", card_number(4), date(1990, 1, 1))
    with transaction() as db:
        stored = db.scalar(sa.text("SELECT row_to_json(p)::text FROM persons AS p WHERE id = :id"), {"id": person_id})
    assert "王小明" not in stored
    assert card_number(4) not in stored
    assert card_number(4)[:17] not in repr(view)
    assert "王小明" not in repr(view)


# --- the verification service ---


def test_the_service_is_asked_once_and_outside_every_transaction(phone: Phones, service: Service) -> None:
    phone().verifies(7, name=" 王小明 ", id_number=f" {card_number(7).lower()} ")
    assert service.asked == [("王小明", CARD, card_number(7))]
    assert not service.inside_transaction


def test_it_is_not_asked_inside_a_transaction(phone: Phones, service: Service) -> None:
    claim = read_claim("王小明", CARD, card_number())
    with transaction(), pytest.raises(RuntimeError):
        verify_person(phone().identity_id, claim)
    assert service.asked == []


def test_a_wrong_pair_is_counted_and_then_sent_to_the_counter(
    phone: Phones, service: Service, clock: MovableClock
) -> None:
    wang, service.answer = phone(), Answer.MISMATCHED
    left = []
    for _ in range(VERIFICATION_TRIES):
        answer = wang.verifies()
        assert (answer.status_code, answer.get_json()["code"]) == (422, "identity_mismatch")
        left.append(answer.get_json()["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    assert "窗口" in answer.get_json()["detail"]
    service.answer = Answer.MATCHED
    refused = wang.verifies()
    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) == 15 * 3600 + 1  # from 9:00 to midnight
    assert len(service.asked) == VERIFICATION_TRIES
    clock.advance(timedelta(hours=15))
    assert wang.verifies().status_code == 200


def test_right_pairs_are_not_counted(phone: Phones, service: Service) -> None:
    wang = phone()
    assert [wang.verifies().status_code for _ in range(VERIFICATION_TRIES + 2)] == [200] * (VERIFICATION_TRIES + 2)
    assert count("proof_tries") == 0


def test_many_phones_cannot_guess_the_name_to_one_number(phone: Phones, service: Service) -> None:
    service.answer = Answer.MISMATCHED
    for number in range(VERIFICATION_TRIES_OF_A_NUMBER):
        assert phone(f"guesser{number}").verifies(3, name=f"猜{chr(0x4E00 + number)}").status_code == 422
    assert phone("one-more").verifies(3).status_code == 429
    assert phone("one-more").verifies(4).status_code == 422  # another number is another matter


def test_a_service_that_is_away_costs_no_try(phone: Phones, service: Service) -> None:
    wang, service.answer = phone(), Answer.UNAVAILABLE
    for _ in range(VERIFICATION_TRIES + 1):
        answer = wang.verifies()
        assert (answer.status_code, answer.get_json()["code"]) == (503, "verification_unavailable")
    service.answer = Answer.MATCHED
    assert wang.verifies().status_code == 200


def test_without_a_service_there_is_the_counter(phone: Phones, service: Service) -> None:
    use_verification_service(None)
    wang = phone()
    answer = wang.verifies()
    assert (answer.status_code, answer.get_json()["code"]) == (409, "counter_needed")
    assert wang.get()["online_verification"] is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "王"}, "name"),
        ({"name": "  "}, "name"),
        ({"id_number": "100000199001010012"}, "id_number"),
        ({"id_number": "110105491231002"}, "id_number"),
        ({"id_type": "hk_macau_taiwan_residence_permit"}, "id_number"),
        ({"id_type": "driving_licence"}, "id_type"),
    ],
)
def test_what_cannot_be_right_is_told_by_field(
    phone: Phones, service: Service, changes: dict[str, str], field: str
) -> None:
    answer = phone().verifies(**changes)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == [field]
    assert service.asked == []
    assert count("proof_tries") == 0


def test_an_unusual_number_is_hinted_at_and_verified(phone: Phones, service: Service) -> None:
    answer = phone().verifies(name="JOHN SMITH", id_type="hk_macau_travel_permit", id_number="X1234567")
    assert answer.status_code == 200
    assert "再看一眼" in answer.get_json()["hints"]["id_number"][0]


def test_every_paper_can_be_proven(phone: Phones, service: Service) -> None:
    papers = {
        "resident_identity_card": "11010519491231002X",
        "hk_macau_taiwan_residence_permit": "810000199003071237",
        "foreign_permanent_resident_card": "CAN110105001231",
        "hk_macau_travel_permit": "H12345678",
        "taiwan_travel_permit": "12345678",
        "passport": "E12345678",
    }
    for id_type, number in papers.items():
        answer = phone(id_type).verifies(id_type=id_type, id_number=number)
        assert (answer.status_code, answer.get_json()["id_type"]) == (200, id_type)


# --- who cannot be proven anew ---


@pytest.mark.parametrize("end", ["died_on", "closed_at"])
def test_the_dead_and_the_closed_go_to_the_counter(
    phone: Phones, service: Service, clock: MovableClock, end: str
) -> None:
    phone("late").verifies(1)
    person_id = phone("late").person_id()
    with transaction() as db:
        value = clock().date() if end == "died_on" else clock()
        db.execute(sa.update(Person).where(Person.id == person_id).values({end: value}))
    answer = phone("heir").verifies(1)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "counter_needed")
    assert "去世" not in answer.text
    assert "注销" not in answer.text
    assert phone("heir").get()["level"] == 0
    assert row(person_id).verified_at == clock()


def test_a_wechat_that_is_somebodys_cannot_become_another(phone: Phones, service: Service) -> None:
    wang = phone()
    wang.verifies(1)
    answer = wang.verifies(2, name="李小红")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "state_conflict")
    assert "代办" in answer.get_json()["detail"]
    assert person_by_number(CARD, card_number(2)) is None


# --- telephone and levels ---


def test_a_telephone_is_level_one(phone: Phones) -> None:
    wang = phone()
    answer = wang.post("phone", phone="+86 138-0013-8000")
    assert (answer.status_code, answer.get_json()["level"]) == (200, 1)
    assert answer.get_json()["phone_masked"] == "138****8000"
    assert wang.post("phone", phone="13800138000").status_code == 200
    assert count("person_events", "name = 'phone_given'") == 1
    refused = wang.post("phone", phone="12345678901")
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["phone"])


def test_a_telephone_survives_the_proof_and_a_proof_the_telephone(phone: Phones, service: Service) -> None:
    wang = phone()
    wang.post("phone", phone="13800138000")
    assert wang.verifies().get_json()["phone_masked"] == "138****8000"
    assert wang.post("phone", phone="13900139000").get_json()["level"] == 3


def test_rooms_ask_for_a_level_and_say_what_is_next(phone: Phones, service: Service, clock: MovableClock) -> None:
    wang = phone()
    person_id = wang.person_id()
    require_level(person_id, 0)
    assert _refused(person_id, 1) == {"level": 0, "needed": 1, "next_step": "phone"}
    assert _refused(person_id, 2) == {"level": 0, "needed": 2, "next_step": "verification"}
    use_verification_service(None)
    assert _refused(person_id, 2)["next_step"] == "counter"
    use_verification_service(service)
    wang.verifies()
    require_level(person_id, 3)
    clock.advance(timedelta(minutes=31))
    require_level(person_id, 2)
    assert _refused(person_id, 3) == {"level": 2, "needed": 3, "next_step": "verification"}
    assert level_of(uuid.uuid4()) is Level.BROWSE


def _refused(person_id: uuid.UUID, needed: int) -> dict[str, object]:
    with pytest.raises(AppError) as refusal:
        require_level(person_id, needed)
    assert (refusal.value.code, refusal.value.status) == ("level_too_low", 403)
    assert refusal.value.user_text
    return refusal.value.extra


def test_everything_here_needs_a_login(bureau: Flask) -> None:
    client = bureau.test_client()
    assert client.get("/api/v1/me").status_code == 401
    for path in ("verification", "phone", "counter-code", "binding"):
        assert client.post(f"/api/v1/me/{path}", json={}).status_code == 401


def test_the_method_is_noted(phone: Phones, service: Service) -> None:
    wang = phone()
    wang.verifies()
    assert row(wang.person_id()).verified_by is ProofMethod.SERVICE
    assert count("person_events", "name = 'verified' AND method = 'service' AND account_id IS NULL") == 1
