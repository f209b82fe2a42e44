"""The account's web login inside WeChat's browser (网页授权, wechat-protocol §4.1).

Its user tokens are not the API's access_token; they are used once, for the profile, and never kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from backend.settings import WeChatApp
from backend.wechat.errors import CodeRejected
from backend.wechat.transport import Answer, exchange, open_http, text_of

_CODE = re.compile(r"[!-~]{1,256}")
_SILENT, _ASKING = "snsapi_base", "snsapi_userinfo"


@dataclass(frozen=True)
class WebUser:
    """Who came by a code. `snapshot`: a virtual user of a page preview, who must not be taken for a person."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    snapshot: bool


class WebLogin:
    """The web login of one account. Safe to share between threads; make it after a fork. No slash ends an address."""

    def __init__(self, app: WeChatApp, api_base_url: str, open_base_url: str) -> None:
        self._app = app
        self._open_base_url = open_base_url
        self._http = open_http(api_base_url)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def page(self, back: str, state: str, *, with_unionid: bool = False) -> str:
        """The address to send the browser to; it comes back to `back` with `code` and `state` added.

        Silent, unless `with_unionid`: then WeChat asks the person, because a unionid comes with the profile only.
        """
        query = urlencode(
            {
                "appid": self._app.app_id,
                "redirect_uri": back,
                "response_type": "code",
                "scope": _ASKING if with_unionid else _SILENT,
                "state": state,
            }
        )
        return f"{self._open_base_url}/connect/oauth2/authorize?{query}#wechat_redirect"

    def exchange_code(self, code: str) -> WebUser:
        """Exchange a code; `CodeRejected` when it is wrong, used, too old or another app's. Raises a `WeChatError`."""
        if not _CODE.fullmatch(code):  # it comes from an address: anything may be in it
            raise CodeRejected
        query = {
            "appid": self._app.app_id,
            "secret": self._app.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        answer = exchange(self._http, "GET", "/sns/oauth2/access_token", query=query)
        openid = text_of(answer, "openid")
        snapshot = str(answer.get("is_snapshotuser", "0")) == "1"
        return WebUser(openid, None if snapshot else self._unionid(answer, openid), snapshot)

    def _unionid(self, answer: Answer, openid: str) -> str | None:
        told = answer.get("unionid") or None
        if told is None and _ASKING in str(answer.get("scope", "")):
            profile = exchange(
                self._http,
                "GET",
                "/sns/userinfo",
                query={"access_token": text_of(answer, "access_token"), "openid": openid, "lang": "zh_CN"},
            )
            told = profile.get("unionid") or None
        return None if told is None else str(told)
