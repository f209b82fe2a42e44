"""`/api/v1/marriage/waitlist`: in line, an offer, taken or passed on; what is another's is not there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask

from backend.kernel.clock import MovableClock
from tests.api.conftest import DECLARED, Caller, booking, bureau, caller
from tests.marriage.support import make_slot

__all__ = ["bureau", "caller"]

Callers = Callable[..., Caller]


@pytest.fixture
def full(bureau: Flask, caller: Callers) -> tuple[str, Caller, str]:
    """Registry, and a caller with the only place of a slot: the office's id, the caller, the appointment's."""
    office = bureau.test_client().get("/api/v1/marriage/offices").get_json()["items"][0]["id"]
    slot = make_slot(uuid.UUID(office), "2026-11-26 12:00")
    first = caller("first")
    made = first.book(str(slot), 0).get_json()
    return str(slot), first, made["id"]


def body(slot_id: str, index: int, changes: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The body with which the `index`-th couple gets in line."""
    return booking(slot_id, index) | dict(changes)


def test_from_the_line_to_the_place(full: tuple[str, Caller, str], caller: Callers) -> None:
    slot_id, first, appointment_id = full
    waiter, other = caller("waiter"), caller("other")
    made = waiter.post("/waitlist", body(slot_id, 1), key="one")
    assert made.status_code == 201, made.data
    entry = made.get_json()
    assert (entry["state"], entry["ahead"], entry["offer"], entry["slot_id"]) == ("waiting", 0, None, slot_id)
    assert waiter.post("/waitlist", body(slot_id, 1), key="one").get_json() == entry
    assert waiter.post("/waitlist", body(slot_id, 1)).get_json()["code"] == "already_waiting"
    assert first.post(f"/appointments/{appointment_id}/cancel").status_code == 200
    offered = waiter.get(f"/waitlist/{entry['id']}").get_json()
    assert offered["state"] == "offered"
    assert offered["offer"]["slot"]["id"] == slot_id
    assert other.get(f"/waitlist/{entry['id']}").status_code == 404
    assert other.post(f"/waitlist/{entry['id']}/accept").status_code == 404
    taken = waiter.post(f"/waitlist/{entry['id']}/accept").get_json()
    assert taken["state"] == "booked"
    [appointment] = waiter.get("/appointments").get_json()["items"]
    assert (appointment["number"], appointment["slot"]["id"]) == (taken["number"], slot_id)
    assert waiter.post(f"/waitlist/{entry['id']}/leave").get_json()["code"] == "state_conflict"
    assert [one["id"] for one in waiter.get("/waitlist").get_json()["items"]] == [entry["id"]]


def test_pass_and_leave(full: tuple[str, Caller, str], caller: Callers, clock: MovableClock) -> None:
    slot_id, first, appointment_id = full
    waiter, other = caller("waiter"), caller("other")
    entry = waiter.post("/waitlist", body(slot_id, 1)).get_json()["id"]
    second = other.post("/waitlist", body(slot_id, 2)).get_json()
    assert second["ahead"] == 1
    assert waiter.post(f"/waitlist/{entry}/pass").status_code == 409
    first.post(f"/appointments/{appointment_id}/cancel")
    assert waiter.post(f"/waitlist/{entry}/pass").get_json()["state"] == "ended"
    assert other.get(f"/waitlist/{second['id']}").get_json()["state"] == "offered"
    assert other.post(f"/waitlist/{second['id']}/leave").get_json()["state"] == "left"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slot_id": None}, "first_day"),
        ({"declarations": DECLARED | {"free_will": False}}, "declarations"),
        ({"kind": "divorce_withdrawal"}, "kind"),
        ({"slot_id": None, "first_day": "2026-11-27", "last_day": "2026-11-26"}, "last_day"),
    ],
)
def test_what_cannot_be_waited_for(
    full: tuple[str, Caller, str], caller: Callers, changes: dict[str, Any], field: str
) -> None:
    slot_id, first, _ = full
    office = first.get("/offices").get_json()["items"][0]["id"]
    refused = caller().post("/waitlist", body(slot_id, 1, {"office_id": office} | changes))
    assert refused.status_code == 422
    assert field in refused.get_json()["errors"]
