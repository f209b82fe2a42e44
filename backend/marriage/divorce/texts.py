"""Sentences about divorce applications: what residents, registrars and social workers read."""

from __future__ import annotations

from backend.marriage.divorce.rules import CaseState, ContactState
from backend.parameters import Words

# --- names ---

DESK_NAME = "离婚登记"
CARE_NAME = "关爱联系"
STATE_NAMES = {
    CaseState.ACCEPTED: "已受理",
    CaseState.COOLING: "冷静期",
    CaseState.WINDOW: "可以领证",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.ISSUED: "已发证",
    CaseState.LAPSED: "视为撤回",
    CaseState.ENDED: "已终止",
}
CONTACT_NAMES = {
    ContactState.DUE: "待联系",
    ContactState.REACHED: "已联系上",
    ContactState.NOT_REACHED: "没联系上",
    ContactState.DROPPED: "不用联系",
}
EVENT_NAMES = {
    "accepted": "受理",
    "went_on": "到期转入",
    "lapsed": "期满没有领证，视为撤回",
    "withdrawn": "撤回申请",
    "issued": "发证",
    "recounted": "放假安排公布，重新计算日期",
    "corrected": "更正日期",
    "called": "打电话提醒",
    "stopped_by_life_event": "一方去世，终止",
    "restored_by_life_event": "死亡登记更正，恢复",
}
DAY_NAMES = {
    "d0": "受理日期",
    "cool_nominal": "满三十日",
    "cool_last": "冷静期最后一天",
    "win_first": "领证期第一天",
    "win_last": "领证期最后一天",
}
CALL_NAMES = {"reached": "已告知", "not_reached": "没接", "wrong_number": "号码不对"}

# --- refusals ---

CASE_UNKNOWN = "没有找到这个申请，请核对受理编号。"
OFFICE_UNKNOWN = "没有这个登记处，请重新选择。"
APPOINTMENT_UNKNOWN = "没有找到这个登记处的离婚登记申请预约，请从预约里打开，或直接填写双方信息。"
APPOINTMENT_USED = "这个预约已经受理过了，请直接打开受理的申请。"
OPEN_ALREADY = "双方有人还有一件没有结束的申请，不能同时受理两件。请先查清原来的申请。"
RECEIPT_TAKEN = "这个回执单号已经用过，请核对。"
RECEIPT_UNREADABLE = "回执单号请填 4 到 14 位数字、字母或横线。"
SAME_PERSON = "双方填的是同一个号码，请分别填写两个人的证件。"
NOT_LIVING = "双方有一方的登记信息需要核实，暂时不能受理，请先到个人信息窗口核对。"
WHO_MISSING = "请选是哪一方。"
CARD_NOT_SEEN = "请核对身份证原件后勾选。"
RECEIPT_NOT_SEEN = "请收回受理回执单后勾选。"
WITHDRAWAL_OVER = "撤回的期限到{day}为止，现在不能再撤回。不想继续的，不来领证就行，期满视为撤回。"
CLOSED_ALREADY = "已经过了下班时间。下班前就到场的，请写明情况再办。"
ISSUE_EARLY = "还不能发证，{day}起可以。冷静期最后一天只能撤回，不能发证。"
DAYS_NOT_CERTAIN = "下一年的放假安排还没有录入，日期没有定下来。请核对回执，用“更正日期”写明后再办。"
NOT_A_WORKDAY = "今天不是法定工作日，或不在领证期内，不能发证。"
NOT_BOTH_PRESENT = "双方都要亲自到场。"
NOT_BOTH_WILLING = "请先分别确认双方都自愿，再发证。"
REASON_MISSING = "请写明更正的原因。"
D0_AHEAD = "受理日期不能晚于今天。"
COOLING_SHORT = "冷静期不能少于三十日（民法典第一千零七十七条）。"
WINDOW_EMPTY = "领证期最后一天要晚于冷静期最后一天。"
CARE_UNKNOWN = "没有找到这项关爱联系，或者它由其他同事负责。"
CARE_TAKEN = "这位当事人已经有同事在联系了。"
CARE_OVER = "这项关爱联系已经结束。"
CONTACT_DONE = "这一次已经记过了。"
CONTACT_EARLY = "还没到联系的日子。"
NOTE_LONG = "记录请不要超过 2000 个字。"
FALSE_CHOICE = "请按页面上的选项选择。"
DAY_UNREADABLE = "日期请按页面上的格式填写。"

STATE_TEXTS = {
    CaseState.ACCEPTED: "申请刚受理，还在冷静期。",
    CaseState.COOLING: "申请还在冷静期。",
    CaseState.WINDOW: "申请已经进入领证期。",
    CaseState.WITHDRAWN: "申请已经撤回，不能再办。需要的话可以重新申请。",
    CaseState.ISSUED: "已经发证，不能再改。",
    CaseState.LAPSED: "期满没有领证，已经视为撤回。需要的话可以重新申请。",
    CaseState.ENDED: "申请已经终止，不能再办。",
}

