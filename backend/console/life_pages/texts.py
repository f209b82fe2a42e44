"""Sentences and names of the pages about events of a life and about proxies at the counter. Quiet throughout."""

from __future__ import annotations

from backend.people.life_events.rules import EventKind

RECORDED = {
    EventKind.DEATH: "已登记。",
    EventKind.DEATH_REVERSED: "已更正。",
    EventKind.MOVED: "已登记。",
    EventKind.NAME_CORRECTED: "已更正。",
}

# What each form is called, what it says at its head, and what its day and its paper are called there.
TITLES = {
    EventKind.DEATH: "登记去世",
    EventKind.DEATH_REVERSED: "更正去世登记",
    EventKind.MOVED: "登记迁居",
    EventKind.NAME_CORRECTED: "更正姓名",
}
LEADS = {
    EventKind.DEATH: (
        "登记以后，为这位停下还没办的预约、候补、代办和所有提醒，也退出微信登录。替双方约的另一位会收到“先不办理”，不提原因。请先核对文书。"
    ),
    EventKind.DEATH_REVERSED: "更正以后，因那次登记停下的，能恢复的都恢复；恢复不了的会列出来，请逐项联系。",
    EventKind.MOVED: "换到新社区以后，由新社区的同事服务。",
    EventKind.NAME_CORRECTED: "照证件上的写。还没办的预约里，这位的姓名一起改。",
}
DAYS = {
    EventKind.DEATH: "去世日期",
    EventKind.DEATH_REVERSED: "更正日期",
    EventKind.MOVED: "迁居日期",
    EventKind.NAME_CORRECTED: "更正日期",
}
PAPERS = {
    EventKind.DEATH: "文书名称和编号",
    EventKind.DEATH_REVERSED: "怎么发现有误、依据什么",
    EventKind.MOVED: "依据什么",
    EventKind.NAME_CORRECTED: "依据什么",
}

BAD_DAY = "日期应写成 2026-11-20 这样，请重新选一个日期。"
BAD_SOURCE = "请从列表里选一个依据。"
BAD_COMMUNITY = "请选搬到的社区。"

TIE_CONFIRMED = "已确认，双方会收到通知。"
TIE_CUT = "已取消，双方会收到通知。"
