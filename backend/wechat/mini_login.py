"""Who uses the mini-program: login codes and telephone numbers (wechat-protocol §3.1, §3.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backend.wechat.caller import Caller
from backend.wechat.errors import CodeRejected, OutcomeUnknown
from backend.wechat.transport import exchange, text_of

_CODE = re.compile(r"[!-~]{1,256}")
_CHINA = "86"


@dataclass(frozen=True)
class MiniProgramSession:
    """Who logged in. `session_key` stays on the server: never in a log, an address, a token or an answer (§3.2)."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True)
class PhoneNumber:
    """A number WeChat vouches for, without its country code; `country_code` has digits only."""

    number: str = field(repr=False)
    country_code: str

    @property
    def is_mainland(self) -> bool:
        """Whether it is a number of mainland China, the only ones we keep."""
        return self.country_code == _CHINA


class MiniLogin(Caller):
    """Codes that come from a phone, each good once and for five minutes."""

    def code_to_session(self, code: str) -> MiniProgramSession:
        """Exchange a wx.login code (§3.1). `CodeRejected` when it is wrong, used or older than five minutes.

        Without an access_token: wechatpy adds one, and then logins break whenever the token does (§8.1 no. 3).
        """
        _check(code)
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

    def phone_number(self, code: str, openid: str) -> PhoneNumber:
        """Exchange a code of the button getPhoneNumber, another kind than wx.login's (§3.4).

        WeChat checks that the code is `openid`'s. Each success is billed above a free quota, so there must be another
        way to give a number.
        """
        _check(code)
        answer = self.call("POST", "/wxa/business/getuserphonenumber", json={"code": code, "openid": openid})
        info = answer.get("phone_info")
        if not isinstance(info, dict):
            raise OutcomeUnknown
        mark = info.get("watermark")
        if not isinstance(mark, dict) or mark.get("appid") != self.app_id:
            raise OutcomeUnknown  # not about our mini-program, so not about this person
        return PhoneNumber(text_of(info, "purePhoneNumber"), text_of(info, "countryCode").lstrip("+"))


def _check(code: str) -> None:
    if not _CODE.fullmatch(code):  # it comes from a phone: anything may be in it
        raise CodeRejected
