"""Sentences of the marriage room: what residents and registrars read when something cannot be done, and the papers."""

from __future__ import annotations

from backend.kernel.identity import IdType
from backend.marriage.kinds import Kind
from backend.marriage.rules import Problem, ResidentGroup, State
from backend.parameters import Words

SLOT_UNKNOWN = "这个时段不存在或还没放号，请重新选一个时间。"
DAY_CLOSED = "这一天的网上预约已经截止，请选后面的日期，或打电话 {phone} 问当天窗口情况。"
OFFICE_UNKNOWN = "没有这个登记处，请重新选择。"
RANGE_TOO_LONG = "请查两个月以内的日期，结束日期不能早于开始日期。"
SLOT_FULL = "这个时段刚刚约满了，请换一个时间。"
HOLD_GONE = "为您留的时间已过，这个时段也约满了，请换一个时间。"
ALREADY_BOOKED_SOMEONE = "两位当中有人已经有一个{matter}预约。要换时间请改约，不用重新预约。"
ALREADY_BOOKED_ONE = "这位已经有一个{matter}预约。要换时间请改约，不用重新预约。"
SUCH = "同样的"
APPOINTMENT_UNKNOWN = "没有找到这个预约，请核对预约号。"
CHANGE_CLOSED = "预约前一天{time}以后不能再自己改约或取消，请打电话 {phone} 告诉登记处。"
RESCHEDULED_ENOUGH = "这个预约已经改过{count}次，不能再改了。可以取消后重新预约，或打电话 {phone}。"
SAME_SLOT = "您现在约的就是这个时间。"
OTHER_OFFICE_KIND = "这个时段不能用来办理您预约的事项，请重新选一个时间。"
KIND_NOT_OFFERED = "这项业务还不能在网上预约，请打电话给登记处或直接到窗口办理。"
WITHDRAW_AT_WINDOW = (
    "这件事不用预约：任何一方带身份证和回执单，在回执单写明的撤回期限内、登记处上班时间，到原登记处窗口就能办。"
    "有事可打 {phone}。"
)
SLOT_TOO_SHORT = "从这个时间开始办不完，请换一个早一点的时间。"
ONE_PARTY = "请填写办事本人的信息。"
ONE_OR_TWO_PARTIES = "请填写一位或两位的信息。"
DESIGNATED = "双方有一位不是内地居民的，要到省里指定的登记处办理。可以去：{offices}。"
DESIGNATED_ONE = "{name}（{address}，电话 {phone}）"
DESIGNATED_NONE = "双方有一位不是内地居民的，要到省里指定的登记处办理。我们这里办不了，可打电话 {phone} 问是哪一家。"
BETWEEN_OFFICES = "；"
CLOSURE_ORDER = "结束日期不能早于开始日期。"
DAY_OVER = "这一天已经过去了，请选今天以后的日期。"
PEAK_TWICE = "这一天刚刚被别人设成了高峰日，请看一看再改。"
PEAK_SHARE = "线上比例请填0到1，增开的窗口不能少于0。"
PEAK_KINDS = "请至少选一项可以预约的业务。"
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
    Problem.OFFICE_WITHOUT_AUTHORITY: "{designated}",
    # 民法典 1076-1079: agreed divorce, else the court.
    Problem.NOT_REGISTERED_IN_MAINLAND: (
        "不是在内地（或我国驻外使领馆）登记的，登记处不能受理，可以到人民法院办理，或先打电话 {phone} 问清楚。"
    ),
    Problem.WITHOUT_CAPACITY: (
        "有一方不能完全辨认自己行为的，登记处不能受理，要由监护人到人民法院办理。可打 {phone} 或 12348 问一问。"
    ),
    Problem.WITHOUT_AGREEMENT: (
        "要双方自愿，并且孩子、财产、债务都已经谈好、写成书面协议，登记处才能受理。"
        "谈不拢的可以先找人调解，或到人民法院办理；法律上的事可打 12348 免费咨询。"
    ),
    Problem.NO_DIVORCE_WINDOW: (
        "没有找到两位在这个登记处、这一天可以领证的申请。请看回执单上写的日期和登记处，或打电话 {phone} 问一问。"
    ),
}

