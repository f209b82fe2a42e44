"""`/api/v1/proxies` as both sides' mini-programs use it, and what a helper cannot learn by it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock, now
from backend.kernel.ids import new_id
from backend.people.models import Person
from backend.people.proxies import acting_for, record_act
from backend.people.proxies.answer import give_code
from backend.storage import transaction
from tests.chat.phone import everything_stored
from tests.concurrency.support import identity_number
from tests.people_proxies.support import (
    DAUGHTER,
    FATHER,
    MOTHER,
    STRANGER,
    Mini,
    make_person,
    staff_account,
    told,
)


@pytest.fixture
def daughter(app: Flask) -> Mini:
    """The helper's phone."""
    return Mini(app, "o-daughter", DAUGHTER)


@pytest.fixture
def mother(app: Flask) -> Mini:
    """The principal's phone."""
    return Mini(app, "o-mother", MOTHER)


def asked(helper: Mini) -> str:
    answer = helper.asks()
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_asked_agreed_and_cut(daughter: Mini, mother: Mini):
    made = daughter.asks().get_json()
    assert (made["role"], made["state"], made["other_name"], made["other_id"]) == ("helper", "asked", "王*英", None)
    [seen] = mother.get().get_json()["items"]
    assert (seen["id"], seen["role"], seen["other_name"]) == (made["id"], "principal", "李*梅")
    agreed = mother.post(f"/{made['id']}/confirm").get_json()
    assert (agreed["state"], agreed["confirmation"]) == ("confirmed", "own_wechat")
    [mine] = daughter.get().get_json()["items"]
    assert (mine["state"], mine["other_id"]) == ("confirmed", str(mother.person_id))
    assert mother.post(f"/{made['id']}/cut").get_json()["state"] == "cut"
    assert daughter.get().get_json()["items"][0]["other_id"] is None


def test_declined(daughter: Mini, mother: Mini):
    tie_id = asked(daughter)
    assert daughter.post(f"/{tie_id}/decline").status_code == 404
    assert mother.post(f"/{tie_id}/decline").get_json()["state"] == "declined"
    conflict = mother.post(f"/{tie_id}/confirm")
    assert (conflict.status_code, conflict.get_json()["code"]) == (409, "state_conflict")


def test_the_counters_digits(daughter: Mini, mother: Mini):
    tie_id = asked(daughter)
    code = give_code(uuid.UUID(tie_id), mother.person_id, staff_account())
    wrong = daughter.post(f"/{tie_id}/confirm", {"code": "000000" if code != "000000" else "000001"})
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["code"])
    first = daughter.post(f"/{tie_id}/confirm", {"code": code}, key="k")
    again = daughter.post(f"/{tie_id}/confirm", {"code": code}, key="k")
    assert (first.status_code, first.get_json()) == (200, again.get_json())
    assert first.get_json()["confirmation"] == "counter_code"


def test_tries_are_counted_though_each_is_refused(daughter: Mini, mother: Mini):
    tie_id = asked(daughter)
    code = give_code(uuid.UUID(tie_id), mother.person_id, staff_account())
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for number in range(5):
        assert daughter.post(f"/{tie_id}/confirm", {"code": wrong}, key=f"k{number}").status_code == 422
    last = daughter.post(f"/{tie_id}/confirm", {"code": code})
    assert (last.status_code, last.get_json()["detail"]) == (422, "试的次数太多了，请窗口重新给一个。")


def test_what_is_not_yours_is_not_there(daughter: Mini, mother: Mini, app: Flask):
    tie_id = asked(daughter)
    father = Mini(app, "o-father", FATHER)
    for path, body in (("confirm", {}), ("confirm", {"code": "123456"}), ("decline", {}), ("cut", {})):
        assert father.post(f"/{tie_id}/{path}", body).status_code == 404
    assert father.get(f"/{tie_id}/acts").status_code == 404
    assert father.get().get_json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": ["marriage"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"relation": "friend"}, "relation"),
        ({"principal": {"name": "王秀英", "id_number": "123"}}, "principal.id_number"),
        ({"principal": {"name": DAUGHTER[0], "id_number": DAUGHTER[1]}}, "principal.id_number"),
    ],
)
def test_what_cannot_be_asked(daughter: Mini, change: dict[str, object], field: str):
    refused = daughter.asks(**change)
    assert refused.status_code == 422
    assert field in refused.get_json()["errors"]


def test_an_unverified_helper_is_told_what_to_do(app: Flask):
    refused = Mini(app, "o-nobody").asks()
    assert (refused.status_code, refused.get_json()["code"]) == (403, "level_too_low")


