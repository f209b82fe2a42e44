"""Notices of the marriage room (domain-rules §7).

Fields: `matter` is a neutral name of the business, fit for a lock screen; `time` the appointment in the form WeChat's
`time` fields take (2027年5月18日 10:00); `place` the office; `number` the booking number; `hint` one short sentence
without a full stop; `reason` what the office wrote. None of them holds a name.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_APPOINTMENT = ("matter", "time", "place", "number")

# SUBL before SUB1 before OA (domain-rules §7); a text in the chat where the person wrote lately.
_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

NOTICES = (
    Notice(
        key="marriage.booked",
        title="预约成功",
        audience=Audience.RESIDENT,
        text=(
            "约好了 ✔ {matter}，预约号 {number}\n{time}，{place}。\n{hint}。\n"
            "要改时间，回复“改约”；来不了，回复“不去了”就行。"
        ),
        fields=(*_APPOINTMENT, "hint"),
        # Whoever books reads the answer on the screen, so nobody has to telephone.
        channels=_WECHAT,
        urgent=True,
    ),
    Notice(
        key="marriage.confirmed",
        title="预约已确认",
        audience=Audience.RESIDENT,
        text="登记处已确认 ✔ {matter}，预约号 {number}\n{time}，{place}。\n{hint}。",
        fields=(*_APPOINTMENT, "hint"),
        channels=_CERTAIN,
    ),
    Notice(
        key="marriage.refused",
        title="预约未通过",
        audience=Audience.RESIDENT,
        text=(
            "很抱歉，这次预约没能通过：{matter}，{time}，预约号 {number}。\n登记处说明：{reason}\n"
            "{hint}；有不明白的，回复“人工”，我们帮您问。"
        ),
        fields=(*_APPOINTMENT, "reason", "hint"),
        channels=_CERTAIN,
    ),
    Notice(
        key="marriage.rescheduled",
        title="改约成功",
        audience=Audience.RESIDENT,
        text="改好了 ✔ {matter}，预约号 {number}\n新的时间：{time}，{place}。\n{hint}。\n原来的时间不用再去。",
        fields=(*_APPOINTMENT, "hint"),
        channels=_CERTAIN,
        urgent=True,
    ),
    Notice(
        key="marriage.reminder_day_before",
        title="前一天提醒",
        audience=Audience.RESIDENT,
        text=(
            "约好的日子快到了：{matter}\n{time}，{place}，预约号 {number}。\n{hint}。\n"
            "如果来不了，回复“不去了”就行，把时间让给别人。"
        ),
        fields=(*_APPOINTMENT, "hint"),
        channels=_CERTAIN,
    ),
    Notice(
        key="marriage.reminder_two_hours",
        title="两小时前提醒",
        audience=Audience.RESIDENT,
        text="快到约好的时间了：{matter}\n{time}，{place}，预约号 {number}。\n{hint}。\n路上慢一点，注意安全。",
        fields=(*_APPOINTMENT, "hint"),
        # Two hours are too short for a list of people to telephone.
        channels=_WECHAT,
        urgent=True,
    ),
    Notice(
        key="marriage.documents_failed",
        title="材料没有备齐",
        audience=Audience.RESIDENT,
        text=(
            "今天没能办成：{matter}，{place}，预约号 {number}。\n还差的：{reason}\n"
            "{hint}。有不明白的，回复“人工”，我们帮您问。"
        ),
        fields=(*_APPOINTMENT, "reason", "hint"),
        # They were at the window and have heard it; this is to read again at home.
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.no_show",
        title="约了没到",
        audience=Audience.RESIDENT,
        text="约好的时间没有等到您：{matter}，{time}，{place}，预约号 {number}。\n{hint}。",
        fields=(*_APPOINTMENT, "hint"),
        channels=_WECHAT,
    ),
)
