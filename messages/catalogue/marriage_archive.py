"""Notices of requests to the archive (domain-rules §2.9, §7): to whoever asked, and nothing of what is in a record.

Fields: `matter` is neutral; `time` the moment of the change or the close of the last day, as WeChat's `time` fields
take it; `place` the registry, or where the volume is kept; `number` that of the request; `hint` what to do next, one
short sentence without a full stop.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

_FIELDS = ("matter", "time", "place", "number", "hint")


def _notice(key: str, title: str, text: str, channels: tuple[Channel, ...] = _CERTAIN) -> Notice:
    return Notice(
        key=f"marriage.archive_{key}",
        title=title,
        audience=Audience.RESIDENT,
        text=text,
        fields=_FIELDS,
        channels=channels,
    )


NOTICES = (
    _notice("asked", "查档申请收到了", "{matter} {number} 收到了（{time}，{place}）。\n{hint}。", _WECHAT),
    _notice("more", "查档要补一句话", "{matter} {number}（{time}，{place}）：还差一点就能接着查。\n{hint}。"),
    _notice("located", "查档找到了", "{matter} {number}（{time}，{place}）：找到了。\n{hint}。", _WECHAT),
    _notice("ready", "查档卷已调好", "{matter} {number}（{time}，{place}）：准备好了 ✔\n{hint}。"),
    _notice("elsewhere", "查档请去别处", "{matter} {number}（{time}）：放在{place}。\n{hint}。\n地址回“我的查档”看。"),
    _notice("not_found", "查档没有查到", "{matter} {number}（{time}，{place}）：这次没有查到。\n{hint}。"),
    _notice("refused", "查档没能办成", "{matter} {number}（{time}，{place}）：这次没能办成。\n{hint}。"),
    _notice("waiting", "查档还在等您", "{matter} {number} 还在{place}等您，{time}前都可以来。\n{hint}。", _WECHAT),
    _notice("last_days", "查档快到期", "{matter} {number} 在{place}只留到{time}，过了就退回库房。\n{hint}。"),
    _notice(
        "lapsed", "查档到期结束", "{matter} {number}（{time}，{place}）：到期没有等到您，先结束了。\n{hint}。", _WECHAT
    ),
)