def test_a_repeat_with_the_same_key_is_the_same_request(daughter: Mini):
    first, again = daughter.asks(key="same"), daughter.asks(key="same")
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert daughter.asks(key="other").get_json()["code"] == "state_conflict"
    assert len(daughter.get().get_json()["items"]) == 1


def test_lists_go_page_by_page(daughter: Mini, mother: Mini, clock: MovableClock):
    ties = []
    for _ in range(5):
        ties.append(asked(daughter))
        mother.post(f"/{ties[-1]}/decline")
        clock.advance(timedelta(minutes=1))
    for caller in (daughter, mother):
        seen, cursor = [], None
        while True:
            page = caller.get(limit=2, **({"cursor": cursor} if cursor else {})).get_json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ties[::-1]
    assert daughter.get(cursor="nonsense").status_code == 422


def test_both_sides_list_what_was_done(daughter: Mini, mother: Mini, clock: MovableClock):
    tie_id = asked(daughter)
    mother.post(f"/{tie_id}/confirm")
    orders = [new_id() for _ in range(3)]
    for order in orders:
        with transaction():
            record_act(acting_for(daughter.person_id, mother.person_id, "meals"), "meals.ordered", "meal_order", order)
        clock.advance(timedelta(hours=1))
    first = mother.get(f"/{tie_id}/acts", limit=2).get_json()
    second = mother.get(f"/{tie_id}/acts", limit=2, cursor=first["next_cursor"]).get_json()
    listed = [item["subject_id"] for item in first["items"] + second["items"]]
    assert listed == [str(order) for order in orders[::-1]]
    assert first["items"][0].keys() == {"id", "scope", "action", "subject_kind", "subject_id", "at"}
    assert len(daughter.get(f"/{tie_id}/acts").get_json()["items"]) == 3


# --- no oracle ---


def shape(body: dict[str, object]) -> dict[str, object]:
    """An answer without what differs anyway."""
    return {name: value for name, value in body.items() if name not in ("id", "other_name")}


def test_asking_does_not_tell_whether_somebody_is_known(daughter: Mini, app: Flask):
    living = make_person(MOTHER)
    dead = make_person(FATHER)
    with transaction() as session:
        session.get_one(Person, dead).died_on = now().date()
    cases = {
        "known": MOTHER,
        "unknown": STRANGER,
        "dead": FATHER,
        "another name on the number": ("王秀兰", MOTHER[1]),
    }
    answers = {}
    for index, (case, named) in enumerate(cases.items()):
        caller = Mini(app, f"o-asker-{index}", (DAUGHTER[0], _number(index)))
        answers[case] = (caller.asks(named), caller)
    assert {answer.status_code for answer, _ in answers.values()} == {201}
    assert len({str(shape(answer.get_json())) for answer, _ in answers.values()}) == 1
    assert {str(answer.headers.keys()) for answer, _ in answers.values()} == {str(answers["known"][0].headers.keys())}
    lists = {str(shape(caller.get().get_json()["items"][0])) for _, caller in answers.values()}
    assert len(lists) == 1
    for answer, caller in answers.values():
        tie_id = answer.get_json()["id"]
        refused = caller.post(f"/{tie_id}/confirm", {"code": "123456"})
        assert (refused.status_code, refused.get_json()["detail"]) == (
            422,
            "数字不对或已经过期，请再核对一遍；不行就请窗口重新给一个。",
        )
        assert caller.asks(named=_named(caller, answers, cases)).get_json()["code"] == "state_conflict"
    assert len(told(living)) == 1  # only the one of that name and number
    assert told(dead) == []


def _named(caller: Mini, answers: dict[str, tuple[object, Mini]], cases: dict[str, tuple[str, str]]) -> tuple[str, str]:
    return next(cases[case] for case, (_, other) in answers.items() if other is caller)


def _number(index: int) -> str:
    return identity_number(date(1975, 5, 7), 2 * index + 2)


def test_nothing_personal_is_stored_in_the_clear(daughter: Mini, mother: Mini):
    tie_id = asked(daughter)
    mother.post(f"/{tie_id}/confirm")
    kept = everything_stored()
    for secret in (MOTHER[1], DAUGHTER[1], MOTHER[0], DAUGHTER[0]):
        assert secret not in kept
        assert secret.encode().hex() not in kept


def test_agreeing_needs_no_body(daughter: Mini, mother: Mini):
    tie_id = asked(daughter)
    answer = mother.client.post(
        f"/api/v1/proxies/{tie_id}/confirm", headers={"Authorization": f"Bearer {mother.token}"}
    )
    assert (answer.status_code, answer.get_json()["state"]) == (200, "confirmed")
