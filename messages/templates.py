"""Which approved WeChat template carries which notice; the operator enters it per app."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.storage import session, transaction
from backend.wechat.fields import FITTERS
from messages.models import Channel, MessageTemplate
from messages.notices import all_notices, notice

NEED_TEMPLATE = (Channel.SUBSCRIBE, Channel.TEMPLATE)

_KEY = re.compile(r"([a-z_]+)[0-9]+")


@dataclass(frozen=True)
class Unmapped:
    """A notice that cannot leave by a channel because no template is entered for it."""

    notice: str
    channel: Channel


def map_template(
    app_id: str,
    channel: Channel,
    notice_key: str,
    template_id: str,
    fields: Mapping[str, str],
    *,
    link: str | None = None,
    long_term: bool = False,
) -> None:
    """Enter or replace the template of a notice. `fields`: its keys, such as `thing1`, to fields of the notice.

    `link`: what a tap opens (see `MessageTemplate`). Raises `KeyError` for an unknown notice, `ValueError` for a
    channel without templates, a key WeChat does not have (§5.3), a field the notice does not have, or a bad link.
    """
    if channel not in NEED_TEMPLATE:
        raise ValueError(f"{channel} needs no template")
    _check_fields(notice_key, fields)
    placeholders = {name for _, name, _, _ in string.Formatter().parse(link or "") if name is not None}
    if not placeholders <= {"subject_id"}:
        raise ValueError("a link can hold {subject_id} only")
    values = {"template_id": template_id, "fields": dict(fields), "link": link, "long_term": long_term}
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
        prefix = _KEY.fullmatch(key)
        if prefix is None or prefix[1] not in FITTERS:
            raise ValueError(f"{key} is not a key of WeChat's templates")
        if field not in known:
            raise ValueError(f"{notice_key} has no field {field}")


def template_for(app_id: str, channel: Channel, notice_key: str) -> MessageTemplate | None:
    """The template entered for a notice, or None."""
    with transaction() as db:
        return db.get(MessageTemplate, (app_id, channel, notice_key))


def unmapped() -> tuple[Unmapped, ...]:
    """Every notice and channel for which no app has a template; for `flask doctor`."""
    with transaction() as db:
        found = db.execute(sa.select(MessageTemplate.notice, MessageTemplate.channel))
        mapped = {(key, channel) for key, channel in found}
    return tuple(
        Unmapped(entry.key, channel)
        for entry in all_notices()
        for channel in entry.channels
        if channel in NEED_TEMPLATE and (entry.key, channel) not in mapped
    )
