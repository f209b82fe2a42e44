"""What the database refuses whatever the code does: half-known persons, two with one number, codes with one side."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.ids import new_id
from backend.storage import Database, broken_constraint
from tests.conftest import MONDAY_MORNING

NAME = {"name_sealed": b"n", "name_index": b"i"}
NUMBER = {"id_type": "passport", "id_number_sealed": b"n", "id_number_index": b"i", "last4": "1234"}
PHONE = {"phone_sealed": b"p", "phone_index": b"i", "phone_last4": "1234"}
VERIFIED = NAME | NUMBER | {"level": 2, "verified_at": MONDAY_MORNING, "verified_by": "staff"}


@pytest.fixture
def connection(clean_database: Database, clock: MovableClock) -> Iterator[sa.Connection]:
    """The migrated database; what is done with it is undone."""
    with clean_database.engine.connect() as opened:
        yield opened


def insert(connection: sa.Connection, table: str, **values: Any) -> uuid.UUID:
    """Add a row; raises what the database raises."""
    values = {"id": new_id(), **values}
    with connection.begin_nested():
        columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)
    row_id: uuid.UUID = values["id"]
    return row_id


def person(connection: sa.Connection, **values: Any) -> uuid.UUID:
    """Add a person."""
    return insert(connection, "persons", created_at=MONDAY_MORNING, **values)


def refused(connection: sa.Connection, constraint: str, table: str = "persons", **values: Any) -> None:
    """Adding the row breaks this constraint."""
    given = {"created_at": MONDAY_MORNING} if table == "persons" else {}
    with pytest.raises(sa.exc.IntegrityError) as error:
        insert(connection, table, **given, **values)
    assert broken_constraint(error.value) == constraint


@pytest.mark.parametrize(
    "values", [{}, NAME, NAME | NUMBER, PHONE | {"level": 1}, VERIFIED, VERIFIED | {"fresh_until": MONDAY_MORNING}]
)
def test_what_can_be(connection: sa.Connection, values: dict[str, Any]) -> None:
    person(connection, **values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("level_lasts", {"level": 3}),
        ("level_lasts", {"level": -1}),
        ("level_1_has_a_phone", {"level": 1}),
        ("verified_is_whole", VERIFIED | {"verified_at": None}),
        ("verified_is_whole", VERIFIED | {"verified_by": None}),
        ("verified_is_whole", {"level": 2}),
        ("fresh_is_verified", {"fresh_until": MONDAY_MORNING}),
        ("name_is_whole", {"name_sealed": b"n"}),
        ("name_is_whole", {"name_index": b"i"}),
        ("number_is_whole", NUMBER | {"id_type": None}),
        ("number_is_whole", NUMBER | {"last4": None}),
        ("phone_is_whole", PHONE | {"phone_last4": None}),
        ("birth_date", {"birth_date": "1899-12-31"}),
        ("sex", {"sex": "both"}),
        ("idtype", {"id_type": "licence"}),
        ("proofmethod", {"verified_by": "hearsay"}),
    ],
)
def test_what_cannot(connection: sa.Connection, constraint: str, values: dict[str, Any]) -> None:
    refused(connection, f"ck_persons_{constraint}", **values)


def test_a_number_is_one_persons_alive_or_dead_until_the_account_is_closed(connection: sa.Connection) -> None:
    first = person(connection, **VERIFIED)
    refused(connection, "uq_persons_id_number_index", **VERIFIED)
    connection.execute(sa.text("UPDATE persons SET died_on = '2026-11-20' WHERE id = :id"), {"id": first})
    refused(connection, "uq_persons_id_number_index", **VERIFIED)
    connection.execute(
        sa.text("UPDATE persons SET closed_at = :now WHERE id = :id"), {"id": first, "now": MONDAY_MORNING}
    )
    person(connection, **VERIFIED)


def test_a_code_has_the_sides_it_should_have(connection: sa.Connection) -> None:
    owner = person(connection)
    identity = insert(
        connection, "wechat_identities", person_id=owner, app_id="wx", openid="o", created_at=MONDAY_MORNING
    )
    code = {"created_at": MONDAY_MORNING, "expires_at": MONDAY_MORNING + timedelta(minutes=10)}
    asked = code | {"purpose": "asked", "identity_id": identity}
    insert(connection, "binding_codes", code_hash=b"1", **asked)
    refused(connection, "uq_binding_codes_one_asked", "binding_codes", code_hash=b"2", **asked)
    for sides in (
        {"purpose": "asked", "person_id": owner},
        {"purpose": "given", "identity_id": identity},
        {"purpose": "given", "person_id": owner},  # by nobody of the staff
        asked | {"used_at": MONDAY_MORNING},
    ):
        with pytest.raises(sa.exc.IntegrityError, match="ck_binding_codes_"):
            insert(connection, "binding_codes", code_hash=b"3", **(code | sides))


def test_two_joined_rows_are_two(connection: sa.Connection) -> None:
    one, other = person(connection), new_id()
    join = {"person_id": one, "reason": "number", "at": MONDAY_MORNING}
    insert(connection, "person_joins", joined_id=other, **join)
    refused(connection, "uq_person_joins_joined_id", "person_joins", joined_id=other, **join)
    refused(connection, "ck_person_joins_two_persons", "person_joins", joined_id=one, **join)
