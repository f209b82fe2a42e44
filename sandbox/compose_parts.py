"""Building single pushes (wechat-protocol.md §1.3, §1.4, §1.7), and what each does to the resident's phone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import residents
from sandbox.config import Product
from sandbox.push import Push
from sandbox.state import MediaItem, Resident
from sandbox.template_store import known_templates
from sandbox.wechat.media import KINDS, content_type_of, keep
from sandbox.world import World

Values = dict[str, Any]
# Sounds and films that a resident sends without choosing a file: the first bytes are right, no more is needed.
STAND_INS = {"voice": b"#!AMR\n" + bytes(64), "video": bytes(4) + b"ftypmp42" + bytes(64), "thumb": b"\xff\xd8\xff"}
SERVICE_ACCOUNT = "service1@sandbox"


class Incomplete(ValueError):
    """Something is missing or wrong in a form; the text says what."""


@dataclass(frozen=True)
class Sender:
    """Who sends to which product. `pictures` is where pictures can be fetched; an id is put behind it."""

    world: World
    resident: Resident
    product: Product
    pictures: str = ""

    def event(self, name: str, **fields: Any) -> Push:
        """An event that changes nothing by itself."""
        body = {"MsgType": "event", "Event": name, **fields}
        return Push(self.product, self.resident.openid(self.product), body, is_event=True)

    def message(self, fields: Values, shown: str, **more: Any) -> Push:
        """A message, with its bubble on the phone."""
        return residents.message(self.world, self.resident, self.product, fields, shown, **more)

    def stored(self, kind: str, file: Any) -> MediaItem:
        """The file of a form ({"name", "data" in base64}) put where WeChat keeps it; else a stand-in."""
        name, data = _file(file) if file else (f"{kind}.bin", STAND_INS.get(kind, b""))
        if not data or len(data) > KINDS[kind].most or content_type_of(kind, data) is None:
            raise Incomplete("请选一个合适的文件：类型要对，也不能太大")
        return keep(self.world, self.product, kind, name, data, "phone")


def _file(file: Any) -> tuple[str, bytes]:
    if not isinstance(file, dict) or not isinstance(file.get("data"), str):
        raise Incomplete("文件请写成 {name, data}，data 是 base64")
    try:
        return str(file.get("name") or "file"), base64.b64decode(file["data"], validate=True)
    except binascii.Error:
        raise Incomplete("文件的 data 不是 base64") from None


def _words(values: Values, name: str, what: str) -> str:
    text = values[name]
    if not isinstance(text, str) or not text.strip():
        raise Incomplete(f"请填写{what}")
    return text.strip()


def _number(values: Values, name: str, what: str) -> float:
    try:
        return float(values[name])
    except (TypeError, ValueError):
        raise Incomplete(f"{what}请填数字") from None


def text(sender: Sender, values: Values) -> Push:
    """A text."""
    content = _words(values, "content", "内容")
    return sender.message({"MsgType": "text", "Content": content}, content)


def image(sender: Sender, values: Values) -> Push:
    """A picture from a file."""
    item = sender.stored("image", values["file"])
    fields = {"MsgType": "image", "PicUrl": sender.pictures + item["media_id"], "MediaId": item["media_id"]}
    return sender.message(fields, "[图片]", media_id=item["media_id"])


def voice(sender: Sender, values: Values) -> Push:
    """A voice message; Recognition is empty where it is switched on and nothing was understood, absent where off."""
    item = sender.stored("voice", values["file"])
    fields = {"MsgType": "voice", "MediaId": item["media_id"], "Format": "amr"}
    said = str(values["recognition"] or "").strip()
    if said or sender.world.state.switches["recognition"]:
        fields["Recognition"] = said
    return sender.message(fields, f"[语音] {said}".strip())


def _film(kind: str, sender: Sender, file: Any) -> Push:
    item, thumb = sender.stored("video", file), sender.stored("thumb", None)
    fields = {"MsgType": kind, "MediaId": item["media_id"], "ThumbMediaId": thumb["media_id"]}
    return sender.message(fields, "[视频]")


def video(sender: Sender, values: Values) -> Push:
    """A film."""
    return _film("video", sender, values["file"])


def shortvideo(sender: Sender, _values: Values) -> Push:
    """A short film."""
    return _film("shortvideo", sender, None)


def location(sender: Sender, values: Values) -> Push:
    """A place sent as a message: Location_X is the latitude."""
    latitude, longitude = _number(values, "latitude", "纬度"), _number(values, "longitude", "经度")
    label = str(values["label"])
    place = {"Location_X": f"{latitude:.6f}", "Location_Y": f"{longitude:.6f}", "Scale": 16, "Label": label}
    return sender.message({"MsgType": "location", **place}, f"[位置] {label}".strip())


def link(sender: Sender, values: Values) -> Push:
    """A web page sent as a message."""
    title, url = _words(values, "title", "标题"), _words(values, "url", "网址")
    fields = {"MsgType": "link", "Title": title, "Description": str(values["description"]), "Url": url}
    return sender.message(fields, f"[链接] {title}")


def card(sender: Sender, values: Values) -> Push:
    """A page of the mini-program sent to its customer service."""
    thumb = sender.stored("thumb", None)["media_id"]
    title = _words(values, "title", "标题")
    fields = {
        "MsgType": "miniprogrampage",
        "Title": title,
        "AppId": sender.world.config.miniprogram.app_id,
        "PagePath": _words(values, "path", "页面"),
        "ThumbUrl": sender.pictures + thumb,
        "ThumbMediaId": thumb,
    }
    return sender.message(fields, f"[小程序] {title}")


def follow(sender: Sender, values: Values) -> Push:
    """Following, by a scene code or without."""
    return residents.event(sender.world, sender.resident, "subscribe", str(values["scene"]).strip())


def plain(name: str) -> Callable[[Sender, Values], Push]:
    """An event with an empty key."""
    return lambda sender, _values: residents.event(sender.world, sender.resident, name, "")


def keyed(name: str, what: str) -> Callable[[Sender, Values], Push]:
    """An event with a key that must be given."""
    return lambda sender, values: residents.event(sender.world, sender.resident, name, _words(values, what, what))


def _menu_event(sender: Sender, name: str, key: str, extra: Values) -> Push:
    return residents.event(sender.world, sender.resident, name, key, extra=extra)


def menu_page(sender: Sender, values: Values) -> Push:
    """A menu button that opens the mini-program."""
    return _menu_event(sender, "view_miniprogram", _words(values, "path", "页面"), {"MenuId": "400000001"})


def scanned(name: str) -> Callable[[Sender, Values], Push]:
    """A menu button that scans."""

    def build(sender: Sender, values: Values) -> Push:
        info = {"ScanType": str(values["type"]), "ScanResult": _words(values, "result", "扫到的内容")}
        return _menu_event(sender, name, _words(values, "key", "key"), {"ScanCodeInfo": info})

    return build


def pictures(name: str) -> Callable[[Sender, Values], Push]:
    """A menu button that takes pictures; none is possible, too."""

    def build(sender: Sender, values: Values) -> Push:
        count = int(_number(values, "count", "几张"))
        if not 0 <= count <= 9:
            raise Incomplete("一次最多 9 张")
        items = [
            {"PicMd5Sum": hashlib.md5(secrets.token_bytes(16), usedforsecurity=False).hexdigest()} for _ in range(count)
        ]
        info = {"Count": count, "PicList": {"item": items}}
        return _menu_event(sender, name, _words(values, "key", "key"), {"SendPicsInfo": info})

    return build


def selected_place(sender: Sender, values: Values) -> Push:
    """A menu button that asks for a place."""
    info = {
        "Location_X": f"{_number(values, 'latitude', '纬度'):.6f}",
        "Location_Y": f"{_number(values, 'longitude', '经度'):.6f}",
        "Scale": "16",
        "Label": str(values["label"]),
        "Poiname": "",
    }
    return _menu_event(sender, "location_select", _words(values, "key", "key"), {"SendLocationInfo": info})


def reported_place(sender: Sender, values: Values) -> Push:
    """The phone tells where it is; another thing than the message `location`."""
    place = {"Latitude": f"{_number(values, 'latitude', '纬度'):.6f}"}
    place["Longitude"] = f"{_number(values, 'longitude', '经度'):.6f}"
    return sender.event("LOCATION", **place, Precision="40.000000")


def enter(sender: Sender, values: Values) -> Push:
    """Entering the mini-program's customer service."""
    with sender.world.lock:
        residents.allow_sends(sender.world, sender.resident, "miniprogram", "enter")
    return sender.event("user_enter_tempsession", SessionFrom=str(values["session_from"]))


