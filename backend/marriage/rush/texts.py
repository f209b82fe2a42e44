"""What people read about rushes, and what bureaus may set."""

from __future__ import annotations

from backend.parameters import Words

PRESSED_TOO_OFTEN = "还没到时间就点了很多次，请等{seconds}秒再来。早点没有用，到时点一次就行。"
REQUEST_UNKNOWN = "没有找到这个登记，回“我的摇号”看看现在的情况。"
SETTLED_ALREADY = "已经有结果了，不能再退出。约上了不来，可以回“不去了”取消。"
PEAK_UNKNOWN = "这一天没有单独放号的安排，直接约就行。"
PEAK_SOON = "马上就要开始了，{moment}起回“抢约”就行。"
RUSH_STARTED = "已经开始登记，不能再改时间或取消了。"
PUT_OFF_TO = "开始时间要晚于现在，早于办理当天，而且不早于放号时间{moment}。"
REASON_MISSING = "请写明原因，80字以内，关注的居民会读到。"
NEAREST_HINT = "离得最近的空位在{days}，回“结婚登记”就能约；"
LIST_COMMA = "、"
OPENING_HINTS = {
    "queue": "到时回“抢约”登记，一对一次，按号码先后给位置，结果马上告诉您",
    "draw": "到时回“抢约”登记，一对一次，登记完一起摇号，早晚机会一样，不用守着点",
    None: "到时回“结婚登记”直接约，先约先得",
}
CHANGED_HINT = "{hint}（{reason}）"
DROPPED_HINT = "这一天不再单独放号，和平常的日子一样提前约"

COMING_RUSH = "{day}{matter}（高峰日登记）"
COMING_DRAWN = "号码 {number}，登记结束后一起摇号，结果会告诉您"
COMING_AHEAD = "号码 {number}，前面还有 {ahead} 位，结果会告诉您"

RUSH_UNKNOWN = "没有这个放号安排，请回到首页重新选。"
RUSH_ON = "{day}是高峰日，号要{mode}，{until}前回“抢约”或在小程序“高峰日”里登记，一对一次，{chance}。"
RUSH_MODES = {"queue": "先登记排号", "draw": "先登记再摇号"}
RUSH_CHANCES = {"queue": "按号码先后", "draw": "先后机会一样"}
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
STATE_NAMES = {"asked": "等结果", "placed": "约上了", "unplaced": "没有排上", "withdrawn": "已退出"}
HELD_WATCHES = "高峰日放号提醒"
WATCHES_KEPT = "放号后第二天删除"
L_OPENS = "放号时间"
RULE_WATCHES = "高峰日放号提醒"
SINCE_OPENED = "放号"
BASIS_WATCHES = "提醒过就不再需要"
RULE_REQUESTS = "高峰日登记"
SINCE_ASKED = "登记"
BASIS_REQUESTS = "便于核对放号结果，过后不再需要"

LIFE_EFFECTS = {"rush_requests_stopped": "撤下高峰日登记", "rush_requests_restored": "恢复高峰日登记"}
LIFE_LEFT = {"rush_request": "高峰日登记（位置已经分完）"}
