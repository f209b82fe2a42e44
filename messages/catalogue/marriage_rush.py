"""Notices of peak days (domain-rules §7 "peak-day sale opens → subscribers"), to those who asked for them.

`first` is the peak day, `time` the moment of its release, `hint` how its places are given.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_FIELDS = ("matter", "place", "first", "time", "hint")
# Too many and too late for anybody to telephone; the list of peak days stands open all the same.
_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)

NOTICES = (
    Notice(
        key="marriage.peak_day_before",
        title="放号前一天提醒",
        audience=Audience.RESIDENT,
        text="您关注的{first}（{matter}，{place}）{time}放号。\n{hint}。",
        fields=_FIELDS,
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.peak_soon",
        title="放号前十分钟提醒",
        audience=Audience.RESIDENT,
        text="还有10分钟：{first}（{matter}，{place}）{time}放号。\n{hint}。早点没有用，到时点一次就行。",
        fields=_FIELDS,
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.peak_changed",
        title="放号安排有变",
        audience=Audience.RESIDENT,
        text="您关注的{first}（{matter}，{place}）放号安排有变，{time}开始。\n{hint}。",
        fields=_FIELDS,
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.peak_dropped",
        title="放号取消",
        audience=Audience.RESIDENT,
        text="您关注的{first}（{matter}，{place}）原定{time}的放号取消了。\n{hint}。",
        fields=_FIELDS,
        channels=_WECHAT,
    ),
)
