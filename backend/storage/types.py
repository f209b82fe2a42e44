"""Column types that make the house rules hard to break."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from backend.kernel.clock import BEIJING
from backend.kernel.ids import new_id


class Moment(sa.types.TypeDecorator[datetime]):
    """`timestamptz` that refuses naive values and gives 北京时间 back."""

    impl = sa.TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(BEIJING)


def enum_column(kind: type[StrEnum], *, constraint: str | None = None, **options: Any) -> orm.MappedColumn[Any]:
    """A text column restricted to the members of `kind` by a CHECK named `constraint`, or after the kind."""
    return orm.mapped_column(
        sa.Enum(
            kind,
            native_enum=False,
            create_constraint=True,
            name=constraint or kind.__name__.lower(),
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
        **options,
    )


def primary_id() -> orm.MappedColumn[uuid.UUID]:
    """The key of a row, made in Python, so that sealed values can be bound to it before the row is written."""
    return orm.mapped_column(sa.Uuid, primary_key=True, default=new_id)


def foreign_id(target: str, **options: Any) -> orm.MappedColumn[Any]:
    """A reference to another row; deleting the target is refused while it is referred to."""
    return orm.mapped_column(sa.Uuid, sa.ForeignKey(target, ondelete=options.pop("ondelete", "RESTRICT")), **options)
