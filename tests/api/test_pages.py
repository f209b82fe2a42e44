"""Lists page by page: nothing lost, nothing twice, and only cursors of our own."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.marriage.models import Appointment, Via
from backend.marriage.numbers import next_number
from backend.marriage.rules import Kind, State
from backend.people.models import WeChatIdentity
from backend.storage import transaction
from tests.api.conftest import Caller
from tests.api.test_appointments import code_of

Callers = Callable[..., Caller]
HOW_MANY = 45


def person_of(openid: str) -> uuid.UUID:
    with transaction() as session:
        return session.scalars(sa.select(WeChatIdentity.person_id).where(WeChatIdentity.openid == openid)).one()


@pytest.fixture
def many(caller: Callers, free_slots: Callable[..., list[dict[str, Any]]], clock: MovableClock) -> list[str]:
    """45 appointments of one resident long ago, three at each moment; their ids, newest first."""
    caller("wang")
    person, slot_id = person_of("openid-of-wang"), uuid.UUID(free_slots()[0]["id"])
    with transaction():
        numbers = [next_number() for _ in range(HOW_MANY)]
    rows = [
        Appointment(
            id=new_id(),
            number=numbers[index],
            slot_id=slot_id,
            kind=Kind.MARRIAGE_REGISTRATION,
            minutes=30,
            state=State.CANCELLED,
            booked_by=person,
            via=Via.API,
            created_at=clock() - timedelta(days=index // 3),
            changed_at=clock(),
        )
        for index in range(HOW_MANY)
    ]
    with transaction() as session:
        session.add_all(rows)
    return [str(row.id) for row in sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)]


@pytest.mark.parametrize("limit", [1, 7, 20, 44, 45, 100])
def test_page_by_page(caller: Callers, many: list[str], limit: int) -> None:
    wang, seen, cursor, pages = caller("wang"), [], None, 0
    while True:
        answer = wang.get("/appointments", limit=limit, **({"cursor": cursor} if cursor else {})).get_json()
        assert len(answer["items"]) <= limit
        seen += [item["id"] for item in answer["items"]]
        pages, cursor = pages + 1, answer["next_cursor"]
        if cursor is None:
            break
    assert seen == many
    assert pages == -(-HOW_MANY // limit), "the last page is not followed by an empty one"


def test_a_new_one_does_not_shift_the_pages(caller: Callers, many: list[str]) -> None:
    wang = caller("wang")
    first = wang.get("/appointments", limit=10).get_json()
    with transaction() as session:
        session.execute(
            sa.update(Appointment).where(Appointment.id == uuid.UUID(many[-1])).values(created_at=sa.func.now())
        )
    second = wang.get("/appointments", limit=10, cursor=first["next_cursor"]).get_json()
    assert [item["id"] for item in second["items"]] == many[10:20]


def test_a_cursor_of_somebody_else_shows_ones_own(caller: Callers, many: list[str]) -> None:
    cursor = caller("wang").get("/appointments", limit=1).get_json()["next_cursor"]
    assert caller("li").get("/appointments", cursor=cursor).get_json() == {"items": [], "next_cursor": None}


def cursor_of(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


SOME_ID = "01a1ff5d-86ca-70f6-bff4-20a5484a2c78"


@pytest.mark.parametrize(
    "cursor",
    [
        cursor_of("2026-11-23T09:00:00", SOME_ID),  # without a zone: no moment at all
        cursor_of("2026-11-23", SOME_ID),
        cursor_of("2026-11-23T09:00:00+08:00", "x"),
        cursor_of("2026-11-23T09:00:00+08:00", SOME_ID, "more"),
        cursor_of("2026-11-23T09:00:00+08:00"),
        cursor_of(1, 2),
        cursor_of(None, None),
        "x",
        "翻页",
        "[" * 400,
        "W" * 401,
        "//////8",
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(caller: Callers, cursor: str) -> None:
    answer = caller("wang").get("/appointments", cursor=cursor)
    assert code_of(answer) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == ["cursor"]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1.5"])
def test_a_limit_out_of_bounds_is_refused(caller: Callers, limit: str) -> None:
    answer = caller("wang").get("/appointments", limit=limit)
    assert code_of(answer) == (422, "invalid")
    assert list(answer.get_json()["errors"]) == ["limit"]
