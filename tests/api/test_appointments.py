"""`/api/v1/marriage`: booking, seeing, moving and giving up, as contract.md promises."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.kernel.clock import BEIJING, MovableClock
from backend.kernel.identity import check_character
from backend.marriage.open_slots import open_slots
from backend.storage import database, transaction
from tests.api.conftest import BASE, DECLARED, Caller, booking

Slots = Callable[..., list[dict[str, Any]]]
Callers = Callable[..., Caller]


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem document, its form checked."""
    assert answer.content_type.startswith("application/problem+json"), answer.data
    body = answer.get_json()
    assert {"type", "title", "status", "code", "detail", "reference"} <= body.keys()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def test_offices_and_slots(bureau: Flask) -> None:
    client = bureau.test_client()
    offices = client.get(f"{BASE}/offices").get_json()["items"]
    assert [office["name"] for office in offices] == ["新城区婚姻登记处", "长乐路婚姻登记处"]
    query = {"office_id": offices[0]["id"], "kind": "marriage_registration", "from": "2026-11-23", "to": "2026-12-31"}
    days = client.get(f"{BASE}/slots", query_string=query).get_json()["items"]
    by_date = {day["date"]: day for day in days}
    assert days[-1]["date"] == "2026-12-23"  # thirty days ahead, released at 08:30
    assert not by_date["2026-11-29"]["slots"]  # a Sunday
    assert by_date["2026-11-28"]["slots"][-1]["ends_at"].startswith("2026-11-28T13:00")  # a Saturday
    assert not by_date["2026-11-23"]["open"]  # today is for the window
    thursday = by_date["2026-11-26"]
    assert thursday["open"]
    assert not thursday["provisional"]
    assert thursday["slots"][0]["starts_at"].endswith("+08:00")
    # Two windows, 0.7 of them online, in thirteen half hours: eighteen places, less what the demonstration has booked.
    assert sum(slot["free"] for slot in by_date["2026-12-10"]["slots"]) == 18


def test_days_of_a_year_without_notice_are_provisional(bureau: Flask, clock: MovableClock) -> None:
    clock.move_to(datetime(2026, 12, 10, 9, 0, tzinfo=BEIJING))
    open_slots()
    client = bureau.test_client()
    office = client.get(f"{BASE}/offices").get_json()["items"][0]["id"]
    query = {"office_id": office, "from": "2026-12-31", "to": "2027-01-05"}
    days = client.get(f"{BASE}/slots", query_string=query).get_json()["items"]
    assert [day["provisional"] for day in days] == [False, True, True, True, True, True]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"office_id": "nonsense"}, "office_id"),
        ({"from": "2026-13-01"}, "from"),
        ({"to": "2026-11-01"}, "to"),
        ({"to": "2027-11-01"}, "to"),
        ({"kind": "wedding"}, "kind"),
    ],
)
def test_slots_say_which_argument_is_wrong(bureau: Flask, change: dict[str, str], field: str) -> None:
    client = bureau.test_client()
    office = client.get(f"{BASE}/offices").get_json()["items"][0]["id"]
    query = {"office_id": office, "from": "2026-11-26", "to": "2026-11-26"} | change
    answer = client.get(f"{BASE}/slots", query_string=query)
    assert code_of(answer) == (422, "invalid")
    assert field in answer.get_json()["errors"]


def test_book_see_move_and_give_up(caller: Callers, free_slots: Slots) -> None:
    wang, (first, second, *_) = caller("wang"), free_slots()
    booked = wang.book(first["id"], 1)
    assert booked.status_code == 201
    body = booked.get_json()
    assert body["state"] == "booked"
    assert body["number"].startswith("MZ")
    assert body["slot"]["id"] == first["id"]
    assert [party["id_number_masked"][1:-1] for party in body["parties"]] == ["*" * 16] * 2
    assert "1990" not in booked.get_data(as_text=True)
    path = f"/appointments/{body['id']}"
    assert wang.get(path).get_json() == body
    assert wang.get("/appointments").get_json()["items"] == [body]
    code = wang.get(f"{path}/code").get_json()
    assert code["text"] == body["number"]
    assert code["svg"].startswith("<svg")
    assert code_of(caller("li").get(f"{path}/code")) == (404, "not_found")

    moved = wang.post(f"{path}/reschedule", {"slot_id": second["id"]})
    assert moved.status_code == 200
    assert moved.get_json()["slot"]["id"] == second["id"]
    assert moved.get_json()["number"] == body["number"]
    assert [slot["free"] for slot in free_slots() if slot["id"] == first["id"]] == [first["free"]]

    assert wang.post(f"{path}/cancel").get_json()["state"] == "cancelled"
    assert wang.post(f"{path}/cancel").status_code == 200  # twice is the same as once
    assert code_of(wang.post(f"{path}/reschedule", {"slot_id": first["id"]})) == (409, "state_conflict")


