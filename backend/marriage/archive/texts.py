"""Sentences about requests to the archive: what residents read and what is said at the desk."""

from __future__ import annotations

from backend.marriage.archive.rules import (
    ApplicantKind,
    ArchiveState,
    KeptAt,
    NotFoundWhy,
    Paper,
    Registration,
    Sought,
    Via,
)
from backend.parameters import Words

# --- names ---

STATE_NAMES = {
    ArchiveState.ASKED: "待查找",
    ArchiveState.SEARCHING: "查找中",
    ArchiveState.NEED_MORE: "等回答",
    ArchiveState.LOCATED: "调卷中",
    ArchiveState.READY: "可以来看",
    ArchiveState.REFERRED: "在别处",
    ArchiveState.NOT_FOUND: "没有查到",
    ArchiveState.VISITED: "已查阅",
    ArchiveState.REFUSED: "不能办",
    ArchiveState.LAPSED: "已过期",
    ArchiveState.WITHDRAWN: "已撤回",
    ArchiveState.ENDED: "已终止",
}
APPLICANT_NAMES = {
    ApplicantKind.SELF: "本人",
    ApplicantKind.PROXY: "受托人",
    ApplicantKind.LAWYER: "律师",
    ApplicantKind.HEIR: "继承人等亲属",
    ApplicantKind.OTHER: "其他人",
    ApplicantKind.COURT: "人民法院",
    ApplicantKind.PROCURATORATE: "人民检察院",
    ApplicantKind.POLICE: "公安机关",
    ApplicantKind.STATE_SECURITY: "国家安全机关",
}
PAPER_NAMES = {
    Paper.IDENTITY: "身份证件原件",
    Paper.AUTHORISATION: "公证过的授权委托书，和本人身份证件复印件",
    Paper.COURT_ACCEPTANCE: "法院受理案件的通知书等证明",
    Paper.LICENCE: "律师执业证和律师事务所证明",
    Paper.LETTER: "单位介绍信或公函",
    Paper.WORK_CARD: "工作证",
    Paper.DEATH_PROOF: "死亡证明",
    Paper.KINSHIP_PROOF: "和本人关系的证明",
}
SOUGHT_NAMES = {
    Sought.MARRIAGE_RECORD: "结婚登记档案",
    Sought.DIVORCE_RECORD: "离婚登记档案",
    Sought.RECORD_PROOF: "婚姻登记记录证明",
    Sought.REISSUE_CHECK: "补领前核档",
}
# For residents, on whatever screen (stories.md 2).
SOUGHT_TOLD = {**SOUGHT_NAMES, Sought.DIVORCE_RECORD: "双方分开时的登记档案"}
REGISTRATION_NAMES = {Registration.MARRIAGE: "结婚登记", Registration.DIVORCE: "离婚登记"}
KEPT_NAMES = {KeptAt.HERE: "本登记处", KeptAt.DISTRICT_ARCHIVE: "区档案馆", KeptAt.ELSEWHERE: "其他单位"}
VIA_NAMES = {Via.CHAT: "服务号聊天", Via.API: "小程序", Via.COUNTER: "窗口登记"}
WHY_NAMES = {
    NotFoundWhy.NOT_IN_VOLUMES: "这些年的卷里没有",
    NotFoundWhy.VOLUMES_LOST: "这些年的档案缺失",
    NotFoundWhy.NOT_REGISTERED_HERE: "不在本区登记",
    NotFoundWhy.NEVER_REGISTERED: "没有办过登记",
}
# Reason and remedy, as the resident reads it.
REMEDIES = {
    NotFoundWhy.NOT_IN_VOLUMES: (
        "您说的这些年里没有查到。换个年份、曾用名或登记地点可以再查；也可以问问原单位人事档案、老户口簿上的记载。"
    ),
    NotFoundWhy.VOLUMES_LOST: (
        "这些年的老档案缺失。可以到区档案馆、原工作单位查人事档案；仍没有的，双方可以补办登记，"
        "一方不在了的可以向人民法院申请确认。"
    ),
    NotFoundWhy.NOT_REGISTERED_HERE: (
        "当时不是在本区登记的。请向当时的登记地（现在的婚姻登记处或档案馆）申请，需要电话可以问我们。"
    ),
    NotFoundWhy.NEVER_REGISTERED: (
        "没有办过登记的记录。双方可以补办结婚登记；涉及继承、财产的，可以向人民法院申请确认。"
    ),
}
EVENT_NAMES = {
    "asked": "提出申请",
    "approved": "批准查找",
    "refused": "不予办理",
    "taken": "开始查找",
    "question_asked": "请补充一条",
    "answered": "回答了",
    "located": "找到了",
    "readied": "调到窗口",
    "referred": "告知去别处办",
    "not_found": "没有查到",
    "reopened": "重新查找",
    "visit_booked": "约了来看的时间",
    "visited": "现场查阅",
    "withdrawn": "撤回",
    "lapsed": "没有等到，过期",
    "recounted": "放假安排公布，重新计算日期",
    "moved_out": "转给别的登记处",
    "stopped_by_life_event": "申请人去世，终止",
    "restored_by_life_event": "死亡登记更正，恢复",
    "joined": "和同一个人的另一件合并",
}

