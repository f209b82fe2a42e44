"""Notices of a registry that takes a time away (domain-rules §2.5-4): what is kept instead, and how to answer.

Fields: those of an appointment (`messages/catalogue/marriage.py`); `time` is the new time where there is one, `was` the
old one; `reason` what the registry wrote. None of them holds a name.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

_FIELDS = ("matter", "time", "was", "place", "number", "reason", "hint")
# Whom WeChat does not reach, a member of staff telephones: they would come for nothing.
_CERTAIN = (Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE, Channel.DESK)


def _notice(key: str, title: str, text: str) -> Notice:
    return Notice(key=key, title=title, audience=Audience.RESIDENT, text=text, fields=_FIELDS, channels=_CERTAIN)


NOTICES = (
    _notice(
        "marriage.moved_by_registry",
        "停办改约：新时间",
        "{place}{was}不能办理（{reason}），很抱歉。\n"
        "已为您留好新的时间：{time}，{matter}，预约号 {number}。\n{hint}。这次改动不计次数。",
    ),
    _notice(
        "marriage.move_waiting",
        "停办改约：还没有新时间",
        "{place}{was}不能办理（{reason}），很抱歉，请不要白跑。\n"
        "{matter}，预约号 {number}。\n{hint}。回复“停办改期”也可以自己挑时间，不计次数。",
    ),
    _notice(
        "marriage.move_not_needed",
        "停办改约：恢复办理",
        "{place}恢复办理：{matter}，预约号 {number}\n{time}。\n{hint}，不用改了。给您添麻烦了。",
    ),
)
