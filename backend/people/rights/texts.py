"""Sentences about consent, requests and keeping: what residents and officers read."""

from __future__ import annotations

from datetime import date

from backend.kernel.chinese_dates import spoken_date
from backend.kernel.personal_data import Period
from backend.parameters import Words
from backend.people.rights.rules import RefusalReason, Relation, RequestKind, RequestState, Via, Warmth
from backend.people.rules import LoginKind, PersonEventName

# --- consent ---

PURPOSE_UNKNOWN = "没有这一项，请从列表里选。"
NOTICE_OUTDATED = "隐私规则有更新，请先看新的一版再选。"

REMINDERS_TITLE = "办事提醒"
REMINDERS_TEXT = "预约前一天和两小时前，用微信提醒您。不同意也照样可以预约和办理。"

# --- requests ---

KIND_NAMES = {
    RequestKind.EXPORT: "要一份自己的信息",
    RequestKind.CORRECT: "更正信息",
    RequestKind.DELETE: "删除信息",
    RequestKind.CLOSE_ACCOUNT: "注销账号",
    RequestKind.TAKE_DOWN: "近亲属申请删除逝者信息",
}
STATE_NAMES = {
    RequestState.RECEIVED: "已收到",
    RequestState.IN_WORK: "正在办",
    RequestState.DONE: "已办好",
    RequestState.REFUSED: "没能办理",
}
VIA_NAMES = {Via.CHAT: "服务号聊天", Via.API: "小程序", Via.DESK: "窗口"}
RELATION_NAMES = {
    Relation.SPOUSE: "配偶",
    Relation.PARENT: "父母",
    Relation.CHILD: "子女",
    Relation.SIBLING: "兄弟姐妹",
    Relation.GRANDPARENT: "祖父母、外祖父母",
    Relation.GRANDCHILD: "孙子女、外孙子女",
}
WARMTH_NAMES = {
    Warmth.CALM: "时间充裕",
    Warmth.SOON: "时间过了七成",
    Warmth.URGENT: "快到期",
    Warmth.OVERDUE: "已超期",
}
EVENT_NAMES = {
    "asked": "提出",
    "asked_by_helper": "代办人提出",
    "taken": "开始办理",
    "done": "办好",
    "refused": "不予办理",
    "due_moved": "期限按新的放假安排重算",
    "joined": "与同一个人的另一个申请合并",
}

TOLD_DONE = {
    RequestKind.EXPORT: "文件做好了，7天内可以取",
    RequestKind.CORRECT: "已按您说的改好",
    RequestKind.DELETE: "能删除的都删除了",
    RequestKind.CLOSE_ACCOUNT: "账号已注销",
    RequestKind.TAKE_DOWN: "能删除的都删除了",
}

REASON_NAMES = {
    RefusalReason.KEPT_BY_LAW: "法律规定的保存期限还没有到",
    RefusalReason.STILL_UNDER_WAY: "还有没办完的事要用到",
    RefusalReason.LEGAL_HOLD: "有复议、诉讼或审计正在用到",
    RefusalReason.NOT_PROVEN: "还不能确认身份或亲属关系",
    RefusalReason.NOTHING_HELD: "我们没有保存这项信息",
    RefusalReason.ALREADY_RIGHT: "核对过，现有信息与证件一致",
    RefusalReason.FIXED_ONCE_BOOKED: "预约里的姓名和证件号不能改",
    RefusalReason.CONCERNS_OTHERS: "这项信息也属于别人",
}
REMEDIES = {
    RefusalReason.KEPT_BY_LAW: "期限到了会自动清除；在这之前只保存，不作别的用。",
    RefusalReason.STILL_UNDER_WAY: "请先办完或取消手上的事，再来申请。",
    RefusalReason.LEGAL_HOLD: "事情结束后会自动继续清除，不用再申请。",
    RefusalReason.NOT_PROVEN: "请带身份证（代亲属办理的，再带亲属关系证明）到窗口补办。",
    RefusalReason.NOTHING_HELD: "如果您在别的单位办过，请向那个单位申请。",
    RefusalReason.ALREADY_RIGHT: "如果证件上的信息变了，请带新证件到窗口核验。",
    RefusalReason.FIXED_ONCE_BOOKED: "请取消这个预约，再用正确的信息重新预约。",
    RefusalReason.CONCERNS_OTHERS: "属于您自己的部分已经处理；其余的请让对方本人来申请。",
}
# PIPL 50, 65: a refusal names its reason and where one may go with it.
REVIEW = "您如果不同意，可以到区民政局申请复核，也可以向网信部门投诉，或者依法向人民法院起诉。"
REVIEW_SHORT = "不同意的，可申请复核、投诉或起诉"