# --- refusals ---

REQUEST_UNKNOWN = "没有找到这件查档申请，请核对编号。"
OFFICE_UNKNOWN = "没有这个登记处，请重新选择。"
FALSE_CHOICE = "请按页面上的选项选择。"
ASKED_ALREADY = "您已经申请过同样的一件，编号 {number}，正在办。回“我的查档”看进度。"
TOO_MANY = "您有 {most} 件还没办完，先等有了结果再申请。急的请打登记处电话。"
INSTITUTIONS_AT_COUNTER = "单位查档请派人带公函和工作证到窗口办理。"
AUTHORITY_MISSING = {
    ApplicantKind.PROXY: "请填公证书的编号；没有公证的委托书不能查。",
    ApplicantKind.LAWYER: "请填法院受理的案号。",
    ApplicantKind.COURT: "请填单位名称和公函（介绍信）编号。",
    ApplicantKind.PROCURATORATE: "请填单位名称和公函（介绍信）编号。",
    ApplicantKind.POLICE: "请填单位名称和公函（介绍信）编号。",
    ApplicantKind.STATE_SECURITY: "请填单位名称和公函（介绍信）编号。",
}
REASON_MISSING = "请写明和档案上的人是什么关系、用来办什么事。"
REFUSAL_REASON_MISSING = "请写明不能办的原因，申请人看得到。"
SUBJECT_MISSING = "请填登记时用的名字，至少一位。"
SAME_NAMES = "两个名字一样，请分别填写。"
YEARS_UNREADABLE = "年份请填 {first} 到 {last} 之间，如 1987，或 1985 到 1989。"
YEAR_UNREADABLE = "年份请填四位数字，如 1987。"
YEARS_TOO_MANY = "年份跨度请不要超过 {most} 年，缩小一点更容易找到。"
BIRTH_YEAR_UNREADABLE = "出生年份请填四位数字，如 1962。"
KIND_DOES_NOT_FIT = "要的档案和登记种类对不上，请重新选。"
TEXT_LONG = "请不要超过 {most} 个字。"
CERTIFICATE_WORDS = "字第号"  # left out when numbers of certificates are compared
CERTIFICATE_UNREADABLE = "证号请填 4 到 30 位数字、字母、汉字或横线，没有就空着。"
NUMBER_ON_RECORD_MISSING = "档案上可能没有身份证号，请至少再填一样：曾用名、出生年份、籍贯或当时的单位。"
DETAILS_FIELD = "subjects.0"
NOT_LIVING = "申请人的登记信息需要核实，请先到个人信息窗口核对。"
NUMBER_MISSING = "请填申请人的证件号码。"

TAKEN_ALREADY = "{who}已经在查这一件了。"
NOT_APPROVED = "这一件要先由负责人批准才能查。"
NO_APPROVAL_NEEDED = "这一件不用批准，或者已经批准过了。"
NOT_OWN_APPROVAL = "自己登记的申请要由别人批准。"
QUESTION_MISSING = "请写一句要问的话，如“登记时的曾用名是什么”。"
ANSWER_MISSING = "请用一句话回答。"
VOLUME_MISSING = "请填卷号，方便调卷。"
PLACE_MISSING = "请填保管单位的名称、地址和电话，申请人要照着去找。"
WHERE_MISSING = "请选卷放在哪里。"
WHY_MISSING = "请选没有查到的原因。"
PAPERS_NOT_SEEN = "还没核对：{papers}。看过原件再勾选。"
COPIES_UNREADABLE = "份数请填 0 到 {most} 的数字。"
SAME_OFFICE = "已经在这个登记处了。"
VISIT_BOOKED = "已经约了{when}，要改时间回“我的预约”。"
OTHER_OFFICE = "档案在查找它的登记处看，请选那里的时间。"
NOT_READY = "卷还没有调好，好了马上告诉您，到时再约。"
VISIT_OF_A_CHECK = "补领请回“补领结婚证”约时间，登记员会看到核档的结果。"
ONLY_SELF_BOOKS = "请先到窗口核对身份证件，再约时间。"

