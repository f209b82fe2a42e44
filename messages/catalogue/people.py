"""Notices of the people room. Fields: `time` is when it happened, in the form WeChat's `time` fields take."""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

NOTICES = (
    Notice(
        # Whoever knows a name and a number could prove to be that person: those who are reached already are told.
        key="people.identity_joined",
        title="微信已和您的资料连上",
        audience=Audience.RESIDENT,
        text=(
            "{time}，又有一个微信通过核验，绑定到了您名下。\n"
            "是您本人或您让家人办的，不用管它。\n"
            "不是的话，请尽快回复“人工”，或带上证件到就近的窗口，我们帮您查清楚。"
        ),
        fields=("time",),
        channels=(Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE),
    ),
    Notice(
        # Two openids became one person, by WeChat's word (unionid) or by a code: whoever is reached by either is told.
        key="people.products_linked",
        title="两处微信已连上",
        audience=Audience.RESIDENT,
        text=(
            "{time}，您的小程序和服务号合到一起了，两边都能看到您的预约和通知。\n"
            "不是您本人办的，请尽快回复“人工”，或带上证件到就近的窗口，我们帮您分开。"
        ),
        fields=("time",),
        channels=(Channel.SUBSCRIBE, Channel.TEMPLATE, Channel.CUSTOMER_SERVICE),
    ),
)
