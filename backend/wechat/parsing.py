"""From the tree of a push to its typed form, by two tables. XML and JSON come in one shape (see `reading`).

wechatpy's parse_message is not used: it raises KeyError without MsgType, ExpatError on JSON, and knows no
subscribe_msg_* events (wechat-protocol §8.1 no. 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from backend.kernel.clock import BEIJING
from backend.wechat import inbound
from backend.wechat.inbound import Inbound, SubscribeAnswer, SubscribeResult
from backend.wechat.leaves import DEGREES, WHOLE, branches, matching, text, whole
from backend.wechat.parsing_reports import REPORTS, Builder, Head
from backend.wechat.reading import Tree

# openids, gh_ ids, and the few names WeChat itself sends from. The reply is built from it, so nothing of XML may be in.
_ACCOUNT_ID = re.compile(r"[0-9A-Za-z_@.-]{1,64}")
_KIND = re.compile(r"[0-9A-Za-z_]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,11}")

_SCENE_PREFIX = "qrscene_"


def parse_inbound(raw: Tree) -> Inbound:
    """The typed form of a decrypted push. Raises `PushRefused` 400 if a field is missing, repeated or nonsense."""
    head = (
        matching(raw, "ToUserName", _ACCOUNT_ID),
        matching(raw, "FromUserName", _ACCOUNT_ID),
        datetime.fromtimestamp(int(matching(raw, "CreateTime", _SECONDS)), BEIJING),
        raw,
    )
    kind = matching(raw, "MsgType", _KIND).lower()
    builder = MESSAGES.get(kind)
    if kind == "event":
        event = matching(raw, "Event", _KIND).lower()  # WeChat mixes SCAN, subscribe and TEMPLATESENDJOBFINISH
        kind, builder = f"event:{event}", EVENTS.get(event)
    return builder(head, raw) if builder else inbound.UnknownInbound(*head, kind=kind)


def _text_message(head: Head, raw: Tree) -> Inbound:
    return inbound.TextMessage(*head, content=text(raw, "Content"), menu_item_id=text(raw, "bizmsgmenuid") or None)


def _image(head: Head, raw: Tree) -> Inbound:
    return inbound.ImageMessage(*head, media_id=text(raw, "MediaId"), picture_url=text(raw, "PicUrl"))


def _voice(head: Head, raw: Tree) -> Inbound:
    return inbound.VoiceMessage(
        *head,
        media_id=text(raw, "MediaId"),
        audio_format=text(raw, "Format"),
        media_id_16k=text(raw, "MediaId16K") or None,
        recognition=text(raw, "Recognition").strip() or None,
    )


def _video(head: Head, raw: Tree) -> Inbound:
    return inbound.VideoMessage(*head, media_id=text(raw, "MediaId"), thumb_media_id=text(raw, "ThumbMediaId"))


def _location(head: Head, raw: Tree) -> Inbound:
    return inbound.LocationMessage(
        *head,
        latitude=float(matching(raw, "Location_X", DEGREES)),  # X is the latitude (§1.3)
        longitude=float(matching(raw, "Location_Y", DEGREES)),
        label=text(raw, "Label"),
        scale=whole(raw, "Scale"),
    )


def _link(head: Head, raw: Tree) -> Inbound:
    return inbound.LinkMessage(
        *head, title=text(raw, "Title"), description=text(raw, "Description"), url=text(raw, "Url")
    )


def _mini_program_page(head: Head, raw: Tree) -> Inbound:
    return inbound.MiniProgramPageMessage(
        *head,
        title=text(raw, "Title"),
        app_id=text(raw, "AppId"),
        page=text(raw, "PagePath"),
        thumb_url=text(raw, "ThumbUrl"),
        thumb_media_id=text(raw, "ThumbMediaId"),
    )


def _subscribed(head: Head, raw: Tree) -> Inbound:
    key = text(raw, "EventKey")  # after a payment it can be last_trade_no_…, which is no scene
    scene = key.removeprefix(_SCENE_PREFIX) if key.startswith(_SCENE_PREFIX) else ""
    return inbound.Subscribed(*head, scene=scene or None, ticket=text(raw, "Ticket") or None)


def _unsubscribed(head: Head, _raw: Tree) -> Inbound:
    return inbound.Unsubscribed(*head)


def _scanned(head: Head, raw: Tree) -> Inbound:
    return inbound.Scanned(*head, scene=text(raw, "EventKey"), ticket=text(raw, "Ticket") or None)


def _menu_clicked(head: Head, raw: Tree) -> Inbound:
    return inbound.MenuClicked(*head, key=text(raw, "EventKey"))


def _menu_viewed(head: Head, raw: Tree) -> Inbound:
    return inbound.MenuViewed(*head, url=text(raw, "EventKey"), menu_id=text(raw, "MenuId") or None)


def _template_finished(head: Head, raw: Tree) -> Inbound:
    return inbound.TemplateSendFinished(*head, msg_id=text(raw, "MsgID"), status=text(raw, "Status").strip())


def _popup_answered(head: Head, raw: Tree) -> Inbound:
    return inbound.SubscribePopupAnswered(*head, answers=tuple(_answers(raw, "SubscribeMsgPopupEvent")))


def _subscription_changed(head: Head, raw: Tree) -> Inbound:
    # WeChat's sample of this event names the element after the popup event; both are accepted (§1.4).
    answers = tuple(_answers(raw, "SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent"))
    return inbound.SubscribeChanged(*head, answers=answers)


def _subscription_sent(head: Head, raw: Tree) -> Inbound:
    results = tuple(
        SubscribeResult(
            text(entry, "TemplateId"),
            text(entry, "MsgID"),
            int(matching(entry, "ErrorCode", WHOLE)),
            text(entry, "ErrorStatus"),
        )
        for entry in _entries(raw, "SubscribeMsgSentEvent")
    )
    return inbound.SubscribeSent(*head, results=results)


def _answers(raw: Tree, *names: str) -> Iterator[SubscribeAnswer]:
    for entry in _entries(raw, *names):
        status = text(entry, "SubscribeStatusString").lower()
        # acceptWithAudio is an acceptance too (§5.3)
        yield SubscribeAnswer(text(entry, "TemplateId"), status.startswith("accept"), whole(entry, "PopupScene"))


def _entries(raw: Tree, *names: str) -> list[Tree]:
    """The entries of a subscribe_msg event: XML has `<Name><List>…`, JSON has `List`, an object if there is one."""
    found = next((raw[name] for name in names if raw.get(name)), raw)
    return branches(found.get("List") if isinstance(found, Mapping) else found)


MESSAGES: dict[str, Builder] = {
    "text": _text_message,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
    "miniprogrampage": _mini_program_page,
}

EVENTS: dict[str, Builder] = {
    "subscribe": _subscribed,
    "unsubscribe": _unsubscribed,
    "scan": _scanned,
    "click": _menu_clicked,
    "view": _menu_viewed,
    "templatesendjobfinish": _template_finished,
    "subscribe_msg_popup_event": _popup_answered,
    "subscribe_msg_change_event": _subscription_changed,
    "subscribe_msg_sent_event": _subscription_sent,
    **REPORTS,
}
