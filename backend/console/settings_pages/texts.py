"""Sentences of the pages on what the bureau may set."""

from messages.models import Channel

NAV = "设置"

DEFAULT_PLACE = "全区"
SET = "已改好：{label}，{when}起。"
SET_NOW = "已改好：{label}，马上生效。"
ASKED = "已提出申请。另一位同事同意以后才生效，在“审批”里可以看到。"
WITHDRAWN = "已撤回，到时不会改。"
SAME = "和原来的一样，不用改。"
REASON_MISSING = "请写一句为什么改，以后查得到。"
BAD_PLACE = "请从列表里选一个地方。"
APPROVAL_TITLE = "改设置：{label}（{place}）改为 {value}"
OLD_PARAMETER = "改设置：一项已停用的设置"
SYSTEM = "系统"

MAPPED = "已保存：{notice}。"
UNMAPPED = "已清除：{notice}。"
TEMPLATE_MISSING = "请填公众平台上的模板编号。"
FIELDS_MISSING = "请至少对上一个字段。"
BAD_KEY = "“{key}”不是微信模板的字段，应写成 thing1、time2 这样。"
KEY_TOO_NARROW = "“{key}”这种字段放不下“{field}”，请换一个字段。"
KEY_TWICE = "“{key}”对了两次，一个模板字段只能对一项内容。"
BAD_LINK = "点开后的地址里只能用 {subject_id} 这一个占位。"
TOO_LONG = "太长了，请核对后再填。"

PRODUCTS = {"account": "服务号", "miniprogram": "小程序"}
CHANNELS = {
    Channel.SUBSCRIBE: "订阅消息",
    Channel.TEMPLATE: "模板消息",
    Channel.CUSTOMER_SERVICE: "客服消息",
    Channel.DESK: "电话告知",
}

# The fields of notices, for whoever maps them to the keys of a template.
NOTICE_FIELDS = {
    "hint": "提示",
    "matter": "办什么",
    "matters": "哪些事",
    "number": "编号",
    "outcome": "结果",
    "place": "地点",
    "reason": "原因",
    "time": "时间",
    "who": "谁",
    "whom": "替谁",
}
