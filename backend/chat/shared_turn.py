"""Turns that need nothing but the conversation itself, answered for many people at once (docs/adr/0007).

Most of what people write needs neither a lock held while we think nor a transaction of its own: the conversation is
read, the pure router answers, and the answer is written on condition that the conversation is still the one that was
read. What cannot be answered so is left to the locked turn of `answering`: a repeated push, a first contact, a turn
that asks a port or hands over, a conversation that somebody else is changing.

Three statements serve a whole batch, each a transaction of its own: read, note the reply windows, write.
"""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa

from backend.chat.conversations import LIFETIME, read_progress, seal_progress
from backend.chat.inbox import Claimed
from backend.chat.notice import fits
from backend.kernel.clock import now
from backend.kernel.gathering import Gathering
from backend.kernel.ids import new_id
from backend.people.rights.notice import current_notice
from backend.storage import ask, one_connection
from backend.wechat.inbound import TextMessage
from backend.wechat.replies import text_reply
from messages import note_messages
from workflows.chat.engine import Progress
from workflows.chat.flows import DIRECTORY
from workflows.chat.ports import Ports
from workflows.chat.router import route

log = logging.getLogger(__name__)

# Between the values of a column, which travels as one text in a tenth of the time of a list. XML cannot hold it.
_MARK = "\x1f"

MOST_AT_ONCE = 32

# A conversation whose push has been answered before does not come back: a repeat gets its first answer elsewhere.
# xmin changes with every change of a row, so it tells whether the row is still the one that was read. LIMIT and the
# scalar subquery bind the planner to one look into an index per text; left free it may scan the tables while it
# believes them small.
_READ = sa.text(
    """
    SELECT said.place, conversation.id, conversation.state_sealed, conversation.notice_version, conversation.version
    FROM unnest(string_to_array(:openids, :mark), string_to_array(:dedup_keys, :mark))
        WITH ORDINALITY AS said(openid, dedup_key, place)
    CROSS JOIN LATERAL (
        SELECT id, state_sealed, notice_version, xmin::text AS version FROM conversations
        WHERE app_id = :app_id AND openid = said.openid AND left_at IS NULL LIMIT 1
    ) AS conversation
    WHERE (
        SELECT id FROM inbound_pushes WHERE app_id = :app_id AND inbound_pushes.dedup_key = said.dedup_key
    ) IS NULL
    """
)
# Rows are locked in the order of their ids and none is waited for, so two batches never wait for each other.
_WRITE = sa.text(
    """
    WITH turn AS MATERIALIZED (
        SELECT CAST(id AS uuid), version, flow, decode(state, 'hex') AS state,
            CASE WHEN flow IS NULL THEN NULL ELSE CAST(:expires_at AS timestamptz) END AS expires_at,
            CAST(push_id AS uuid), dedup_key, decode(reply, 'hex') AS reply
        FROM unnest(
            string_to_array(:ids, :mark), string_to_array(:versions, :mark), string_to_array(:flows, :mark, ''),
            string_to_array(:states, :mark, ''), string_to_array(:push_ids, :mark), string_to_array(:dedup_keys, :mark),
            string_to_array(:replies, :mark, '')
        ) AS turn(id, version, flow, state, push_id, dedup_key, reply)
    ),
    kept AS MATERIALIZED (
        SELECT conversation.id FROM conversations AS conversation
        JOIN turn ON turn.id = conversation.id AND turn.version = conversation.xmin::text
        ORDER BY conversation.id FOR UPDATE OF conversation SKIP LOCKED
    ),
    pushes AS (
        INSERT INTO inbound_pushes (id, app_id, dedup_key, received_at, reply_sealed)
        SELECT push_id, :app_id, dedup_key, :now, reply FROM turn JOIN kept ON kept.id = turn.id
    )
    UPDATE conversations AS conversation
    SET flow = turn.flow, state_sealed = turn.state, expires_at = turn.expires_at, updated_at = :now
    FROM turn JOIN kept ON kept.id = turn.id
    WHERE conversation.id = turn.id
    RETURNING conversation.id
    """
)


@dataclass(frozen=True)
class Said:
    """A text that a person wrote to an account."""

    app_id: str
    message: TextMessage


@dataclass(frozen=True)
class Answered:
    """The passive reply to a text that was answered; None where there is nothing to say."""

    reply_xml: str | None