# E7, by `WindowFault`.
WINDOW_FAULTS = {
    "no_case": "没有查到双方在办的申请，不能约领证。请先到窗口核对回执单。",
    "other_office": "请到受理申请的登记处领证：{office}，电话 {phone}。",
    "not_together": "双方的申请对不上，请带回执单到窗口核对。",
    "too_early": "还没到可以领证的日子，请约{first}到{last}之间的工作日。以回执单及登记处告知为准。",
    "too_late": "这一天已经过了领证期，请约{first}到{last}之间的工作日。以回执单及登记处告知为准。",
    "rest_day": "领证只在法定工作日办理，请换一个工作日。",
    "provisional": "下一年的放假安排还没公布，日期没有定下来，请打登记处电话核对。",
}

# --- what notices say; neutral, fit for a lock screen ---

MATTER = "您申请的业务"
DATES_HINT = "以回执单及登记处告知为准"
PROVISIONAL_HINT = "日期可能调整，以登记处告知为准"
CLOSING_HINT = "请双方带回执单和证件"
WITHDRAWN_HINT = "确认单请收好"
HINT_LONG = "以上日期以回执单及登记处告知为准。"

# --- care ---

CARE_TITLE = "社工关爱电话"
CARE_TEXT = "等待办理的这段时间，社工按约定给您打几次电话，聊聊您的想法和难处。您说的话不会告诉另一方，随时可以不要。"
SAFETY = (
    "您的安全最要紧。有危险马上打110；妇女维权热线12338；可以向法院申请人身安全保护令，社区和登记处都能帮您。"
    "需要单独谈，登记处会分开接待。"
)

# --- what a registry may set ---

PARAMETERS_TITLE = "离婚登记"
PARAMETERS = {
    "marriage.m4_reserve_per_day": Words(
        "每天留几个领证号", "只给领证期快结束的当事人约，到当天没人用就给现场。", "个"
    ),
    "marriage.m4_rescue_days": Words("剩几个工作日算快结束", "从这时起可以用留的号，工作台也提醒打电话。", "天"),
    "marriage.care_first_day": Words("第一次关爱电话", "从受理第二天数起，遇休息日顺延。只打给同意的人。", "天"),
    "marriage.care_second_day": Words("第二次关爱电话", "从受理第二天数起，遇休息日顺延。", "天"),
    "marriage.care_third_day": Words("第三次关爱电话", "从受理第二天数起，遇休息日顺延。", "天"),
}

# --- desk ---

WAITING_RESCUE = "领证期快结束"
WAITING_RESCUE_TITLE = "{number} 到{day}为止，还没约领证，请打电话"
WAITING_DAYS = "核定日期"
WAITING_DAYS_TITLE = "{number} 的日期还没定，请对照回执核定"
WAITING_CARE = "关爱电话"
WAITING_CARE_TITLE = "第{number}天联系，{office}"
ACCEPTED = "已受理，编号 {number}。冷静期到{cool}，{first}到{last}可以领证。"
WITHDRAWN = "已撤回，请打印确认单交给当事人，并由您告知另一方。"
ISSUED = "已记为发证。"
CORRECTED = "日期已更正；有变动的，双方各自收到通知。"
CALLED = "已记下这次电话。"
RISK_MARKED = "已标记，不再安排共同调解。"
RISK_LIFTED = "已取消标记。"
CARE_TAKEN_BY_YOU = "这位当事人由您联系了。"
CARE_RELEASED = "已放回，其他社工可以接手。"
CONTACT_NOTED = "已记下这次联系。"
CARE_ENDED = "已记下，不再联系。"
FOUND_MATTER = "离婚登记申请"
FOUND_NOTE = "{office}，{state}"

# --- held about a person ---

# In the chat too, where nothing names the business.
HELD_TITLE = "登记处受理的申请"
HELD_CASES = "离婚登记申请"
HELD_CASES_KEPT = "办完或结束后保存1年"
HELD_CARE = "社工关爱联系"
HELD_CARE_KEPT = "结束后保存3年"
L_NUMBER = "受理编号"
L_RECEIPT = "回执单号"
L_OFFICE = "登记处"
L_STATE = "状态"
L_NAME = "姓名"
L_ID_NUMBER = "证件号码"
L_PHONE = "手机"
L_STARTED = "开始"
L_ENDED = "结束"
L_CONTACTS = "联系情况"
L_NOTES = "谈话记录"
NOTES_SEALED = "社工加密保存，只有负责的社工和分管领导能看；要看的可以到窗口申请"
KEPT_CASE = "登记处受理的申请 {number}"
WHY_OPEN = "还没有办完"
WHY_CASE = "办完或结束后保存1年，用来答复当事人和核对"
KEPT_CARE = "社工关爱联系"
WHY_CARE = "结束后保存3年"
RULE_CASES = "离婚登记申请（登记处档案另存）"
SINCE_ENDED = "办完或结束"
BASIS_CASES = "登记档案由登记处按档案规定保存，这里只是办理用的副本"
RULE_CARE = "关爱联系和谈话记录"
SINCE_CARE_ENDED = "联系结束"
BASIS_CARE = "便于持续关怀和处理争议，加密保存"

LIFE_EFFECTS = {
    "cases_ended": "离婚登记申请终止",
    "cases_restored": "离婚登记申请恢复",
    "names_corrected": "离婚登记申请上的姓名更正",
}
LIFE_LEFT = {"divorce_case": "离婚登记申请（期限已过，或另一方有了新的申请）"}
