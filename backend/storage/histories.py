"""The history of a case: every move of its state leaves a row that says when, by whom, from where to where."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.actors import Actor
from backend.kernel.clock import now
from backend.storage.transactions import session
from backend.storage.types import Moment

Model = TypeVar("Model")


class EventColumns:
    """What the event rows of every room have. A room adds whose they are, `from_state`, `to_state`, and `reason`."""

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    name: Mapped[str] = mapped_column(sa.String(40))
    actor_kind: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[uuid.UUID | None] = mapped_column(sa.Uuid)


def leave(row: EventColumns, event: str, actor: Actor) -> None:
    """Date and sign an event row, and write it in the open transaction."""
    row.at, row.name, row.actor_kind, row.actor_id = now(), event, actor.kind, actor.id
    session().add(row)
    session().flush()


def locked(model: type[Model], row_id: Any) -> Model | None:
    """A row by its id as it is now, locked for the rest of the transaction; None if there is none."""
    return session().get(model, row_id, with_for_update=True, populate_existing=True)
