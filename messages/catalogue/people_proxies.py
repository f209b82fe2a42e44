"""Notices about proxies (代办), and about bookings that an event in somebody's life has touched (domain-rules §7).

Fields: `who` is what the helper is to the reader with a masked name (您的女儿王*红), `whom` a masked name; `matters`
the services; `outcome` and `hint` one short sentence without a full stop; `matter`, `time`, `place` and `number` as in
the notices of bookings. No text says why a booking ends: whoever reads it over a shoulder learns nothing.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

_TIE = ("who", "matters", "hint")
_APPOINTMENT = ("matter", "time", "place", "number", "hint")

NOTICES = (
    Notice(
        # A principal without WeChat is asked at the counter, so nobody has to telephone.
        key="people.proxy_asked",
        title="有人想替您办事",
        audience=Audience.RESIDENT,
        text=(
            "{who}想替您办：{matters}。\n愿意不愿意都由您定：回复“代办”，再选1同意、2不同意。\n"
            "不认识、没说过这事，选不同意就行。{hint}。"
        ),
        fields=_TIE,
        channels=_WECHAT,
    ),
    Notice(
        key="people.proxy_answered",
        title="代办申请有答复",
        audience=Audience.RESIDENT,
        text="您申请替{whom}办事：{outcome}。\n{hint}。",
        fields=("whom", "outcome", "hint"),
        channels=_WECHAT,
    ),
    Notice(
        key="people.proxy_begun",
        title="代办开始",
        audience=Audience.RESIDENT,
        text="{who}现在可以替您办：{matters}。\n不想让他办了，随时能取消。{hint}。",
        fields=_TIE,
        channels=_WECHAT,
    ),
    Notice(
        key="people.proxy_ended",
        title="代办结束",
        audience=Audience.RESIDENT,
        text="{who}不再替您办：{matters}。\n以后这些事您自己办，或者另请家人。{hint}。",
        fields=_TIE,
        channels=_WECHAT,
    ),
    Notice(
        # Somebody would come for nothing, so this must reach them.
        key="people.booking_stopped",
        title="预约先不办理",
        audience=Audience.RESIDENT,
        text="您约的{matter}这次先不办理，不用过来：\n{time}，{place}，预约号 {number}。\n{hint}。",
        fields=_APPOINTMENT,
        channels=_CERTAIN,
    ),
    Notice(
        key="people.booking_restored",
        title="预约已恢复",
        audience=Audience.RESIDENT,
        text="您约的{matter}恢复了，还是原来的时间：\n{time}，{place}，预约号 {number}。\n{hint}。",
        fields=_APPOINTMENT,
        channels=_CERTAIN,
    ),
)