REQUEST_UNKNOWN = "没有找到这个申请，请核对编号。"
ONLY_ONESELF = "代办只能申请更正。要副本、删除或注销，请本人来提。"
ALREADY_ASKED = "您已经有一个同样的申请（{number}）正在办，最晚{due}答复，不用再提。"
WORDS_MISSING = "请写明哪里不对、应该是什么。"
WORDS_TOO_LONG = "请写在500个字以内。"
CLOSE_UNCONFIRMED = "注销后不能恢复，请先确认。"
ALREADY_ANSWERED = "这个申请已经答复过了。"
ANSWER_MISSING = "请写一句给申请人的话：改了什么，或者为什么。"
REASON_MISSING = "请选一个原因。"
EXPORT_GONE = "这份文件已经过了7天，已清除。需要的话请重新申请一份。"
HELD = "有复议、诉讼或审计正在用到这些信息，暂时不能删除。请先解除暂缓，或以此为由答复。"
PERSON_UNKNOWN = "没有找到这个人。请核对证件号；没有建档的，请先在人员页面核验建档。"
NOT_DEAD = "这个人还没有登记去世。请先登记去世，再受理近亲属的申请。"
RELATIVE_MISSING = "请填写申请人姓名、与逝者的关系和核对过的证明材料。"
HOLD_REASON_MISSING = "请写明为什么暂缓清除，例如案号。"
HOLD_STANDING = "这个人已经在暂缓清除的名单里。"
HOLD_GONE = "这一条已经解除了。"
NUMBER_UNREADABLE = "证件号码读不懂，请照证件再输一遍。"

# --- what is held ---

PEOPLE = "账号"
RIGHTS = "个人信息申请和同意"
ACCOUNT_SECTION = "基本信息"
IDENTITY_SECTION = "微信账号"
LOGIN_SECTION = "登录"
REQUEST_SECTION = "个人信息申请"
CONSENT_SECTION = "同意和撤回"
NOTICE_SECTION = "隐私规则告知"

YES, NO = "是", "否"
GIVEN, WITHDRAWN = "同意", "撤回"
NOT_GIVEN = "没有留"

L_SINCE = "建立时间"
L_NAME = "姓名"
L_ID_TYPE = "证件类型"
L_ID_NUMBER = "证件号码"
L_PHONE = "手机"
L_LEVEL = "核验级别"
L_VERIFIED = "核验时间"
L_DIED = "去世日期"
L_WECHAT = "微信标识"
L_PRODUCT = "微信应用"
L_UNION = "微信开放平台标识"
L_EXPIRES = "到期时间"
L_NUMBER = "编号"
L_KIND = "事项"
L_STATE = "进展"
L_RECEIVED = "提出时间"
L_DUE = "最晚答复"
L_WORDS = "您写的话"
L_ANSWER = "答复"
L_PURPOSE = "用途"
L_CHOICE = "选择"
L_AT = "时间"
L_VERSION = "规则版本"
L_VIA = "方式"

ID_TYPE_NAMES = {
    "resident_identity_card": "身份证",
    "hk_macau_taiwan_residence_permit": "港澳台居民居住证",
    "foreign_permanent_resident_card": "外国人永久居留身份证",
    "hk_macau_travel_permit": "港澳居民来往内地通行证",
    "taiwan_travel_permit": "台湾居民来往大陆通行证",
    "passport": "护照",
}

KEPT_WHILE_ACCOUNT = "保存到注销账号为止"
KEPT_LOGIN = "小程序登录满7天、网页登录满12小时，或退出、注销时清除"
L_LOGIN_KIND = "在哪里"
L_DEVICE = "手机"
LOGIN_KIND_NAMES = {LoginKind.MINIPROGRAM: "小程序", LoginKind.WEB: "微信里的网页"}
KEPT_REQUEST = "答复后保存3年，用来证明我们依法办理"
KEPT_CONSENT = "改变选择或注销后保存3年，用来证明您的选择"

K_CONSENT = "同意和撤回的记录（不含姓名）"
K_REQUEST = "个人信息申请的记录"
K_HELD = "所有信息"
WHY_PROOF = "用来证明我们依法办理，满3年清除"
WHY_HELD = "有复议、诉讼或审计正在用到，结束后清除"

# --- the readable copy ---

COPY_HEAD = "暖民 · 我的个人信息"
COPY_MADE = "生成时间：{time}"
COPY_NOTE = "这份文件里有您的个人信息，请妥善保管，不要转发给别人。"
COPY_EMPTY = "没有保存这方面的信息。"
COPY_KEPT = "保存多久：{kept}"
COPY_FILE = "我的个人信息-{day}.{suffix}"

# --- retention ---

RULE_LOGINS = "小程序和网页登录"
RULE_EXPORTS = "个人信息副本"
RULE_REQUESTS = "个人信息申请"
RULE_CONSENTS = "同意和撤回的记录"
RULE_HOLDS = "暂缓清除的记录"
RULE_RUNS = "清除情况的记录"
RULE_PERSONS = "已注销的空账号"

