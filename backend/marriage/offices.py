"""The registries as residents see them, kept in the process for some seconds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from backend.kernel.cached import Cached
from backend.marriage.models import Office
from backend.storage import transaction


@dataclass(frozen=True)
class OfficeView:
    """A registry as residents see it."""

    id: uuid.UUID
    code: str
    name: str
    address: str
    phone: str


def _load() -> dict[uuid.UUID, OfficeView]:
    with transaction() as session:
        rows = session.scalars(sa.select(Office).order_by(Office.position, Office.code)).all()
        return {row.id: OfficeView(row.id, row.code, row.name, row.address, row.phone) for row in rows}


_offices = Cached(_load, seconds=5)


def offices() -> list[OfficeView]:
    """All registries, in the order the bureau gave them."""
    return list(_offices.get().values())


def office(office_id: uuid.UUID) -> OfficeView | None:
    """One registry, or None."""
    return _offices.get().get(office_id)


def forget_offices() -> None:
    """Read the offices anew; call after changing them."""
    _offices.forget()