def answer_together(app_id: str, message: TextMessage) -> Answered | None:
    """Answer a text together with those that come at the same time; None when it needs a locked turn."""
    return _gathering.do(Said(app_id, message))


class _NeedsTransaction(Exception):
    """The turn asks a port."""


class _ClosedPort:
    """Stands for every port; whoever asks it finds out that the turn needs a transaction."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _NeedsTransaction(name)


_CLOSED_PORTS = Ports(**{port.name: _ClosedPort() for port in dataclasses.fields(Ports)})


@dataclass(frozen=True)
class _Turn:
    """An answer that waits to be written."""

    conversation_id: uuid.UUID
    version: str
    push: Claimed
    said: Said
    progress: Progress | None
    reply_xml: str | None


def _answer(batch: Sequence[Said]) -> Sequence[Answered | None]:
    answers: list[Answered | None] = [None] * len(batch)
    by_app: dict[str, dict[str, int]] = {}
    for place, said in enumerate(batch):
        # Of two texts of one person the later has to wait for the former: it takes the locked turn.
        by_app.setdefault(said.app_id, {}).setdefault(said.message.sender, place)
    try:
        for app_id, places in by_app.items():
            for place, answered in _answer_of_app(app_id, batch, list(places.values())):
                answers[place] = answered
    except sa.exc.DBAPIError as error:
        # The locked turn asks again, and tells what is wrong if it still is.
        log.warning("shared_turn_failed", extra={"kind": type(error.orig).__name__})
    return answers


def _answer_of_app(app_id: str, batch: Sequence[Said], places: Sequence[int]) -> Iterator[tuple[int, Answered]]:
    moment = now()
    with one_connection():
        turns = dict(_turns(app_id, batch, places, moment))
        if not turns:
            return
        note_messages(app_id, [turn.said.message.sender for turn in turns.values()], moment)
        written = _written(app_id, list(turns.values()), moment)
    for place, turn in turns.items():
        if turn.conversation_id in written:
            yield place, Answered(turn.reply_xml)


def _turns(app_id: str, batch: Sequence[Said], places: Sequence[int], moment: datetime) -> Iterator[tuple[int, _Turn]]:
    messages = [batch[place].message for place in places]
    values = {
        "app_id": app_id,
        "mark": _MARK,
        "openids": _MARK.join(message.sender for message in messages),
        "dedup_keys": _MARK.join(message.dedup_key for message in messages),
    }
    for row in ask(_READ, values):
        place = places[row.place - 1]
        turn = _turn(row, batch[place], moment)
        if turn is not None:
            yield place, turn


def _turn(row: Any, said: Said, moment: datetime) -> _Turn | None:
    try:
        progress = read_progress(row.id, row.state_sealed)
        routed = route(DIRECTORY, progress, _CLOSED_PORTS, moment, said.message.content)
    except Exception:  # noqa: BLE001
        # It asked a port, or went wrong, which must not spoil the others' turns: the locked turn finds out and says so.
        return None
    if routed.hand_over:
        return None
    if row.notice_version < current_notice().version and fits(routed.saying):
        return None  # the locked turn also says where the privacy rules are
    reply = text_reply(said.message, routed.saying) if routed.saying else None
    return _Turn(row.id, row.version, Claimed(new_id()), said, routed.progress, reply)


def _written(app_id: str, turns: Sequence[_Turn], moment: datetime) -> set[uuid.UUID]:
    """Write the turns whose conversations are still what they were; returns their conversations."""
    values = {
        "app_id": app_id,
        "mark": _MARK,
        "now": moment,
        "expires_at": moment + LIFETIME,
        "ids": _MARK.join(turn.conversation_id.hex for turn in turns),
        "versions": _MARK.join(turn.version for turn in turns),
        "flows": _MARK.join(turn.progress.flow if turn.progress else "" for turn in turns),
        "states": _MARK.join((seal_progress(turn.conversation_id, turn.progress) or b"").hex() for turn in turns),
        "push_ids": _MARK.join(turn.push.id.hex for turn in turns),
        "dedup_keys": _MARK.join(turn.said.message.dedup_key for turn in turns),
        "replies": _MARK.join(turn.push.seal(turn.reply_xml).hex() if turn.reply_xml else "" for turn in turns),
    }
    return {row.id for row in ask(_WRITE, values)}


_gathering: Gathering[Said, Answered | None] = Gathering(_answer, MOST_AT_ONCE)
