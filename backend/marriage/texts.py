"""Sentences of the marriage room: what residents and registrars read when something cannot be done, and the papers."""

from __future__ import annotations

from backend.kernel.identity import IdType
from backend.marriage.rules import Problem, ResidentGroup, State

SLOT_UNKNOWN = "这个时段不存在或还没放号，请重新选一个时间。"
DAY_CLOSED = "这一天的网上预约已经截止，请选后面的日期，或打电话 {phone} 问当天窗口情况。"
OFFICE_UNKNOWN = "没有这个登记处，请重新选择。"
RANGE_TOO_LONG = "请查两个月以内的日期，结束日期不能早于开始日期。"
SLOT_FULL = "这个时段刚刚约满了，请换一个时间。"
HOLD_GONE = "为您留的时间已过，这个时段也约满了，请换一个时间。"
ALREADY_BOOKED_SOMEONE = "两位当中有人已经有一个结婚登记预约。要换时间请改约，不用重新预约。"
APPOINTMENT_UNKNOWN = "没有找到这个预约，请核对预约号。"
CHANGE_CLOSED = "预约前一天{time}以后不能再自己改约或取消，请打电话 {phone} 告诉登记处。"
RESCHEDULED_ENOUGH = "这个预约已经改过{count}次，不能再改了。可以取消后重新预约，或打电话 {phone}。"
SAME_SLOT = "您现在约的就是这个时间。"
OTHER_OFFICE_KIND = "这个时段不能用来办理您预约的事项，请重新选一个时间。"
KIND_NOT_OFFERED = "这项业务还不能在网上预约，请打电话给登记处或直接到窗口办理。"
REASON_MISSING = "请写明原因，当事人会看到。"
CHECK_IN_EARLY = "还没到签到时间，{time}起可以签到。"
NO_SHOW_EARLY = "还没过等候时间，{time}以后才能记为未到。"
WHOSE = "{name}：{sentence}"
TWO_PARTIES = "请填写双方两个人的信息。"

PROBLEMS = {
    Problem.SAME_PERSON: "双方填的是同一个号码，请分别填写两个人的证件号码。",
    Problem.SAME_SEX: "按证件号码，双方性别相同，请核对号码是否填错。",
    Problem.UNDER_AGE: "按{day}算，{name}还没满{age}周岁，{possible}起可以登记。",
    Problem.NOT_DECLARED: "需要双方确认：自愿、均无配偶、没有直系血亲和三代以内旁系血亲关系，并且届时双方亲自到场。",
    Problem.OFFICE_WITHOUT_AUTHORITY: "涉外和涉港澳台、华侨的婚姻登记请到省里指定的登记处办理，可打电话 {phone} 询问。",
}

STATE_NAMES = {
    State.HELD: "留号中",
    State.EXPIRED: "留号已过",
    State.BOOKED: "待确认",
    State.CONFIRMED: "已确认",
    State.REFUSED: "未通过",
    State.CANCELLED: "已取消",
    State.CHECKED_IN: "已签到",
    State.SERVED: "已办结",
    State.FAILED_DOCUMENTS: "材料不符",
    State.NO_SHOW: "未到",
}

NOT_CHECKED_IN = "双方还没有签到，请先签到再办结。"

STATE_TEXTS = {
    State.CONFIRMED: "这个预约已经确认过了。",
    State.REFUSED: "这个预约没有通过，请重新预约。",
    State.CANCELLED: "这个预约已经取消了。",
    State.CHECKED_IN: "双方已经签到，不能再改。",
    State.SERVED: "这个预约已经办结了。",
    State.FAILED_DOCUMENTS: "这个预约因材料不符已经结束，请重新预约。",
    State.NO_SHOW: "这个预约已记为未到，请重新预约。",
    State.EXPIRED: "为您留的时间已过，请重新选一个时间。",
}

MATTER = "结婚登记"
# 条例 art 8: 居民身份证 and signed declarations; never the 户口簿. Photos: domain-rules §2.3.
PAPERS = (
    "双方居民身份证原件（在有效期内，临时身份证也可以）",
    "双方2寸近期半身免冠合影3张（现场可免费拍）",
    "《申请结婚登记声明书》现场填写并签名",
)
PAPERS_HINT = "带双方身份证和3张合影"
NO_FEE = "不用户口簿，不收费。"
CONFIRMED_HINT = "请双方带身份证按时到"
REFUSED_HINT = "弄清楚后可以重新预约"

DESK_NAME = "结婚登记"

