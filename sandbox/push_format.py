"""How a push looks on the wire: XML or JSON, in the three modes (wechat-protocol.md §1.1, §1.7)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.config import AppConfig
from sandbox.push_crypto import encrypt, sign

Fields = Mapping[str, Any]  # str, int, a mapping, or a list of mappings for a repeated element
SUBSCRIBE_CONTAINERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


@dataclass(frozen=True)
class Envelope:
    """One push ready to go. The body is the same for every try; the query is signed anew for each (§1.6)."""

    body: bytes
    content_type: str
    sealed: str | None
    readable: str
    made_at: int = 0


def envelope(app: AppConfig, fields: Fields) -> Envelope:
    """Lay out `fields` in the product's format and mode."""
    readable = _text(app, fields)
    content_type = "application/json" if app.format == "json" else "text/xml"
    if app.mode == "plain":
        return Envelope(readable.encode(), content_type, None, readable, fields["CreateTime"])
    sealed = encrypt(app, readable.encode())
    visible = fields if app.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
    return Envelope(
        _text(app, {**visible, "Encrypt": sealed}).encode(), content_type, sealed, readable, fields["CreateTime"]
    )


def signed_query(app: AppConfig, now: float, openid: str | None = None, sealed: str | None = None) -> dict[str, str]:
    """The query string of one request to the product, signed with its token."""
    timestamp, nonce = str(int(now)), str(secrets.randbelow(2_000_000_000))
    query = {"signature": sign(app.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    if openid is not None:
        query["openid"] = openid
    if sealed is not None:
        query |= {"encrypt_type": "aes", "msg_signature": sign(app.token, timestamp, nonce, sealed)}
    return query


def to_xml(fields: Fields) -> str:
    """`<xml>…</xml>`; strings in CDATA, numbers bare, a list as a repeated element."""
    return f"<xml>{_elements(fields)}</xml>"


def to_json(fields: Fields) -> str:
    """The JSON form, in which subscribe events hold their data under `List`: an object when there is one (§1.7)."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if name in SUBSCRIBE_CONTAINERS:
            items = [_as_strings(item) for item in value["List"]]
            flat["List"] = items[0] if len(items) == 1 else items
        else:
            flat[name] = value
    return json.dumps(flat, ensure_ascii=False, separators=(",", ":"))


def _text(app: AppConfig, fields: Fields) -> str:
    return to_json(fields) if app.format == "json" else to_xml(fields)


def _as_strings(item: Fields) -> dict[str, str]:
    # WeChat sends ErrorCode, MsgID and PopupScene as strings here and as numbers there; we choose the less expected.
    return {name: str(value) for name, value in item.items()}


def _elements(fields: Fields) -> str:
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append(f"<{name}>{_value(one)}</{name}>")
    return "".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{''.join(char for char in text if _legal_in_xml(char))}]]>"


def _legal_in_xml(char: str) -> bool:
    return char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
