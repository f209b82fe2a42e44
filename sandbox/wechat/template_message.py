"""Template messages of the account (wechat-protocol.md §5.1)."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.notice_fields import first_bad_field, shown_fields
from sandbox.notices import NoticeTemplate
from sandbox.push import Push, deliver
from sandbox.state import Resident
from sandbox.template_store import known_templates
from sandbox.wechat.endpoint import OK, Call, Endpoint
from sandbox.wechat.errors import WeChatError
from sandbox.wechat.recipients import recipient
from sandbox.world import World

RESEND_SECONDS = 600
CLIENT_ID_LIMIT = 32
REMEMBERED = 5000


def _send(call: Call) -> dict[str, Any]:
    world = call.world
    with world.lock:
        resident = recipient(call)
        template = known_templates(world).get(call.text("template_id"))
        if template is None or (template.product, template.channel) != ("account", "template"):
            raise WeChatError(40037)
        if not resident.following:
            raise WeChatError(43004)
        bad = first_bad_field(template, call.body.get("data"))
        if bad:
            raise WeChatError(47003, f"data.{bad}.value invalid")
        _check_target(call)
        message_id = _sent_before(call, resident)
        if message_id is None:
            message_id = 3_000_000_000_000_000_000 + secrets.randbelow(10**17)
            _remember(call, resident, message_id)
            openid, status = resident.account_openid, "success"
            if resident.refuses_messages:
                # errcode 0 says only that it was taken; what came of it is in the event.
                status = "failed:user block"
            else:
                _show(call, resident, template)
            world.in_background(lambda: _finished(world, openid, message_id, status), world.config.event_delay_seconds)
    return {**OK, "msgid": message_id}


def _check_target(call: Call) -> None:
    """The mini-program to open must be the linked one (40013), at one of its pages (40165)."""
    program = call.body.get("miniprogram")
    if not isinstance(program, dict) or not program.get("appid"):
        return
    if program["appid"] != call.world.config.miniprogram.app_id:
        raise WeChatError(40013)
    path = program.get("pagepath", "")
    released = call.world.state.switches["released_pages"]
    page = path.partition("?")[0] if isinstance(path, str) else "/"
    if page.startswith("/") or (released and page and page not in released):
        raise WeChatError(40165)


def _show(call: Call, resident: Resident, template: NoticeTemplate) -> None:
    program = call.body.get("miniprogram")
    more: dict[str, Any] = {"title": template.title, "fields": shown_fields(template, call.body["data"])}
    if isinstance(program, dict) and program.get("appid"):
        more["miniprogram_path"] = str(program.get("pagepath", ""))
    elif call.text("url"):
        more["url"] = call.text("url")
    text = "\n".join(f"{row['label']}：{row['value']}" for row in more["fields"])
    call.world.show(resident, "notice", "template", text, "account", **more)


def _client_key(call: Call, resident: Resident) -> str | None:
    wanted = call.body.get("client_msg_id")
    if wanted is None or wanted == "":
        return None
    if not isinstance(wanted, str) or len(wanted) > CLIENT_ID_LIMIT:
        raise WeChatError(47003, "client_msg_id invalid")
    return f"{resident.account_openid} {wanted}"


def _sent_before(call: Call, resident: Resident) -> int | None:
    key = _client_key(call, resident)
    sent = call.world.state.sent_once.get(key) if key else None
    if sent is None or sent["at"] <= call.world.now() - RESEND_SECONDS:
        return None
    return int(sent["msgid"])


def _remember(call: Call, resident: Resident, message_id: int) -> None:
    key, sent = _client_key(call, resident), call.world.state.sent_once
    if key is None:
        return
    sent.pop(key, None)
    sent[key] = {"msgid": message_id, "at": call.world.now()}
    while len(sent) > REMEMBERED:
        del sent[next(iter(sent))]


def _finished(world: World, openid: str, message_id: int, status: str) -> None:
    # MsgID with a capital D, unlike the MsgId of messages (§1.4).
    fields = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": message_id, "Status": status}
    deliver(world, Push("account", openid, fields, is_event=True))


ENDPOINTS = (Endpoint("/cgi-bin/message/template/send", "POST", _send, only="account", daily=100_000),)
