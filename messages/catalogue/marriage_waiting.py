"""Notices of the waiting list (domain-rules §7 "slot freed (候补) → waiting") and to the other one of a couple.

Fields as in `marriage`; `until` is the moment until which a place is kept, `first` and `last` the days waited for.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

# Half an hour is too short for a list of people to telephone, and what ran out needs nobody's call.
_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)

NOTICES = (
    Notice(
        key="marriage.partner_booked",
        title="对方为二位约好了",
        audience=Audience.RESIDENT,
        text=(
            "对方为您二位约好了：{matter}，预约号 {number}\n{time}，{place}。\n{hint}。\n"
            "会去可以回“我的预约”确认，不回也有效；来不了，回“不去了”就行。"
        ),
        fields=("matter", "time", "place", "number", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.partner_cancelled",
        title="对方取消了预约",
        audience=Audience.RESIDENT,
        text="您二位的预约取消了：{matter}，预约号 {number}\n{time}，{place}，不用再去。还要办的话，可以重新预约。",
        fields=("matter", "time", "place", "number"),
        # Whoever does not hear of it comes for nothing.
        channels=(*_WECHAT, Channel.DESK),
    ),
    Notice(
        key="marriage.partner_moved",
        title="对方改了或同意了预约时间",
        audience=Audience.RESIDENT,
        text="{hint}：{matter}，预约号 {number}\n{time}，{place}。\n来不了，回“不去了”就行。",
        fields=("matter", "time", "place", "number", "hint"),
        # Whoever does not hear of it comes at the old time.
        channels=(*_WECHAT, Channel.DESK),
    ),
    Notice(
        key="marriage.booking_paused",
        title="暂停网上预约",
        audience=Audience.RESIDENT,
        text="最近有几次约好了没有来，{until}（含）以前，{place}的{matter}暂时不能在网上约。\n{hint}，核实后会撤销。",
        fields=("matter", "place", "until", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.pause_lifted",
        title="恢复网上预约",
        audience=Audience.RESIDENT,
        text="{place}的{matter}又可以在网上约了。\n{hint}。",
        fields=("matter", "place", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.rush_unplaced",
        title="高峰日没有排上",
        audience=Audience.RESIDENT,
        text="{place}{first}的{matter}放号结束了，很抱歉这次没有排上。每个号码的结果都公开，可以自己核对。\n{hint}。",
        fields=("matter", "place", "first", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.waiting_offered",
        title="候补有位置了",
        audience=Audience.RESIDENT,
        text=(
            "候补有位置了：{matter}\n{time}，{place}，为您留到{until}。\n1 接受\n2 让给下一位\n"
            "{hint}；正在办别的事时，先回“候补”。"
        ),
        fields=("matter", "time", "place", "until", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.waiting_passed",
        title="候补的位置已让出",
        audience=Audience.RESIDENT,
        text="为您留的位置时间到了，已让给下一位：{matter}，{time}，{place}。\n{hint}。",
        fields=("matter", "time", "place", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.waiting_ended",
        title="候补结束",
        audience=Audience.RESIDENT,
        text="您排的候补结束了：{matter}，{first}至{last}，{place}。\n{hint}。",
        fields=("matter", "first", "last", "place", "hint"),
        channels=_WECHAT,
    ),
)
