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

# What a message was about that nobody posts any more.
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