def test_what_is_not_yours_is_not_there(caller: Callers, free_slots: Slots) -> None:
    slot, other = free_slots()[:2]
    path = f"/appointments/{caller('wang').book(slot['id'], 1).get_json()['id']}"
    stranger = caller("li")
    assert code_of(stranger.get(path)) == (404, "not_found")
    assert code_of(stranger.post(f"{path}/cancel")) == (404, "not_found")
    assert code_of(stranger.post(f"{path}/reschedule", {"slot_id": other["id"]})) == (404, "not_found")
    assert stranger.get("/appointments").get_json()["items"] == []
    assert caller("wang").get(path).get_json()["state"] == "booked"


def test_without_a_login_nothing_is_told(bureau: Flask) -> None:
    client = bureau.test_client()
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}):
        assert code_of(client.get(f"{BASE}/appointments", headers=headers)) == (401, "unauthenticated")
    assert code_of(client.post(f"{BASE}/appointments", json={})) == (401, "unauthenticated")


def test_a_login_runs_out(caller: Callers, clock: MovableClock) -> None:
    wang = caller("wang")
    assert wang.get("/appointments").status_code == 200
    clock.advance(timedelta(days=7, seconds=1))
    assert code_of(wang.get("/appointments")) == (401, "unauthenticated")


def test_a_full_slot_names_what_is_free_nearby(caller: Callers, free_slots: Slots) -> None:
    slot = next(found for found in free_slots() if found["free"] == 1)
    assert caller("wang").book(slot["id"], 1).status_code == 201
    refused = caller("li").book(slot["id"], 2)
    assert code_of(refused) == (409, "slot_full")
    near = refused.get_json()["alternatives"]
    assert len(near) == 3
    assert all(choice["id"] != slot["id"] and choice["free"] > 0 for choice in near)
    assert caller("li").book(near[0]["id"], 2).status_code == 201


def test_a_person_has_one_appointment_of_a_kind_anywhere(caller: Callers, free_slots: Slots) -> None:
    first, second = free_slots()[:2]
    assert caller("wang").book(first["id"], 1).status_code == 201
    refused = caller("li").book(second["id"], 1)
    assert code_of(refused) == (409, "already_booked")
    # Nothing is said of whose it is, and the place is still there.
    assert "张三" not in refused.get_json()["detail"]
    assert [slot["free"] for slot in free_slots() if slot["id"] == second["id"]] == [second["free"]]


def test_under_age_on_the_day_names_the_first_possible_one(caller: Callers, free_slots: Slots) -> None:
    """民法典 1047: she is twenty on 30 November, he twenty-two since the 21st."""
    parties = [
        {"name": "王小明", "id_type": "resident_identity_card", "id_number": "100000200411210011"},
        {"name": "李小红", "id_type": "resident_identity_card", "id_number": number_of_a_woman_born("20061130")},
    ]
    refused = caller("wang").book(free_slots()[0]["id"], 1, parties=parties)
    assert code_of(refused) == (422, "invalid")
    body = refused.get_json()
    assert body["problems"] == ["under_age"]
    assert body["possible_from"] == "2026-11-30"
    assert "李小红" in body["errors"]["parties.1.id_number"][0]
    later = free_slots("2026-11-30")[0]
    assert caller("wang").book(later["id"], 1, parties=parties).status_code == 201


