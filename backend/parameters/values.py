"""Declaring, reading and setting parameters (architecture.md §4 "Parameters")."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from backend.kernel.cached import Cached
from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.parameters import texts
from backend.parameters.models import ParameterValue
from backend.storage import after_commit, transaction

# A value further ahead is more likely a slip of the hand than a plan.
AHEAD = timedelta(days=366)


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
    version = _in_force(parameter, scope, moment)
    return parameter.typed_default if version is None else _typed(parameter, version)


def json_value_at(parameter: Parameter, scope: str, moment: datetime) -> Any:
    """The same value as it is kept, for pages that show or change it."""
    version = _in_force(parameter, scope, moment)
    return parameter.default if version is None else version.value


def _in_force(parameter: Parameter, scope: str, moment: datetime) -> _Version | None:
    versions = _versions.get()
    for place in (scope, ""):
        in_force = [version for version in versions.get((parameter.key, place), ()) if version.effective_from <= moment]
        if in_force:
            return in_force[-1]
    return None


def _typed(parameter: Parameter, version: _Version) -> Any:
    if not version.typed:
        version.typed.append(parameter.read(version.value))
    return version.typed[0]


def set_value(parameter: Parameter, scope: str, value: Any, effective_from: datetime, set_by: str) -> None:
    """Set `value` from `effective_from` on; a second one for the same moment replaces the first.

    `set_by` is the id of an account, or who else did it. Raises `AppError` with the limits when the value is outside
    them.
    """
    require_possible(parameter, value)
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


def require_possible(parameter: Parameter, value: Any, label: str | None = None) -> None:
    """Refuse a JSON value outside the parameter's limits; raises `AppError` invalid."""
    try:
        parameter.read(value)
    except ma.ValidationError as error:
        limits = [str(message) for message in error.messages]
        sentence = texts.VALUE_REFUSED.format(label=label or parameter.key)
        raise AppError("invalid", sentence, 422, errors={"value": limits}) from None


def moment_to_set(wanted: datetime | None) -> datetime:
    """From when a value is to hold: `wanted`, or now. Raises `AppError` invalid for the past and for over a year."""
    moment = now()
    if wanted is None:
        return moment
    if wanted < moment or wanted > moment + AHEAD:
        sentence = texts.TOO_EARLY if wanted < moment else texts.TOO_FAR
        raise AppError("invalid", sentence, 422, errors={"effective_from": [sentence]})
    return wanted


@dataclass(frozen=True)
class SetValue:
    """One value that was set: the JSON value, for which place (empty for all), from when, by whom and when."""

    id: uuid.UUID
    scope: str
    value: Any
    effective_from: datetime
    set_by: str
    set_at: datetime


def history_of(parameter: Parameter, limit: int = 100) -> Sequence[SetValue]:
    """What was set in all places, the latest to hold first; also what will hold only later."""
    row = ParameterValue
    query = sa.select(row.id, row.scope, row.value, row.effective_from, row.set_by, row.set_at)
    query = query.where(row.key == parameter.key).order_by(row.effective_from.desc(), row.scope).limit(limit)
    with transaction() as session:
        return [SetValue(*found) for found in session.execute(query)]


def withdraw_value(parameter: Parameter, value_id: uuid.UUID) -> SetValue:
    """Take back a value that does not hold yet; raises `AppError` not_found, state_conflict for one that does."""
    row = ParameterValue
    with transaction() as session:
        found = session.scalars(sa.select(row).where(row.id == value_id, row.key == parameter.key)).one_or_none()
        if found is None or found.effective_from <= now():
            raise AppError("state_conflict", texts.NOT_AHEAD, 409)
        session.delete(found)
        after_commit(_versions.forget)
        return SetValue(found.id, found.scope, found.value, found.effective_from, found.set_by, found.set_at)
