"""Every message and event of §1.3, §1.4 and §1.7 that can be put together on the page: its inputs and its push."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox import compose_parts as parts
from sandbox.config import PRODUCTS, Product
from sandbox.push import Push
from sandbox.state import Resident
from sandbox.world import World

Values = dict[str, Any]
Builder = Callable[[parts.Sender, Values], Push]


@dataclass(frozen=True)
class Input:
    """One field of a form. `kind` is text, long, number, flag, file or choice; `options` are (value, wording)."""

    name: str
    label: str
    kind: str = "text"
    default: Any = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Form:
    """One kind of push: who can send it, what has to be filled in, and how it is built."""

    kind: str
    title: str
    group: str
    build: Builder
    inputs: tuple[Input, ...] = ()
    products: tuple[Product, ...] = PRODUCTS

    def to_json(self) -> dict[str, Any]:
        """For the page."""
        inputs = [
            {"name": i.name, "label": i.label, "kind": i.kind, "default": i.default, "options": i.options}
            for i in self.inputs
        ]
        return {
            "kind": self.kind,
            "title": self.title,
            "group": self.group,
            "products": self.products,
            "inputs": inputs,
        }


ACCOUNT: tuple[Product, ...] = ("account",)
MINIPROGRAM: tuple[Product, ...] = ("miniprogram",)
PLACE = (
    Input("latitude", "纬度", "number", 34.27),
    Input("longitude", "经度", "number", 108.95),
    Input("label", "地名", default="新城区民政局"),
)
SUSPICION = (("pass", "通过"), ("review", "需人工看"), ("risky", "违规"))
CHOICES = (("accept", "允许"), ("reject", "拒绝"))
PERSONAL = "个人信息"

FORMS = (
    Form("text", "文字", "消息", parts.text, (Input("content", "内容", "long"),)),
    Form("image", "图片", "消息", parts.image, (Input("file", "图片文件（png、jpg、gif）", "file"),)),
    Form(
        "voice",
        "语音",
        "消息",
        parts.voice,
        (Input("recognition", "识别出的文字（空：没有识别）"), Input("file", "语音文件（amr、mp3，可不选）", "file")),
        ACCOUNT,
    ),
    Form("video", "视频", "消息", parts.video, (Input("file", "视频文件（mp4，可不选）", "file"),), ACCOUNT),
    Form("shortvideo", "小视频", "消息", parts.shortvideo, (), ACCOUNT),
    Form("location", "位置", "消息", parts.location, PLACE, ACCOUNT),
    Form(
        "link",
        "链接",
        "消息",
        parts.link,
        (Input("title", "标题"), Input("description", "说明"), Input("url", "网址", default="https://")),
        ACCOUNT,
    ),
    Form(
        "miniprogrampage",
        "小程序卡片",
        "消息",
        parts.card,
        (Input("title", "标题", default="预约"), Input("path", "页面", default="pages/index")),
        MINIPROGRAM,
    ),
    Form("subscribe", "关注", "关注与扫码", parts.follow, (Input("scene", "场景（空：搜索关注）"),), ACCOUNT),
    Form("unsubscribe", "取消关注", "关注与扫码", parts.plain("unsubscribe"), (), ACCOUNT),
    Form("SCAN", "扫场景码（已关注）", "关注与扫码", parts.keyed("SCAN", "scene"), (Input("scene", "场景"),), ACCOUNT),
    Form("CLICK", "点菜单", "菜单", parts.keyed("CLICK", "key"), (Input("key", "key"),), ACCOUNT),
    Form("VIEW", "点菜单里的网页", "菜单", parts.keyed("VIEW", "url"), (Input("url", "网址"),), ACCOUNT),
    Form(
        "view_miniprogram",
        "点菜单里的小程序",
        "菜单",
        parts.menu_page,
        (Input("path", "页面", default="pages/index"),),
        ACCOUNT,
    ),
    *(
        Form(
            name,
            title,
            "菜单",
            parts.scanned(name),
            (Input("key", "key"), Input("result", "扫到的内容"), Input("type", "类型", default="qrcode")),
            ACCOUNT,
        )
        for name, title in (("scancode_push", "菜单扫码"), ("scancode_waitmsg", "菜单扫码，等提示"))
    ),
    *(
        Form(
            name,
            title,
            "菜单",
            parts.pictures(name),
            (Input("key", "key"), Input("count", "几张", "number", 1)),
            ACCOUNT,
        )
        for name, title in (
            ("pic_sysphoto", "菜单拍照"),
            ("pic_photo_or_album", "菜单拍照或相册"),
            ("pic_weixin", "菜单微信相册"),
        )
    ),
    Form("location_select", "菜单选位置", "菜单", parts.selected_place, (Input("key", "key"), *PLACE), ACCOUNT),
    Form("LOCATION", "上报位置", "其他", parts.reported_place, PLACE[:2], ACCOUNT),
    Form(
        "user_enter_tempsession",
        "进入小程序客服",
        "其他",
        parts.enter,
        (Input("session_from", "来自", default="help"),),
        MINIPROGRAM,
    ),
    *(
        Form(
            f"subscribe_msg_{name}_event",
            title,
            "通知",
            parts.notices(name),
            (
                Input("templates", "模板 ID（几个用空格隔开）", "long"),
                Input("status", "选择", "choice", choice, CHOICES),
            ),
        )
        for name, title, choice in (("popup", "订阅弹窗的选择", "accept"), ("change", "在设置里改了订阅", "reject"))
    ),
    Form(
        "subscribe_msg_sent_event",
        "订阅通知的送达结果",
        "通知",
        parts.notice_sent,
        (Input("templates", "模板 ID"), Input("error_code", "ErrorCode", "number", 0)),
    ),
    Form(
        "TEMPLATESENDJOBFINISH",
        "模板消息的送达结果",
        "通知",
        parts.template_finished,
        (
            Input("message_id", "MsgID", "number", 3_000_000_000),
            Input("status", "结果", default="failed:user block"),
        ),
        ACCOUNT,
    ),
    Form(
        "MASSSENDJOBFINISH",
        "群发结果",
        "通知",
        parts.mass_finished,
        (Input("message_id", "MsgID", "number", 1_000_000), Input("status", "结果", default="send success")),
        ACCOUNT,
    ),
    Form("kf_create_session", "接入人工客服", "其他", parts.service("kf_create_session"), products=ACCOUNT),
    Form("kf_close_session", "结束人工客服", "其他", parts.service("kf_close_session"), products=ACCOUNT),
    Form("kf_switch_session", "转接人工客服", "其他", parts.service("kf_switch_session"), products=ACCOUNT),
    Form("user_authorization_revoke", "撤回授权", PERSONAL, parts.withdrawn("user_authorization_revoke")),
    Form("user_authorization_cancellation", "注销", PERSONAL, parts.withdrawn("user_authorization_cancellation")),
    Form("user_info_modified", "改了个人资料", PERSONAL, parts.withdrawn("user_info_modified")),
    Form(
        "wxa_media_check",
        "图片检查的结果",
        "其他",
        parts.media_checked,
        (Input("trace_id", "trace_id"), Input("suggest", "结果", "choice", "risky", SUSPICION)),
        MINIPROGRAM,
    ),
    Form("event", "别的事件", "其他", parts.any_event, (Input("name", "Event", default="poi_check_notify"),)),
)
BY_KIND = {form.kind: form for form in FORMS}


def compose(world: World, resident: Resident, product: Product, kind: str, values: Values) -> Push:
    """The push of one form. Raises `parts.Incomplete`, `NotAllowed`, or KeyError for an unknown kind."""
    form = BY_KIND[kind]
    if product not in form.products:
        raise parts.Incomplete(f"{form.title}不是{'小程序' if product == 'miniprogram' else '公众号'}的推送")
    known = {one.name for one in form.inputs} | {"picture_address"}
    given = {one.name: values.get(one.name, one.default) for one in form.inputs}
    unknown = values.keys() - known
    if unknown:
        raise parts.Incomplete(f"不认识的参数：{'、'.join(sorted(unknown))}")
    return form.build(parts.Sender(world, resident, product, values.get("picture_address", "")), given)
