"""A database of its own for each test that migrates, and rows that the constraints are tried with."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.kernel.ids import new_id
from backend.storage import Database, database, use_database
from tests.conftest import MONDAY_MORNING
from tests.servers import Servers, new_database

Insert = Callable[..., uuid.UUID]


@pytest.fixture
def empty_database(servers: Servers, worker_id: str, app: Flask) -> Iterator[Database]:
    """A database without tables, which is the process's own while the test runs."""
    before, opened = database(), Database(new_database(servers, f"migrations_{worker_id}"), pool_size=2)
    use_database(opened)
    yield opened
    opened.engine.dispose()
    use_database(before)


@pytest.fixture
def connection(clean_database: Database) -> Iterator[sa.Connection]:
    """The migrated database; what is done with it is undone."""
    with clean_database.engine.connect() as opened:
        yield opened


@pytest.fixture
def insert(connection: sa.Connection) -> Insert:
    """Add one row, its id made where none is given; raises what the database raises, and takes that row back."""

    def add(table: str, **values: Any) -> uuid.UUID:
        values = {"id": new_id(), **values}
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        with connection.begin_nested():
            connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)
        return values["id"]

    return add


@pytest.fixture
def person(insert: Insert) -> uuid.UUID:
    """Somebody."""
    return insert("persons", created_at=MONDAY_MORNING)


@pytest.fixture
def office(insert: Insert) -> uuid.UUID:
    """A registry."""
    district = insert("organisation_nodes", code="district", kind="district", name="民政局")
    below = {"parent_id": district, "parent_kind": "district"}
    node = insert("organisation_nodes", code="registry", kind="registry", name="登记处", **below)
    given = {"code": "registry", "name": "登记处", "address": "路1号", "phone": "029-00000101", "position": 0}
    return insert("marriage_offices", node_id=node, **given)


@pytest.fixture
def slot(insert: Insert, office: uuid.UUID) -> uuid.UUID:
    """Half an hour with two places."""
    return insert("marriage_slots", **slot_values(office, MONDAY_MORNING))


@pytest.fixture
def book(insert: Insert, slot: uuid.UUID) -> Insert:
    """Add an appointment in a state."""
    numbers = iter(range(1, 100))

    def add(state: str = "booked", **values: Any) -> uuid.UUID:
        if "number" not in values:
            values["number"] = None if state in ("held", "expired") else f"MZ{next(numbers):08d}"
        if "booked_by" not in values:
            values["booked_by"] = insert("persons", created_at=MONDAY_MORNING)
        given = {"kind": "marriage_registration", "minutes": 30, "via": "api", "rescheduled": 0, "slot_id": slot}
        moments = {"created_at": MONDAY_MORNING, "changed_at": MONDAY_MORNING}
        return insert("marriage_appointments", **{**given, **moments, "state": state, **values})

    return add


@pytest.fixture
def join(insert: Insert) -> Insert:
    """Add a party to an appointment."""

    def add(appointment_id: uuid.UUID, number: bytes, **values: Any) -> uuid.UUID:
        given = {
            "appointment_id": appointment_id,
            "active": True,
            "position": 0,
            "kind": "marriage_registration",
            "name_sealed": b"name",
            "id_type": "resident_identity_card",
            "id_number_sealed": b"number",
            "id_number_index": number,
            "last4": "1234",
            "resident_group": "mainland",
        }
        return insert("marriage_parties", **{**given, **values})

    return add


def slot_values(office_id: uuid.UUID, starts_at: datetime, **values: Any) -> dict[str, Any]:
    """A slot's columns."""
    given = {
        "area": "marriage_hall",
        "kinds": ["marriage_registration"],
        "day": starts_at.date(),
        "starts_at": starts_at,
        "capacity": 2,
        "taken": 0,
        "reserved": 0,
    }
    return {"office_id": office_id, "ends_at": starts_at + timedelta(minutes=30), **given, **values}
