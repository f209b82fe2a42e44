"""What is asked of the database meanwhile, by a session or by the driver itself (`backend.storage.run`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from backend.storage import Database, transactions
from backend.storage.statements import Rider, Values


@contextmanager
def all_statements(database: Database) -> Iterator[list[str]]:
    """Every statement sent, in order; what rides along with another is part of it."""
    sent: list[str] = []
    by_driver = transactions.execute

    def noted(connection: sa.Connection, statement: sa.TextClause, values: Values, riders: Sequence[Rider] = ()) -> Any:
        sent.append(str(statement))
        return by_driver(connection, statement, values, riders)

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        with patch.object(transactions, "execute", noted):
            yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