# On the registrar's worklist, in the search, in exports.
WAITING_CONFIRM = "确认预约"
WAITING_SERVE = "已签到，等办理"
WAITING_ABSENT = "过时没来，待记"
WAITING_TITLE = "{number} · {moment}"
FOUND_MATTER = "结婚登记预约"
FOUND_NOTE = "{moment} · {office} · {state}"
BETWEEN_NAMES = "、"
EXPORT_TITLE = "结婚登记预约"
EXPORT_TABS = {"pending": "待确认的", "today": "当天的", "later": "以后的", "all": "全部"}
EXPORT_DAY = "{day}"
EXPORT_AS_OF = "（截至 {day}）"
BETWEEN_PARTS = "，"
EXPORT_COLUMNS = {
    "number": "预约号",
    "day": "日期",
    "time": "时间",
    "office": "登记处",
    "state": "状态",
    "booked_at": "预约时间",
    "via": "预约途径",
    "group_0": "一方类别",
    "group_1": "另一方类别",
    "name_0": "一方姓名",
    "id_number_0": "一方证件号码",
    "phone_0": "一方手机",
    "name_1": "另一方姓名",
    "id_number_1": "另一方证件号码",
    "phone_1": "另一方手机",
}
VIA_NAMES = {"chat": "服务号", "api": "小程序"}
GROUP_NAMES = {
    ResidentGroup.MAINLAND: "内地居民",
    ResidentGroup.HONG_KONG: "香港居民",
    ResidentGroup.MACAU: "澳门居民",
    ResidentGroup.TAIWAN: "台湾居民",
    ResidentGroup.OVERSEAS_CHINESE: "华侨",
    ResidentGroup.FOREIGN: "外国人",
}

# --- what is held about a person, and for how long ---

HELD_APPOINTMENTS = "结婚登记预约"
HELD_KEPT = "办结的保存2年，未到和没通过的1年，取消的180天，之后只留不含姓名的数字"
L_NUMBER = "预约号"
L_MATTER = "事项"
L_TIME = "约的时间"
L_OFFICE = "登记处"
L_STATE = "进展"
L_REASON = "登记处说明"
L_BOOKED_BY = "谁约的"
L_HISTORY = "经过"
L_COUPLE = "双方（核验身份前只显示一部分）"
L_NAME = "姓名"
L_ID_TYPE = "证件类型"
L_ID_NUMBER = "证件号码"
L_PHONE = "手机"
L_GROUP = "类别"
BOOKED_BY_YOU = "您约的"
BOOKED_BY_OTHER = "对方约的"
BY_RESIDENT, BY_STAFF, BY_ITSELF = "当事人", "工作人员", "自动"

ID_TYPE_NAMES = {
    IdType.RESIDENT_IDENTITY_CARD: "身份证",
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT: "港澳台居民居住证",
    IdType.FOREIGN_PERMANENT_RESIDENT_CARD: "外国人永久居留身份证",
    IdType.HK_MACAU_TRAVEL_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_TRAVEL_PERMIT: "台湾居民来往大陆通行证",
    IdType.PASSPORT: "护照",
}
GROUP_NAMES = {
    ResidentGroup.MAINLAND: "内地居民",
    ResidentGroup.HONG_KONG: "香港居民",
    ResidentGroup.MACAU: "澳门居民",
    ResidentGroup.TAIWAN: "台湾居民",
    ResidentGroup.OVERSEAS_CHINESE: "华侨",
    ResidentGroup.FOREIGN: "外国人",
}

KEPT_APPOINTMENT = "结婚登记预约 {number}"
WHY_UNDER_WAY = "还没办完，到时凭身份证仍可办理；办完后按办结的期限保存"
WHY_ABSENT = "约了没到的记录保存1年，之后清除"
WHY_SERVED = "到登记处办过的记录保存2年，之后清除"

RULE_SERVED = "办结和材料不符的结婚登记预约"
RULE_LEFT_OPEN = "过了日子没有记结果的结婚登记预约"
RULE_ABSENT = "未到的结婚登记预约"
RULE_REFUSED = "没通过的结婚登记预约"
RULE_CANCELLED = "取消的结婚登记预约"
RULE_UNUSED_HOLDS = "没有用上的留号"
SINCE_SERVED = "办结"
SINCE_DAY = "预约的日子"
SINCE_ABSENT = "记为未到"
SINCE_REFUSED = "答复"
SINCE_CANCELLED = "取消"
SINCE_EXPIRED = "留号到期"
BASIS_SERVED = "核对办理情况；登记档案另由登记处依法保存"
BASIS_ABSENT = "核对爽约次数"
BASIS_REFUSED = "复议和诉讼的期限（行政复议法第二十条、行政诉讼法第四十六条）"
BASIS_CANCELLED = "核对取消和通知情况"
BASIS_UNUSED_HOLDS = "查找故障"

# When something has happened to one of a couple: what the booker reads, and what officers read of it.
STOPPED_HINT = "有事请打{phone}"
LIFE_EFFECTS = {
    "appointments_stopped": "取消登记预约",
    "holds_released": "放回留号",
    "bookings_kept": "保留替别人约的预约，请登记处另行联系当事人",
    "appointments_restored": "恢复登记预约",
    "names_corrected": "更正预约里的姓名",
}
LIFE_LEFT = {"appointment": "登记预约（时间已过、号已约满，或另有新的预约）"}

# Why a place of the organisation tree cannot be closed.
OFFICE_HANGS = "这里正在办理婚姻登记预约，不能撤销。"
