"""From the tree of a push to its typed form, by two tables. XML and JSON come in one shape (see `reading`).

wechatpy's parse_message is not used: it raises KeyError without MsgType, ExpatError on JSON, and knows no
subscribe_msg_* events (wechat-protocol §8.1 no. 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from backend.kernel.clock import BEIJING
from backend.wechat import inbound
from backend.wechat.errors import PushRefused
from backend.wechat.inbound import Inbound, SubscribeAnswer, SubscribeResult
from backend.wechat.reading import Tree

Head = tuple[str, str, datetime, Tree]  # to, sender, created_at, raw: the fields of Inbound, in order
Builder = Callable[[Head, Tree], Inbound]

# openids, gh_ ids, and the few names WeChat itself sends from. The reply is built from it, so nothing of XML may be in.
_ACCOUNT_ID = re.compile(r"[0-9A-Za-z_@.-]{1,64}")
_KIND = re.compile(r"[0-9A-Za-z_]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")

_SCENE_PREFIX = "qrscene_"


def parse_inbound(raw: Tree) -> Inbound:
    """The typed form of a decrypted push. Raises `PushRefused` 400 if a field is missing, repeated or nonsense."""
    head = (
        _matching(raw, "ToUserName", _ACCOUNT_ID),
        _matching(raw, "FromUserName", _ACCOUNT_ID),
        datetime.fromtimestamp(int(_matching(raw, "CreateTime", _SECONDS)), BEIJING),
        raw,
    )
    kind = _matching(raw, "MsgType", _KIND).lower()
    builder = MESSAGES.get(kind)
    if kind == "event":
        event = _matching(raw, "Event", _KIND).lower()  # WeChat mixes SCAN, subscribe and TEMPLATESENDJOBFINISH
        kind, builder = f"event:{event}", EVENTS.get(event)
    return builder(head, raw) if builder else inbound.UnknownInbound(*head, kind=kind)


def _text(tree: Tree, name: str) -> str:
    """A field's text, empty where it is absent."""
    value = tree.get(name, "")
    if isinstance(value, list):
        raise PushRefused(400, "repeated_element")
    if not isinstance(value, str):
        raise PushRefused(400, "bad_field")
    return value


def _matching(tree: Tree, name: str, pattern: re.Pattern[str]) -> str:
    value = _text(tree, name).strip()
    if not pattern.fullmatch(value):
        raise PushRefused(400, "bad_field")
    return value


def _text_message(head: Head, raw: Tree) -> Inbound:
    return inbound.TextMessage(*head, content=_text(raw, "Content"), menu_item_id=_text(raw, "bizmsgmenuid") or None)


def _image(head: Head, raw: Tree) -> Inbound:
    return inbound.ImageMessage(*head, media_id=_text(raw, "MediaId"), picture_url=_text(raw, "PicUrl"))


def _voice(head: Head, raw: Tree) -> Inbound:
    return inbound.VoiceMessage(
        *head,
        media_id=_text(raw, "MediaId"),
        audio_format=_text(raw, "Format"),
        recognition=_text(raw, "Recognition") or None,
    )


def _video(head: Head, raw: Tree) -> Inbound:
    return inbound.VideoMessage(*head, media_id=_text(raw, "MediaId"), thumb_media_id=_text(raw, "ThumbMediaId"))


def _location(head: Head, raw: Tree) -> Inbound:
    return inbound.LocationMessage(
        *head,
        latitude=float(_matching(raw, "Location_X", _DEGREES)),  # X is the latitude (§1.3)
        longitude=float(_matching(raw, "Location_Y", _DEGREES)),
        label=_text(raw, "Label"),
    )


def _link(head: Head, raw: Tree) -> Inbound:
    return inbound.LinkMessage(
        *head, title=_text(raw, "Title"), description=_text(raw, "Description"), url=_text(raw, "Url")
    )


def _subscribed(head: Head, raw: Tree) -> Inbound:
    key = _text(raw, "EventKey")  # after a payment it can be last_trade_no_…, which is no scene
    scene = key.removeprefix(_SCENE_PREFIX) if key.startswith(_SCENE_PREFIX) else ""
    return inbound.Subscribed(*head, scene=scene or None)


def _unsubscribed(head: Head, _raw: Tree) -> Inbound:
    return inbound.Unsubscribed(*head)


def _scanned(head: Head, raw: Tree) -> Inbound:
    return inbound.Scanned(*head, scene=_text(raw, "EventKey"))


def _menu_clicked(head: Head, raw: Tree) -> Inbound:
    return inbound.MenuClicked(*head, key=_text(raw, "EventKey"))


def _menu_viewed(head: Head, raw: Tree) -> Inbound:
    return inbound.MenuViewed(*head, url=_text(raw, "EventKey"))


def _template_finished(head: Head, raw: Tree) -> Inbound:
    return inbound.TemplateSendFinished(*head, msg_id=_text(raw, "MsgID"), status=_text(raw, "Status").strip())


def _popup_answered(head: Head, raw: Tree) -> Inbound:
    return inbound.SubscribePopupAnswered(*head, answers=tuple(_answers(raw, "SubscribeMsgPopupEvent")))


def _subscription_changed(head: Head, raw: Tree) -> Inbound:
    # WeChat's sample of this event names the element after the popup event; both are accepted (§1.4).
    answers = tuple(_answers(raw, "SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent"))
    return inbound.SubscribeChanged(*head, answers=answers)


def _subscription_sent(head: Head, raw: Tree) -> Inbound:
    results = tuple(
        SubscribeResult(
            _text(entry, "TemplateId"),
            _text(entry, "MsgID"),
            int(_matching(entry, "ErrorCode", _WHOLE)),
            _text(entry, "ErrorStatus"),
        )
        for entry in _entries(raw, "SubscribeMsgSentEvent")
    )
    return inbound.SubscribeSent(*head, results=results)


def _answers(raw: Tree, *names: str) -> Iterator[SubscribeAnswer]:
    for entry in _entries(raw, *names):
        status = _text(entry, "SubscribeStatusString").lower()
        # acceptWithAudio is an acceptance too (§5.3)
        yield SubscribeAnswer(_text(entry, "TemplateId"), status.startswith("accept"))


def _entries(raw: Tree, *names: str) -> list[Tree]:
    """The entries of a subscribe_msg event: XML has `<Name><List>…`, JSON has `List`, an object if there is one."""
    found = next((raw[name] for name in names if raw.get(name)), raw)
    listed = found.get("List", []) if isinstance(found, Mapping) else found
    entries = listed if isinstance(listed, list) else [listed]
    if not all(isinstance(entry, Mapping) for entry in entries):
        raise PushRefused(400, "bad_field")
    return entries


MESSAGES: dict[str, Builder] = {
    "text": _text_message,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
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
}
