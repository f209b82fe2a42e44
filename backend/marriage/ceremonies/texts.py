"""Sentences about ceremonies, events of many couples and private links."""

from __future__ import annotations

from backend.marriage.ceremonies.rules import CeremonyState, CloudState, EntryState, EventKind, EventMode, EventState
from backend.parameters import Words

# --- names ---

DESK_NAME = "颁证仪式"
EVENTS_NAME = "集体颁证"
MATTER = "颁证仪式"
STATE_NAMES = {
    CeremonyState.BOOKED: "已约好",
    CeremonyState.HELD: "已举行",
    CeremonyState.CANCELLED: "已取消",
}
EVENT_NAMES = {
    "booked": "预约",
    "cancelled": "本人取消",
    "called_off": "登记处取消",
    "placed": "改场地或时间",
    "officiant_assigned": "安排颁证师",
    "weather": "因天气改到室内",
    "held": "已举行",
    "registration_gone": "登记预约有变动，仪式取消",
    "stopped_by_life_event": "因人生事件取消",
    "restored_by_life_event": "登记更正，恢复",
}
KIND_NAMES = {EventKind.GROUP_CEREMONY: "集体颁证", EventKind.GROUP_WEDDING: "集体婚礼"}
MODE_NAMES = {EventMode.FIRST_COME: "先到先得", EventMode.DRAW: "抽签"}
EVENT_STATES = {EventState.ANNOUNCED: "已公布", EventState.SETTLED: "名单已定", EventState.CANCELLED: "已取消"}
ENTRY_STATES = {
    EntryState.WAITS_FOR_PARTNER: "等另一方确认",
    EntryState.ENTERED: "已报名，等抽签",
    EntryState.PLACED: "已入选",
    EntryState.RESERVE: "候补",
    EntryState.LAPSED: "另一方没有确认",
    EntryState.WITHDRAWN: "已退出",
    EntryState.CANCELLED: "活动取消",
}
CLOUD_STATES = {
    CloudState.ASKED: "等另一方同意",
    CloudState.AGREED: "双方同意",
    CloudState.WITHDRAWN: "有一方撤回",
    CloudState.ENDED: "已到期",
}

# --- refusals ---

CEREMONY_UNKNOWN = "没有找到这场仪式，请回“颁证仪式”看看现在的情况。"
REGISTRATION_UNKNOWN = "没有找到您二位的结婚登记预约。请先约登记，再约仪式。"
VENUE_UNKNOWN = "没有这个场地，请重新选择。"
OFFICIANT_UNKNOWN = "没有这位颁证师，请重新选择。"
OFFICIANT_AWAY = "这位颁证师这个时间不在，请换一位。"
NO_SUCH_TIME = "这个场地这个时间约不了，请换一个时间。"
ALREADY = "您二位已经约了一场仪式。要换时间，先取消原来的。"
GUESTS = "亲友最多{most}人，请重新填写。"
BEFORE = "仪式要在登记办完以后，请约晚一点的时间。"
NOT_YET = "没登记以前只能约登记当天的仪式；登记以后{days}天内都可以再约。"
TOO_LATE = "登记已经超过{days}天，约不了仪式了。可以看看集体颁证活动。"
BEGUN = "仪式已经开始，不能再取消了。"
REASON_MISSING = "请写明原因，双方都会看到。"
WEATHER_REASON = "请写几个字说明，如“有雨”，新人会看到。"
DAY_PAST = "日期不能早于今天。"
SWITCHED_ALREADY = "这一天已经改到室内了。"
NOT_SWITCHED = "这一天没有改过。"
STATE_TEXTS = {
    CeremonyState.BOOKED: "仪式已经约好。",
    CeremonyState.HELD: "仪式已经举行过。",
    CeremonyState.CANCELLED: "仪式已经取消，需要可以再约。",
}
EVENT_UNKNOWN = "没有找到这个活动，请回到列表重新选择。"
ENTRY_UNKNOWN = "没有找到这个报名，请回“集体颁证”看看现在的情况。"
SIGN_UP_NOT_OPEN = "报名从{time}开始，到时再来就行。"
SIGN_UP_OVER = "报名已经结束。"
EVENT_OVER = "这个活动已经{state}，不能再改。"
NOT_REGISTERED_LATELY = "这次活动请{day}以后登记的新人参加。"
REGISTERED_AFTER_EVENT = "您二位的登记约在活动以后，参加不了这一次。"
ENTERED_ALREADY = "您二位已经报过名了。"
NOT_THE_PARTNER = "报名要另一方用自己的微信确认。"
ENTRY_MOVED = "报名有变动，现在不能这样改了。"
NOT_OF_THE_COUPLE = "这要您本人来办，请先核实姓名和身份证号。"
CLOUD_OVER = "这场仪式的直播已经到期，不能再改。"
CLOUD_NOT_AGREED = "要双方都同意以后，才能填直播地址。"
LINK_FORM = "请填以 https:// 开头的播放地址。"
LINK_WITH_NUMBERS = "地址里不要带证件号码。"
CLOUD_STILL_ON = "还没到期，也没有人撤回，不用删除。"
FACTS_FORM = "请按提示改好再保存。"
TITLE_FORM = "名称和地点都要填，名称最多 20 个字，地点最多 40 个字。"
PLACES_FORM = "名额请填 1 到 500。"
TIMES_FORM = "时间要按先后：开始报名、截止报名、活动开始，都不早于现在。"
FALSE_CHOICE = "请按页面上的选项选择。"

