"""`flask doctor`: looks at everything an operator connects, and says in a sentence what is wrong (stories §9)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import sqlalchemy as sa
from flask import Flask
from redis.exceptions import RedisError

from backend import texts
from backend.calendar import missing_years
from backend.jobs.tick import tick_age
from backend.kernel.clock import now, today
from backend.operations import MIGRATION_HEAD, TICK_MAY_BE_SILENT_FOR
from backend.settings import Settings
from backend.storage import transaction
from backend.wechat.client import WeChatClient
from backend.wechat.errors import WeChatError
from messages import unmapped


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine (True), wrong (False), or worth knowing (None)."""

    subject: str
    ok: bool | None
    sentence: str


def examine(app: Flask) -> list[Finding]:
    """Look at everything, in the order in which an operator would mend it."""
    settings: Settings = app.extensions["settings"]
    findings = [_environment(settings), *_database()]
    database_works = all(finding.ok for finding in findings[1:])
    findings.append(_redis(app))
    if database_works:
        findings += [_tick(), _calendar(), _templates()]
    findings.append(_callback(settings))
    findings.append(_token(app.extensions["wechat_account"], texts.ACCOUNT, "WECHAT_ACCOUNT"))
    findings.append(_token(app.extensions["wechat_miniprogram"], texts.MINIPROGRAM, "WECHAT_MINIPROGRAM"))
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


def _templates() -> Finding:
    missing = unmapped()
    if missing:
        names = ", ".join(f"{entry.notice} ({entry.channel})" for entry in missing)
        return Finding(texts.TEMPLATES, False, texts.TEMPLATES_MISSING.format(count=len(missing), names=names))
    return Finding(texts.TEMPLATES, True, texts.TEMPLATES_OK)


def _callback(settings: Settings) -> Finding:
    """Call our own address as WeChat would when the operator saves it (wechat-protocol §1.1)."""
    url = f"{settings.public_base_url}/wechat/account"
    timestamp, nonce, echo = str(int(now().timestamp())), secrets.token_hex(5), secrets.token_hex(8)
    parts = "".join(sorted([settings.account.token, timestamp, nonce]))
    signature = hashlib.sha1(parts.encode()).hexdigest()  # noqa: S324 - the protocol's own choice
    query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    try:
        answer = httpx.get(url, params=query, timeout=5)
    except httpx.HTTPError as error:
        return Finding(texts.CALLBACK, False, texts.CALLBACK_WRONG.format(url=url, why=type(error).__name__))
    if answer.status_code != 200 or answer.text != echo:
        return Finding(texts.CALLBACK, False, texts.CALLBACK_WRONG.format(url=url, why=f"HTTP {answer.status_code}"))
    return Finding(texts.CALLBACK, True, texts.CALLBACK_OK.format(url=url))


def _token(client: WeChatClient, name: str, prefix: str) -> Finding:
    subject = texts.CREDENTIAL.format(app=name)
    try:
        client.tokens.get()
    except WeChatError as error:
        why = str(error.errcode or type(error).__name__)
        return Finding(subject, False, texts.CREDENTIAL_WRONG.format(why=why, prefix=prefix))
    return Finding(subject, True, texts.CREDENTIAL_OK)
