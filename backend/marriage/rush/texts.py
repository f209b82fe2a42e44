"""What people read about rushes, and what bureaus may set."""

from __future__ import annotations

from backend.parameters import Words

RUSH_UNKNOWN = "没有这个放号安排，请回到首页重新选。"
RUSH_ON = "{day}的号正在{mode}，{until}前在小程序“高峰日”里登记，一对一次，先后{chance}。"
RUSH_MODES = {"queue": "按到达先后排号", "draw": "登记摇号"}
RUSH_CHANCES = {"queue": "按号码", "draw": "机会一样"}
NOT_YET = "{moment}开始登记，到时再来，不用提前排。"
OVER = "登记已经结束，结果会发给每一位。还有空位时可以直接约，或者候补。"
ASKED_ALREADY = "两位当中有人已经登记过了，一对只登记一次，结果会发给你们。"
HAVE_PLACE = "两位当中有人已经有同样的预约了，不用再登记。"
UNPLACED_HINT = "可以回“候补”排队，当天也可以到窗口取号办理"

PARAMETERS_TITLE = "高峰日放号"
PARAMETERS = {
    "marriage.rush": Words(
        "高峰日先登记、再给位置", "只用于设了放号时间的高峰日，放号前七天公布。不开就是直接约，先约先得。"
    ),
    "marriage.rush_drawn": Words("登记后摇号", "不摇号就按到达先后排号给位置。"),
    "marriage.rush_minutes": Words("登记多久", "从放号时间算起；摇号的，到时统一摇。", "分钟"),
}

HELD_REQUESTS = "高峰日登记"
HELD_KEPT = "结束后保存180天"
L_DAY, L_NUMBER, L_STATE, L_AT = "日子", "号码", "结果", "登记时间"
STATE_NAMES = {"asked": "等结果", "placed": "约上了", "unplaced": "没有排上"}
RULE_REQUESTS = "高峰日登记"
SINCE_ASKED = "登记"
BASIS_REQUESTS = "便于核对放号结果，过后不再需要"

LIFE_EFFECTS = {"rush_requests_stopped": "撤下高峰日登记", "rush_requests_restored": "恢复高峰日登记"}
LIFE_LEFT = {"rush_request": "高峰日登记（位置已经分完）"}
