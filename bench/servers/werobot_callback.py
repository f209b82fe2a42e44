"""WeRoBot answering the same pushes: security mode, its own PostgreSQL session storage, a counter kept in the session.

Set up as its documentation says: one connection for the storage of a process, the account in the configuration, the
WSGI application served. What it needs beyond that to work at all is marked below.

WeRoBot does not de-duplicate pushes. `app` leaves it at that; `deduplicated` does it as its users do, in the handler,
with a table of answered message ids on the connection of the session storage, so that one commit serves both.
"""

from __future__ import annotations

import os
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import psycopg2.extensions  # type: ignore[import-untyped]
from werobot import WeRoBot  # type: ignore[import-not-found]
from werobot.session.postgresqlstorage import PostgreSQLStorage  # type: ignore[import-not-found]

from backend.settings import demonstration_environment
from bench.statements import ANSWERED_BEFORE, NOTE_ANSWER
from workflows.chat.flows import DIRECTORY
from workflows.chat.texts import STILL_HERE

# WeRoBot looks sessions up by bytes, which psycopg2 passes as bytea: PostgreSQL then refuses to compare them with the
# varchar key of WeRoBot's own table. As text they compare.
psycopg2.extensions.register_adapter(bytes, lambda raw: psycopg2.extensions.QuotedString(raw.decode()))

_MENU = DIRECTORY.menu(STILL_HERE)  # the text that ours answers, so that both encrypt the same
_connection = psycopg2.connect(os.environ["BENCH_DATABASE"])


def _robot() -> Any:
    settings = demonstration_environment()
    return WeRoBot(
        token=settings["WECHAT_ACCOUNT_TOKEN"],
        app_id=settings["WECHAT_ACCOUNT_APP_ID"],
        encoding_aes_key=settings["WECHAT_ACCOUNT_AES_KEY"],
        session_storage=PostgreSQLStorage(_connection),
    )


def _count(_message: Any, session: dict[str, int]) -> str:
    """Count the messages of the person in their session and answer the menu."""
    session["count"] = session.get("count", 0) + 1
    return _MENU


def _count_once(message: Any, session: dict[str, int]) -> str:
    """The same for a message that is new; a repeat gets the first answer."""
    cursor = _connection.cursor()
    cursor.execute(NOTE_ANSWER, {"message_id": message.message_id, "reply": _MENU})
    if cursor.rowcount == 0:
        cursor.execute(ANSWERED_BEFORE, {"message_id": message.message_id})
        return str(cursor.fetchone()[0])
    return _count(message, session)


_plain, _once = _robot(), _robot()
_plain.text(_count)
_once.text(_count_once)

app, deduplicated = _plain.wsgi, _once.wsgi
