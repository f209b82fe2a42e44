"""Somebody with a phone, papers of the test-only area, and a verification service that says what it is told to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.kernel.clock import now
from backend.kernel.identity import IdType, check_character
from backend.kernel.ids import new_id
from backend.people.counter import CardInHand
from backend.people.identities import identity_for
from backend.people.logins import log_in
from backend.people.models import Person
from backend.people.verification_service import Answer
from backend.staff import Role, create_account
from backend.storage import session, transaction
from messages import Product

CARD = IdType.RESIDENT_IDENTITY_CARD
ME = "/api/v1/me"


def card_number(serial: int = 0, *, born: date = date(1990, 1, 1)) -> str:
    """A number of the test-only area, another for each serial up to 998."""
    first17 = f"100000{born:%Y%m%d}{serial + 1:03d}"
    return first17 + check_character(first17)


@dataclass
class Service:
    """A verification service: `answer` is what it says, `asked` what it was asked."""

    answer: Answer = Answer.MATCHED
    asked: list[tuple[str, IdType, str]] = field(default_factory=list)
    inside_transaction: bool = False

    def check(self, name: str, id_type: IdType, number: str) -> Answer:
        """Say it, and note whether a transaction was kept waiting meanwhile."""
        self.asked.append((name, id_type, number))
        try:
            session()
        except RuntimeError:
            return self.answer
        self.inside_transaction = True
        return self.answer


@dataclass
class Phone:
    """A resident's mini-program."""

    app: Flask
    openid: str
    unionid: str | None = None
    token: str = field(init=False)
    identity_id: uuid.UUID = field(init=False)

    def __post_init__(self) -> None:
        app_id = self.app.extensions["settings"].miniprogram.app_id
        self.token = log_in(app_id, self.openid, self.unionid).token
        self.identity_id = identity_for(Product.MINIPROGRAM, app_id, self.openid).id

    def get(self) -> dict[str, Any]:
        """What the phone's owner is known as."""
        answer = self.app.test_client().get(ME, headers=self._headers())
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def post(self, path: str, **body: Any) -> TestResponse:
        """Send a command below /me."""
        return self.app.test_client().post(f"{ME}/{path}", json=body, headers=self._headers())

    def verifies(self, serial: int = 0, name: str = "王小明", **changes: Any) -> TestResponse:
        """Ask for a verification."""
        return self.post("verification", **{"name": name, "id_type": CARD, "id_number": card_number(serial), **changes})

    def person_id(self) -> uuid.UUID:
        """Who it is at this moment."""
        return uuid.UUID(self.get()["id"])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def card(serial: int = 0, name: str = "王小明", **changes: Any) -> CardInHand:
    """A card that a member of staff has looked at."""
    given: dict[str, Any] = {"name": name, "id_type": CARD, "id_number": card_number(serial), "seen": True}
    return CardInHand(**(given | changes))


def staff_account(username: str = "clerk") -> uuid.UUID:
    """A clerk of the district; the tree is there already."""
    return create_account(username, "周敏", "nuanmin-2026", Role.COUNTER_CLERK, "district").id


def row(person_id: uuid.UUID) -> Person:
    """A person's row as it is now."""
    with transaction() as db:
        return db.get_one(Person, person_id, populate_existing=True)


def count(table: str, where: str = "true", **values: Any) -> int:
    """How many rows there are."""
    with transaction() as db:
        return int(db.scalar(sa.text(f"SELECT count(*) FROM {table} WHERE {where}"), values) or 0)


def nobody() -> uuid.UUID:
    """A person known by nothing but an id."""
    with transaction() as db:
        person = Person(id=new_id(), created_at=now())
        db.add(person)
        db.flush()
        return person.id
