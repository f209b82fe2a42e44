"""Endpoints that WeChat has closed to an app until midnight (45009, wechat-protocol §0.1).

Kept in PostgreSQL, so that neither a wiped Redis nor a restart opens them: every call after a 45009 costs a request
and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.cached import Cached
from backend.kernel.clock import now
from backend.storage import database
from backend.wechat.models import ClosedEndpoint

logger = logging.getLogger(__name__)

_Closed = Mapping[tuple[str, str], datetime]


class Closures:
    """What is closed, as far as this process knows; for programs without a database."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, str], datetime] = {}

    def of_app(self, app_id: str) -> Mapping[str, datetime]:
        """Until when which endpoints of an app are closed."""
        moment = now()
        return {path: until for (owner, path), until in self._read().items() if owner == app_id and until > moment}

    def close(self, app_id: str, path: str, until: datetime, rid: str | None) -> None:
        """Nothing more is sent there until `until`; `rid` is WeChat's id of the refusal."""
        logger.warning("endpoint_closed app=%s path=%s until=%s rid=%s", app_id, path, until.isoformat(), rid)
        self._closed[app_id, path] = until

    def reopen(self, app_id: str) -> None:
        """Forget what was closed for an app."""
        self._closed = {key: until for key, until in self._closed.items() if key[0] != app_id}

    def _read(self) -> _Closed:
        return self._closed


class StoredClosures(Closures):
    """What is closed, for all processes: another one learns of it within seconds.

    On connections of its own: a closure counts even if the caller's transaction is taken back.
    """

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._kept = Cached(_load, seconds)

    def close(self, app_id: str, path: str, until: datetime, rid: str | None) -> None:
        """Write it down; while the database is away only this process knows."""
        values = {"until": until, "rid": rid, "closed_at": now()}
        statement = insert(ClosedEndpoint).values(app_id=app_id, path=path, **values)
        try:
            with database().engine.begin() as connection:
                connection.execute(statement.on_conflict_do_update(index_elements=["app_id", "path"], set_=values))
        except sa.exc.SQLAlchemyError as error:
            logger.warning("closure not stored: %s", type(error).__name__)
            super().close(app_id, path, until, rid)
        else:
            logger.warning("endpoint_closed app=%s path=%s until=%s rid=%s", app_id, path, until.isoformat(), rid)
        self._kept.forget()

    def reopen(self, app_id: str) -> None:
        """Delete what was closed for an app."""
        super().reopen(app_id)
        with database().engine.begin() as connection:
            connection.execute(sa.delete(ClosedEndpoint).where(ClosedEndpoint.app_id == app_id))
        self._kept.forget()

    def _read(self) -> _Closed:
        try:
            return {**self._closed, **self._kept.get()}
        except sa.exc.SQLAlchemyError as error:
            logger.warning("closures not read: %s", type(error).__name__)
            return self._closed


def _load() -> _Closed:
    wanted = sa.select(ClosedEndpoint).where(ClosedEndpoint.until > now())
    with database().engine.connect() as connection:
        return {(row.app_id, row.path): row.until for row in connection.execute(wanted)}
