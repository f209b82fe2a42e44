"""How WeChat's template library words what our notices say, so that approved templates find their notices.

Titles and labels are those of the public template library's civil-affairs and general service categories; a bureau may
have chosen others, and then enters them with `wechat templates map` (docs/wechat.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Notice -> titles of templates that fit, best first.
TITLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "marriage.booked": ("预约成功通知", "预约成功提醒"),
        "marriage.confirmed": ("预约确认通知", "办理进度通知"),
        "marriage.refused": ("预约失败通知", "预约取消通知"),
        "marriage.rescheduled": ("预约变更通知", "预约改期通知"),
        "marriage.documents_failed": ("办理结果通知", "材料补正通知"),
        "marriage.no_show": ("预约失约通知", "预约取消通知"),
        "marriage.reminder_day_before": ("预约提醒", "预约到期提醒"),
        "marriage.reminder_two_hours": ("预约提醒", "预约到期提醒"),
        "marriage.moved_by_registry": ("预约变更通知", "预约改期通知"),
        "marriage.move_waiting": ("预约变更通知", "预约取消通知"),
        "marriage.move_not_needed": ("预约变更通知", "预约改期通知"),
        "marriage.ceremony_booked": ("预约成功通知", "预约成功提醒"),
        "marriage.ceremony_in_three_days": ("预约提醒", "预约到期提醒"),
        "marriage.ceremony_tomorrow": ("预约提醒", "预约到期提醒"),
        "marriage.ceremony_moved": ("预约变更通知", "预约改期通知"),
        "marriage.ceremony_moved_late": ("预约变更通知", "预约改期通知"),
        "marriage.ceremony_without_place": ("预约变更通知", "预约取消通知"),
        "marriage.ceremony_cancelled": ("预约取消通知", "预约变更通知"),
        "marriage.cloud_asked": ("预约确认通知", "办理进度通知"),
        "marriage.cloud_ready": ("办理进度通知",),
        "marriage.event_partner_asked": ("预约确认通知", "办理进度通知"),
        "marriage.event_placed": ("报名结果通知", "办理结果通知"),
        "marriage.event_reserve": ("报名结果通知", "办理结果通知"),
        "marriage.event_cancelled": ("预约取消通知", "预约变更通知"),
        "marriage.partner_booked": ("预约成功通知", "预约成功提醒"),
        "marriage.partner_moved": ("预约变更通知", "预约改期通知"),
        "marriage.partner_cancelled": ("预约取消通知", "预约变更通知"),
        "marriage.booking_paused": ("预约失约通知", "预约失败通知"),
        "marriage.pause_lifted": ("办理结果通知", "办理进度通知"),
        "marriage.peak_day_before": ("预约提醒", "放号提醒"),
        "marriage.peak_soon": ("预约提醒", "放号提醒"),
        "marriage.peak_changed": ("预约变更通知", "预约提醒"),
        "marriage.peak_dropped": ("预约变更通知", "预约取消通知"),
        "marriage.rush_unplaced": ("排队结果通知", "预约失败通知"),
        "marriage.waiting_offered": ("候补成功提醒", "排队到号提醒", "预约提醒"),
        "marriage.waiting_passed": ("预约取消通知", "排队结果通知"),
        "marriage.waiting_ended": ("排队结果通知", "预约失败通知"),
        "marriage.case_accepted": ("受理成功通知", "办理进度通知"),
        "marriage.case_closes_in_ten": ("办理提醒", "办理进度通知"),
        "marriage.case_closes_in_five": ("办理提醒", "办理进度通知"),
        "marriage.case_closes_in_two": ("办理提醒", "办理进度通知"),
        "marriage.case_last_day": ("办理提醒", "办理进度通知"),
        "marriage.case_window_opens": ("办理提醒", "办理进度通知"),
        "marriage.case_dates_moved": ("办理进度通知",),
        "marriage.case_withdrawn": ("办理进度通知",),
        "people.products_linked": ("账号绑定通知", "绑定成功通知"),
        "people.booking_stopped": ("预约变更通知", "预约取消通知"),
        "people.booking_restored": ("预约变更通知",),
        "people.identity_joined": ("账号绑定通知", "绑定成功通知"),
        "people.proxy_asked": ("家人代办通知", "授权申请通知"),
        "people.proxy_answered": ("家人代办通知", "授权结果通知"),
        "people.proxy_begun": ("家人代办通知", "授权成功通知"),
        "people.proxy_ended": ("家人代办通知", "授权解除通知"),
        "privacy.request_answered": ("申请结果通知", "办理结果通知"),
    }
)

# Label -> fields of notices it may stand for; the first that the notice has is taken.
LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "办理事项": ("matter", "matters", "outcome"),
        "预约事项": ("matter",),
        "预约项目": ("matter",),
        "业务名称": ("matter", "matters"),
        "服务名称": ("matter", "matters"),
        "申请事项": ("matter", "matters", "outcome"),
        "授权事项": ("matters", "outcome"),
        "预约时间": ("time",),
        "办理时间": ("time",),
        "原定时间": ("was", "time"),
        "绑定时间": ("time",),
        "办理地点": ("place",),
        "预约地点": ("place",),
        "办事地点": ("place",),
        "地址": ("place",),
        "预约号": ("number",),
        "预约编号": ("number",),
        "申请编号": ("number",),
        "业务编号": ("number",),
        "原因": ("reason",),
        "失败原因": ("reason",),
        "取消原因": ("reason",),
        "办理结果": ("result",),
        "申请结果": ("result", "outcome"),
        "家人": ("who", "whom"),
        "申请人": ("who",),
        "授权人": ("who", "whom"),
        "截止日期": ("until",),
        "开始日期": ("first",),
        "结束日期": ("last",),
        "温馨提示": ("hint",),
        "备注": ("hint",),
        "提示": ("hint",),
    }
)
