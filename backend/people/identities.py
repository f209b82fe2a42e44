"""From an openid to the person behind it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.ids import new_id
from backend.people.models import Person, WeChatIdentity
from backend.storage import transaction
from messages import Product, attach_address


@dataclass(frozen=True)
class Identity:
    """A WeChat identity and its person."""

    id: uuid.UUID
    person_id: uuid.UUID


def identity_for(product: Product, app_id: str, openid: str, unionid: str | None = None) -> Identity:
    """The identity of an openid, made on first contact together with its person and its address.

    Where WeChat tells a unionid that is known, the new identity belongs to the same person (wechat-protocol §4.2).
    """
    with transaction() as session:
        found = session.execute(
            sa.select(WeChatIdentity).where(WeChatIdentity.app_id == app_id, WeChatIdentity.openid == openid)
        ).scalar_one_or_none()
        if found is not None:
            if unionid and found.unionid is None:
                found.unionid = unionid
            return Identity(found.id, found.person_id)
        return _introduce(product, app_id, openid, unionid)


_FORGET_NEW_PERSON = sa.text(
    "DELETE FROM persons WHERE id = :id AND NOT EXISTS (SELECT 1 FROM wechat_identities WHERE person_id = :id)"
)


def _introduce(product: Product, app_id: str, openid: str, unionid: str | None) -> Identity:
    with transaction() as session:
        person_id = _person_of_unionid(unionid) or _new_person()
        inserted = session.execute(
            insert(WeChatIdentity)
            .values(id=new_id(), person_id=person_id, app_id=app_id, openid=openid, unionid=unionid, created_at=now())
            # Two first messages at once: the second finds the row of the first.
            .on_conflict_do_update(
                constraint="uq_wechat_identities_app_id_openid",
                set_={"unionid": sa.func.coalesce(WeChatIdentity.unionid, unionid)},
            )
            .returning(WeChatIdentity.id, WeChatIdentity.person_id)
        ).one()
        if inserted.person_id != person_id:
            # Somebody was quicker; a person we made for nothing must not stay behind.
            session.execute(_FORGET_NEW_PERSON, {"id": person_id})
        attach_address(inserted.person_id, product, app_id, openid)
        return Identity(inserted.id, inserted.person_id)


def _person_of_unionid(unionid: str | None) -> uuid.UUID | None:
    if unionid is None:
        return None
    with transaction() as session:
        return session.scalars(
            sa.select(WeChatIdentity.person_id).where(WeChatIdentity.unionid == unionid).limit(1)
        ).first()


def _new_person() -> uuid.UUID:
    with transaction() as session:
        person = Person(id=new_id(), created_at=now())
        session.add(person)
        session.flush()
        return person.id
