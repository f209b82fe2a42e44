"""Calls to WeChat's API for one app (wechat-protocol §3.1, §5, §6.1).

Each method names its endpoint and returns what the caller needs of the answer. All raise the classes of `errors`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from redis import Redis

from backend.settings import WeChatApp
from backend.wechat.errors import CodeRejected, TokenRejected
from backend.wechat.tokens import TokenBroker
from backend.wechat.transport import Answer, exchange, list_of, open_http, text_of

_CODE = re.compile(r"[!-~]{1,256}")

MiniProgramState = Literal["developer", "trial", "formal"]


@dataclass(frozen=True)
class MiniProgramSession:
    """Who logged in. `session_key` stays on the server: never in a log, an address, a token or an answer (§3.2)."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True)
class PrivateTemplate:
    """A template the account owns; `content` shows its fields as `{{thing1.DATA}}`."""

    template_id: str
    title: str
    content: str
    example: str


@dataclass(frozen=True)
class QrCode:
    """A QR code with a scene. `url` is what it says, to be drawn by us; `ticket` is for WeChat's own picture."""

    ticket: str = field(repr=False)
    url: str = field(repr=False)
    expires_in: int


class WeChatClient:
    """One app's API. Safe to share between threads; make it after a fork. `base_url` has no trailing slash."""

    def __init__(self, app: WeChatApp, base_url: str, redis: Redis) -> None:
        self._app = app
        self._http = open_http(base_url)
        self.tokens = TokenBroker(app, self._http, redis)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call with the token. A refused token is replaced and the call repeated, once (§2.3, §10 no. 4).

        The repeat is safe for sends too: a call whose token was refused has done nothing.
        """
        token = self.tokens.get()
        try:
            return exchange(self._http, method, path, query={**(query or {}), "access_token": token}, body=json)
        except TokenRejected:
            self.tokens.rejected(token)
        token = self.tokens.get()
        return exchange(self._http, method, path, query={**(query or {}), "access_token": token}, body=json)

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
        minutes harmless. Success only means that WeChat took it.
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

    def code_to_session(self, code: str) -> MiniProgramSession:
        """Exchange a wx.login code (§3.1). `CodeRejected` when it is wrong, used or older than five minutes.

        Without an access_token: wechatpy adds one, and then logins break whenever the token does (§8.1 no. 3).
        """
        if not _CODE.fullmatch(code):  # it comes from a phone: anything may be in it
            raise CodeRejected
        query = {
            "appid": self._app.app_id,
            "secret": self._app.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        answer = exchange(self._http, "GET", "/sns/jscode2session", query=query)
        return MiniProgramSession(
            openid=text_of(answer, "openid"),
            unionid=answer.get("unionid") or None,
            session_key=text_of(answer, "session_key"),
        )

    def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the account's menu (§6.1); phones show it within about five minutes."""
        self.call("POST", "/cgi-bin/menu/create", json=menu)

    def create_qr_code(self, scene: str, expires: int) -> QrCode:
        """A temporary QR code of the account (§6.2), good for `expires` seconds, 30 days at most.

        Scanning it pushes `Scanned`, or `Subscribed` from who did not follow yet, with `scene` (1 to 64 characters).
        """
        if not 1 <= len(scene) <= 64 or not 1 <= expires <= 30 * 24 * 3600:
            raise ValueError("a scene has 1 to 64 characters, a temporary code lives 30 days at most")
        body = {
            "expire_seconds": expires,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        answer = self.call("POST", "/cgi-bin/qrcode/create", json=body)
        return QrCode(text_of(answer, "ticket"), text_of(answer, "url"), expires)

    def callback_addresses(self) -> list[str]:
        """The addresses WeChat pushes from (§0), single or with a prefix length."""
        return [str(address) for address in list_of(self.call("GET", "/cgi-bin/getcallbackip"), "ip_list")]

    def list_templates(self) -> list[PrivateTemplate]:
        """The account's templates (§5.1)."""
        answer = self.call("GET", "/cgi-bin/template/get_all_private_template")
        return [
            PrivateTemplate(
                template_id=text_of(entry, "template_id"),
                title=str(entry.get("title", "")),
                content=str(entry.get("content", "")),
                example=str(entry.get("example", "")),
            )
            for entry in list_of(answer, "template_list")
            if isinstance(entry, dict)
        ]


def _notice(openid: str, template_id: str, data: Mapping[str, str]) -> dict[str, Any]:
    fields = {key: {"value": value} for key, value in data.items()}
    return {"touser": openid, "template_id": template_id, "data": fields}


def _given(**options: str | None) -> dict[str, str]:
    """Only what was given: WeChat takes an empty page for a page."""
    return {name: value for name, value in options.items() if value is not None}
