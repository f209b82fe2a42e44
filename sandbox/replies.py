"""What the product answered to a push, judged as WeChat judges it (wechat-protocol.md §1.5, §1.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from xml.parsers.expat import ExpatError

import xmltodict

from sandbox.config import AppConfig
from sandbox.push_crypto import CryptoError, decrypt, same, sign

FAULT_TEXT = "该公众号提供的服务出现故障，请稍后再试"
TEXT_LIMIT_BYTES = 2048
ARTICLES_FOR_MESSAGES, ARTICLES_FOR_EVENTS = 1, 8
MEDIA_TYPES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}

OutcomeKind = Literal["replied", "silent", "fault"]


class BadReply(ValueError):
    """An answer for which WeChat shows the fault bubble; the text says what is wrong with it."""


@dataclass(frozen=True)
class Outcome:
    """`reply` is {"type", "text"} and for news "articles"; `reason` explains a fault to the developer."""

    kind: OutcomeKind
    reply: dict[str, Any] | None = None
    reason: str = ""


def judge(app: AppConfig, openid: str, is_event: bool, status: int, body: bytes) -> Outcome:
    """Decide what the resident sees after this answer. Never raises."""
    try:
        if status != 200:
            raise BadReply(f"HTTP 状态码是 {status}，应为 200")
        if body in (b"", b"success"):
            return Outcome("silent")
        fields = _read(app, body)
        _check_addresses(app, openid, fields)
        return Outcome("replied", _content(fields, ARTICLES_FOR_EVENTS if is_event else ARTICLES_FOR_MESSAGES))
    except (BadReply, CryptoError) as error:
        return Outcome("fault", reason=str(error))


def _read(app: AppConfig, body: bytes) -> dict[str, Any]:
    outer = _parse(app, body)
    sealed = outer.get("Encrypt")
    if sealed is None:
        if app.mode == "security":
            raise BadReply("安全模式下回复没有加密")
        return outer
    if app.mode == "plain":
        raise BadReply("明文模式下回复不应加密")
    timestamp, nonce = _text(outer, "TimeStamp"), _text(outer, "Nonce")
    if not same(_text(outer, "MsgSignature"), sign(app.token, timestamp, nonce, str(sealed))):
        raise BadReply("回复的 MsgSignature 不正确")
    return _parse(app, decrypt(app, str(sealed)))


def _parse(app: AppConfig, body: bytes) -> dict[str, Any]:
    try:
        if app.format == "json":
            fields = json.loads(body)
        else:
            parsed = xmltodict.parse(body, encoding="utf-8", strip_whitespace=False, force_list=("item",))
            fields = parsed.get("xml")
    except (ExpatError, ValueError) as error:
        kind = "JSON" if app.format == "json" else "XML"
        raise BadReply(f"回复不是合法的 {kind}：{error}") from None
    if not isinstance(fields, dict):
        raise BadReply("回复的最外层应为 <xml>")
    return fields


def _check_addresses(app: AppConfig, openid: str, fields: dict[str, Any]) -> None:
    if _text(fields, "ToUserName") != openid:
        raise BadReply("ToUserName 应为用户的 openid（收发双方要对调）")
    if _text(fields, "FromUserName") != app.original_id:
        raise BadReply("FromUserName 应为账号的原始 ID（收发双方要对调）")
    if not str(fields.get("CreateTime") or "").isdecimal():
        raise BadReply("CreateTime 应为整数秒")


def _content(fields: dict[str, Any], article_limit: int) -> dict[str, Any]:
    kind = _text(fields, "MsgType")
    if kind == "text":
        text = fields.get("Content")
        if not isinstance(text, str) or not text.strip():
            raise BadReply("Content 为空；无话可说时应回 success")
        if len(text.encode()) > TEXT_LIMIT_BYTES:
            raise BadReply(f"文字有 {len(text.encode())} 字节，超过 {TEXT_LIMIT_BYTES}")
        return {"type": "text", "text": text}
    if kind == "news":
        return _news(fields, article_limit)
    if kind == "transfer_customer_service":
        return {"type": kind, "text": ""}
    if kind in MEDIA_TYPES:
        if not isinstance(fields.get(kind.capitalize()), dict):
            raise BadReply(f"{kind} 回复缺少 {kind.capitalize()}")
        return {"type": kind, "text": MEDIA_TYPES[kind]}
    raise BadReply(f"不认识的 MsgType：{kind}")


def _news(fields: dict[str, Any], limit: int) -> dict[str, Any]:
    articles = fields.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else None
    if not isinstance(items, list) or str(fields.get("ArticleCount")) != str(len(items)):
        raise BadReply("ArticleCount 与 Articles 里的条数不一致")
    if len(items) > limit:
        raise BadReply(f"图文有 {len(items)} 条，这里最多 {limit} 条")
    shown = []
    for item in items:
        if not isinstance(item, dict) or not str(item.get("Title") or "").strip():
            raise BadReply("图文缺少 Title")
        names = {"title": "Title", "description": "Description", "url": "Url", "picture": "PicUrl"}
        shown.append({key: str(item.get(name) or "") for key, name in names.items()})
    return {"type": "news", "text": shown[0]["title"], "articles": shown}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None or isinstance(value, dict | list) or not str(value):
        raise BadReply(f"回复缺少 {name}")
    return str(value)
