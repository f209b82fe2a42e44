"""A bureau with two registries behind the API, residents with logins, and couples of the test-only area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.calendar import import_year, year_from_library
from backend.kernel.clock import MovableClock
from backend.marriage.open_slots import open_slots
from backend.people import log_in
from backend.storage import Database
from tests.concurrency.support import couple
from tests.marriage.support import make_office

DECLARED = {"in_person": True, "free_will": True, "no_spouse": True, "no_kinship": True}
BASE = "/api/v1/marriage"


@dataclass
class Caller:
    """A resident's mini-program."""

    client: FlaskClient
    token: str

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(BASE + path, query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.post(BASE + path, json=body if body is not None else {}, headers=headers)

    def book(self, slot_id: str, index: int, *, key: str | None = None, **changes: Any) -> TestResponse:
        return self.post("/appointments", booking(slot_id, index, **changes), key=key)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def booking(slot_id: str, index: int, **changes: Any) -> dict[str, Any]:
    """The body of the `index`-th couple's booking."""
    parties = [
        {
            "name": party.name,
            "id_type": "resident_identity_card",
            "id_number": party.id_number,
            "phone": "13800000000",
            "resident_group": "mainland",
        }
        for party in couple(index)
    ]
    body = {"kind": "marriage_registration", "slot_id": slot_id, "parties": parties, "declarations": DECLARED}
    return body | changes


@pytest.fixture
def bureau(app: Flask, clean_database: Database, clock: MovableClock) -> Flask:
    """Two registries with their slots, on a Monday morning; nobody has booked."""
    import_year(2026, year_from_library(2026), "chinesecalendar")
    make_office("xincheng")
    make_office("changle", position=1, name="长乐路婚姻登记处")
    open_slots()
    return app


@pytest.fixture
def caller(app: Flask, clean_database: Database, clock: MovableClock) -> Callable[[str], Caller]:
    """A resident by any name; the same name is the same person."""
    app_id = app.extensions["settings"].miniprogram.app_id

    def make(name: str = "wang") -> Caller:
        return Caller(app.test_client(), log_in(app_id, f"openid-of-{name}", None).token)

    return make


@pytest.fixture
def free_slots(bureau: Flask) -> Callable[..., list[dict[str, Any]]]:
    """Free slots of a day (26 November unless told) at the first registry."""

    def find(day: str = "2026-11-26") -> list[dict[str, Any]]:
        client = bureau.test_client()
        office = client.get(f"{BASE}/offices").get_json()["items"][0]["id"]
        query = {"office_id": office, "kind": "marriage_registration", "from": day, "to": day}
        days = client.get(f"{BASE}/slots", query_string=query).get_json()["items"]
        return [slot for found in days for slot in found["slots"] if slot["free"]]

    return find
