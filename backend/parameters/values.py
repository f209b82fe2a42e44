"""Declaring, reading and setting parameters (architecture.md §4 "Parameters")."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from backend.kernel.cached import Cached
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.parameters.models import ParameterValue
from backend.parameters.texts import VALUE_REFUSED
from backend.storage import after_commit, transaction


@dataclass(frozen=True)
class Parameter:
    """One thing a bureau may set: `default` is the JSON value in force until it does, `field` reads and limits it."""

    key: str
    default: Any
    field: ma.fields.Field[Any]

    def read(self, value: Any) -> Any:
        """The typed value of a JSON value; raises `marshmallow.ValidationError`."""
        return self.field.deserialize(value)

    @cached_property
    def typed_default(self) -> Any:
        """The typed default."""
        return self.read(self.default)


@dataclass(frozen=True)
class _Version:
    """One value that was set; `typed` keeps what its parameter read from it, for reading takes the longest."""

    effective_from: datetime
    value: Any
    typed: list[Any] = field(default_factory=list)


Versions = dict[tuple[str, str], list[_Version]]


def _load() -> Versions:
    with transaction() as session:
        rows = session.execute(
            sa.select(
                ParameterValue.key, ParameterValue.scope, ParameterValue.effective_from, ParameterValue.value
            ).order_by(ParameterValue.effective_from)
        ).all()
    versions: Versions = defaultdict(list)
    for key, scope, effective_from, value in rows:
        versions[key, scope].append(_Version(effective_from, value))
    return dict(versions)


_versions = Cached(_load, seconds=5)


def value_at(parameter: Parameter, scope: str, moment: datetime) -> Any:
    """The value in force at `moment` in `scope`: the place's own, else the bureau's, else the default."""
    versions = _versions.get()
    for place in (scope, ""):
        in_force = [version for version in versions.get((parameter.key, place), ()) if version.effective_from <= moment]
        if in_force:
            return _typed(parameter, in_force[-1])
    return parameter.typed_default


def _typed(parameter: Parameter, version: _Version) -> Any:
    if not version.typed:
        version.typed.append(parameter.read(version.value))
    return version.typed[0]


def set_value(parameter: Parameter, scope: str, value: Any, effective_from: datetime, set_by: str) -> None:
    """Set `value` from `effective_from` on; a second one for the same moment replaces the first.

    Raises `AppError` with the limits when the value is outside them.
    """
    try:
        parameter.read(value)
    except ma.ValidationError as error:
        limits = [str(message) for message in error.messages]
        raise AppError("invalid", VALUE_REFUSED.format(key=parameter.key), 422, errors={"value": limits}) from None
    with transaction() as session:
        session.execute(
            sa.delete(ParameterValue).where(
                ParameterValue.key == parameter.key,
                ParameterValue.scope == scope,
                ParameterValue.effective_from == effective_from,
            )
        )
        session.add(
            ParameterValue(
                key=parameter.key,
                scope=scope,
                value=value,
                effective_from=effective_from,
                set_by=set_by,
                set_at=now(),
            )
        )
        after_commit(_versions.forget)