def notices(name: str) -> Callable[[Sender, Values], Push]:
    """Choices on the consent popup, or in the settings afterwards."""

    def build(sender: Sender, values: Values) -> Push:
        known, wanted = known_templates(sender.world), _words(values, "templates", "模板 ID").split()
        unknown = [one for one in wanted if one not in known or known[one].channel != "subscribe"]
        if unknown:
            raise Incomplete(f"没有这个订阅模板：{unknown[0]}")
        status = "withdraw" if name == "change" else str(values["status"])
        templates = [known[one] for one in wanted]
        return residents.subscription(sender.world, sender.resident, sender.product, templates, status)

    return build


def notice_sent(sender: Sender, values: Values) -> Push:
    """What came of a subscription notice."""
    code = int(_number(values, "error_code", "ErrorCode"))
    item = {
        "TemplateId": _words(values, "templates", "模板 ID"),
        "MsgID": str(1_700_000_000_000_000_000 + secrets.randbelow(10**17)),
        "ErrorCode": code,
        "ErrorStatus": "success" if code == 0 else "failed",
    }
    return sender.event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": [item]})


def template_finished(sender: Sender, values: Values) -> Push:
    """What came of a template message."""
    number = int(_number(values, "message_id", "MsgID"))
    return sender.event("TEMPLATESENDJOBFINISH", MsgID=number, Status=str(values["status"]))


