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


def _notice(key: str, text: str, channels: tuple[Channel, ...] = _CERTAIN) -> Notice:
    return Notice(
        key=f"marriage.archive_{key}", audience=Audience.RESIDENT, text=text, fields=_FIELDS, channels=channels
    )


NOTICES = (
    _notice("asked", "{matter} {number} 收到了（{time}，{place}）。\n{hint}。", _WECHAT),
    _notice("more", "{matter} {number}（{time}，{place}）：还差一点就能接着查。\n{hint}。"),
    _notice("located", "{matter} {number}（{time}，{place}）：找到了。\n{hint}。", _WECHAT),
    _notice("ready", "{matter} {number}（{time}，{place}）：准备好了 ✔\n{hint}。"),
    _notice("elsewhere", "{matter} {number}（{time}）：放在{place}。\n{hint}。\n地址回“我的查档”看。"),
    _notice("not_found", "{matter} {number}（{time}，{place}）：这次没有查到。\n{hint}。"),
    _notice("refused", "{matter} {number}（{time}，{place}）：这次没能办成。\n{hint}。"),
    _notice("waiting", "{matter} {number} 还在{place}等您，{time}前都可以来。\n{hint}。", _WECHAT),
    _notice("last_days", "{matter} {number} 在{place}只留到{time}，过了就退回库房。\n{hint}。"),
    _notice("lapsed", "{matter} {number}（{time}，{place}）：到期没有等到您，先结束了。\n{hint}。", _WECHAT),
)
