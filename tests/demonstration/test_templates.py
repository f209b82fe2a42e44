"""In the demonstration every notice has an approved template of the sandbox for every way it can go."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from backend.demonstration.templates import map_sandbox_templates
from backend.storage import Database, transaction
from messages.models import Channel, MessageTemplate
from messages.notices import all_notices
from sandbox.notices import notice_templates


def test_no_notice_is_without_one(app: Flask, clean_database: Database) -> None:
    settings = app.extensions["settings"]
    with transaction() as session:
        map_sandbox_templates(settings)
    with transaction() as session:
        entered = session.scalars(sa.select(MessageTemplate)).all()
    ways = {
        (settings.account.app_id, Channel.TEMPLATE),
        (settings.account.app_id, Channel.SUBSCRIBE),
        (settings.miniprogram.app_id, Channel.SUBSCRIBE),
    }
    wanted = {(*way, notice.key) for way in ways for notice in all_notices() if notice.needs_template}
    assert {(one.app_id, one.channel, one.notice) for one in entered} == wanted


def test_each_fills_all_that_its_template_asks_for(app: Flask, clean_database: Database) -> None:
    """WeChat refuses a notice that leaves a key empty, or has one too many (wechat-protocol §5.3: 47003)."""
    with transaction() as session:
        map_sandbox_templates(app.extensions["settings"])
        entered = session.scalars(sa.select(MessageTemplate)).all()
    for one in entered:
        asked = {field.key for field in notice_templates()[one.template_id].fields}
        assert set(one.fields) == asked, one.notice