def mass_finished(sender: Sender, values: Values) -> Push:
    """What came of a mass message."""
    counts = {"TotalCount": 100, "FilterCount": 80, "SentCount": 75, "ErrorCount": 5}
    number = int(_number(values, "message_id", "MsgID"))
    return sender.event("MASSSENDJOBFINISH", MsgID=number, Status=str(values["status"]), **counts)


def service(name: str) -> Callable[[Sender, Values], Push]:
    """A person of the bureau takes the talk over, or leaves it."""
    accounts = {"KfAccount": SERVICE_ACCOUNT}
    if name == "kf_switch_session":
        accounts = {"FromKfAccount": SERVICE_ACCOUNT, "ToKfAccount": "service2@sandbox"}
    return lambda sender, _values: sender.event(name, **accounts)


def withdrawn(name: str) -> Callable[[Sender, Values], Push]:
    """The user withdrew a permission, closed the account, or changed personal data."""

    def build(sender: Sender, _values: Values) -> Push:
        app = sender.world.config.product(sender.product)
        openid = sender.resident.openid(sender.product)
        return sender.event(name, OpenID=openid, AppID=app.app_id, RevokeInfo="1")

    return build


def media_checked(sender: Sender, values: Values) -> Push:
    """A late answer to media_check_async, also for a trace_id that nobody knows."""
    suggest = str(values["suggest"])
    verdict = {"suggest": suggest, "label": 100 if suggest == "pass" else 20002}
    detail = [{"strategy": "content_model", "errcode": 0, **verdict, "prob": 90}]
    return sender.event(
        "wxa_media_check",
        appid=sender.world.config.miniprogram.app_id,
        trace_id=_words(values, "trace_id", "trace_id"),
        version=2,
        detail=detail,
        errcode=0,
        errmsg="ok",
        result=verdict,
    )


def any_event(sender: Sender, values: Values) -> Push:
    """An event that the product does not know."""
    return sender.event(_words(values, "name", "Event"))
