"""Sentences about counselling. What a lock screen may show never says what it is about."""

from __future__ import annotations

from backend.kernel.crisis import Crisis
from backend.kernel.identity import Sex
from backend.marriage.counselling.rules import CallbackState, Matter, Outcome, Profession, SessionState, Way
from backend.parameters import Words

# --- names ---

DESK_NAME = "婚姻家庭辅导"
OVERVIEW_NAME = "辅导督导"
CALLBACKS_NAME = "紧急回电"
COUNSELLORS_NAME = "辅导员"
ROSTER_NAME = "我的排班"
MATTER_NAMES = {
    Matter.PREMARITAL: "婚前辅导",
    Matter.RELATIONSHIP: "婚姻家庭关系",
    Matter.MEDIATION: "离婚前辅导、调解",
    Matter.LEGAL: "法律咨询",
    Matter.PSYCHOLOGICAL: "心理咨询",
    Matter.CHILDREN: "涉及子女",
}
WAY_NAMES = {Way.ON_SITE: "当面", Way.VIDEO: "视频", Way.TELEPHONE: "电话"}
PROFESSION_NAMES = {
    Profession.SOCIAL_WORKER: "社工师",
    Profession.FAMILY_COUNSELLOR: "婚姻家庭咨询师",
    Profession.PSYCHOLOGIST: "心理咨询师",
    Profession.LAWYER: "律师",
}
STATE_NAMES = {
    SessionState.BOOKED: "已约好",
    SessionState.CAME: "已到",
    SessionState.OVER: "待记录",
    SessionState.DONE: "已完成",
    SessionState.ABSENT: "没有来",
    SessionState.CANCELLED: "已取消",
}
EVENT_NAMES = {
    "booked": "预约",
    "moved": "本人改时间",
    "cancelled": "本人取消",
    "called_off": "辅导站取消",
    "placed": "换了时间或辅导员",
    "apart": "改为单独谈",
    "came": "到了",
    "over": "时间已过",
    "done": "谈完",
    "absent": "没有来",
    "stopped_by_life_event": "因人生事件取消",
    "restored_by_life_event": "登记更正，恢复",
    "joined": "两份资料合并，多出的一场取消",
}
TITLES = {Sex.MALE: "先生", Sex.FEMALE: "女士"}
CALLBACK_STATES = {CallbackState.OPEN: "等人接", CallbackState.TAKEN: "有人在打", CallbackState.CLOSED: "已办结"}
CRISIS_NAMES = {Crisis.VIOLENCE: "有暴力或威胁的话", Crisis.DESPAIR: "有不想活的话"}
OUTCOME_NAMES = {
    Outcome.SAFE: "联系上，眼下安全",
    Outcome.REFERRED: "已请公安、医院或妇联接手",
    Outcome.DECLINED: "联系上，本人不需要",
    Outcome.UNREACHABLE: "打了几次没打通",
    Outcome.MERGED: "和另一条合并",
    Outcome.MOOT: "不用再打",
}

# --- refusals ---

