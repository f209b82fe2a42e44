"""Files WeChat has been asked to look at, and what it said later (wechat-protocol §6.6, §10 no. 14)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from backend.kernel.clock import now
from backend.storage import transaction
from backend.wechat.models import MediaCheck
from backend.wechat.security import Suggestion, label_of, suggestion_of


class CheckedSubject(NamedTuple):
    """Whose file it is: `kind` of up to 40 characters and the id of its row."""

    kind: str
    id: uuid.UUID


class MediaChecker(Protocol):
    """What is needed of `WeChatClient`."""

    def check_media(self, openid: str, url: str) -> str: ...


def ask_media_check(client: MediaChecker, openid: str, url: str, subject: CheckedSubject) -> str:
    """Have a picture looked at; returns the trace_id. Raises `WeChatError`. Call it outside any transaction."""
    trace_id = client.check_media(openid, url)
    asked: dict[str, object] = {"subject_kind": subject.kind, "subject_id": subject.id, "asked_at": now()}
    _write(trace_id, asked)
    return trace_id


def on_media_checked(trace_id: str, suggest: str, label: int | str | None) -> None:
    """The push `wxa_media_check`: keep what it says, also when it comes before our own row. The first one counts."""
    answered: dict[str, object] = {
        "suggest": suggestion_of(suggest).value,
        "label": label_of(label),
        "answered_at": now(),
    }
    _write(trace_id[:80], answered, only_if=MediaCheck.answered_at.is_(None))


def media_verdicts(kind: str, subject_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Suggestion]:
    """What WeChat says of the file of each subject that was asked about last, as far as it has answered."""
    newest = (
        sa.select(MediaCheck.subject_id, MediaCheck.suggest)
        .where(MediaCheck.subject_kind == kind, MediaCheck.subject_id.in_(subject_ids))
        .order_by(MediaCheck.subject_id, MediaCheck.asked_at.desc())
        .ext(distinct_on(MediaCheck.subject_id))
    )
    with transaction() as session:
        found = session.execute(newest).all()
    return {row.subject_id: Suggestion(row.suggest) for row in found if row.suggest is not None}


def _write(trace_id: str, values: dict[str, object], only_if: sa.ColumnElement[bool] | None = None) -> None:
    statement = insert(MediaCheck).values(trace_id=trace_id, **values)
    with transaction() as session:
        session.execute(statement.on_conflict_do_update(index_elements=["trace_id"], set_=values, where=only_if))
