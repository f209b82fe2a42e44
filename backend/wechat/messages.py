"""Notices and customer-service messages (wechat-protocol §5.1-5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from backend.wechat.caller import Caller
from backend.wechat.transport import text_of

MiniProgramState = Literal["developer", "trial", "formal"]


class Messages(Caller):
    """What is sent to people. Success only means that WeChat took it."""

    def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        url: str | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """Template message of the account (§5.1). Returns its msgid, which `TemplateSendFinished` will name.

        `data` as `fields.fit_fields` gives it. `client_msg_id` (32 characters at most) makes a repeat within about ten
        minutes harmless.
        """
        message = {**_notice(openid, template_id, data), **_given(url=url, client_msg_id=client_msg_id)}
        return text_of(self.call("POST", "/cgi-bin/message/template/send", json=message), "msgid")

    def send_account_subscribe(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str | None = None
    ) -> None:
        """Subscription notice of the account (§5.2); `page` is a web address. Uses up one credit if one-time."""
        message = {**_notice(openid, template_id, data), **_given(page=page)}
        self.call("POST", "/cgi-bin/message/subscribe/bizsend", json=message)

    def send_miniprogram_subscribe(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        page: str | None = None,
        state: MiniProgramState = "formal",
    ) -> None:
        """Subscription message of the mini-program (§5.3); `page` is one of its own. Uses up one credit if one-time."""
        message = {
            **_notice(openid, template_id, data),
            **_given(page=page),
            "miniprogram_state": state,
            "lang": "zh_CN",
        }
        self.call("POST", "/cgi-bin/message/subscribe/send", json=message)

    def send_customer_text(self, openid: str, text: str) -> None:
        """Customer-service text (§5.4); `WindowClosed` when the person has not been active lately."""
        message = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        self.call("POST", "/cgi-bin/message/custom/send", json=message)


def _notice(openid: str, template_id: str, data: Mapping[str, str]) -> dict[str, Any]:
    fields = {key: {"value": value} for key, value in data.items()}
    return {"touser": openid, "template_id": template_id, "data": fields}


def _given(**options: str | None) -> dict[str, str]:
    """Only what was given: WeChat takes an empty page for a page."""
    return {name: value for name, value in options.items() if value is not None}
