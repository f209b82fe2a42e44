"""Notices of sessions that were booked with somebody to talk to (domain-rules §2.8, §7): to whoever booked, alone.

A lock screen may be seen by anybody, so they never say what it is about, with whom, or that there are two. Fields:
`matter` is neutral; `time` the beginning in the form WeChat's `time` fields take; `place` the registry, "线上" or
"电话"; `number` that of the session; `hint` and `reason` one short sentence without a full stop. None of them holds a
name, and none a link: how one enters a video is shown after signing in.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

_FIELDS = ("matter", "time", "place", "number", "hint")


def _notice(
    key: str,
    title: str,
    text: str,
    channels: tuple[Channel, ...] = _WECHAT,
    fields: tuple[str, ...] = _FIELDS,
    *,
    urgent: bool = False,
) -> Notice:
    return Notice(
        key=key, title=title, audience=Audience.RESIDENT, text=text, fields=fields, channels=channels, urgent=urgent
    )


NOTICES = (
    _notice(
        "marriage.counselling_booked",
        "辅导约好了",
        "约好了 ✔ {matter} {number}\n{time}，{place}。\n{hint}。\n改时间或取消，回复“我的辅导”。",
    ),
    _notice(
        "marriage.counselling_tomorrow", "辅导前一天提醒", "明天见：{matter} {number}\n{time}，{place}。\n{hint}。"
    ),
    _notice("marriage.counselling_soon", "辅导当天提醒", "快到时间了：{matter} {number}\n{time}，{place}。\n{hint}。"),
    _notice(
        "marriage.counselling_changed",
        "预约的安排有变动",
        "{matter} {number} 的安排有变动。\n现在是：{time}，{place}。\n{hint}。\n不方便请回复“我的辅导”改或取消。",
        _CERTAIN,
    ),
    _notice(
        "marriage.counselling_link_ready",
        "视频地址好了",
        "{matter} {number}（{time}）：{hint}。\n回复“我的辅导”就能看到。",
    ),
    _notice(
        "marriage.counselling_cancelled",
        "预约已取消",
        "{matter} {number}（{time}）已取消。\n说明：{reason}\n需要时随时可以再约。",
        _CERTAIN,
        (*_FIELDS, "reason"),
    ),
)
