"""Notices about requests concerning one's own data (PIPL 50).

Fields: `matter` is what was asked for, `number` the request's number, `result` how it ended, `hint` one short sentence.
What an officer wrote in answer is not among them: it is read after logging in.
"""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

NOTICES = (
    Notice(
        key="privacy.request_answered",
        title="个人信息请求有结果",
        audience=Audience.RESIDENT,
        text="您的申请有结果了：{matter}（{number}），{result}。\n{hint}。\n想看详细答复，回复“我的数据”。",
        fields=("matter", "number", "result", "hint"),
        # A refusal must reach the person, or the time to complain about it runs unseen.
        channels=(Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE, Channel.DESK),
    ),
)
