"""A family on a Monday morning: verified persons with or without WeChat, and a member of staff at the counter."""

from __future__ import annotations

import uuid
from datetime import date

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.kernel.clock import now, today
from backend.kernel.identity import IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.people import log_in
from backend.people.identities import identity_for
from backend.people.models import Person, WeChatIdentity
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.models import ProxyTie, ProxyTieEvent
from backend.people.proxies.rules import Relation, TieState
from backend.people.rules import Level, ProofMethod
from backend.staff import StaffAccount
from backend.staff.demo import load_demo
from backend.storage import transaction
from messages import Product
from messages.models import OutboxMessage
from tests.concurrency.support import identity_number

MOTHER = ("王秀英", identity_number(date(1946, 11, 21), 4))
FATHER = ("李建国", identity_number(date(1944, 3, 2), 7))
DAUGHTER = ("李红梅", identity_number(date(1975, 5, 6), 22))
STRANGER = ("赵无名", identity_number(date(1950, 1, 1), 9))

Named = tuple[str, str]


def verify(person_id: uuid.UUID, named: Named) -> None:
    """Make somebody a verified person, as a proof would."""
    with transaction() as session:
        person = session.get_one(Person, person_id, populate_existing=True)
        person.name = named[0]
        person.take_number(parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, named[1], today=today()))
        person.level, person.verified_at, person.verified_by = Level.VERIFIED.value, now(), ProofMethod.SERVICE


def make_person(named: Named) -> uuid.UUID:
    """A verified person without WeChat."""
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        session.flush()
        verify(person.id, named)
        return person.id


def with_account(app: Flask, named: Named, openid: str) -> uuid.UUID:
    """A verified person who has written to the account."""
    identity = identity_for(Product.ACCOUNT, app.extensions["settings"].account.app_id, openid)
    verify(identity.person_id, named)
    return identity.person_id


def staff_account(username: str = "clerk-5") -> uuid.UUID:
    """A member of staff of the demonstration; the first call makes them all."""
    with transaction() as session:
        found = session.scalars(sa.select(StaffAccount.id).order_by(StaffAccount.username)).first()
        if found is None:
            load_demo()
        wanted = sa.select(StaffAccount.id).where(StaffAccount.username == username)
        return session.scalars(wanted).one()


def wish(named: Named = MOTHER, relation: Relation = Relation.CHILD, *scopes: str) -> Wish:
    """What a helper asks for."""
    return Wish(named[0], named[1], relation, scopes or ("meals", "care"))


def ask(helper_id: uuid.UUID, named: Named = MOTHER, relation: Relation = Relation.CHILD, *scopes: str) -> uuid.UUID:
    """Ask, and the tie's id."""
    return ask_proxy(helper_id, wish(named, relation, *scopes)).id


def stored(tie_id: uuid.UUID) -> ProxyTie:
    """A tie as it stands in the database."""
    with transaction() as session:
        return session.get_one(ProxyTie, tie_id, populate_existing=True)


def state_of(tie_id: uuid.UUID) -> TieState:
    """Where a tie stands."""
    return stored(tie_id).state


def moves_of(tie_id: uuid.UUID) -> list[tuple[str, str, str | None]]:
    """Name, actor and reason of each move."""
    query = sa.select(ProxyTieEvent).where(ProxyTieEvent.tie_id == tie_id).order_by(ProxyTieEvent.id)
    with transaction() as session:
        return [(row.name, row.actor_kind, row.reason) for row in session.scalars(query)]


def told(person_id: uuid.UUID, *, queued: bool = False) -> list[tuple[str, dict[str, str]]]:
    """Notice and data of what a person was to be told, oldest first."""
    query = sa.select(OutboxMessage).where(OutboxMessage.recipient_id == person_id)
    if queued:
        query = query.where(OutboxMessage.state == "queued")
    with transaction() as session:
        return [(row.notice, row.data) for row in session.scalars(query.order_by(OutboxMessage.id))]


class Mini:
    """A resident's mini-program at the proxies' addresses."""

    def __init__(self, app: Flask, openid: str, named: Named | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        login = log_in(app.extensions["settings"].miniprogram.app_id, openid, None)
        self.token, self.person_id = login.token, login.person_id
        if named is not None:
            verify(self.person_id, named)

    def get(self, path: str = "", **query: object) -> TestResponse:
        return self.client.get(f"/api/v1/proxies{path}", query_string=query, headers=self._headers())

    def post(self, path: str = "", body: object = None, *, key: str | None = None) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/proxies{path}", json=body if body is not None else {}, headers=headers)

    def asks(self, named: Named = MOTHER, *, key: str | None = None, **changes: object) -> TestResponse:
        body = {
            "principal": {"name": named[0], "id_number": named[1]},
            "relation": "child",
            "scopes": ["meals", "care"],
        }
        return self.post("", body | changes, key=key)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def identities_of(person_id: uuid.UUID) -> int:
    """How many WeChats a person has."""
    query = sa.select(sa.func.count()).select_from(WeChatIdentity).where(WeChatIdentity.person_id == person_id)
    with transaction() as session:
        return session.scalar(query) or 0
