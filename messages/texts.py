"""Sentences of the messages room about what it holds, and for how long."""

from __future__ import annotations

from messages.models import OutboxState

TITLE = "消息和提醒"
ADDRESSES = "微信收信地址"
MESSAGES = "发出的消息"
REMINDERS = "待发的提醒"
WISHES = "不要提醒"
NOTICE = "办事通知"

KEPT_WHILE_ACCOUNT = "保存到注销账号为止"
KEPT_SETTLED = "发完满180天清除"

L_WECHAT = "微信标识"
L_PRODUCT = "微信应用"
L_REACHABLE = "能不能收到通知"
L_WINDOW = "可以回复您到"
L_CREDITS = "您同意接收的次数"
L_AT = "时间"
L_TEXT = "内容"
L_STATE = "结果"
L_DUE = "什么时候提醒"
REACHABLE, UNREACHABLE = "能", "不能"
NO_TEXT = "（这类通知已不再使用）"

STATE_NAMES = {
    OutboxState.QUEUED: "等着发送",
    OutboxState.SENDING: "正在发送",
    OutboxState.SENT: "已发送",
    OutboxState.UNCERTAIN: "不知道是否送到",
    OutboxState.DEAD: "没有送到",
    OutboxState.CANCELLED: "不用发了",
    OutboxState.EXPIRED: "过了时候，没有发",
}

RULE_SETTLED = "发完的消息和过了的提醒"
SINCE_SETTLED = "发完或过了时候"
BASIS_SETTLED = "回答“有没有通知过我”"
