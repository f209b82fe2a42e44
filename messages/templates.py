"""Which approved WeChat template carries which notice; the operator enters it per app."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.storage import session, transaction
from backend.wechat.fields import kind_of_key
from messages.kinds import can_carry, kind_of
from messages.models import Channel, MessageTemplate
from messages.notices import notice

NEED_TEMPLATE = (Channel.SUBSCRIBE, Channel.TEMPLATE)


def map_template(
    app_id: str,
    channel: Channel,
    notice_key: str,
    template_id: str,
    fields: Mapping[str, str],
    *,
    link: str | None = None,
    long_term: bool = False,
    choices: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Enter or replace the template of a notice. `fields`: its keys, such as `thing1`, to fields of the notice.

    `link`: what a tap opens; `choices`: the values WeChat lists for a key (see `MessageTemplate`). Raises `KeyError`
    for an unknown notice, `ValueError` for a channel without templates, a key WeChat does not have (§5.3), a field the
    notice does not have or the key cannot carry, or a bad link.
    """
    if channel not in NEED_TEMPLATE:
        raise ValueError(f"{channel} needs no template")
    _check_fields(notice_key, fields)
    placeholders = {name for _, name, _, _ in string.Formatter().parse(link or "") if name is not None}
    if not placeholders <= {"subject_id"}:
        raise ValueError("a link can hold {subject_id} only")
    values = {
        "template_id": template_id,
        "fields": dict(fields),
        "link": link,
        "long_term": long_term,
        "choices": {key: list(listed) for key, listed in choices.items()},
    }
    session().execute(
        insert(MessageTemplate)
        .values(app_id=app_id, channel=channel, notice=notice_key, **values)
        .on_conflict_do_update(index_elements=["app_id", "channel", "notice"], set_=values)
    )


def _check_fields(notice_key: str, fields: Mapping[str, str]) -> None:
    if not fields:
        raise ValueError("a template has at least one field")
    known = notice(notice_key).fields
    for key, field in fields.items():
        kind = kind_of_key(key)
        if kind is None:
            raise ValueError(f"{key} is not a key of WeChat's templates")
        if field not in known:
            raise ValueError(f"{notice_key} has no field {field}")
        if not can_carry(kind, field):
            raise ValueError(f"{key} cannot carry {field}, which is a {kind_of(field)}")


def template_for(app_id: str, channel: Channel, notice_key: str) -> MessageTemplate | None:
    """The template entered for a notice, or None."""
    with transaction() as db:
        return db.get(MessageTemplate, (app_id, channel, notice_key))


def clear_template(app_id: str, channel: Channel, notice_key: str) -> bool:
    """Take the template of a notice away; False when none was entered."""
    gone = sa.delete(MessageTemplate).where(
        MessageTemplate.app_id == app_id, MessageTemplate.channel == channel, MessageTemplate.notice == notice_key
    )
    return session().execute(gone.returning(MessageTemplate.notice)).one_or_none() is not None


def mapped_templates(app_id: str) -> Sequence[MessageTemplate]:
    """Everything entered for an app, by notice."""
    with transaction() as db:
        wanted = sa.select(MessageTemplate).where(MessageTemplate.app_id == app_id)
        return db.scalars(wanted.order_by(MessageTemplate.notice, MessageTemplate.channel)).all()