STATE_TEXTS = {
    ArchiveState.ASKED: "申请已经收到，还没开始查。",
    ArchiveState.SEARCHING: "正在查找。",
    ArchiveState.NEED_MORE: "有一个问题在等申请人回答。",
    ArchiveState.LOCATED: "已经找到，正在调卷。",
    ArchiveState.READY: "卷已经调好，可以来看。",
    ArchiveState.REFERRED: "已经告知去保管单位办理。",
    ArchiveState.NOT_FOUND: "已经答复没有查到。",
    ArchiveState.VISITED: "已经查阅过了，不能再改。",
    ArchiveState.REFUSED: "已经答复不能办。需要的话可以重新申请。",
    ArchiveState.LAPSED: "已经过期。需要的话可以重新申请。",
    ArchiveState.WITHDRAWN: "已经撤回。需要的话可以重新申请。",
    ArchiveState.ENDED: "已经终止，不能再办。",
}

# --- what notices say; neutral, fit for a lock screen ---

MATTER = "您申请的查档"
HINT_ASKED = "{day}前给您答复，不用来问"
HINT_LOCATED = "正在调卷，调好再通知您，先不用来"
HINT_READY = "档案只在现场看，请带证件；回“我的查档”约时间"
HINT_CHECKED = "可以来补领了，回“补领结婚证”约时间"
HINT_CHECKED_DIVORCE = "可以来补领了，回“婚姻登记业务”约时间"
HINT_ELSEWHERE = "请到那里办理，去之前先打电话 {phone}"
HINT_NOT_FOUND = "回“我的查档”看原因和办法"
HINT_MORE = "回“我的查档”看问题，回答一句就接着查"
HINT_WAITING = "回“我的查档”约时间，或直接到窗口"
HINT_LAPSED = "还需要的话，回“查档案”重新申请"
HINT_REFUSED = "回“我的查档”看原因"
PROVISIONAL = "（放假安排没公布，可能调整）"

# --- what residents read of their own ---

NEXT_STEPS = {
    ArchiveState.ASKED: "{day}前给您答复{provisional}，不用再来问。",
    ArchiveState.SEARCHING: "{day}前给您答复{provisional}，不用再来问。",
    ArchiveState.NEED_MORE: "请在{until}前回答：{question}",
    ArchiveState.LOCATED: "已经找到，正在调卷，调好马上告诉您，先不用来。",
    ArchiveState.READY: "请在{until}前到{office}，只在现场看，请带：{papers}。",
    ArchiveState.REFERRED: "在{place}，地址：{address}，电话：{phone}。请到那里办理，去之前先打电话。",
    ArchiveState.NOT_FOUND: "{remedy}",
    ArchiveState.VISITED: "已经查阅，盖章复印件 {copies} 份。",
    ArchiveState.REFUSED: "没有办成：{reason}。有疑问请打 {phone}。",
    ArchiveState.LAPSED: "没有等到您，已经结束。还需要就重新申请。",
    ArchiveState.WITHDRAWN: "已经撤回。",
    ArchiveState.ENDED: "已经终止。",
}
CHECKED_HERE = "档案已核到，可以约补领，登记员会看到结果。"
NO_REASON = "请打登记处电话了解"
COMING_TITLE = "查档"
FORBIDDEN_NOTE = "档案内容不在微信里发送，只在登记处现场看。"

# --- what a registry may set ---

PARAMETERS_TITLE = "查档"
PARAMETERS = {
    "marriage.archive_locate_days": Words(
        "几个工作日内答复", "从申请的第二天数起，只数工作日。申请人看得到这个日期。", "天"
    ),
    "marriage.archive_answer_days": Words("等补充几天", "问了申请人问题，过了这些天没回答就结束。", "天"),
    "marriage.archive_ready_days": Words("卷在窗口留几天", "调好以后留这些天，期间提醒两次，过了就退回库房。", "天"),
    "marriage.archive_fresh_check": Words(
        "查本人档案也要刚核验过", "替别人查的一直要。打开后，本人在微信里申请前也要再核验一次姓名和证件。"
    ),
    "marriage.archive_log_years": Words("查阅登记保存几年", "谁查阅过哪一卷的登记，至少十年。", "年"),
}