def number_of_a_woman_born(digits: str) -> str:
    first17 = f"100000{digits}002"
    return first17 + check_character(first17)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "divorce_application"}, "slot_id"),  # done in another room
        ({"kind": "divorce_withdrawal"}, "kind"),  # never booked
        ({"kind": "wedding"}, "kind"),
        ({"slot_id": "x"}, "slot_id"),
        ({"parties": []}, "parties"),
        ({"declarations": DECLARED | {"no_spouse": False}}, "declarations"),
        ({"declarations": {}}, "declarations.in_person"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_each_wrong_field_is_named_in_chinese(
    caller: Callers, free_slots: Slots, change: dict[str, Any], field: str
) -> None:
    refused = caller("wang").post("/appointments", booking(free_slots()[0]["id"], 1) | change)
    assert code_of(refused) == (422, "invalid")
    errors = refused.get_json()["errors"]
    assert field in errors, errors
    assert all("\u4e00" <= sentence[0] <= "\u9fff" or sentence[0] in "“《" for sentence in errors[field])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "张3"}, "name"),
        ({"id_number": "100000200411210012"}, "id_number"),
        ({"id_number": "810000199003071237"}, "id_number"),
        ({"phone": "12345"}, "phone"),
        ({"id_type": "library_card"}, "id_type"),
        ({"resident_group": "martian"}, "resident_group"),
    ],
)
def test_each_wrong_field_of_a_party_is_named(
    caller: Callers, free_slots: Slots, change: dict[str, str], field: str
) -> None:
    body = booking(free_slots()[0]["id"], 1)
    body["parties"][1] |= change
    refused = caller("wang").post("/appointments", body)
    assert code_of(refused) == (422, "invalid")
    assert f"parties.1.{field}" in refused.get_json()["errors"]


def test_other_groups_are_shown_the_way(caller: Callers, free_slots: Slots) -> None:
    body = booking(free_slots()[0]["id"], 1)
    body["parties"][1]["resident_group"] = "overseas_chinese"
    refused = caller("wang").post("/appointments", body)
    assert refused.get_json()["problems"] == ["office_without_authority"]
    assert "029-" in refused.get_json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', '{"kind": "\u0000"}'.encode(), b"\xff\xfe"])
def test_a_body_that_is_no_booking_is_refused(caller: Callers, body: bytes) -> None:
    wang = caller("wang")
    answer = wang.client.post(
        f"{BASE}/appointments", data=body, content_type="application/json", headers=wang._headers()
    )
    status, code = code_of(answer)
    assert status in (400, 422)
    assert code == "invalid"


def test_a_body_of_two_megabytes_is_refused(caller: Callers) -> None:
    wang = caller("wang")
    answer = wang.client.post(
        f"{BASE}/appointments", data=b" " * (2 << 20), content_type="application/json", headers=wang._headers()
    )
    assert code_of(answer) == (413, "too_large")


