"""Events beyond the conversation itself: menu buttons of the other kinds, and what WeChat reports (§1.4, §1.7, §6.6).

Like `inbound`, nothing of what tells who or where a person is stands in `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from backend.wechat.inbound import Inbound


@dataclass(frozen=True, slots=True)
class MiniProgramViewed(Inbound):
    """view_miniprogram: a menu button that opened a page of the mini-program."""

    page: str
    menu_id: str | None


@dataclass(frozen=True, slots=True)
class CodeScanned(Inbound):
    """scancode_push, scancode_waitmsg: a menu button that scans. `waits`: the person waits for an answer."""

    key: str
    waits: bool
    scan_type: str
    result: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PicturesSent(Inbound):
    """pic_sysphoto, pic_photo_or_album, pic_weixin: a menu button that sends pictures, which come as messages.

    `count` is what WeChat says, None where it says nothing; `md5_sums` can be fewer.
    """

    key: str
    way: str
    count: int | None
    md5_sums: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationSelected(Inbound):
    """location_select: a menu button that sends a place, which also comes as a message. Degrees, GCJ-02."""

    key: str
    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    label: str = field(repr=False)
    place: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocationReported(Inbound):
    """LOCATION: where the person is, sent by WeChat itself while a chat is open. `precision` in metres."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    precision: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class MassSendFinished(Inbound):
    """MASSSENDJOBFINISH: the fate of a mass message; `status` as WeChat words it, such as `err(20001)`."""

    msg_id: str
    status: str
    total: int | None
    filtered: int | None
    sent: int | None
    failed: int | None

    @property
    def succeeded(self) -> bool:
        """Whether WeChat sent it at all."""
        return self.status.replace(" ", "").lower() == "sendsuccess"


@dataclass(frozen=True, slots=True)
class ServiceSession(Inbound):
    """kf_create_session, kf_close_session, kf_switch_session: a member of staff took a chat, ended it, passed it on.

    `account` has the chat from now on, or had it until now; `from_account` had it before it was passed on.
    """

    change: Literal["create", "close", "switch"]
    account: str
    from_account: str | None

    def _detail(self) -> str:
        return f"{self.from_account}>{self.account}"


@dataclass(frozen=True, slots=True)
class ServiceChatEntered(Inbound):
    """user_enter_tempsession: the mini-program's service chat was opened; `session_from` is what its button said."""

    session_from: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthorizationChanged(Inbound):
    """user_authorization_revoke, user_authorization_cancellation, user_info_modified: a person took data back.

    `openid` is whose: WeChat names the person in `OpenID` where the sender is a service of its own. `items` are the
    codes of what was withdrawn (RevokeInfo), empty where everything was.
    """

    change: Literal["revoked", "cancelled", "modified"]
    openid: str = field(repr=False)
    items: tuple[str, ...]

    def _detail(self) -> str:
        return f"{self.openid} {self.items}"


@dataclass(frozen=True, slots=True)
class MediaChecked(Inbound):
    """wxa_media_check: what WeChat thinks of a picture or sound it was asked about (§6.6).

    `suggest` is `pass`, `review` or `risky`, also for reports of the first shape, which say `isrisky` only; empty where
    the check itself failed (`errcode` is not 0).
    """

    trace_id: str
    app_id: str
    errcode: int
    suggest: str
    label: int | None

    def _detail(self) -> str:
        return self.trace_id
