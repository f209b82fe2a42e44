"""Sentences of the life events, quiet throughout."""

from __future__ import annotations

from backend.people.life_events.rules import DayFault, EventKind, Source

KIND_NAMES = {
    EventKind.DEATH: "登记去世",
    EventKind.DEATH_REVERSED: "更正去世登记",
    EventKind.MOVED: "登记迁居",
    EventKind.NAME_CORRECTED: "更正姓名",
}

SOURCE_NAMES = {
    Source.DEATH_CERTIFICATE: "居民死亡医学证明",
    Source.POLICE: "公安机关",
    Source.COURT: "法院文书",
    Source.DATA_SHARE: "部门数据共享",
    Source.AT_THE_COUNTER: "本人或家人到窗口",
    Source.COMMITTEE: "村（居）委会",
    Source.STAFF_CORRECTION: "工作人员更正",
}

DAY_FAULTS = {
    DayFault.IN_THE_FUTURE: "日期不能晚于今天，请再核对一遍。",
    DayFault.BEFORE_BIRTH: "日期早于出生日期，请再核对一遍。",
}

PERSON_UNKNOWN = "没有找到这位居民。"
SOURCE_WRONG = "这件事不能以此为依据，请从列表里选。"
REASON_MISSING = "请写明依据，如文书名称和编号。"
REASON_HAS_NUMBER = "依据里请不要写证件号或手机号，写文书名称和编号就行。"
RECORDED_DEAD_ALREADY = "这位居民已经登记过去世，不用再登记。"
NOT_RECORDED_DEAD = "这位居民没有登记过去世，没有要更正的。"
IS_DEAD = "这位居民已登记去世，不能再登记这一项。登记有误的，请先更正。"
COMMUNITY_MISSING = "请选搬到的社区。"
COMMUNITY_SAME = "现在登记的就是这个社区。"
NAME_SAME = "现在登记的就是这个姓名。"
NOT_VERIFIED = "这位居民还没有核验过证件，请先在窗口核验，再来登记。"

# What is done about an event, by code: shown before it is recorded, and after.
MESSAGE_EFFECTS = {
    "reminders_stopped": "停发提醒",
    "messages_stopped": "撤回待发消息",
    "reminders_restored": "恢复提醒",
    "messages_restored": "恢复待发消息",
}
MESSAGE_LEFT = {"reminder": "一条提醒（时间已过）", "message": "一条消息（已过时）"}
