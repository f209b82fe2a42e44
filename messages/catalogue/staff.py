"""Notices to colleagues. `matter` is what was done to the account, `who` the administrator."""

from __future__ import annotations

from messages.models import Channel
from messages.notices import Audience, Notice

NOTICES = (
    Notice(
        # By day or night: if it was a wrong hand, every hour counts. The console tells it as well.
        key="staff.account_changed",
        title="工作台账号有改动",
        audience=Audience.STAFF,
        text="您的工作台账号有改动：{matter}（{who}办理）。\n不是您要求的，请马上告诉系统管理员。",
        fields=("matter", "who"),
        channels=(Channel.CUSTOMER_SERVICE,),
        urgent=True,
    ),
)
