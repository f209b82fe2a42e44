"""Sentences of the people room: what residents read about names, numbers and proofs, and what staff read at a counter.

Sentences about how a name, number or telephone is written are shared by all rooms.
"""

from __future__ import annotations

from backend.kernel.identity import Fault, IdType
from backend.parameters import Words
from backend.people.rules import NextStep, PersonEventName

NAME_MISSING = "请填写姓名。"
NAME_UNREADABLE = "姓名应为2到30个字，请照证件上的写。"
PHONE_UNREADABLE = "手机号应为11位数字，请再核对一遍。"

PAPER_NAMES = {
    IdType.RESIDENT_IDENTITY_CARD: "居民身份证",
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT: "港澳台居民居住证",
    IdType.FOREIGN_PERMANENT_RESIDENT_CARD: "外国人永久居留身份证",
    IdType.HK_MACAU_TRAVEL_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_TRAVEL_PERMIT: "台湾居民来往大陆通行证",
    IdType.PASSPORT: "护照",
}

# What the number of each paper is called in a sentence.
NUMBER_NAMES = {
    IdType.RESIDENT_IDENTITY_CARD: "身份证号",
    IdType.HK_MACAU_TAIWAN_RESIDENCE_PERMIT: "居住证号",
    IdType.FOREIGN_PERMANENT_RESIDENT_CARD: "永久居留证号",
    IdType.HK_MACAU_TRAVEL_PERMIT: "通行证号",
    IdType.TAIWAN_TRAVEL_PERMIT: "通行证号",
    IdType.PASSPORT: "护照号",
}

_FAULTS = {
    Fault.FIFTEEN_DIGITS: "这是15位的旧号码，请填现在身份证上的18位号码。",
    Fault.LENGTH: "{number}应为18位，请再核对一遍。",
    Fault.CHARACTERS: "{number}应为17位数字加一位数字或X，请再核对一遍。",
    Fault.CHECK_DIGIT: "{number}有一位可能写错了，请对照证件再核对一遍。",
    Fault.BIRTH_DATE: "{number}里的出生日期不对，请再核对一遍。",
    Fault.AREA: "证件类型和号码对不上，请核对选的证件类型。",
    Fault.FORMAT: "证件号码的格式不对，请照证件上的写。",
}

# Where the number of a travel paper looks unlike others of its kind (domain-rules §1.3-4): a hint, never a refusal.
NUMBER_UNUSUAL = "这个{number}和常见的写法不太一样，请对照证件再看一眼；没有写错就不用改。"


def fault_sentence(id_type: IdType, fault: Fault) -> str:
    """What a resident reads when a number of this paper cannot be right."""
    return _FAULTS[fault].format(number=NUMBER_NAMES[id_type])


# --- levels of proof ---

LEVEL_TOO_LOW = {
    NextStep.PHONE: "办这件事要先留一个手机号。",
    NextStep.VERIFICATION: (
        "办这件事要先实名核验：在小程序“我的—实名核验”里填姓名和证件号码，一分钟就好；"
        "也可以带证件到就近的窗口，到了回“核验码”，工作人员当场帮您核验。"
    ),
    NextStep.COUNTER: "办这件事要先实名核验。请带上证件到就近的窗口，工作人员当场帮您办。",
}
LEVEL_NOT_FRESH = "为了您的安全，办这件事前请再核验一次姓名和证件号码。"
LEVEL_NOT_FRESH_COUNTER = "为了您的安全，办这件事前要再核验一次。请带上证件到就近的窗口办理。"

# --- verification, as residents read it ---

MISMATCH = "姓名和证件号码对不上，请对照证件再核对一遍。今天还可以试{left}次。"
MISMATCH_LAST = "姓名和证件号码对不上。今天已经试满了，明天可以再试，也可以带证件到就近的窗口，工作人员当场帮您核验。"
TRIES_USED_UP = "今天核验的次数已经用完。明天可以再试，也可以带证件到就近的窗口，工作人员当场帮您核验。"
SERVICE_AWAY = "现在连不上核验服务，不是您的问题，这次不算次数。请过一会儿再试，急用的话可以带证件到窗口办。"
SERVICE_ABSENT = "这里还不能在网上核验。请带上证件到就近的窗口，工作人员当场帮您核验。"
# The same for the dead and for closed accounts: the resident's screen says nothing about either.
COUNTER_NEEDED = "您的信息需要当面核对一下。请带上证件到就近的窗口，工作人员会帮您办好。"
LOGIN_EFFECTS = {"logins_ended": "退出微信登录"}
OTHER_PERSON = "这个微信已经实名为另一位，不能再换人。要帮家人办事，请用“代办”；填错了，请带证件到窗口更正。"

# --- codes, as residents read them ---

CODE_WRONG = "绑定码不对或者已经过期，请对照纸条再输一遍；过期了，请到窗口重新要一个。"
CODE_PAUSE = "绑定码连续输错了几次，请过{minutes}分钟再试，或者请窗口工作人员帮您看看。"
TYPED_CODE_WRONG = "这个码不对，或已经过期、用过了。请对照小程序或窗口给的纸条再发一遍；过期了，请重新取一个。"
LINK_CODE_WRONG = "这个码不对或者已经过了10分钟。请在您自己的小程序里重新取一个，再发过来。"
LINK_OTHER_PERSON = "小程序和这里已经实名为两个人，不能合到一起。要帮家人办事，请用“代办”；填错了，请带证件到窗口更正。"
CODES_BUSY = "现在要码的人很多，请过几分钟再试一次。"

# --- the counter, as staff read it ---

DESK_DECEASED = "这个号码名下的人已登记去世，不能再核验。若登记有误，请先在“登记变动”里撤销，再来核验。"
DESK_OTHER_PERSON = "说码的这个微信已经实名为另一位，不能绑到这张证件上。请核对是不是本人的手机；家人代办，请走“代办”。"
DESK_NOT_SEEN = "请先核对证件原件和本人，再勾选确认。"
DESK_CODE_WRONG = "没有这个核验码，或已过10分钟。请居民在小程序里重新取一个。"
DESK_CODE_PAUSE = "核验码连续输错了几次，请过{minutes}分钟再输；可以先不填码，核验后另给绑定码。"
DESK_NOT_VERIFIED = "这位还没有核验过证件，请先核验，再给绑定码。"
DESK_DECEASED_CODE = "这位已登记去世，不能再绑定微信。"

# --- what happened to a row, as its person and staff read it ---

EVENT_NAMES = {
    PersonEventName.CREATED: "建档",
    PersonEventName.PHONE_GIVEN: "登记手机号",
    PersonEventName.VERIFIED: "核验姓名和证件",
    PersonEventName.RENAMED: "姓名按证件更新",
    PersonEventName.JOINED: "合并了同一人的另一份信息",
    PersonEventName.BOUND: "绑定微信",
    PersonEventName.CODE_GIVEN: "给出绑定码",
    PersonEventName.PLACED: "登记所在社区",
}

# What the bureau may set.
PARAMETERS_TITLE = "身份核实"
PARAMETERS = {
    "people.fresh_minutes": Words("当场核实后多久不用再核", "签字、领钱一类的事要刚核实过。", "分钟"),
}
