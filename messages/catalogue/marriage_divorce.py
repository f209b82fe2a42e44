"""Notices of a case that takes weeks (domain-rules §2.6, §7): to each person separately, on their own WeChat.

They never name the business: a lock screen may be seen by anybody. Fields: `matter` is neutral; `number` that of the
receipt; `until`, `first` and `last` are days; `time` is the close of business of the last day, in the form WeChat's
`time` fields take; `hint` one short sentence without a full stop. None of them holds a name or says what somebody did.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_WECHAT = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE)
_CERTAIN = (*_WECHAT, Channel.DESK)

_DATES = ("matter", "number", "place", "until", "first", "last", "hint")
_CLOSING = ("matter", "number", "place", "time", "hint")


def _closing(key: str, title: str, text: str) -> Notice:
    return Notice(key=key, title=title, audience=Audience.RESIDENT, text=text, fields=_CLOSING, channels=_CERTAIN)


NOTICES = (
    Notice(
        key="marriage.case_accepted",
        title="申请已受理",
        audience=Audience.RESIDENT,
        text=(
            "{matter}已受理（回执 {number}）。\n撤回可以在{until}下班前办理，任何一方到窗口即可。\n"
            "{first}至{last}之间，双方一起到{place}办理；逾期视为撤回。\n{hint}。"
        ),
        fields=_DATES,
        channels=_WECHAT,
    ),
    Notice(
        key="marriage.case_dates_moved",
        title="业务日期有调整",
        audience=Audience.RESIDENT,
        text=(
            "{matter}（回执 {number}）日期有调整。\n撤回可以在{until}下班前办理。\n"
            "{first}至{last}之间，双方一起到{place}办理；逾期视为撤回。\n{hint}。"
        ),
        fields=_DATES,
        channels=_CERTAIN,
    ),
    _closing(
        "marriage.case_window_opens",
        "业务可以办理了",
        "{matter}（回执 {number}）从今天起可以办理。\n{time}前，双方一起到{place}；工作日办理，可以先预约。\n{hint}。",
    ),
    _closing(
        "marriage.case_closes_in_ten",
        "业务还有10天",
        "{matter}（回执 {number}）还有10天。\n还要办的，请在{time}前双方一起到{place}，早一点预约更稳妥。\n{hint}。",
    ),
    _closing(
        "marriage.case_closes_in_five",
        "业务还有5天",
        "{matter}（回执 {number}）还有5天。\n还要办的，请在{time}前双方一起到{place}；约不上请打电话。\n{hint}。",
    ),
    _closing(
        "marriage.case_closes_in_two",
        "业务还有2天",
        "{matter}（回执 {number}）还有2天。\n还要办的，请在{time}前双方一起到{place}；约不上请打电话。\n{hint}。",
    ),
    Notice(
        key="marriage.case_last_day",
        title="业务最后一天",
        audience=Audience.RESIDENT,
        text="{matter}（回执 {number}）今天是最后一天。\n还要办的，请在{time}前双方一起到{place}。\n{hint}。",
        fields=_CLOSING,
        # The same day is too short for a list of people to telephone; the desk has a list of its own (rescue tasks).
        channels=_WECHAT,
        urgent=True,
    ),
    Notice(
        key="marriage.case_withdrawn",
        title="申请已撤回",
        audience=Audience.RESIDENT,
        text="{matter}（回执 {number}）已按您的意思办好，{time}，{place}。\n{hint}。以后需要，可以重新申请。",
        fields=_CLOSING,
        channels=_WECHAT,
    ),
)
