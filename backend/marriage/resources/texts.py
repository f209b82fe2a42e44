"""Sentences about venues and officiants, their hours and their time."""

from __future__ import annotations

from backend.marriage.resources.rules import ResourceKind

KIND_NAMES = {
    ResourceKind.VENUE: "颁证场地",
    ResourceKind.OFFICIANT: "特邀颁证师",
    ResourceKind.ROOM: "辅导室",
    ResourceKind.COUNSELLOR: "辅导员",
}
WEEKDAYS = {1: "周一", 2: "周二", 3: "周三", 4: "周四", 5: "周五", 6: "周六", 7: "周日"}

TIME_TAKEN = "这个时间刚被约走了，请换一个时间。"
RESOURCE_UNKNOWN = "没有找到，请回到列表重新选择。"
NAME_FORM = "名称请填 1 到 40 个字。"
NAME_TAKEN = "这个登记处已经有同名的，或这位同事已经登记过。"
MINUTES_FORM = "每场时长和间隔请填整十分钟。"
GUESTS_FORM = "人数请填 0 到 500。"
HOURS_FORM = "时间请按“09:00-12:00”填写，整十分钟，前后不要重叠；一天有几段的用逗号隔开，不开放的留空。"
FALLBACK_UNFIT = "备用场地请选同一登记处的室内场地；只有户外场地需要备用。"
DAY_PAST = "日期不能早于今天。"
DAY_FORM = "日期请按页面上的格式填写。"
SAVED = "已保存。"
DAY_SAVED = "已记下这一天的安排，已经约好的没有变动。"
ROOM_NAME = "场地和人员"
ACCOUNT_UNKNOWN = "没有这个账号，请核对用户名；不是工作人员的留空。"