# The names of the kinds for people who have asked for them; on lock screens `MATTERS` stands in.
KIND_NAMES = {
    Kind.MARRIAGE_REGISTRATION: "结婚登记",
    Kind.DIVORCE_APPLICATION: "离婚登记申请",
    Kind.DIVORCE_WITHDRAWAL: "撤回离婚登记申请",
    Kind.DIVORCE_CERTIFICATE: "领取离婚证",
    Kind.MARRIAGE_CERTIFICATE_REISSUE: "补领结婚证",
    Kind.DIVORCE_CERTIFICATE_REISSUE: "补领离婚证",
    Kind.ARCHIVE_QUERY: "婚姻登记档案查询",
    Kind.REGISTRATION_REVOCATION: "撤销婚姻登记",
    Kind.FOREIGN_RELATED: "涉外、涉港澳台、华侨婚姻登记",
    Kind.CEREMONY: "颁证仪式",
    Kind.CLOUD_CEREMONY: "云颁证",
    Kind.COUNSELLING: "婚姻家庭辅导",
}
# domain-rules §7: neutral wherever somebody else may read it.
_NEUTRAL = "您预约的业务"
MATTERS = {
    **KIND_NAMES,
    Kind.DIVORCE_APPLICATION: _NEUTRAL,
    Kind.DIVORCE_WITHDRAWAL: _NEUTRAL,
    Kind.DIVORCE_CERTIFICATE: _NEUTRAL,
    Kind.DIVORCE_CERTIFICATE_REISSUE: _NEUTRAL,
    Kind.REGISTRATION_REVOCATION: _NEUTRAL,
    Kind.COUNSELLING: _NEUTRAL,
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
COMING_NOTE = "预约号 {number}。请本人带身份证原件到场。"

# --- the code at the registry's door, as residents read it ---

ARRIVED = "签到好了 ✔ 预约号 {number}，{time}。请在大厅稍坐，叫到号再到窗口，身份证先拿在手里。"
ARRIVED_BEFORE = "您已经签到了，预约号 {number}。请在大厅稍坐，叫到号再到窗口。"
ARRIVED_ELSEWHERE = "您今天约的是{office}（{address}），不是这里。请到那边签到，来不及可以打电话 {phone}。"
ARRIVED_OTHER_DAY = "您的预约是{time}，{office}，今天还不用签到。要改时间可以现在改。"
DOOR_CODE_ON_SCREEN = "请扫大厅屏幕上的签到码，门口贴的这张现在不用了。屏幕没亮的，到咨询台报身份证后四位就能签到。"
DOOR_CODE_OLD = "这个签到码过期了，每分钟换一次。请再扫一下大厅屏幕上的码；扫不了，到咨询台报身份证后四位也行。"
ARRIVE_FORM_OLD = "页面放久了，请再扫一下大厅屏幕上的码。"
ARRIVED_UNKNOWN = "这个微信名下没有今天的预约。用另一位的微信约的，请用那个手机扫；没有约，请到咨询台问今天能不能办。"
# 条例 art 8: 居民身份证 and signed declarations; never the 户口簿. Photos: domain-rules §2.3.
PAPERS = (
    "双方居民身份证原件（在有效期内，临时身份证也可以）",
    "双方2寸近期半身免冠合影3张（现场可免费拍）",
    "《申请结婚登记声明书》现场填写并签名",
)
PAPERS_HINT = "带双方身份证和3张合影"
PAPERS_HINTS = {
    Kind.MARRIAGE_REGISTRATION: PAPERS_HINT,
    Kind.DIVORCE_APPLICATION: "带双方身份证和各自的证件原件",
    Kind.DIVORCE_CERTIFICATE: "带双方身份证、回执单和协议书",
    Kind.MARRIAGE_CERTIFICATE_REISSUE: "带双方身份证和3张合影",
    Kind.DIVORCE_CERTIFICATE_REISSUE: "带身份证和2张单人照片",
    Kind.ARCHIVE_QUERY: "带身份证原件",
    Kind.REGISTRATION_REVOCATION: "带身份证和证明材料",
}
PAPER_UNKNOWN = "清单里没有这一项，请刷新页面再勾。"
PAPERS_ENDED = "这次预约已经结束，材料不能再勾。页面已更新。"
PAPERS_MISSING = "缺：{papers}"
BETWEEN_PAPERS = "；"
PAPER_LINE = "{paper}（{who}，{form}）"
PAPER_DETAIL = "（"  # from here on a line explains itself
NO_FEE = "不用户口簿，不收费。"
CONFIRMED_HINT = "请双方带身份证按时到"
REFUSED_HINT = "弄清楚后可以重新预约"
PAPERS_FAILED_HINT = "备齐后可以重新预约，或直接到窗口取号"
PARTNER_MOVED = "对方改了你们二位的预约时间"
PARTNER_ACCEPTED = "登记处改的时间，对方已经同意"
TOLD_BY_PHONE = "电话里说好的时间"
NO_SHOW_HINT = "如果当时到了，或临时有特殊情况，请打 {phone} 说明，核实后会撤销这次记录"

DESK_NAME = "结婚登记"
ANNULLED = "{number} 的未到已撤销，不再计入爽约。"
FIGURES_TOO_LONG = "一次最多看一年，请把日期选近一些。"
MONTH_FORM = "月份应写成 2026-11 这样。"
AREA_UNKNOWN = "没有这个办事区，请重新选择。"
FIGURES_TITLE = "办件统计"
FIGURE_COLUMNS = {
    "day": "日期",
    "office": "登记处",
    "kind": "事项",
    "booked": "预约",
    "came": "到场",
    "absent": "未到",
    "cancelled": "取消",
    "failed": "材料不符",
    "walk_ins": "现场取号",
    "called": "叫到",
    "mean_wait": "平均等候（分钟）",
    "mean_service": "平均办理（分钟）",
}
HALL_NAME = "叫号台"
FIGURES_NAME = "办件统计"
LOAD_NAME = "号源日历"

# On the registrar's worklist, in the search, in exports.
WAITING_CONFIRM = "确认预约"
WAITING_SERVE = "已签到，等办理"
WAITING_ABSENT = "过时没来，待记"
WAITING_LIST = "打印名单"
WAITING_LIST_TITLE = "{office}{day}的名单，{count} 对"
WAITING_TITLE = "{number} · {moment}"
FOUND_MATTER = "结婚登记预约"
FOUND_NOTE = "{moment} · {office} · {state}"
BETWEEN_NAMES = "、"
EXPORT_TITLE = "结婚登记预约"
EXPORT_TABS = {"pending": "待确认的", "today": "当天的", "later": "以后的", "all": "全部"}
EXPORT_DAY = "{day}"
EXPORT_DAYS = "{first}到{last}"
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
NOT_AGAIN = "只有材料不符的预约，才在这里约下一次。"
BOOKED_AGAIN = "{number} 约好了：{time}。通知已发给当事人。"
SLOT_CHOICE = "请选一个时间。"
VIA_NAMES = {"chat": "服务号", "api": "小程序", "desk": "登记处代办"}
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

# What a registry may set.
PHOTO_BACKGROUND = "红底"
_OPENED_STAYS = "已经放出的号不变。"
_WEEKDAYS = {"monday": "周一", "tuesday": "周二", "wednesday": "周三", "thursday": "周四", "friday": "周五"}
_BOOKED = (
    Kind.MARRIAGE_REGISTRATION,
    Kind.DIVORCE_APPLICATION,
    Kind.DIVORCE_CERTIFICATE,
    Kind.MARRIAGE_CERTIFICATE_REISSUE,
    Kind.DIVORCE_CERTIFICATE_REISSUE,
    Kind.ARCHIVE_QUERY,
    Kind.REGISTRATION_REVOCATION,
    Kind.FOREIGN_RELATED,
)
PARAMETERS_TITLE = "结婚登记预约"
PARAMETERS = {
    "marriage.hours": Words("工作日开放时间", "已经放出的号不变，之后放出的日子按新时间排号。"),
    "marriage.slot_minutes": Words("一个时段多长", "已经放出的号不变。", "分钟"),
    "marriage.windows": Words("同时开几个窗口", "每个时段能接几对，由窗口数和线上比例算出。已经放出的号不变。", "个"),
    "marriage.online_share": Words("线上放多少号", "其余留给现场取号的人。已经放出的号不变。"),
    "marriage.horizon_days": Words("提前多少天放号", "改短以后，已经放出的号仍可以约。", "天"),
    "marriage.release_time": Words("每天几点放号", "放提前天数那一天的号。"),
    "marriage.lead_cutoff": Words("前一工作日几点截止预约", "过了这个时间，第二天的号不能再在线上约。"),
    "marriage.cancel_cutoff": Words("前一天几点后不能自己取消", "过了这个时间，请居民打登记处电话。"),
    "marriage.hold_seconds": Words("选好时段后留号多久", "填信息、核对时号先留着，到时没确认就放回去。", "秒"),
    "marriage.reschedule_max": Words("一个预约最多改几次", "登记处替当事人改的不算。", "次"),
    "marriage.late_grace_minutes": Words("过号多久还能签到", "超过以后请现场取号。", "分钟"),
    "marriage.checkin_open_minutes": Words("提前多久可以签到", "太早到的先在大厅等。", "分钟"),
    "marriage.printed_door_code": Words(
        "门口贴的签到码能用",
        "填“否”时，只认大厅屏幕上每分钟换一次的码，拍了照在家里签不了到；扫门口贴的码，会请当事人扫屏幕。",
    ),
    "marriage.foreign_related": Words(
        "能办涉外、涉港澳台、华侨登记",
        "由省级民政部门指定（《婚姻登记条例》第二条）。填“否”时，这类预约会请他们去有这项权限的登记处。",
    ),
    **{
        f"marriage.hours_{day}": Words(f"{name}的开放时间", f"和平时不一样才填，不填就一样。{_OPENED_STAYS}")
        for day, name in _WEEKDAYS.items()
    },
    "marriage.closed_weekdays": Words(
        "工作日里不开放的日子", f"整天不开才勾；只开半天的，在上面填那天的时间。{_OPENED_STAYS}", choices=_WEEKDAYS
    ),
    "marriage.saturday_hours": Words(
        "周六开放时间", "不填就是周六不开。周六仍是法定休息日，离婚登记不在周六办。国家放假的周六不开。"
    ),
    "marriage.saturday_kinds": Words(
        "周六办哪些业务", _OPENED_STAYS, choices={kind.value: KIND_NAMES[kind] for kind in _BOOKED}
    ),
    "marriage.open_365": Words("全年开放", "周末和节假日也按平时的时间开放，离婚登记除外。"),
    "marriage.divorce_windows": Words("离婚登记室开几个窗口", _OPENED_STAYS, "个"),
    "marriage.service_windows": Words("补领、查档窗口开几个", _OPENED_STAYS, "个"),
    "marriage.divorce_slot_minutes": Words("离婚登记室一个时段多长", _OPENED_STAYS, "分钟"),
    "marriage.service_slot_minutes": Words("补领、查档一个时段多长", _OPENED_STAYS, "分钟"),
    **{
        f"marriage.minutes_{kind.value}": Words(
            f"{KIND_NAMES[kind]}要多久", "一个窗口办一件要用的时间。已经约好的不变，之后按新的算。", "分钟"
        )
        for kind in _BOOKED
    },
    "marriage.reissue_both": Words("补领结婚证要双方到场", "填“否”时，一方带齐材料也可以预约办理。"),
    "marriage.photos_together": Words("合影要几张", "结婚登记、补领结婚证用，2寸近期半身免冠。", "张"),
    "marriage.photos_single": Words("单人照片每人要几张", "领取、补领离婚证用，2寸近期半身免冠。", "张"),
    "marriage.photo_on_site": Words("现场可以免费拍照", "填“是”时，材料清单里会告诉大家。"),
    "marriage.photo_background": Words("照片底色", "写在材料清单里，如“红底”。"),
    "marriage.agreement_at_application": Words(
        "申请时就要交离婚协议书", "填“否”时，领证那天再交。《民法典》第一千零七十六条要求有书面协议。"
    ),
    "marriage.foreign_paper_months": Words("境外出具的证明几个月内有效", "写在材料清单里。", "个月"),
}

# The page of registries.
OFFICES_TITLE = "登记处资料"
OFFICE_SAVED = "已改好，居民几秒后就能看到。"
OFFICE_ADDED = "已添加“{name}”。它的号源一分钟内按设置放出。"
OFFICE_UNCHANGED = "没有改动。"
OFFICE_REFUSED = "登记处资料没有改成，请按提示改好再试。"
OFFICE_FIELD_FORM = "请填写，最多 {most} 个字。"
OFFICE_PHONE_FORM = "请写居民打得通的电话，如 029-87654321，最多 {most} 个字。"
OFFICE_POSITION_FORM = "顺序请填 0 到 99 的整数，小的排在前面。"
OFFICE_NODE_FORM = "请选一个还没有资料的婚姻登记处。"
