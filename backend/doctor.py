"""`flask doctor`: looks at everything an operator connects, and says in a sentence what is wrong (stories §9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from redis.exceptions import RedisError

from backend import texts
from backend.calendar import missing_years
from backend.channel.checks import look_at_wechat
from backend.channel.finding import Finding
from backend.jobs.tick import tick_age
from backend.kernel.clock import now, today
from backend.operations import MIGRATION_HEAD, TICK_MAY_BE_SILENT_FOR
from backend.settings import Settings
from backend.storage import transaction
from backend.storage.index_keys import index_fault


def examine(app: Flask) -> list[Finding]:
    """Look at everything, in the order in which an operator would mend it."""
    settings: Settings = app.extensions["settings"]
    findings = [_environment(settings), *_database()]
    database_works = all(finding.ok for finding in findings[1:])
    findings.append(_redis(app))
    if database_works:
        findings += [_index_keys(), _tick(), _calendar()]
    findings += look_at_wechat(app, database_works=database_works)
    return findings


def _environment(settings: Settings) -> Finding:
    if settings.demonstration:
        return Finding(texts.ENVIRONMENT, None, texts.ENVIRONMENT_DEMO)
    return Finding(texts.ENVIRONMENT, True, texts.ENVIRONMENT_PRODUCTION)


def _database() -> Iterator[Finding]:
    try:
        with transaction() as session:
            version = session.scalar(sa.text("SHOW server_version"))
            yield Finding(texts.DATABASE, True, texts.DATABASE_OK.format(version=version))
            current = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.ProgrammingError:
        current = None  # the table of versions is not there yet
    except sa.exc.SQLAlchemyError:
        yield Finding(texts.DATABASE, False, texts.DATABASE_AWAY)
        return
    newest = current == MIGRATION_HEAD.read_text().strip()
    yield Finding(texts.MIGRATIONS, newest, texts.MIGRATIONS_OK if newest else texts.MIGRATIONS_BEHIND)


def _index_keys() -> Finding:
    fault = index_fault()
    return Finding(texts.INDEX_KEYS, fault is None, texts.INDEX_KEYS_OK if fault is None else texts.INDEX_FAULTS[fault])


def _redis(app: Flask) -> Finding:
    try:
        app.extensions["redis"].ping()
    except RedisError:
        return Finding(texts.REDIS, False, texts.REDIS_AWAY)
    return Finding(texts.REDIS, True, texts.REDIS_OK)


def _tick() -> Finding:
    age = tick_age(now())
    if age is None or age > TICK_MAY_BE_SILENT_FOR:
        return Finding(texts.TICK, False, texts.TICK_SILENT)
    return Finding(texts.TICK, True, texts.TICK_OK.format(seconds=max(0, int(age.total_seconds()))))


def _calendar() -> Finding:
    missing = missing_years(today(), today() + timedelta(days=60))
    if missing:
        years = ", ".join(str(year) for year in missing)
        return Finding(texts.CALENDAR, None, texts.CALENDAR_MISSING.format(years=years))
    return Finding(texts.CALENDAR, True, texts.CALENDAR_OK)
