"""Short sentences of the console: what is said after a step, and why one cannot be taken."""

from __future__ import annotations

SIGNED_OUT = "您已退出。"
SIGN_IN_AGAIN = "登录已过期，请重新登录。"
PAGE_TOO_OLD = "这个页面停留太久，刚才的操作没有执行。请刷新后再做一次。"
NOT_PERMITTED = "您的账号没有这项权限。需要的话，请联系本单位的系统管理员。"
NOT_FOUND = "没有找到这一页，或它不属于您所在的单位。"
TOO_MANY_TRIES = "试的次数太多了，请过一分钟再试。"
WRONG_METHOD = "这个地址不能这样打开，请从工作台进入。"
UNEXPECTED = "这一步没有做成，系统已记录。请稍后再试；若仍不行，把编号 {reference} 告诉系统管理员。"
BAD_REQUEST = "这个请求不完整，请返回上一页再试。"
BAD_CURSOR = "这一页的位置已失效，请从第一页看起。"
BAD_DAY = "日期应写成 2026-05-20 这样，请重新选一个日期。"
BAD_STATE = "没有这种状态，请从列表里选。"
BAD_TAB = "没有这个栏目，请从页签里选。"
MESSAGE_QUEUED_AGAIN = "已放回发送队列，几分钟内会再发一次。"
MESSAGE_GONE = "这条消息已经处理过了。"
MESSAGE_SETTLED = "已记为电话告知。"
DONE = "{subject}：{state}。"

WORKLIST = "工作台"
MESSAGES = "待处理消息"
EXPORTS = "导出"
NAV_GROUPS = {"services": "办事", "people": "人员", "bureau": "管理", "account": "我的"}

MESSAGES_MATTER = "没送到的消息"
MESSAGE_WAITS = "“{notice}”没有送到 {subject}"

# The clock of something that waits (backend/console/clocks.py).
CLOCKS = {"normal": "正常", "soon": "快到期", "overdue": "已超期", "open": "不限期"}
TIME_LEFT = "还有 {span}"
TIME_OVER = "超了 {span}"
TIME_NOW = "正到时间"
WAITED = "等了 {span}"
JUST_NOW = "刚刚"
SPAN_DAYS = "{days} 天"
SPAN_HOURS = "{hours} 小时"
SPAN_HOURS_MINUTES = "{hours} 小时 {minutes} 分钟"
SPAN_MINUTES = "{minutes} 分钟"

SEARCH_EMPTY = "请输入要找的号码或姓名。"

# What a message was about, by its key in messages/catalogue.
NOTICES = {
    "marriage.booked": "预约成功",
    "people.identity_joined": "微信已和您的资料连上",
    "privacy.request_answered": "个人信息请求有结果",
    "marriage.confirmed": "预约已确认",
    "marriage.partner_moved": "对方改了或同意了预约时间",
    "marriage.partner_cancelled": "对方取消了预约",
    "marriage.refused": "预约未通过",
    "marriage.moved_by_registry": "停办改约：新时间",
    "marriage.move_waiting": "停办改约：还没有新时间",
    "marriage.move_not_needed": "停办改约：恢复办理",
    "marriage.rescheduled": "改约成功",
    "marriage.documents_failed": "材料没有备齐",
    "marriage.no_show": "约了没到",
    "marriage.reminder_day_before": "前一天提醒",
    "marriage.reminder_two_hours": "两小时前提醒",
    "marriage.ceremony_moved": "仪式因天气改在室内",
    "marriage.ceremony_moved_late": "仪式临时改在室内",
    "marriage.ceremony_without_place": "仪式没有室内场地",
    "marriage.ceremony_cancelled": "仪式已取消",
    "marriage.archive_more": "查档要补一句话",
    "marriage.archive_ready": "查档卷已调好",
    "marriage.archive_elsewhere": "查档请去别处",
    "marriage.archive_not_found": "查档没有查到",
    "marriage.archive_refused": "查档没能办成",
    "marriage.archive_last_days": "查档快到期",
    "marriage.counselling_changed": "预约的安排有变动",
    "marriage.counselling_cancelled": "预约已取消",
    "marriage.event_placed": "集体活动入选",
    "marriage.event_cancelled": "集体活动取消",
    "marriage.case_dates_moved": "业务日期有调整",
    "marriage.case_window_opens": "业务可以办理了",
    "marriage.case_closes_in_ten": "业务还有10天",
    "marriage.case_closes_in_five": "业务还有5天",
    "marriage.case_closes_in_two": "业务还有2天",
    "staff.account_changed": "工作台账号有改动",
    "people.proxy_answered": "代办申请有答复",
    "people.proxy_asked": "有人想替您办事",
    "people.proxy_begun": "代办开始",
    "people.proxy_ended": "代办结束",
    "people.booking_stopped": "预约先不办理",
    "people.booking_restored": "预约已恢复",
}
NOTICE_UNKNOWN = "通知"

# Why a message is on the desk, by the code the delivery recorded (messages/outcomes.py, messages/delivery.py).
FAILURES = {
    "uncertain": "发送途中断开，不知道是否送到",
    "outcome_unknown": "微信没有回答，不知道是否送到",
    "fault": "发送时我们这边出了故障，不知道是否送到",
    "no_channel": "没有办法在微信里联系到对方：没有关注，也没有同意接收",
    "no_credit": "对方没有同意接收这类提醒",
    "window_closed": "对方很久没有来消息，微信不允许再发",
    "unknown_recipient": "微信认不出这位收信人",
    "recipient_refuses": "对方取消了关注或关掉了提醒",
    "not_delivered": "微信告诉我们没有送到",
    "bad_content": "微信没有接受通知的内容或模板",
    "misconfigured": "公众号的设置有误，请告诉系统管理员",
    "banned": "公众号的发送功能被微信停用，请告诉系统管理员",
    "token_rejected": "公众号的凭证被微信拒绝，请告诉系统管理员",
    "unreachable": "连不上微信，多次重试后放下",
    "busy": "微信一直忙，多次重试后放下",
    "concurrent_send": "微信一直忙，多次重试后放下",
    "quota_exceeded": "今天的发送次数用完了",
    "unknown_error": "微信没有收下，原因不明",
    "gave_up": "试了多次没有成功，已放下",
}
FAILURE_UNKNOWN = "微信没有收下（{code}）"
FAILURE_NOT_SAID = "原因没有记下"
