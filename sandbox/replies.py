"""What the product answered to a push, judged as WeChat judges it (wechat-protocol.md §1.5, §1.6).

Each step names the rule of the conformance report that it stands for.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.parsers.expat import ExpatError

import xmltodict

from sandbox.config import AppConfig
from sandbox.push_crypto import CryptoError, decrypt, same, sign

FAULT_TEXT = "该公众号提供的服务出现故障，请稍后再试"
TEXT_LIMIT_BYTES = 2048
ARTICLES_FOR_MESSAGES, ARTICLES_FOR_EVENTS = 1, 8
MEDIA_TYPES = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "music": "[音乐]"}
COMMON_ELEMENTS = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "FuncFlag"}
OWN_ELEMENTS = {
    "text": {"Content"},
    "image": {"Image"},
    "voice": {"Voice"},
    "video": {"Video"},
    "music": {"Music"},
    "news": {"ArticleCount", "Articles"},
    "transfer_customer_service": {"TransInfo"},
}

OutcomeKind = Literal["replied", "silent", "fault"]


class BadReply(ValueError):
    """An answer for which WeChat shows the fault bubble; the text says what is wrong with it."""


@dataclass(frozen=True)
class Outcome:
    """`reply` is {"type", "text"} and for news "articles"; `reason` explains a fault to the developer.

    `verdicts` are the rules that were looked at: None where kept, else what broke them.
    """

    kind: OutcomeKind
    reply: dict[str, Any] | None = None
    reason: str = ""
    verdicts: dict[str, str | None] = field(default_factory=dict)


def judge(
    app: AppConfig, openid: str, is_event: bool, status: int, body: bytes, media: Collection[str] | None = None
) -> Outcome:
    """Decide what the resident sees after this answer. Never raises. `media` are the living media ids, if known."""
    reading = _Reading(app, openid, is_event, media)
    try:
        reply = reading.read(status, body)
    except BadReply as error:
        return Outcome("fault", reason=str(error), verdicts=reading.verdicts)
    return Outcome("silent" if reply is None else "replied", reply, verdicts=reading.verdicts)


class _Reading:
    def __init__(self, app: AppConfig, openid: str, is_event: bool, media: Collection[str] | None) -> None:
        self.app = app
        self.openid = openid
        self.article_limit = ARTICLES_FOR_EVENTS if is_event else ARTICLES_FOR_MESSAGES
        self.media = media
        self.verdicts: dict[str, str | None] = {}

    def need(self, rule: str, kept: bool, problem: str) -> None:
        if not kept:
            raise self.broken(rule, problem)
        self.verdicts[rule] = None

    def broken(self, rule: str, problem: str) -> BadReply:
        self.verdicts[rule] = problem
        return BadReply(problem)

    def read(self, status: int, body: bytes) -> dict[str, Any] | None:
        self.need("reply.status", status == 200, f"HTTP 状态码是 {status}，应为 200")
        if body in (b"", b"success"):
            self.need("reply.success", True, "")
            return None
        nearly = body.decode("utf-8", "replace").strip(" \t\r\n\ufeff\"'").lower() in ("", "success")
        self.need("reply.success", not nearly, f"应只回 success 这 7 个字母或空包，实际是 {body[:40]!r}")
        fields = self.unsealed(self.parsed(body))
        self.need(
            "reply.to", _text(fields, "ToUserName") == self.openid, "ToUserName 应为用户的 openid（收发双方要对调）"
        )
        ours = _text(fields, "FromUserName") == self.app.original_id
        self.need("reply.from", ours, "FromUserName 应为账号的原始 ID（收发双方要对调）")
        self.need("reply.create_time", _text(fields, "CreateTime").isdecimal(), "CreateTime 应为整数秒")
        kind = _text(fields, "MsgType")
        self.need("reply.msg_type", kind in OWN_ELEMENTS, f"不认识的 MsgType：{kind or '（缺）'}")
        extra = sorted(fields.keys() - COMMON_ELEMENTS - OWN_ELEMENTS[kind])
        if not str(fields.get("#text", "")).strip():
            extra = [name for name in extra if name != "#text"]  # white space between the elements
        # What WeChat does with elements it does not expect is not known; the resident sees the reply here.
        self.verdicts["reply.elements"] = f"{kind} 回复里多了 {'、'.join(extra)}" if extra else None
        return self.content(kind, fields)

    def parsed(self, body: bytes) -> dict[str, Any]:
        kind, fields, problem = "JSON" if self.app.format == "json" else "XML", None, ""
        try:
            if kind == "JSON":
                fields = json.loads(body)
            else:
                parsed = xmltodict.parse(body, encoding="utf-8", strip_whitespace=False, force_list=("item",))
                fields = parsed.get("xml")
        except (ExpatError, ValueError) as error:
            problem = f"回复不是合法的 {kind}：{error}"
        if not isinstance(fields, dict):
            raise self.broken("reply.well_formed", problem or "回复的最外层应为 <xml>")
        self.verdicts["reply.well_formed"] = None
        return fields

    def unsealed(self, outer: dict[str, Any]) -> dict[str, Any]:
        sealed = outer.get("Encrypt")
        if self.app.mode == "security":
            self.need("reply.encrypted", sealed is not None, "安全模式下回复没有加密")
        if self.app.mode == "plain":
            self.need("reply.plain", sealed is None, "明文模式下回复不应加密")
        if sealed is None:
            return outer
        signature = sign(self.app.token, _text(outer, "TimeStamp"), _text(outer, "Nonce"), str(sealed))
        genuine = same(_text(outer, "MsgSignature"), signature)
        self.need("reply.signature", genuine, "回复的 MsgSignature 不正确")
        plain, problem = b"", ""
        try:
            plain = decrypt(self.app, str(sealed))
        except CryptoError as error:
            problem = str(error)
        self.need("reply.decryptable", not problem, problem)
        return self.parsed(plain)

    def content(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        if kind == "text":
            text = fields.get("Content")
            given = isinstance(text, str) and bool(text.strip())
            self.need("reply.text_empty", given, "Content 为空；无话可说时应回 success")
            size = len(str(text).encode())
            self.need("reply.text_length", size <= TEXT_LIMIT_BYTES, f"文字有 {size} 字节，超过 {TEXT_LIMIT_BYTES}")
            return {"type": "text", "text": str(text)}
        if kind == "news":
            return self.news(fields)
        if kind == "transfer_customer_service":
            return {"type": kind, "text": ""}
        inner = fields.get(kind.capitalize())
        if not isinstance(inner, dict):
            raise self.broken("reply.media", f"{kind} 回复缺少 {kind.capitalize()}")
        wanted = str(inner.get("ThumbMediaId" if kind == "music" else "MediaId") or "")
        known = self.media is None or wanted in self.media or (kind == "music" and not wanted)
        self.need("reply.media", known, f"MediaId 没有上传过，或已过期：{wanted or '（空）'}")
        return {"type": kind, "text": str(inner.get("Title") or MEDIA_TYPES[kind]), "media_id": wanted}

    def news(self, fields: dict[str, Any]) -> dict[str, Any]:
        articles = fields.get("Articles")
        items = articles.get("item") if isinstance(articles, dict) else None
        if not isinstance(items, list) or str(fields.get("ArticleCount")) != str(len(items)):
            raise self.broken("reply.articles", "ArticleCount 与 Articles 里的条数不一致")
        limit = self.article_limit
        self.need("reply.article_limit", len(items) <= limit, f"图文有 {len(items)} 条，这里最多 {limit} 条")
        shown = []
        for item in items:
            titled = isinstance(item, dict) and bool(str(item.get("Title") or "").strip())
            self.need("reply.articles", titled, "图文缺少 Title")
            names = {"title": "Title", "description": "Description", "url": "Url", "picture": "PicUrl"}
            shown.append({key: str(item.get(name) or "") for key, name in names.items()})
        return {"type": "news", "text": shown[0]["title"], "articles": shown}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)