# --- desk ---

DESK_NAME = "查档"
LOG_NAME = "查阅登记"
WAITING_SEARCH = "查档要答复"
WAITING_SEARCH_TITLE = "{number} {day}前要答复，{state}"
WAITING_FETCH = "查档要调卷"
WAITING_FETCH_TITLE = "{number} 找到了，把卷调到窗口"
WAITING_APPROVAL = "查档待批准"
WAITING_APPROVAL_TITLE = "{number} {who}申请查档，等您批准"
FOUND_MATTER = "查档"
FOUND_NOTE = "{office}，{state}"
ENTERED = "已登记，编号 {number}，{day}前答复。"
DONE = {
    "take": "由您查了。",
    "approve": "已批准，可以开始查。",
    "refuse": "已答复，申请人看得到原因。",
    "ask": "已问，申请人会收到提醒。",
    "answer": "已记下回答，接着查。",
    "locate": "已记下，申请人会收到通知。",
    "nothing": "已答复没有查到，申请人看得到办法。",
    "ready": "已通知来看。",
    "visit": "已记入查阅登记。",
    "reopen": "重新查找，答复日期重新计算。",
    "withdraw": "已撤回。",
    "handover": "已转过去。",
}
MONTH_UNREADABLE = "月份请按页面上的格式填写。"
EXPORT_TITLE = "查档申请"
EXPORT_LOG_TITLE = "查阅登记"
EXPORT_ALL = "全部"
BETWEEN = "，"
EXPORT_COLUMNS = {
    "number": "编号",
    "office": "登记处",
    "state": "状态",
    "sought": "要什么",
    "applicant": "申请人类型",
    "years": "登记年份",
    "via": "来源",
    "asked_on": "申请日期",
    "due_on": "答复期限",
    "located_on": "找到日期",
    "workdays": "用了几个工作日",
    "kept_at": "卷在哪里",
    "volume": "卷号",
    "copies": "复印件份数",
    "name": "申请人",
    "id_number": "证件号码",
    "phone": "手机",
    "subjects": "登记时的名字",
}
TAB_NAMES = {
    "search": "要查找",
    "answers": "等回答",
    "fetch": "要调卷",
    "ready": "可以来看",
    "over": "已结束",
    "all": "全部",
}
DUE_NAMES = {"overdue": "已超期", "today": "今天到期", "soon": "三天内"}
PAPER_FORM = "papers"
COMING_NOTE = "编号 {number}。{next}"

# --- held about a person ---

HELD_TITLE = "查档申请"
HELD_REQUESTS = "查档申请"
HELD_REQUESTS_KEPT = "办完或结束后保存2年"
HELD_LOG = "查阅登记"
HELD_LOG_KEPT = "按登记处的规定保存，至少10年"
L_NUMBER = "编号"
L_OFFICE = "登记处"
L_STATE = "状态"
L_AS = "以什么身份"
L_SOUGHT = "要什么"
L_YEARS = "登记年份"
L_NAME = "姓名"
L_ID_NUMBER = "证件号码"
L_PHONE = "手机"
L_AUTHORITY = "凭什么查"
L_REASON = "用途"
L_REGISTERED_AT = "登记地点"
L_CERTIFICATE = "证号"
L_SUBJECTS = "登记时的名字等"
L_QUESTION = "问的话"
L_ANSWER = "回答"
L_ASKED = "申请日期"
L_READ = "查阅日期"
L_COPIES = "复印件份数"
KEPT_REQUEST = "查档申请 {number}"
KEPT_LINE = "查阅登记 {number}"
WHY_OPEN = "还没有办完"
WHY_REQUEST = "办完或结束后保存2年，用来答复和核对"
WHY_LINE = "谁查阅过哪一卷，档案部门要能说得清"
RULE_REQUESTS = "查档申请（档案本身由登记处和档案馆保存）"
SINCE_ENDED = "办完或结束"
BASIS_REQUESTS = "和登记预约一样保存2年，便于答复和核对"
RULE_LOG = "查阅登记（登记处可以设得更长）"
SINCE_READ = "查阅"
BASIS_LOG = "婚姻登记档案管理办法要求登记查阅情况"

LIFE_EFFECTS = {
    "archive_requests_ended": "查档申请终止",
    "archive_requests_restored": "查档申请恢复",
    "archive_names_corrected": "查档申请上申请人的姓名更正",
}
LIFE_LEFT = {"archive_request": "查档申请（已经重新申请）"}
