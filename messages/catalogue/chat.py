"""Notices of conversations."""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

NOTICES = (
    Notice(
        # `matter` is what the conversation was about, `hint` the words that begin it again (contract.md "Chat").
        key="chat.conversation_expired",
        audience=Audience.RESIDENT,
        text="刚才的“{matter}”还没办完，您隔了一阵没回，我先放下了。\n想接着办，回复“{hint}”就可以。",
        fields=("matter", "hint"),
        channels=(Channel.CUSTOMER_SERVICE,),
    ),
)