OFFICE_UNKNOWN = "没有这个登记处，请重新选择。"
SESSION_UNKNOWN = "没有找到这次辅导预约，请回“我的辅导”看看。"
COUNSELLOR_UNKNOWN = "没有这位辅导员，请重新选择。"
TIME_TAKEN = "这个时间刚被约走了，请换一个时间。"
ALREADY = "您已经约了一次辅导。要换时间，回“我的辅导”。"
NOT_TOGETHER = "这一项是单独谈的，请选一个人来。"
# The same words whatever the reason, for whoever reads them may be the one who must not know it.
COME_ALONE = "两个人一起的时间，请打登记处电话安排：{phone}。您自己来，现在就可以约。"
NAME_FORM = "请留一个称呼，最多20个字，如“李女士”。"
PHONE_FORM = "请留11位手机号，辅导员好联系您。"
GUARDIAN_FORM = "未满18岁要有监护人陪同，请填监护人怎么称呼。"
ABOUT_FORM = "想说的事请控制在500个字以内，见面再慢慢说。"
BEGUN = "辅导时间已经到了，不能再取消；来不了请打电话说一声。"
MOVE_LATE = "离开始不到{minutes}分钟，不能再改时间了；来不了可以取消。"
NO_LONGER = {
    SessionState.BOOKED: "这次辅导已经约好。",
    SessionState.CAME: "人已经到了。",
    SessionState.OVER: "这次辅导的时间已经过了。",
    SessionState.DONE: "这次辅导已经结束。",
    SessionState.ABSENT: "这次辅导已经记为没有来。",
    SessionState.CANCELLED: "这次辅导已经取消，需要可以再约。",
}
RANGE_TOO_LONG = "一次最多看{days}天，结束日期不早于开始日期。"
REASON_MISSING = "请写明原因，本人会看到。"
REASON_QUIET = "原因本人会在微信里看到，请不要写是哪一类辅导。"
# What a reason that may be read on a lock screen does not say.
TELLING = ("离婚", "调解", "心理", "律师", "法律", "辅导", "咨询", "暴力", "家暴")
LINK_FORM = "请填以 https:// 开头的会议地址，里面不要带证件号码。"
LINK_NOT_VIDEO = "只有视频辅导要填会议地址。"
NOTE_LONG = "记录最多4000个字，长的请分开写。"
NOTE_EARLY = "谈过以后才能写记录。"
NOT_YET = "还没到时间，请到时再记。"
FALSE_CHOICE = "请按页面上的选项选择。"
ACCOUNT_NEEDED = "请填这位辅导员的工作台用户名，预约和记录只有本人能打开。"
ACCOUNT_WITHOUT_ROLE = "这个账号还没有“婚姻家庭辅导员”角色，请先请系统管理员授予。"
WAYS_MISSING = "当面、视频、电话，至少选一种。"
CALLBACK_UNKNOWN = "没有找到这条回电，请回列表看看。"
CALLBACK_TAKEN = "另一位同事已经接了，请看下一条。"
CALLBACK_CLOSED = "这条回电已经办结。"
CALLBACK_NOT_YOURS = "请先点“我来打”，再记结果。"
CALLBACK_TRY_AGAIN = "打满{most}次没打通，才能记“没打通”办结；现在请点“没打通，稍后再打”。"

SAFETY = (
    "您的安全最要紧。有危险马上打110，受伤打120。\n"
    "想找人说说：12338（妇女维权热线）、12356（心理援助热线）。还可以向法院申请人身安全保护令，不收费。\n"
    "工作人员会尽快给您打电话，上班时间内30分钟以内。"
)

# --- what notices say ---

MATTER = "您预约的业务"
PLACES = {Way.ON_SITE: "{office}", Way.VIDEO: "线上", Way.TELEPHONE: "电话"}
HINTS = {
    Way.ON_SITE: "免费，提前10分钟到就行",
    Way.VIDEO: "免费，进入方式登录后可以看",
    Way.TELEPHONE: "免费，请找个方便说话的地方",
}
LINK_READY = "进入方式已备好，登录后可以看"
SEE_ALONE = "这次请您一个人来"
CANCELLED_BY_PERSON = "已按您的意思取消"
CANCELLED_AGAIN = "您另有一次预约，这一次取消"

# --- what residents see on their own page ---

COMING_TITLE = "辅导预约"
COMING_NOTE = "{way}，{counsellor}（{profession}）。免费。"
COMING_LINK = "进入视频"

# --- what a registry may set ---

