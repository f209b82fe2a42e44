"""Sentences of the marriage room: what residents and registrars read when something cannot be done, and the papers."""

from __future__ import annotations

from backend.kernel.identity import Fault
from backend.marriage.rules import Problem, State

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
NAME_MISSING = "请填写姓名。"
NAME_UNREADABLE = "姓名应为2到30个字，请照证件上的写。"
PHONE_UNREADABLE = "手机号应为11位数字，请再核对一遍。"

ID_FAULTS = {
    Fault.FIFTEEN_DIGITS: "这是15位的旧号码，请填现在身份证上的18位号码。",
    Fault.LENGTH: "身份证号应为18位，请再核对一遍。",
    Fault.CHARACTERS: "身份证号应为17位数字加一位数字或X，请再核对一遍。",
    Fault.CHECK_DIGIT: "身份证号有一位可能写错了，请对照证件再核对一遍。",
    Fault.BIRTH_DATE: "身份证号里的出生日期不对，请再核对一遍。",
    Fault.AREA: "证件类型和号码对不上，请核对选的证件类型。",
    Fault.FORMAT: "证件号码的格式不对，请照证件上的写。",
}

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
