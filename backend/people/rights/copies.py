"""The copy of one's data (PIPL 45): made at once, kept sealed for a week, given as JSON or as plain text to read."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backend.kernel.chinese_dates import template_moment
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.kernel.personal_data import Period
from backend.people.rights import texts
from backend.people.rights.holdings import RoomData, collect
from backend.people.rights.models import DataExport, RightsRequest
from backend.storage import session, transaction

KEPT_FOR = Period(days=7)


@dataclass(frozen=True)
class Copy:
    """A copy as it is handed out: `data` is its JSON value, `text` the same to read."""

    made_at: datetime
    data: dict[str, Any]

    @property
    def text(self) -> str:
        """Plain text, one line a fact."""
        return "\n".join(_lines(self.data)) + "\n"


def room_values(rooms: Sequence[RoomData]) -> list[dict[str, Any]]:
    """Rooms as JSON values: `room`, `title`, `sections` with `title`, `kept` and `records` of label to text."""
    return [
        {
            "room": room.room,
            "title": room.title,
            "sections": [
                asdict(section) | {"records": [dict(record) for record in section.records]}
                for section in room.sections
                if section.records
            ],
        }
        for room in rooms
    ]


def make_copy(request: RightsRequest) -> None:
    """Collect everything about the request's person and keep it sealed, in the open transaction."""
    moment = now()
    content = {"made_at": moment.isoformat(), "rooms": room_values(collect(request.person_id))}
    row = DataExport(id=new_id(), request_id=request.id, made_at=moment)
    row.content = json.dumps(content, ensure_ascii=False)
    session().add(row)
    session().flush()


def fetch_copy(request_id: uuid.UUID) -> Copy:
    """The copy of a request that the caller may see; raises `AppError` not_found without one, or after its week.

    Who may see the request is for the caller to judge.
    """
    query = sa.select(DataExport).where(
        DataExport.request_id == request_id, DataExport.made_at > KEPT_FOR.over_before(now())
    )
    with transaction() as opened:
        row = opened.scalars(query).one_or_none()
    if row is None:
        raise AppError("not_found", texts.EXPORT_GONE, 404)
    return Copy(row.made_at, json.loads(row.content or "{}"))


def copy_until(request_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Until when the copies of these requests can be fetched; requests without one are left out."""
    query = sa.select(DataExport.request_id, DataExport.made_at).where(
        DataExport.request_id.in_(request_ids), DataExport.made_at > KEPT_FOR.over_before(now())
    )
    span = now() - KEPT_FOR.over_before(now())
    with transaction() as opened:
        return {request_id: made_at + span for request_id, made_at in opened.execute(query)}


def _lines(data: dict[str, Any]) -> Iterator[str]:
    made_at = datetime.fromisoformat(data["made_at"]).astimezone(BEIJING)
    yield texts.COPY_HEAD
    yield texts.COPY_MADE.format(time=template_moment(made_at))
    yield texts.COPY_NOTE
    if not data["rooms"]:
        yield texts.COPY_EMPTY
    for room in data["rooms"]:
        yield f"\n【{room['title']}】"
        for section in room["sections"]:
            yield f"\n{section['title']}"
            yield texts.COPY_KEPT.format(kept=section["kept"])
            for number, record in enumerate(section["records"], start=1):
                yield f"{number}."
                yield from (f"   {label}：{text}" for label, text in record.items())