SINCE_EXPIRY = "登录到期"
SINCE_MADE = "文件生成"
SINCE_ANSWER = "答复"
SINCE_CHANGE = "改变选择或注销"
SINCE_LIFTED = "解除暂缓"
SINCE_SWEEP = "清除结束"
SINCE_EMPTY = "不再有别的记录用到"

BASIS_LOGIN = "到期后没有用处"
BASIS_EXPORT = "只为本人取走"
BASIS_PROOF = "证明依法办理（个人信息保护法第五十条、第六十九条；民法典第一百八十八条）"
BASIS_RUNS = "核对清除情况"
BASIS_EMPTY = "个人信息保护法第四十七条"


def kept_for(period: Period) -> str:
    """A period in words: 2年, 6个月, 180天, 48小时."""
    if period.months:
        return f"{period.months // 12}年" if period.months % 12 == 0 else f"{period.months}个月"
    if period.days:
        return f"{period.days}天"
    return f"{period.hours}小时" if period.hours else "随即清除"


def until(day: date | None) -> str:
    """Until when something is kept."""
    return "办完为止" if day is None else f"保存到{spoken_date(day)}"


# --- proxies and life events ---

PROXIES = "代办和人生大事登记"
TIES = "代办关系"
ACTS = "代办过的事"
LIFE_EVENTS = "人生大事登记"
YOU_HELP = "您替别人办"
YOU_ARE_HELPED = "别人替您办"
L_SIDE = "哪一方"
L_RELATION = "关系"
L_SCOPES = "代办的事"
L_DAY = "日期"
KEPT_TIES = "结束后保存3年，用来证明谁替谁办过事"
KEPT_LIFE_EVENTS = "只增不改，长期保存，用来核对各项服务为什么变动"
K_ACTS = "您替别人办过事的记录（不含您的姓名）"
WHY_ACTS = "这是对方的办事记录，关系结束满3年清除"
K_LIFE_EVENTS = "人生大事登记"
WHY_LIFE_EVENTS = "只增不改的登记，用来核对各项服务为什么变动"
RULE_PROXIES = "结束的代办关系"
SINCE_ENDED = "关系结束"

# --- how an account is proven ---

RULE_LOGIN_CODES = "微信给的登录凭证（只存指纹）"
RULE_LINK_CODES = "绑定小程序用的号码"
RULE_CODES = "绑定用的号码"
RULE_TRIES = "没有成功的核验"
SINCE_CODE = "号码到期"
SINCE_TRY = "核验"
BASIS_TRIES = "防止别人猜您的信息"
HISTORY_SECTION = "核验和绑定的经过"
L_EVENT = "经过"
KEPT_HISTORY = "保存到注销账号为止"

# --- what staff leave behind ---

RULE_DEATH_REASONS = "去世登记和更正时写的依据"
RULE_LIFE_REASONS = "迁居、更正姓名时写的依据"
SINCE_RECORDED = "登记"
BASIS_DEATH = "身后办事和纠纷可能用到"

STAFF_EXPORTS = "导出申请（文件一天后就删）"
STAFF_APPROVALS = "审批记录"
STAFF_NOTICES = "告诉工作人员账号有改动"
SINCE_ASKED = "申请"
SINCE_DECIDED = "审批结束"
SINCE_TOLD = "告诉"
BASIS_HANDED_OVER = "说明个人信息给了谁、为什么（网络数据安全管理条例第十二条）"
BASIS_SECURITY = "查账号被冒用"
STAFF_ENTRIES = "工作人员登录"
STAFF_AUDIT = "工作人员查看和办理的记录"
SINCE_ENTRY = "登录结束"
SINCE_RECORD = "记录"
BASIS_ENTRIES = "结束后没有用处"
BASIS_AUDIT = "网络安全法要求日志至少留存六个月；记录只有编号，由程序防止改动"

PERSON_EVENT_NAMES = {
    PersonEventName.CREATED: "建档",
    PersonEventName.PHONE_GIVEN: "登记手机号",
    PersonEventName.VERIFIED: "核验姓名和证件",
    PersonEventName.RENAMED: "姓名按证件更新",
    PersonEventName.JOINED: "合并了您的另一份信息",
    PersonEventName.BOUND: "绑定微信",
    PersonEventName.CODE_GIVEN: "给出绑定码",
    PersonEventName.PLACED: "登记所在社区",
}

# What the bureau may set.
PARAMETERS_TITLE = "本单位"
PARAMETERS = {
    "bureau.phone": Words("居民能打通的电话", "写在《您的个人信息》页面上，居民有疑问、要投诉时打。"),
    "bureau.address": Words("地址", "写在《您的个人信息》页面上，居民可以当面来问。"),
}
