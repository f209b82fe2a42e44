"""What can go wrong with WeChat, by what the caller can do about it (wechat-protocol §0.1, §5, §8.1).

A refusal is classified by `errcode` alone, never by errmsg. Nothing here carries an openid, a token or a text of ours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from backend.kernel.clock import now


class PushRefused(Exception):
    """A push that is not WeChat's, or is damaged. `status` is the HTTP answer (400, 403, 413), `reason` a code."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"


class WeChatError(Exception):
    """A call that did not succeed. `errcode` and `rid` (WeChat's request id) are None where WeChat gave none.

    `retry`: the same call may succeed later without anyone doing anything. `alarm`: people have to mend something,
    so staff and operators are told (docs/wechat.md). `field`: the template's key that a 47003 named, to be shown only.
    """

    retry: ClassVar[bool] = False
    alarm: ClassVar[bool] = False
    field: str | None = None

    def __init__(self, errcode: int | None = None, rid: str | None = None) -> None:
        super().__init__(errcode, rid)
        self.errcode = errcode
        self.rid = rid

    def __str__(self) -> str:
        return f"{type(self).__name__} errcode={self.errcode} rid={self.rid}"


class Busy(WeChatError):
    """-1: WeChat is busy; retry with growing pauses."""

    retry = True


class TokenRejected(WeChatError):
    """The access_token was refused although it was refreshed once: another program may be using our secret."""

    retry = True
    alarm = True


class Misconfigured(WeChatError):
    """Our appid, secret, whitelist, rights or request is wrong; a person has to act."""

    alarm = True


class RecipientRefuses(WeChatError):
    """This person cannot be reached this way (not following, blocked, turned off); permanent until they act."""


class NoCredit(RecipientRefuses):
    """43101: no subscription, or it is used up. Final for this notice (§5.3)."""


class WindowClosed(RecipientRefuses):
    """45015 / 45047: outside the customer-service window, or its count is used up (§5.4)."""


class UnknownRecipient(RecipientRefuses):
    """40003: the openid is wrong or belongs to another appid."""


class BadContent(WeChatError):
    """The data, the template or the wording was refused; sending it again changes nothing."""

    alarm = True


class CodeRejected(WeChatError):
    """A login or phone code is wrong, used or too old (§3.1); the phone has to ask for a new one."""


class HighRiskUser(WeChatError):
    """40226: WeChat has blocked this user's logins."""


class IdleUser(RecipientRefuses):
    """61010: the person has not used the mini-program for two hours, so their words cannot be checked (§6.6)."""


class QuotaExceeded(WeChatError):
    """A quota is used up; `retry_at` (aware, 北京时间) is the first moment at which a new try makes sense."""

    retry = True

    def __init__(self, errcode: int | None = None, rid: str | None = None, retry_at: datetime | None = None) -> None:
        super().__init__(errcode, rid)
        moment = now()
        if retry_at is not None:
            self.retry_at: datetime = retry_at
            return
        if errcode == MINUTE_QUOTA:
            self.retry_at = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        else:
            self.retry_at = next_midnight(moment)

    @property
    def lasts_until_midnight(self) -> bool:
        """Whether a day's quota is gone, not a minute's."""
        return self.errcode != MINUTE_QUOTA


def next_midnight(moment: datetime) -> datetime:
    """When daily quotas begin anew: they are counted by the day of Beijing (§0.1)."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


class ConcurrentSend(WeChatError):
    """43108: two sends to one person overlapped; retry after the other (§5.3)."""

    retry = True


class Banned(WeChatError):
    """WeChat has taken the template or the ability away; a person has to act."""

    alarm = True


class UnknownError(WeChatError):
    """An errcode we do not know: a failure (§0), and permanent, because blind repeats of sends do harm."""

    alarm = True


class Unreachable(WeChatError):
    """No connection: the request surely did not reach WeChat, so any call may be repeated."""

    retry = True
    sent: ClassVar[bool | None] = False


class OutcomeUnknown(Unreachable):
    """The request went out, but no usable answer came back: WeChat may have done it. `sent` is None."""

    sent = None


DAY_QUOTA = 45009
MINUTE_QUOTA = 45011

_CODES: dict[type[WeChatError], tuple[int, ...]] = {
    Busy: (-1,),
    TokenRejected: (40001, 40014, 42001),
    Misconfigured: (
        40013,  # appid
        40125,  # secret
        40164,  # caller's address not on the whitelist
        40166,  # linked mini-program's appid
        41001,  # no access_token
        41002,  # no appid
        41004,  # no secret
        41030,  # page not in the released version
        43001,  # GET wanted
        43002,  # POST wanted
        43003,  # HTTPS wanted
        40066,  # no such address
        40097,  # an argument of a code
        45064,  # the menu's mini-program is not linked
        46003,  # no menu has been published
        48001,  # no right to this API; also what the other product's token gives
    ),
    RecipientRefuses: (43004, 43019, 48002, 50005),
    NoCredit: (43101,),
    WindowClosed: (45015, 45047),
    UnknownRecipient: (40003,),
    IdleUser: (61010,),
    BadContent: (
        *(40004, 40006, 40007, 40009, 41005),  # media: type, size, media_id, size of a picture, no file
        *(40016, 40017, 40018, 40019, 40020, 40021, 40022, 40023, 40024, 40025, 40026, 40027),  # menu (§6.1)
        40033,  # \uXXXX in the body
        40037,  # template_id
        40035,  # an argument
        40053,  # QR code: action or scene
        40054,  # menu: address of a sub-button
        40055,  # menu: address of a button
        40165,  # page path
        40169,  # scene of a mini-program code
        40212,  # query of a link
        40249,  # marketing
        40250,  # improper, for example empty values
        40252,  # under review by the platform
        44002,  # empty body
        45002,  # text too long
        45008,  # more than one article
        45157,  # tag: the name is taken
        45158,  # tag: the name is too long
        45168,  # sensitive word
        47001,  # not JSON
        47002,  # not UTF-8
        47003,  # a field's value
        *(65303, 65316, 65320),  # conditional menu: no default menu, outside addresses, rule
        *(85400, 85401),  # life of a link
    ),
    CodeRejected: (40029, 40163, 41008, 42003),
    HighRiskUser: (40226,),
    QuotaExceeded: (DAY_QUOTA, MINUTE_QUOTA),
    ConcurrentSend: (43108,),
    Banned: (40251, 43107, 43116, 48004, 48006),
}

ERROR_CLASSES: dict[int, type[WeChatError]] = {code: kind for kind, codes in _CODES.items() for code in codes}


def error_for(errcode: int, rid: str | None = None) -> WeChatError:
    """The error to raise for a non-zero errcode; `UnknownError` for one that is not in the table."""
    return ERROR_CLASSES.get(errcode, UnknownError)(errcode, rid)
