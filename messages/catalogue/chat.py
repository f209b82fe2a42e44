"""Notices of conversations."""

from __future__ import annotations

from messages.kept import KeptNotice
from messages.models import Channel
from messages.notices import Audience, Notice

NOTICES = (
    Notice(
        # The passive reply that hands over carries no text (wechat-protocol §1.5), so this says what happens.
        key="chat.handed_over",
        title="转人工",
        audience=Audience.RESIDENT,
        text="{saying}\n着急的话，可以直接打电话：\n{phones}",
        fields=("saying", "phones"),
        channels=(Channel.CUSTOMER_SERVICE,),
        urgent=True,
    ),
    Notice(
        # `why` says what is wrong with it; nothing of it was kept (backend.chat.pictures).
        key="chat.picture_refused",
        title="照片请重拍",
        audience=Audience.RESIDENT,
        text="{why}请重新拍一张，发到这里。",
        fields=("why",),
        channels=(Channel.CUSTOMER_SERVICE,),
        urgent=True,
    ),
    KeptNotice(
        # The reply to a push that took too long; its words are those the chat had found (backend.chat.late).
        key="chat.late_answer",
        title="晚到的答复",
        audience=Audience.RESIDENT,
        text="您刚才说的已经办过了。想看结果，直接问我就行。",
        fields=("answer",),
        channels=(Channel.CUSTOMER_SERVICE,),
        urgent=True,
    ),
    Notice(
        # `matter` is what the conversation was about, `hint` the words that begin it again (contract.md "Chat").
        key="chat.conversation_expired",
        title="放下的对话",
        audience=Audience.RESIDENT,
        text="刚才的“{matter}”还没办完，您隔了一阵没回，我先放下了。\n想接着办，回复“{hint}”就可以。",
        fields=("matter", "hint"),
        channels=(Channel.CUSTOMER_SERVICE,),
    ),
)
