"""Sentences of the calendar of capacity and of bulk moves."""

from __future__ import annotations

from backend.marriage.capacity.rules import CallResult, LineState
from backend.parameters import Words

PAGE_NAME = "开放日历"
MOVES_NAME = "停办改约"

PARAMETERS_TITLE = "停办改约"
PARAMETERS = {
    "marriage.move_answer_days": Words(
        "改约答复期限",
        "登记处停办，给当事人留好新时间以后，几天内可以自己换时间、不计次数；到期没有答复的，就按新时间。",
        "天",
    )
}

LINE_NAMES = {
    LineState.WAITING: "还没有新时间",
    LineState.OFFERED: "已留新时间，等答复",
    LineState.ACCEPTED: "同意新时间",
    LineState.CHOSEN: "自己换了时间",
    LineState.GIVEN_UP: "不办了",
    LineState.KEPT: "没有答复，按新时间",
    LineState.ENDED: "不用再改",
}
CALL_NAMES = {CallResult.REACHED: "打通了", CallResult.NOT_REACHED: "没打通"}

# --- refusals ---

DAY_UNREADABLE = "请选一个日期。"
DAY_PAST = "这一天已经过去了，请选今天以后的日期。"
KINDS_MISSING = "请至少选一项业务。"
HOURS_UNREADABLE = "请写成 09:00-12:00 这样，上下午用逗号隔开。"
NUMBER_UNREADABLE = "请填整数。"
SHARE_UNREADABLE = "请填0到100的整数。"
MOMENT_UNREADABLE = "放号时间请选好日期和时间，不单独放号就空着。"
MOMENT_LATE = "放号时间要早于当天。"
RANGE_TOO_LONG = "一次最多改两个月，请分几次。"
ORDER = "结束日期不能早于开始日期。"
REASON = "请写明原因，居民会看到，80个字以内。"
FALSE_CHOICE = "没有这个选项，请重新选择。"
NOTHING_OPEN = "这几天本来就不开放，不用停办。"
CLOSURE_GONE = "这次停办已经撤销了。"
HALF_ALL_AREAS = "只停半天时，各个办事区一起停；只停一个办事区请选全天。"
HALF_TODAY = "今天的号早已约出去，请用“停几个窗口”，写明几点到几点。"
MOVE_UNKNOWN = "没有找到这次改约，可能已经处理完了。"
LINE_UNKNOWN = "没有要答复的改约。回“我的预约”看看现在的情况。"
LINE_CLOSED = "答复时间已过，现在按新时间办。还要改，请走平常的改约。"
NO_TIME_YET = "登记处还在找新时间，找到马上告诉您；也可以自己挑一个时间。"
NOTE_LONG = "说明请在200个字以内。"
CALL_MISSING = "请选电话打通了没有。"

# --- said at the console ---

REASON_HOURS = "开放时间有调整"
REASON_HOLIDAY = "国家公布的放假安排，当天休息"

DONE_CLOSED = "已停办，居民现在约不到这些时间。"
DONE_HALVED = "已改为只办半天。"
DONE_REOPENED = "已恢复开放。"
DONE_PEAK = "当天的安排已保存。"
DONE_ORDINARY = "已恢复成平常的安排。"
DONE_RELAID = "已按现在的设置重新排好。"
BASE_MOVED = "您看的这会儿，预约或设置有变动。请再看一遍下面的结果，没有问题再确认。"
STARTED = "已开始改约：{count} 件。有新时间的马上通知，离婚登记期限快到的排在最前，请先打电话。"
NOTHING_TO_MOVE = "没有要改约的了。"
CALL_NOTED = "已记下。"
ANSWER_NOTED = "已记下当事人的答复。"

WAITING_CALL = "电话改约"
WAITING_CALL_TITLE = "{number} 因停办改约，请先打电话"
WAITING_PLACE = "电话改约"
WAITING_PLACE_TITLE = "{number} 因停办改约，还没有合适的新时间"
WAITING_START = "停办改约"
WAITING_START_TITLE = "{office}{first}停办，{count} 件预约还没通知"

# --- told to residents ---

HINT_OFFERED = "{until}前回复“停办改期”可选别的时间，不回就按新时间"
HINT_WAITING = "找到新时间马上告诉您，急的请打{phone}"
HINT_STANDS = "照原来的时间来就行"

# --- what is held about a person ---

HELD_MOVES = "停办改约"
HELD_KEPT = "随预约一起保存和删除"
L_NUMBER = "预约号"
L_OLD = "原来的时间"
L_NEW = "新时间"
L_STATE = "进展"
L_CALL = "电话"
L_NOTE = "电话说明"

# --- windows that are out ---

OUT_ALREADY = "这些窗口在这段时间已经停了，同事可能刚办过。"
OUTAGE_UNKNOWN = "没有找到这次停窗口，可能已经恢复了。"
OUT_WINDOWS = "请写停哪几个窗口，如：2、3。"
OUT_WINDOWS_MANY = "{area}一共 {total} 个窗口，停不了这么多。请核对窗口号和办事区。"
OUT_HOURS = "请写从几点停到几点，结束要晚于开始。"
OUT_OVER = "这段时间已经过去了，请写现在以后的时间。"
OUT_FAR = "只能停两个月以内的窗口。"
OUT_CLOSED = "这段时间{area}本来就不办，不用停窗口。"
OUT_DONE = "{windows} 号窗口停到 {until}，没有要改约的。"
OUT_DONE_MOVED = "{windows} 号窗口停到 {until}。已给 {count} 件预约留新时间并通知本人，未到次数不变。"
OUT_ENDED = "{windows} 号窗口恢复叫号。腾出来的号先给候补的人。"
OUT_REASONS = ("停电", "系统故障", "设备故障", "办事员临时有事")
BETWEEN_WINDOWS = "、"
