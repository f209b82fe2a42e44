"""Sentences of the proxies (代办)."""

from __future__ import annotations

from backend.parameters import Words
from backend.people.proxies.rules import Confirmation, Relation, Scope, TieState

RELATION_NAMES = {
    Relation.SPOUSE: "配偶",
    Relation.CHILD: "子女",
    Relation.CHILD_IN_LAW: "儿媳、女婿",
    Relation.PARENT: "父母",
    Relation.SIBLING: "兄弟姐妹",
    Relation.GRANDCHILD: "孙子女",
    Relation.MATERNAL_GRANDCHILD: "外孙子女",
    Relation.GRANDPARENT: "祖父母",
    Relation.MATERNAL_GRANDPARENT: "外祖父母",
    Relation.GUARDIAN: "监护人",
    Relation.ENTRUSTED: "受托人",
    Relation.COMMITTEE: "村（居）委会",
    Relation.EMPLOYER: "单位",
    Relation.OTHER: "其他",
}

SCOPE_LABELS = {
    Scope.MEALS: "助餐订餐",
    Scope.CARE: "探访关爱",
    Scope.BEREAVEMENT: "家里的身后事",
    Scope.ASSISTANCE: "救助和补贴",
    Scope.PEOPLE: "个人资料",
}

STATE_NAMES = {
    TieState.ASKED: "等本人答复",
    TieState.CONFIRMED: "可以代办",
    TieState.DECLINED: "本人没有同意",
    TieState.LAPSED: "过期没有答复",
    TieState.CUT: "已取消",
}

CONFIRMATION_NAMES = {
    Confirmation.OWN_WECHAT: "本人在微信里同意",
    Confirmation.COUNTER_CODE: "窗口六位数字",
    Confirmation.STAFF: "工作人员核实",
}

STATE_TEXTS = {
    TieState.ASKED: "这个代办还在等本人答复。",
    TieState.CONFIRMED: "这个代办已经同意过了。",
    TieState.DECLINED: "本人没有同意这个代办。有需要可以重新申请。",
    TieState.LAPSED: "这个申请过期了，请重新申请。",
    TieState.CUT: "这个代办已经取消了。",
}

TIE_UNKNOWN = "没有找到这个代办。"
NO_AUTHORITY = "您现在不能替这位办这件事。请先申请代办，等本人同意。"
NOT_FOR_YOURSELF = "这是您自己的号码，自己的事直接办就行。"
SCOPE_UNKNOWN = "没有“{name}”这一项，请从列表里选。"
SCOPE_MISSING = "请至少选一样要代办的事。"
NEVER_MARRIAGE = "结婚、离婚登记要双方本人到场，不能代办。"
TOO_MANY = "一个人最多同时替{most}位家人代办。不再需要的，可以先取消。"
ASKED_ALREADY = "您已经申请过替这位代办，不用再申请。"
CODE_WRONG = "数字不对或已经过期，请再核对一遍；不行就请窗口重新给一个。"
CODE_TRIED_OUT = "试的次数太多了，请窗口重新给一个。"
ONLY_STAFF = "这种关系要带证明到窗口，由工作人员核实。"
REASON_HAS_NUMBER = "这里请不要写证件号或手机号，写看过什么证明就行。"
REASON_MISSING = "请写明核实了什么。"
CUT_REASON_MISSING = "请写明为什么取消。"
HELPER_UNNAMED = "一位居民"

# Notices (messages/catalogue/people_proxies.py): neutral, fit for a lock screen, names masked.
YOURS = "您的{relation}{name}"
TOLD_CONFIRMED = "本人同意了，现在可以代办"
TOLD_DECLINED = "本人没有同意"
TOLD_LAPSED = "过期没有答复"
TOLD_CUT = "代办已经取消"
HINT_ASK_AGAIN = "有需要可以重新申请"
HINT_START = "回复“代办”可以看到"

# How people call what the helper is to them, where the helper's paper tells the sex.
SON_OR_DAUGHTER = {
    Relation.SPOUSE: ("丈夫", "妻子"),
    Relation.CHILD: ("儿子", "女儿"),
    Relation.CHILD_IN_LAW: ("女婿", "儿媳"),
    Relation.PARENT: ("父亲", "母亲"),
    Relation.GRANDCHILD: ("孙子", "孙女"),
    Relation.MATERNAL_GRANDCHILD: ("外孙", "外孙女"),
    Relation.GRANDPARENT: ("爷爷", "奶奶"),
    Relation.MATERNAL_GRANDPARENT: ("外公", "外婆"),
}

SCOPE_SEPARATOR = "、"

# What becomes of ties when somebody has died, as officers read it.
TIE_EFFECTS = {"ties_cut": "停止代办关系", "ties_restored": "恢复代办关系"}
TIE_LEFT = {"tie": "一个代办关系（已过期，或另有新的申请）"}

TIE_SUBJECT = "代办"

# What the bureau may set.
PARAMETERS_TITLE = "家人代办"
PARAMETERS = {
    "people.proxy_most_principals": Words("一个人最多替几位办事", "等对方答复的也算。", "位"),
    "people.proxy_most_principals_of_committee": Words("村（居）委会最多替几位办事", "等对方答复的也算。", "位"),
    "people.proxy_answer_days": Words("代办申请等多久", "没有答复，到时自动作罢，可以再申请。", "天"),
    "people.proxy_code_minutes": Words("窗口给的六位数多久有效", "老人在窗口拿到后，由家人在微信里输入。", "分钟"),
}