def test_wrong_method_and_unknown_address(bureau: Flask) -> None:
    client = bureau.test_client()
    answer = client.delete(f"{BASE}/offices")
    assert code_of(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
    assert code_of(client.get("/api/v1/nothing"))[0] == 404


def test_cut_offs(caller: Callers, free_slots: Slots, clock: MovableClock) -> None:
    """Online booking closes at 15:00 on the workday before, changing at 17:00 on the day before (§2.5)."""
    wang, (first, second) = caller("wang"), free_slots("2026-11-30")[:2]
    booked = wang.book(first["id"], 1).get_json()
    path = f"/appointments/{booked['id']}"
    clock.move_to(datetime(2026, 11, 27, 14, 59, tzinfo=BEIJING))  # a Friday; the appointment is on Monday
    assert caller("li").book(second["id"], 2).status_code == 201
    clock.move_to(datetime(2026, 11, 27, 15, 0, tzinfo=BEIJING))
    assert code_of(caller("zhao").book(second["id"], 3)) == (409, "too_late")
    clock.move_to(datetime(2026, 11, 29, 17, 0, tzinfo=BEIJING))
    assert code_of(wang.post(f"{path}/cancel")) == (409, "too_late")
    later = free_slots("2026-12-03")[0]
    assert code_of(wang.post(f"{path}/reschedule", {"slot_id": later["id"]})) == (409, "too_late")


def test_an_appointment_moves_twice_and_not_again(caller: Callers, free_slots: Slots) -> None:
    wang, slots = caller("wang"), free_slots()
    path = f"/appointments/{wang.book(slots[0]['id'], 1).get_json()['id']}/reschedule"
    assert code_of(wang.post(path, {"slot_id": slots[0]["id"]})) == (409, "state_conflict")
    assert wang.post(path, {"slot_id": slots[1]["id"]}).status_code == 200
    assert wang.post(path, {"slot_id": slots[2]["id"]}).status_code == 200
    assert code_of(wang.post(path, {"slot_id": slots[3]["id"]})) == (409, "too_late")


def test_paging_neither_loses_nor_repeats(caller: Callers, free_slots: Slots) -> None:
    wang, expected = caller("wang"), []
    slots = [slot for day in ("2026-11-26", "2026-11-27", "2026-11-30") for slot in free_slots(day)]
    for index in range(23):
        booked = wang.book(slots[index]["id"], index)
        assert booked.status_code == 201, booked.get_json()
        expected.insert(0, booked.get_json()["id"])
    seen: list[str] = []
    cursor = None
    while True:
        page = wang.get("/appointments", limit=5, **({"cursor": cursor} if cursor else {})).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == expected
    for cursor in ("x", "e30", "WyJhIiwiYiJd", "%00"):
        assert code_of(wang.get("/appointments", cursor=cursor)) == (422, "invalid")
    assert code_of(wang.get("/appointments", limit=1000)) == (422, "invalid")


def test_a_list_asks_as_often_for_many_as_for_few(caller: Callers, free_slots: Slots) -> None:
    wang, slots = caller("wang"), free_slots()
    statements: list[str] = []
    sa.event.listen(database().engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    def count() -> int:
        statements.clear()
        assert wang.get("/appointments").status_code == 200
        return len(statements)

    wang.book(slots[0]["id"], 0)
    few = count()
    for index in range(1, 8):
        wang.book(slots[index]["id"], index)
    assert count() == few


# --- Idempotency-Key ---


def test_the_same_key_and_body_is_the_first_answer(caller: Callers, free_slots: Slots) -> None:
    wang, slot = caller("wang"), free_slots()[2]
    first = wang.book(slot["id"], 1, key="k-1")
    again = wang.book(slot["id"], 1, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert count_appointments(slot["id"]) == 1


def test_the_same_key_with_another_body_is_refused(caller: Callers, free_slots: Slots) -> None:
    wang, slot = caller("wang"), free_slots()[2]
    wang.book(slot["id"], 1, key="k-1")
    refused = wang.book(slot["id"], 2, key="k-1")
    assert code_of(refused) == (422, "invalid")
    assert "Idempotency-Key" in refused.get_json()["errors"]


def test_another_persons_key_is_another_key(caller: Callers, free_slots: Slots) -> None:
    first, second = free_slots()[:2]
    assert caller("wang").book(first["id"], 1, key="k-1").status_code == 201
    assert caller("li").book(second["id"], 2, key="k-1").status_code == 201


def test_a_refusal_is_not_kept(caller: Callers, free_slots: Slots) -> None:
    slot = next(found for found in free_slots() if found["free"] == 1)
    other = caller("li").book(slot["id"], 2).get_json()
    wang = caller("wang")
    assert code_of(wang.book(slot["id"], 1, key="k-1")) == (409, "slot_full")
    caller("li").post(f"/appointments/{other['id']}/cancel")
    assert wang.book(slot["id"], 1, key="k-1").status_code == 201


def test_a_key_that_is_too_long_is_refused(caller: Callers, free_slots: Slots) -> None:
    assert code_of(caller("wang").book(free_slots()[0]["id"], 1, key="k" * 101)) == (422, "invalid")


def test_the_kept_answer_is_sealed(caller: Callers, free_slots: Slots) -> None:
    caller("wang").book(free_slots()[0]["id"], 1, key="k-1")
    with transaction() as session:
        kept = bytes(session.scalar(sa.text("SELECT body_sealed FROM idempotent_answers")) or b"")
    assert kept
    assert "张三".encode() not in kept


def test_pressed_at_once_with_one_key_is_one_booking(caller: Callers, free_slots: Slots) -> None:
    slot, key = free_slots()[2], "k-1"
    callers = [caller("wang") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: one.book(slot["id"], 1, key=key), callers))
    numbers = {answer.get_json().get("number") for answer in answers if answer.status_code == 201}
    assert len(numbers) == 1
    refused = [code_of(answer) for answer in answers if answer.status_code != 201]
    assert set(refused) <= {(409, "idempotency_in_progress")}
    assert count_appointments(slot["id"]) == 1


def count_appointments(slot_id: str) -> int:
    with transaction() as session:
        statement = sa.text("SELECT count(*) FROM marriage_appointments WHERE slot_id = CAST(:id AS uuid)")
        return int(session.scalar(statement, {"id": slot_id}) or 0)
