"""From an openid to the person behind it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.joining import join_persons, lock_persons
from backend.people.models import Person, WeChatIdentity
from backend.people.notices import tell_linked
from backend.people.rules import JoinReason
from backend.storage import session, transaction
from messages import Product, attach_address
from messages.models import Address

_LOCK_ROUNDS = 5


@dataclass(frozen=True)
class Identity:
    """A WeChat identity and its person."""

    id: uuid.UUID
    person_id: uuid.UUID


def identity_for(product: Product, app_id: str, openid: str, unionid: str | None = None) -> Identity:
    """The identity of an openid, made on first contact together with its person and its address.

    Where WeChat tells a unionid that is known, both identities belong to one person (wechat-protocol §4.2); persons
    that were two until then are joined, unless each has proven to be somebody else.
    """
    with transaction() as db:
        if unionid is not None:
            _one_at_a_time(unionid)
        found = db.execute(
            sa.select(WeChatIdentity).where(WeChatIdentity.app_id == app_id, WeChatIdentity.openid == openid)
        ).scalar_one_or_none()
        if found is None:
            return _introduce(product, app_id, openid, unionid)
        if unionid is None:
            return Identity(found.id, found.person_id)
        if found.unionid is None:
            found.unionid = unionid
            db.flush()
        return Identity(found.id, _joined_by_unionid(found.id, found.person_id, unionid))


def person_of(identity_id: uuid.UUID) -> uuid.UUID:
    """Whose an identity is at this moment."""
    with transaction() as db:
        return db.scalars(sa.select(WeChatIdentity.person_id).where(WeChatIdentity.id == identity_id)).one()


def any_identity(person_id: uuid.UUID) -> uuid.UUID:
    """One of a person's WeChats, for commands that only ask through it who somebody is."""
    with transaction() as db:
        mine = sa.select(WeChatIdentity.id).where(WeChatIdentity.person_id == person_id)
        return db.scalars(mine.order_by(WeChatIdentity.created_at.desc()).limit(1)).one()


def has_unionid(identity_id: uuid.UUID) -> bool:
    """Whether WeChat has told by what name its other products know somebody."""
    with transaction() as db:
        found = sa.select(WeChatIdentity.unionid.is_not(None)).where(WeChatIdentity.id == identity_id)
        return db.scalars(found).one()


def openid_of(identity_id: uuid.UUID) -> str:
    """By what WeChat knows an identity; for calls to WeChat alone."""
    with transaction() as db:
        return db.scalars(sa.select(WeChatIdentity.openid).where(WeChatIdentity.id == identity_id)).one()


def miniprogram_identity(person_id: uuid.UUID) -> tuple[str, str] | None:
    """App id and openid by which the mini-program knows a person, of the WeChat met last; for calls to WeChat alone.

    None for whoever never used it.
    """
    theirs = (
        sa.select(WeChatIdentity.app_id, WeChatIdentity.openid)
        .join(Address, sa.and_(Address.app_id == WeChatIdentity.app_id, Address.openid == WeChatIdentity.openid))
        .where(WeChatIdentity.person_id == person_id, Address.product == Product.MINIPROGRAM)
        .order_by(WeChatIdentity.created_at.desc(), WeChatIdentity.id)
        .limit(1)
    )
    with transaction() as db:
        found = db.execute(theirs).first()
    return None if found is None else (found.app_id, found.openid)


_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def _one_at_a_time(unionid: str) -> None:
    """Two first contacts of one WeChat user, in two products at once, must not make two persons."""
    session().execute(_LOCK, {"name": f"unionid:{unionid}"})


_FORGET_NEW_PERSON = sa.text(
    "DELETE FROM persons WHERE id = :id AND NOT EXISTS (SELECT 1 FROM wechat_identities WHERE person_id = :id)"
)


def _introduce(product: Product, app_id: str, openid: str, unionid: str | None) -> Identity:
    with transaction() as db:
        known = _persons_of_unionid(unionid)
        person_id = known[0] if known else _new_person()
        inserted = db.execute(
            insert(WeChatIdentity)
            .values(id=new_id(), person_id=person_id, app_id=app_id, openid=openid, unionid=unionid, created_at=now())
            # Two first messages at once: the second finds the row of the first.
            .on_conflict_do_update(
                constraint="uq_wechat_identities_app_id_openid",
                set_={"unionid": sa.func.coalesce(WeChatIdentity.unionid, unionid)},
            )
            .returning(WeChatIdentity.id, WeChatIdentity.person_id)
        ).one()
        if inserted.person_id != person_id and not known:
            # Somebody was quicker; a person we made for nothing must not stay behind.
            db.execute(_FORGET_NEW_PERSON, {"id": person_id})
        attach_address(inserted.person_id, product, app_id, openid)
        return Identity(inserted.id, inserted.person_id)


def _joined_by_unionid(identity_id: uuid.UUID, person_id: uuid.UUID, unionid: str) -> uuid.UUID:
    """The one person of all identities with the unionid; where two have proven to be different people, they stay so."""
    if set(_persons_of_unionid(unionid)) <= {person_id}:
        return person_id
    rows = _locked_rows(identity_id, unionid)
    if any(row.died_on is not None for row in rows):
        return person_of(identity_id)
    # Who is proven stays; else the one known longest.
    stays, *others = sorted(rows, key=lambda row: (row.id_number_index is None, row.created_at, row.id))
    unproven = [other.id for other in others if other.id_number_index is None]
    for other_id in unproven:
        join_persons(other_id, stays.id, JoinReason.UNIONID)
    if unproven:
        tell_linked(stays.id)
    return person_of(identity_id)


def _locked_rows(identity_id: uuid.UUID, unionid: str) -> list[Person]:
    """The persons of all identities with the unionid, locked and read afterwards."""
    for _ in range(_LOCK_ROUNDS):
        wanted = {person_of(identity_id), *_persons_of_unionid(unionid)}
        lock_persons(wanted)
        if wanted == {person_of(identity_id), *_persons_of_unionid(unionid)}:
            return [session().get_one(Person, one, populate_existing=True) for one in wanted]
    raise RuntimeError("the persons of a unionid do not stand still")


def _persons_of_unionid(unionid: str | None) -> list[uuid.UUID]:
    """Persons with an identity of this unionid, but for closed ones; known longest first."""
    if unionid is None:
        return []
    wanted = (
        sa.select(WeChatIdentity.person_id)
        .join(Person, Person.id == WeChatIdentity.person_id)
        .where(WeChatIdentity.unionid == unionid, Person.closed_at.is_(None))
        .distinct()
    )
    return sorted(session().scalars(wanted))


def _new_person() -> uuid.UUID:
    person = Person(id=new_id(), created_at=now())
    session().add(person)
    session().flush()
    return person.id
