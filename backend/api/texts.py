"""Sentences of the API kit."""

UNAUTHENTICATED = "登录已过期，请重新打开小程序。"
FORBIDDEN = "您没有办理这件事的权限。"
NOT_FOUND = "没有找到您要的内容。"
METHOD_NOT_ALLOWED = "这个地址不支持这样调用。"
INVALID = "填写的内容有几处需要改，请看下面的说明。"
UNREADABLE_BODY = "收到的内容读不出来，请重新提交。"
TOO_LARGE = "提交的内容太大了，请减少后再试。"
RATE_LIMITED = "操作太快了，请过一会儿再试。"
BUSY = "现在办理的人很多，请过几秒再试一次。"
UNEXPECTED = "没有办成，不是您的问题。请稍后再试；再不行，请把编号 {reference} 告诉工作人员。"
KEY_REUSED = "这个请求编号已经用于另一次提交，请换一个新的编号。"
KEY_IN_PROGRESS = "上一次提交还在办理，请稍候再看结果。"
KEY_TOO_LONG = "请求编号应为1到100个字符。"
LOGIN_CODE_REFUSED = "登录没有成功，请重新打开小程序再试。"
LOGIN_BLOCKED = "微信暂时限制了这个账号登录，不是您在这里的操作有误。请过一天再试；急事可以打电话，或到窗口办。"
LOGIN_TOO_OFTEN = "登录得太勤了，请过一分钟再打开小程序。"
PHONE_OR_CODE = "请填手机号，或点“获取手机号”，二选一。"
PHONE_CODE_REFUSED = "这次没有取到手机号。请再点一次“获取手机号”，也可以直接输入。"
PHONE_ABROAD = "只能登记内地的11位手机号。请直接输入一个能打通的内地手机号。"
PHONE_AWAY = "暂时连不上微信，取不到手机号。请直接输入，或过一会儿再试。"
WECHAT_AWAY = "暂时连不上微信，请过一会儿再试。"
BAD_CURSOR = "翻页位置不对，请从第一页重新看。"

FIELD_MESSAGES = {
    "Missing data for required field.": "请填写这一项。",
    "Unknown field.": "没有这一项，请删去。",
    "Field may not be null.": "这一项不能为空。",
    "Not a valid string.": "应为文字。",
    "Not a valid UUID.": "编号不对。",
    "Not a valid boolean.": "应为是或否。",
    "Not a valid integer.": "应为整数。",
    "Not a valid date.": "日期应写成 2026-12-01 这样。",
    "Invalid input type.": "格式不对。",
    "Not a valid list.": "应为列表。",
}
OTHER_FIELD_MESSAGE = "这一项填得不对，请核对。"

HELD_TITLE = "小程序"
HELD_ANSWERS = "重复提交时的答复留底"
KEPT_ANSWERS = "满48小时清除"
L_AT = "时间"
SINCE_ANSWER = "答复"
BASIS_ANSWERS = "同一个请求重复提交时给出同样的答复"
