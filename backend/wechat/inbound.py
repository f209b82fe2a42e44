"""What WeChat can tell us, typed (wechat-protocol §1.3, §1.4, §1.7). `parsing` makes these.

What a person wrote and who they are is kept out of `repr`, because reprs end up in logs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Inbound:
    """What all pushes have. `to` is the app's original id, `sender` the openid, `created_at` aware, 北京时间.

    `raw` holds every field as it came: nested dicts whose leaves are text, a list where an element was repeated.
    """

    to: str
    sender: str = field(repr=False)
    created_at: datetime
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def is_event(self) -> bool:
        """Whether it is an event, which has no MsgId and is no message of the person's."""
        return _leaf(self.raw, "MsgType").lower() == "event"

    @property
    def article(self) -> tuple[str, str] | None:
        """MsgDataId and Idx of the article from within which a message was sent (§1.3)."""
        data_id = _leaf(self.raw, "MsgDataId")
        return (data_id, _leaf(self.raw, "Idx")) if data_id else None

    @property
    def dedup_key(self) -> str:
        """Equal for the deliveries of one push, different for two pushes to one app; at most 200 characters (§1.6).

        Messages have their MsgId. Events have none, so they go by person, second and event; `_detail` tells apart what
        may happen twice in one second.
        """
        kind, message_id = _leaf(self.raw, "MsgType").lower(), _leaf(self.raw, "MsgId")
        if kind != "event" and message_id:
            return f"message:{_bounded(message_id)}"
        name = _leaf(self.raw, "Event").lower() or kind
        second = int(self.created_at.timestamp())
        return f"event:{self.sender}:{second}:{_bounded(name)}:{_bounded(self._detail())}"

    def _detail(self) -> str:
        return _leaf(self.raw, "EventKey") or _leaf(self.raw, "MsgID")


def _leaf(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name, "")
    return value if isinstance(value, str) else ""


def _bounded(text: str) -> str:
    """A menu address or a payment event's key can be a kilobyte; a unique column should not be."""
    if len(text) <= 32 and text.isascii():
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class TextMessage(Inbound):
    """A sentence; `menu_item_id` is set when it came from tapping an item of a menu message (菜单消息)."""

    content: str = field(repr=False)
    menu_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class ImageMessage(Inbound):
    """A picture, to be fetched by `media_id` within three days."""

    media_id: str
    picture_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VoiceMessage(Inbound):
    """A voice message. `recognition` is mostly None: WeChat wound the service down in 2023 (§1.3)."""

    media_id: str
    audio_format: str
    recognition: str | None = field(repr=False)
    media_id_16k: str | None = None


@dataclass(frozen=True, slots=True)
class VideoMessage(Inbound):
    """A video or short video."""

    media_id: str
    thumb_media_id: str


@dataclass(frozen=True, slots=True)
class LocationMessage(Inbound):
    """A place the person picked, in degrees (GCJ-02); `label` is its address as WeChat words it."""

    latitude: float = field(repr=False)
    longitude: float = field(repr=False)
    label: str = field(repr=False)
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class LinkMessage(Inbound):
    """A shared article."""

    title: str = field(repr=False)
    description: str = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MiniProgramPageMessage(Inbound):
    """A card of a mini-program's page, sent in the mini-program's service chat (§1.7)."""

    title: str = field(repr=False)
    app_id: str
    page: str = field(repr=False)
    thumb_url: str = field(repr=False)
    thumb_media_id: str


@dataclass(frozen=True, slots=True)
class Subscribed(Inbound):
    """关注. `scene` is what the QR code said, without `qrscene_`; None when there was none."""

    scene: str | None
    ticket: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unsubscribed(Inbound):
    """取消关注. It cannot be answered, and nothing may be sent any more."""


@dataclass(frozen=True, slots=True)
class Scanned(Inbound):
    """A follower scanned a QR code with a scene."""

    scene: str
    ticket: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MenuClicked(Inbound):
    """A menu button of type click."""

    key: str


@dataclass(frozen=True, slots=True)
class MenuViewed(Inbound):
    """A menu button that opened a page."""

    url: str
    menu_id: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateSendFinished(Inbound):
    """The fate of a template message; `msg_id` is what `send_template` returned."""

    msg_id: str
    status: str

    @property
    def delivered(self) -> bool:
        """True if it reached the person; otherwise `status` says who is to blame (user block, system failed)."""
        return self.status == "success"


class SubscribeAnswer(NamedTuple):
    """What a person answered for one template; `accepted` is one more send for a one-time template.

    `scene` is where they were asked: 0 mini-program, 1 web page, 2 article; None where WeChat does not say.
    """

    template_id: str
    accepted: bool
    scene: int | None = None


class SubscribeResult(NamedTuple):
    """The fate of one subscription message; `error_code` 0 is delivered."""

    template_id: str
    msg_id: str
    error_code: int
    error_status: str


@dataclass(frozen=True, slots=True)
class SubscribePopupAnswered(Inbound):
    """subscribe_msg_popup_event: the person answered the request to be notified."""

    answers: tuple[SubscribeAnswer, ...]

    def _detail(self) -> str:
        return repr(self.answers)


@dataclass(frozen=True, slots=True)
class SubscribeChanged(Inbound):
    """subscribe_msg_change_event: the person changed the settings; WeChat only tells of refusals."""

    answers: tuple[SubscribeAnswer, ...]

    def _detail(self) -> str:
        return repr(self.answers)


@dataclass(frozen=True, slots=True)
class SubscribeSent(Inbound):
    """subscribe_msg_sent_event: the fate of subscription messages."""

    results: tuple[SubscribeResult, ...]

    def _detail(self) -> str:
        # Two notices can reach one person in one second; only the ids inside the list tell their events apart.
        return repr(self.results)


@dataclass(frozen=True, slots=True)
class UnknownInbound(Inbound):
    """A push we have no class for. `kind` is the MsgType, or `event:` and the event, in lower case."""

    kind: str