# --- what notices say ---

HINT = "请带身份证，提前15分钟到，仪式免费"
CANCELLED_BY_COUPLE = "已按您二位的意思取消"
REGISTRATION_GONE = "结婚登记的预约有变动，约好登记后可以再约仪式"

# --- private link ---

CLOUD_TERMS = (
    "云颁证会把仪式拍给您的亲友看，只凭链接观看，不公开；仪式后30天删除。画面里不出现证书号码。"
    "要双方都同意，随时可以撤回，不影响仪式。"
)
CLOUD_PAGE_TITLE = "云颁证"

# --- what a registry may set ---

PARAMETERS_TITLE = "颁证仪式"
PARAMETERS = {
    "marriage.ceremony_guests_most": Words("亲友最多几人", "场地自己填了人数的，按场地的。", "人"),
    "marriage.ceremony_within_days": Words("登记后几天内还能办仪式", "填 0 就只能在登记当天。", "天"),
}

# --- desk ---

SWITCHED = "已改到室内：{moved}场已通知新人，其中{other}场换了时间；{without}场没有地方，请打电话。"
LIFTED = "户外又可以约了；已经改到室内的不再变动。"
PLACED = "已改好，双方都会收到通知。"
OFFICIANT_SET = "已安排颁证师。"
CALLED_OFF = "已取消，双方都会收到通知。"
EVENT_SAVED = "活动已公布。"
EVENT_CANCELLED = "活动已取消，报名的新人都会收到通知。"
LINK_SAVED = "地址已保存，双方都会收到通知。"
ERASED = "已记下视频删除。"
WAITING_WEATHER = "户外仪式天气"
WAITING_WEATHER_TITLE = "{venue} {day} 有{count}场，20:00前定下要不要改室内"
WAITING_PLACE = "仪式改场地"
WAITING_PLACE_TITLE = "{number} 没有室内场地，请打电话商量"
WAITING_ERASE = "删除仪式视频"
WAITING_ERASE_TITLE = "{number} 的视频到期或撤回，请删除后记下"

# --- held about a person ---

HELD = "颁证仪式和集体活动"
HELD_KEPT = "随结婚登记预约保存"
L_NUMBER, L_WHAT, L_WHEN, L_WHERE, L_STATE, L_CLOUD = "编号", "事项", "时间", "地点", "状态", "云颁证同意"
KEPT_TITLE = "颁证仪式 {number}"
WHY_KEPT = "随结婚登记预约一起保存，到期一起删除"
RULE = "颁证仪式、集体活动报名、云颁证同意"
SINCE = "登记预约办结"
BASIS = "随结婚登记预约，到期一起删除；云颁证链接30天删除"
YES, NO = "同意", "不同意"

LIFE_EFFECTS = {
    "ceremonies_ended": "颁证仪式取消",
    "entries_ended": "集体活动报名退出",
    "ceremonies_restored": "颁证仪式恢复",
    "entries_restored": "集体活动报名恢复",
}
LIFE_LEFT = {
    "marriage_ceremony": "颁证仪式（时间已过，或场地已经约出）",
    "marriage_group_entry": "集体活动报名（名单已定、活动已办，或另有新的报名）",
}
