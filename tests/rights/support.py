"""Residents with everything the product may hold about them, and a look into every column of every table."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import now, today
from backend.kernel.identity import IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.book import Booked, BookingRequest, book_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.models import Appointment, Via
from backend.marriage.rules import Kind, State
from backend.people import log_in
from backend.people.models import Person
from backend.people.rules import ProofMethod
from backend.staff.create import insert_account
from backend.staff.models import OrganisationNode
from backend.storage import Base, key_ring, transaction
from backend.storage.sealing import sealed_context
from tests.marriage.support import couple, make_slot

PREFIX = "/api/v1"


@dataclass
class Resident:
    """Somebody with the mini-program open."""

    client: FlaskClient
    openid: str
    token: str
    id: uuid.UUID

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(PREFIX + path, query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, key: str | None = None) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.client.post(PREFIX + path, json=body or {}, headers=headers)

    def put(self, path: str, body: Any) -> TestResponse:
        return self.client.put(PREFIX + path, json=body, headers=self._headers())

    def asks(self, kind: str, **more: Any) -> TestResponse:
        """Make a request about one's own data."""
        return self.post("/rights-requests", {"kind": kind, **more})

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def make_resident(app: Flask, name: str) -> Resident:
    """Log somebody in; the same name is the same openid."""
    openid = f"oResident_{name:_>18}"
    login = log_in(app.extensions["settings"].miniprogram.app_id, openid, None)
    return Resident(app.test_client(), openid, login.token, login.person_id)


def prove(person_id: uuid.UUID, party: PartyInput, *, phone: str | None = None) -> None:
    """Verify a person by name and number, as a counter does."""
    identity = parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, party.id_number, today=today())
    with transaction() as session:
        person = session.get_one(Person, person_id)
        person.name = party.name
        person.take_number(identity)
        person.phone = phone
        person.level, person.verified_at, person.verified_by = 2, now(), ProofMethod.STAFF
        session.flush()


def book(office_id: uuid.UUID, person_id: uuid.UUID, index: int, at: str) -> Booked:
    """Book the `index`-th couple for a person; each has a slot of their own."""
    slot_id = make_slot(office_id, at)
    request = BookingRequest(
        Kind.MARRIAGE_REGISTRATION, slot_id, couple(index), declared=True, booked_by=person_id, via=Via.API
    )
    return book_appointment(request)


def set_state(appointment_id: uuid.UUID, state: State) -> None:
    """Bring an appointment to its end as a desk would have, at this moment."""
    with transaction() as session:
        row = session.get_one(Appointment, appointment_id)
        row.state, row.changed_at = state, now()


def appointment_ids() -> set[uuid.UUID]:
    """The appointments there are."""
    with transaction() as session:
        return set(session.scalars(sa.select(Appointment.id)))


def rows(table: str) -> int:
    """Rows of a table."""
    with transaction() as session:
        return int(session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)


def places_of(*needles: str | bytes) -> set[str]:
    """Table and column of every stored value that holds one of the needles: in the clear, as bytes, or sealed.

    Sealed values are opened for it, which nobody without the keys can do.
    """
    wanted = [needle if isinstance(needle, bytes) else needle.encode() for needle in needles]
    found: set[str] = set()
    with transaction() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)).mappings():
                for column, value in row.items():
                    if any(needle in _as_bytes(table.name, str(column), row, value) for needle in wanted):
                        found.add(f"{table.name}.{column}")
    return found


def _as_bytes(table: str, column: str, row: Any, value: Any) -> bytes:
    if isinstance(value, bytes):
        if column.endswith("_sealed"):
            return key_ring().open(value, sealed_context(table, column, row["id"])).encode()
        return value
    return str(value).encode()


def make_person() -> uuid.UUID:
    """Somebody without WeChat, as a counter knows them."""
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        return person.id


def make_officer() -> uuid.UUID:
    """A member of staff at the first place there is; the account's id."""
    with transaction() as session:
        home = session.scalars(sa.select(OrganisationNode).limit(1)).one()
        return insert_account(f"officer-{new_id().hex[-6:]}", "赵倩", "no password", home).id
