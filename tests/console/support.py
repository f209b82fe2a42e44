"""What the tests of the console and the staff room share: couples, a browser that signs in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import BEIJING
from backend.kernel.identity import IdType, check_character, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, party_row
from backend.marriage.kinds import Area
from backend.marriage.models import Appointment, AppointmentEvent, Office, Party, Slot, Via
from backend.marriage.numbers import next_number
from backend.marriage.rules import Kind, ResidentGroup, State
from backend.people.models import Person
from backend.staff.demo import CHANGLE_REGISTRY, DEMONSTRATION_PASSWORD, XINCHENG_REGISTRY, load_demo
from backend.staff.models import OrganisationNode
from backend.storage import Database, transaction

TUESDAY = datetime(2027, 5, 18, 9, 40, tzinfo=BEIJING)


# Passwords of tests need no defence; the product's parameters have a test of their own.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


# --- couples ---

OFFICES = (
    ("xincheng", XINCHENG_REGISTRY, "新城区婚姻登记处", "长乐中路 120 号"),
    ("changle", CHANGLE_REGISTRY, "长乐路婚姻登记处", "长乐西路 58 号"),
)
FAMILY = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"
GIVEN = ("小明", "小红", "一诺", "思源", "佳怡", "志强", "雨桐", "建国", "静", "浩然", "梓涵", "晓彤")


def make_offices() -> None:
    """Both registries of the demonstration's tree."""
    with transaction() as session:
        nodes = {node.code: node.id for node in session.scalars(sa.select(OrganisationNode))}
        for position, (code, node_code, name, address) in enumerate(OFFICES):
            session.add(
                Office(
                    id=new_id(),
                    code=code,
                    node_id=nodes[node_code],
                    name=name,
                    address=address,
                    phone="029-87000000",
                    position=position,
                )
            )


def make_desks() -> None:
    """The demonstration's places, accounts and registries."""
    load_demo()
    make_offices()


def make_slot(office_code: str, day: date, at: time, capacity: int = 2) -> uuid.UUID:
    """A half-hour slot."""
    with transaction() as session:
        office_id = session.scalars(sa.select(Office.id).where(Office.code == office_code)).one()
        starts_at = datetime.combine(day, at, BEIJING)
        slot = Slot(
            id=new_id(),
            office_id=office_id,
            area=Area.MARRIAGE_HALL,
            kinds=[Kind.MARRIAGE_REGISTRATION],
            day=day,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            capacity=capacity * 30,
            taken=0,
        )
        session.add(slot)
        return slot.id


def identity_number(serial: int, *, male: bool) -> str:
    """A well-formed number, another for each serial."""
    first17 = f"610102{1990 + serial % 10}{1 + serial % 12:02d}{1 + serial % 28:02d}{serial // 336 % 100:02d}"
    first17 += str((serial * 2 + male) % 10)
    return first17 + check_character(first17)


def make_appointment(
    slot_id: uuid.UUID, state: State = State.BOOKED, *, serial: int = 0, reason: str | None = None
) -> uuid.UUID:
    """A couple's appointment as it would stand in the state; `serial` tells couples apart."""
    with transaction() as session:
        slot = session.get_one(Slot, slot_id)
        person = Person(id=new_id(), created_at=TUESDAY)
        session.add(person)
        session.flush()
        row = Appointment(
            id=new_id(),
            number=None if state in (State.HELD, State.EXPIRED) else next_number(),
            slot_id=slot_id,
            kind=Kind.MARRIAGE_REGISTRATION,
            minutes=30,
            state=state,
            booked_by=person.id,
            via=Via.CHAT,
            hold_expires_at=TUESDAY + timedelta(minutes=5) if state is State.HELD else None,
            rescheduled=0,
            reason=reason,
            created_at=TUESDAY - timedelta(days=3),
            changed_at=TUESDAY - timedelta(days=3),
        )
        session.add(row)
        slot.taken += 30
        session.flush()
        if row.number:
            for position in (0, 1):
                session.execute(sa.insert(Party).values(**_party(row, serial, position)))
        session.add(
            AppointmentEvent(
                appointment_id=row.id,
                at=row.created_at,
                name="booked",
                actor_kind="resident",
                actor_id=person.id,
                from_state=State.HELD,
                to_state=state,
                reason=reason,
            )
        )
        return row.id


def party_name(serial: int, position: int) -> str:
    """The name a couple of this serial has."""
    return FAMILY[(serial * 2 + position * 7) % len(FAMILY)] + GIVEN[(serial + position * 5) % len(GIVEN)]


def party_phone(serial: int, position: int) -> str:
    """The telephone a couple of this serial has."""
    return f"1390000{serial * 2 + position + 7000:04d}"


def party_number(serial: int, position: int) -> str:
    """The identity number a couple of this serial has."""
    return identity_number(serial * 2 + position, male=position == 0)


def _party(row: Appointment, serial: int, position: int) -> dict[str, object]:
    checked = CheckedParty(
        party_name(serial, position),
        parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, party_number(serial, position), today=TUESDAY.date()),
        party_phone(serial, position),
        ResidentGroup.MAINLAND,
    )
    return {
        **party_row(checked, position),
        "appointment_id": row.id,
        "active": row.state in (State.BOOKED, State.CONFIRMED, State.CHECKED_IN),
        "kind": row.kind,
    }


# --- the browser ---

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost/console/"}


def forgery_token(client: FlaskClient, path: str = "/console/sign-in") -> str:
    """The token that a page of this browser carries."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = DEMONSTRATION_PASSWORD) -> TestResponse:
    """Fill in the sign-in form."""
    form = {"username": username, "password": password, "csrf_token": forgery_token(client)}
    return client.post("/console/sign-in", data=form)


class Desk:
    """A signed-in browser."""

    def __init__(self, client: FlaskClient, username: str) -> None:
        self.client = client
        assert sign_in(client, username).status_code == 303
        self.token = forgery_token(client, "/console/")

    def get(self, path: str, *, htmx: bool = False) -> TestResponse:
        """Open a page, or the part of it that htmx asks for."""
        return self.client.get(path, headers=HTMX if htmx else {})

    def post(self, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> TestResponse:
        """Submit a form with its token, or let htmx do so."""
        headers = HTMX | {"X-CSRFToken": self.token} if htmx else {}
        form = data or {}
        return self.client.post(path, data=form if htmx else form | {"csrf_token": self.token}, headers=headers)


@contextmanager
def counted_queries(made: Database) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    sa.event.listen(made.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(made.engine, "before_cursor_execute", note)