PARAMETERS_TITLE = "婚姻家庭辅导"
PARAMETERS = {
    "marriage.counselling_minutes": Words("每次谈多久", "添加辅导员时先填上的时长，整十分钟。", "分钟"),
    "marriage.counselling_pause_minutes": Words("两次之间隔多久", "留给辅导员写记录，整十分钟。", "分钟"),
    "marriage.counselling_horizon_days": Words("提前几天可以约", "从今天起算。", "天"),
    "marriage.counselling_lead_minutes": Words("最晚提前多久约", "离开始不到这么久，就不再放出。", "分钟"),
    "marriage.counselling_move_minutes": Words("最晚提前多久改时间", "取消不受限制，开始以前都可以。", "分钟"),
    "marriage.counselling_callback_minutes": Words(
        "紧急回电要在多久以内", "只算上班时间，午休、下班、休息日不算。", "分钟"
    ),
}

# --- desk ---

CAME = "已记下到了。"
ABSENT = "已记为没有来。"
DONE = "已记下谈完。"
NOTE_SAVED = "记录已加密保存，只有您和辅导督导能看。"
LINK_SAVED = "会议地址已保存，本人登录后可以看到。"
RISK_MARKED = "已标记。以后不再安排两个人一起谈，先说安全。"
RISK_LIFTED = "标记已取消。"
APART = "已改为单独谈，本人会收到通知。"
PLACED = "已改好，本人会收到通知。"
CALLED_OFF = "已取消，本人会收到通知。"
COUNSELLOR_SAVED = "已保存。"
CALLBACK_YOURS = "由您来打，打完请记下结果。"
CALLBACK_MISSED = "已记下没打通，时间到了会再提醒。"
CALLBACK_DONE = "已办结。"
WAITING_CALLBACK = "紧急回电"
WAITING_CALLBACK_TITLE = "{office} 有一位居民要尽快回电"
WAITING_NOTE = "辅导待记录"
WAITING_NOTE_TITLE = "{number} 谈过了，请记下来没来、谈了什么"
WAITING_LINK = "视频辅导"
WAITING_LINK_TITLE = "{number} 还没有会议地址"
WAITING_APART = "辅导安全提醒"
WAITING_APART_TITLE = "{number} 不宜两个人一起谈，请改为单独谈"
FOUND_MATTER = "辅导预约"

# --- held about a person ---

HELD = "婚姻家庭辅导"
HELD_KEPT = "预约保存2年，辅导记录加密保存3年"
HELD_CALLBACKS = "紧急回电"
HELD_CALLBACKS_KEPT = "办结后1年"
L_NUMBER, L_WHAT, L_WAY, L_WHEN, L_WHO, L_STATE = "编号", "事项", "方式", "时间", "辅导员", "状态"
L_NAME, L_PHONE, L_GUARDIAN, L_ABOUT, L_NOTE = "称呼", "手机", "监护人", "您写的话", "辅导记录"
L_RAISED, L_OUTCOME = "提出时间", "结果"
NOTE_THERE = "有，是辅导员的工作记录，加密保存；想查阅可以向个人信息保护专员提出"
KEPT_TITLE = "辅导预约 {number}"
WHY_UNDER_WAY = "还没有谈，请先取消"
WHY_NOTE = "辅导记录保存3年，称呼和电话现在就删除"
KEPT_CALLBACK = "紧急回电"
WHY_CALLBACK = "还没有办结"
RULE_BOOKINGS = "辅导预约（称呼、手机、写的话）"
RULE_NOTES = "辅导记录"
RULE_CALLBACKS = "紧急回电"
SINCE_ENDED = "辅导时间结束"
SINCE_CLOSED = "办结"
BASIS_BOOKINGS = "办事需要，2年后删除；没有辅导记录的整条删除"
BASIS_NOTES = "加密保存3年，到期整条删除"
BASIS_CALLBACKS = "通话记录1年"

LIFE_EFFECTS = {
    "sessions_ended": "辅导预约取消",
    "callbacks_ended": "紧急回电不用再打",
    "sessions_restored": "辅导预约恢复",
}
LIFE_LEFT = {"counselling_session": "辅导预约（时间已过，或已经约出）"}
