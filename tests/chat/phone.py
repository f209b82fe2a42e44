"""A resident's phone as WeChat shows it to us: signed and encrypted pushes, and the replies opened again."""

from __future__ import annotations

import itertools
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.kernel.clock import now
from backend.settings import Settings, WeChatApp
from backend.storage import Base, transaction
from tests.wechat.pushes import args_for, decrypt, encrypt, envelope, plain_args

ACCOUNT, MINIPROGRAM = "/wechat/account", "/wechat/miniprogram"

_message_ids = itertools.count(23456789012345678)


def timestamp() -> str:
    """The product's clock in whole seconds."""
    return str(int(now().timestamp()))


def fields_xml(fields: dict[str, Any]) -> str:
    """An `<xml>` body; a list stands for a repeated element, a dict for a nested one."""

    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return "".join(element(name, one) for one in value)
        if isinstance(value, dict):
            return f"<{name}>{''.join(element(key, one) for key, one in value.items())}</{name}>"
        return f"<{name}><![CDATA[{value}]]></{name}>"

    return element("xml", fields)


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and reason of a push that was not taken."""
    return answer.status_code, answer.get_data(as_text=True)


def reply_fields(answer: TestResponse, app: WeChatApp) -> dict[str, str]:
    """The fields of a sealed reply; {} for `success`."""
    assert answer.status_code == 200, answer.data
    if answer.data in (b"success", b""):
        return {}
    sealed = ET.fromstring(answer.get_data(as_text=True)).findtext("Encrypt", "")
    return {child.tag: child.text or "" for child in ET.fromstring(decrypt(sealed, app))}


@dataclass
class Phone:
    """One resident's phone with the account open."""

    flask: Flask
    openid: str = "oResident000000000000000001"
    said: list[str] = field(default_factory=list)

    @property
    def account(self) -> WeChatApp:
        """The account's credentials."""
        settings: Settings = self.flask.extensions["settings"]
        return settings.account

    @property
    def miniprogram(self) -> WeChatApp:
        """The mini-program's credentials."""
        settings: Settings = self.flask.extensions["settings"]
        return settings.miniprogram

    def message(self, kind: str = "text", **fields: Any) -> dict[str, Any]:
        """The fields of a message with a MsgId of its own."""
        head = {
            "ToUserName": self.account.original_id,
            "FromUserName": self.openid,
            "CreateTime": timestamp(),
            "MsgType": kind,
        }
        return head | ({} if kind == "event" else {"MsgId": str(next(_message_ids))}) | fields

    def push(self, fields: dict[str, Any]) -> TestResponse:
        """Push to the account, encrypted."""
        return self.push_raw(fields_xml(fields))

    def push_raw(self, xml: str) -> TestResponse:
        """Push any text to the account, encrypted."""
        sealed = encrypt(xml, self.account)
        args = args_for(self.account, sealed, timestamp())
        return self.flask.test_client().post(ACCOUNT, query_string=args, data=envelope(sealed))

    def replies(self, fields: dict[str, Any]) -> str:
        """What the account says to a push; `<success>` when it says nothing, `<MsgType>` when it is no text."""
        opened = reply_fields(self.push(fields), self.account)
        if not opened:
            return "<success>"
        assert (opened["ToUserName"], opened["FromUserName"]) == (self.openid, self.account.original_id)
        return opened["Content"] if opened["MsgType"] == "text" else f"<{opened['MsgType']}>"

    def says(self, text: str) -> str:
        """What the account says to a text."""
        return self.replies(self.message(Content=text))

    def does(self, event: str, **fields: Any) -> str:
        """What the account says to an event."""
        return self.replies(self.message("event", Event=event, **fields))

    def in_miniprogram(self, openid: str, *, as_json: bool, **fields: Any) -> TestResponse:
        """Push to the mini-program, encrypted, in XML or JSON."""
        head = {"ToUserName": self.miniprogram.original_id, "FromUserName": openid, "CreateTime": timestamp()}
        body = head | fields
        sealed = encrypt(json.dumps(body) if as_json else fields_xml(body), self.miniprogram)
        outer = json.dumps({"ToUserName": "gh", "Encrypt": sealed}).encode() if as_json else envelope(sealed)
        args = args_for(self.miniprogram, sealed, timestamp())
        return self.flask.test_client().post(MINIPROGRAM, query_string=args, data=outer)

    def plain_args(self) -> dict[str, str]:
        """A query signed with the account's token and no more."""
        return plain_args(self.account, timestamp())


def everything_stored() -> str:
    """Every row of every table as text, bytes in hexadecimal."""
    with transaction() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.scalars(sa.text(f"SELECT row_to_json(t)::text FROM {table.name} AS t"))
        )


def is_stored(text: str) -> bool:
    """Whether a text stands anywhere in the database in the clear."""
    stored = everything_stored()
    return text in stored or text.encode().hex() in stored


def count(table: str) -> int:
    """Rows of a table."""
    with transaction() as session:
        return int(session.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0)
