"""Notices of ceremonies (domain-rules §2.7, §7): to both of the couple, quiet, and never an offer of anything for sale.

Fields: `matter` is "颁证仪式" or the title of an event; `time` the beginning in the form WeChat's `time` fields take;
`place` registry and venue; `number` that of the ceremony or the entry; `hint` and `reason` one short sentence without a
full stop. None of them holds a name, and none a link: what is private is shown after signing in.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

_CEREMONY = ("matter", "time", "place", "number", "hint")
_WITH_REASON = (*_CEREMONY, "reason")
_EVENT = ("matter", "time", "place", "number")


def _notice(
    key: str,
    title: str,
    text: str,
    fields: tuple[str, ...],
    channels: tuple[Channel, ...] = _WECHAT,
    *,
    urgent: bool = False,
) -> Notice:
    return Notice(
        key=key, title=title, audience=Audience.RESIDENT, text=text, fields=fields, channels=channels, urgent=urgent
    )


NOTICES = (
    _notice(
        "marriage.ceremony_booked",
        "仪式约好了",
        "约好了 ✔ {matter} {number}\n{time}，{place}。\n{hint}。\n来不了，回复“颁证仪式”就能取消。",
        _CEREMONY,
    ),
    _notice(
        "marriage.ceremony_in_three_days",
        "仪式三天前提醒",
        "{matter} {number}\n{time}，{place}。\n{hint}。衣着自便，亲友人数有变请提前说。",
        _CEREMONY,
    ),
    _notice(
        "marriage.ceremony_tomorrow",
        "仪式前一天提醒",
        "明天见：{matter} {number}\n{time}，{place}。\n{hint}。",
        _CEREMONY,
    ),
    _notice(
        "marriage.ceremony_moved",
        "仪式因天气改在室内",
        "{matter} {number} 因天气（{reason}）改在室内。\n现在的安排：{time}，{place}。\n{hint}。不方便请打登记处电话。",
        _WITH_REASON,
        _CERTAIN,
    ),
    _notice(
        "marriage.ceremony_moved_late",
        "仪式临时改在室内",
        "{matter} {number} 临时因天气（{reason}）改在室内，抱歉说得晚了。\n现在的安排：{time}，{place}。\n{hint}。",
        _WITH_REASON,
        _CERTAIN,
        urgent=True,
    ),
    _notice(
        "marriage.ceremony_without_place",
        "仪式没有室内场地",
        "{matter} {number}（原定{time}）因天气（{reason}）不能在户外办。\n登记处会打电话和您商量，也可以先取消再约。",
        _WITH_REASON,
        _CERTAIN,
        urgent=True,
    ),
    _notice(
        "marriage.ceremony_cancelled",
        "仪式已取消",
        "{matter} {number}（{time}）已取消。\n说明：{reason}\n需要可以再约，回复“颁证仪式”。",
        _WITH_REASON,
        _CERTAIN,
    ),
    _notice(
        "marriage.cloud_asked",
        "云颁证请您同意",
        "另一方想请亲友在线观看{matter} {number}（{time}），要您也同意才行。\n同不同意都可以，回复“颁证仪式”选择。",
        ("matter", "time", "number"),
    ),
    _notice(
        "marriage.cloud_ready",
        "云颁证页面好了",
        "{matter} {number} 可以在线观看了。回复“颁证仪式”看链接，只给您想给的亲友；30天后删除。",
        _CEREMONY,
    ),
    _notice(
        "marriage.event_partner_asked",
        "集体活动请您确认",
        "另一方为您二位报名了{matter}（{time}，{place}），报名号 {number}。\n要您也确认才算数，回复“集体颁证”。",
        _EVENT,
    ),
    _notice(
        "marriage.event_placed",
        "集体活动入选",
        "{matter}：您二位入选了 ✔ 报名号 {number}\n{time}，{place}。\n来不了请回复“集体颁证”退出，名额会让给候补。",
        _EVENT,
        _CERTAIN,
    ),
    _notice(
        "marriage.event_reserve",
        "集体活动候补",
        "{matter}：这次名额满了，您二位在候补里，报名号 {number}。\n有人退出会按顺序递补并通知您。",
        _EVENT,
    ),
    _notice(
        "marriage.event_cancelled",
        "集体活动取消",
        "{matter}（{time}，{place}）取消了，很抱歉。报名号 {number}。\n您二位不用再做什么。",
        _EVENT,
        _CERTAIN,
    ),
)
