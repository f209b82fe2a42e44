"""Sentences and names of the audit trail. Every action that is recorded anywhere has its name here."""

from __future__ import annotations

from collections.abc import Mapping

from backend.parameters import Words
from backend.staff.audit.rules import FlagState, Outcome, Relation, Rule, WatchKind
from backend.staff.audit.verify import Fault

# A guard test looks for every action that the code records.
ACTIONS: Mapping[str, str] = {
    "approvals.approved": "同意",
    "approvals.asked": "请人批准",
    "approvals.declined": "不同意",
    "approvals.expired": "申请过期",
    "approvals.withdrawn": "撤回申请",
    "audit.chain_viewed": "查看审计链状态",
    "audit.flag_looked_into": "处理异常查看",
    "audit.flag_viewed": "打开一条异常查看",
    "audit.flags_viewed": "查看异常查看清单",
    "audit.history_viewed": "查谁看过一份记录",
    "audit.load_viewed": "查看统计图",
    "audit.own_number_registered": "登记本人证件号",
    "audit.reason_stated": "说明查看理由",
    "audit.relative_declared": "近亲属备案",
    "audit.trail_viewed": "查看审计记录",
    "audit.watched_removed": "撤下备案或关注名单",
    "audit.well_known_added": "加入关注名单",
    "audit.well_known_viewed": "查看关注名单",
    "console.searched": "全局查找",
    "ceremony.called_off": "取消颁证仪式",
    "ceremony.entries_viewed": "查看集体活动报名",
    "ceremony.event_announced": "公布集体活动",
    "ceremony.event_cancelled": "取消集体活动",
    "ceremony.link_entered": "填云颁证地址",
    "ceremony.list_viewed": "查看颁证仪式列表",
    "ceremony.officiant_set": "安排颁证师",
    "ceremony.placed": "改仪式场地或时间",
    "ceremony.video_erased": "记云颁证视频删除",
    "ceremony.viewed": "查看颁证仪式",
    "ceremony.weather_lifted": "户外场地重新开放",
    "ceremony.weather_switched": "仪式因天气改室内",
    "divorce.accept_form_viewed": "打开离婚登记受理表",
    "divorce.accepted": "受理离婚登记申请",
    "divorce.called": "记离婚登记提醒电话",
    "divorce.care_noted": "记关爱联系",
    "divorce.care_notes_read": "分管领导查看关爱谈话记录",
    "divorce.care_refused": "记不要关爱电话",
    "divorce.care_released": "关爱联系换人",
    "divorce.care_taken": "接手关爱联系",
    "divorce.care_viewed": "查看关爱联系",
    "divorce.case_viewed": "查看离婚登记申请",
    "divorce.confirmation_printed": "打印撤回确认单",
    "divorce.corrected": "更正离婚登记日期",
    "divorce.issued": "记离婚发证",
    "divorce.list_viewed": "查看离婚登记列表",
    "divorce.risk_marked": "改安全标记",
    "divorce.searched": "查找离婚登记申请",
    "divorce.withdrawn": "撤回离婚登记申请",
    "exports.approved": "批准导出",
    "exports.asked": "申请导出",
    "exports.built": "生成导出文件",
    "exports.downloaded": "取走导出文件",
    "exports.expired": "导出文件过期删除",
    "files.opened": "查看居民发来的照片或文件",
    "exports.failed": "导出没有做成",
    "exports.rows_taken": "导出时读取记录",
    "life.death": "登记死亡",
    "life.death_reversed": "更正死亡登记",
    "life.event_viewed": "查看变动",
    "life.moved": "登记迁移",
    "life.name_corrected": "更正姓名",
    "life.person_viewed": "查看居民（办理变动）",
    "marriage.appointment_viewed": "查看预约",
    "marriage.board_viewed": "查看预约列表",
    "marriage.capacity.close": "停办几天",
    "marriage.capacity.half": "改为只办半天",
    "marriage.capacity.ordinary": "恢复平常的安排",
    "marriage.capacity.peak": "另定当天的安排",
    "marriage.capacity.relay": "按设置重新排号",
    "marriage.capacity.reopen": "恢复开放",
    "marriage.day_list_viewed": "查看当天名单",
    "marriage.desk.again": "请回大厅等候",
    "marriage.desk.annul": "撤销未到",
    "marriage.desk.begin": "开始办理",
    "marriage.desk.call": "叫号",
    "marriage.desk.check-in": "签到",
    "marriage.desk.complete": "办结",
    "marriage.desk.confirm": "确认预约",
    "marriage.desk.done": "窗口办完",
    "marriage.desk.fail-documents": "记为材料不符",
    "marriage.desk.left": "记为过号",
    "marriage.desk.no-show": "记为未到",
    "marriage.desk.paper": "勾材料",
    "marriage.desk.refuse": "不予确认",
    "marriage.hall_viewed": "查看叫号台",
    "marriage.move_answered": "替当事人记下改约的答复",
    "marriage.move_called": "记下改约的电话",
    "marriage.move_line_viewed": "查看要改约的人的电话",
    "marriage.move_started": "停办改约，留新时间并通知",
    "marriage.number_revealed": "查看证件全号",
    "marriage.office_added": "添加登记处资料",
    "marriage.office_changed": "改登记处资料",
    "marriage.rush_called_off": "取消高峰日放号",
    "marriage.rush_put_off": "推迟高峰日放号",
    "marriage.searched": "查找预约",
    "marriage.waiting_accepted": "替候补的人接受位置",
    "marriage.waiting_added": "替人排候补",
    "marriage.waiting_ended": "结束候补",
    "marriage.waiting_list_viewed": "查看候补名单",
    "marriage.waiting_passed": "替候补的人让给下一位",
    "marriage.waiting_viewed": "查看候补",
    "marriage.worklist_viewed": "在工作台看到预约",
    "messages.listed": "查看待处理消息",
    "messages.sent_again": "重新发送通知",
    "messages.settled": "记为电话告知",
    "people.code_given": "给出绑定码",
    "people.number_revealed": "查看居民证件全号",
    "people.person_viewed": "查看居民",
    "people.phone_revealed": "查看居民手机号",
    "people.searched": "查找居民",
    "people.verified_at_counter": "当面核实身份",
    "proxies.code_given": "给出代办确认码",
    "proxies.confirmed": "当面确认代办",
    "proxies.cut": "解除代办",
    "proxies.viewed": "查看代办关系",
    "resource.day_set": "记场地或人员某天的安排",
    "resource.kept": "保存场地或人员",
    "rights.copy_handed_over": "打印个人信息副本",
    "rights.hold_lifted": "解除暂缓清除",
    "rights.hold_placed": "暂缓清除",
    "rights.keeping_viewed": "查看保存期限",
    "rights.request_done": "办好个人信息请求",
    "rights.request_refused": "不予办理个人信息请求",
    "rights.request_registered": "受理个人信息请求",
    "rights.request_taken": "接手个人信息请求",
    "rights.request_viewed": "查看个人信息请求",
    "rights.requests_viewed": "查看个人信息请求列表",
    "settings.changed": "改设置",
    "settings.template_cleared": "清除通知模板",
    "settings.template_mapped": "对上通知模板",
    "settings.withdrawn": "撤回还没生效的设置",
    "staff.account_created": "建立账号",
    "staff.account_deactivated": "停用账号",
    "staff.account_reactivated": "恢复账号",
    "staff.account_viewed": "查看账号",
    "staff.home_moved": "调整所在单位",
    "staff.leave_ended": "提前结束请假",
    "staff.leave_taken": "登记请假",
    "staff.locked": "账号被锁定",
    "staff.node_added": "新增单位",
    "staff.node_closed": "撤销单位",
    "staff.node_moved": "调整上级单位",
    "staff.node_renamed": "单位改名",
    "staff.password_changed": "修改密码",
    "staff.password_reset": "给出一次性密码",
    "staff.recovery_code_used": "用恢复码登录",
    "staff.recovery_codes_made": "生成恢复码",
    "staff.role_ended": "收回角色",
    "staff.role_given": "授予角色",
    "staff.scan_refused": "在微信里拒绝扫码",
    "staff.second_factor_removed": "关闭第二重验证",
    "staff.second_factor_set": "启用第二重验证",
    "staff.sessions_ended": "让同事退出所有登录",
    "staff.session_revoked": "让登录退出",
    "staff.signed_in": "登录",
    "staff.signed_out": "退出",
    "staff.unlocked": "解除锁定",
    "staff.wechat_bound": "绑定微信",
    "staff.wechat_unbound": "解绑微信",
}

SUBJECTS: Mapping[str, str] = {
    "approval": "批准申请",
    "audit_flag": "异常查看",
    "audit_trail": "审计记录",
    "divorce_care": "关爱联系",
    "divorce_case": "离婚登记申请",
    "export": "导出",
    "legal_hold": "暂缓清除",
    "marriage_appointment": "婚姻登记预约",
    "marriage_bulk_move": "停办改约",
    "marriage_ceremony": "颁证仪式",
    "marriage_group_entry": "集体活动报名",
    "marriage_group_event": "集体活动",
    "marriage_office": "登记处资料",
    "marriage_rush": "高峰日放号",
    "marriage_waiting": "候补",
    "marriage_resource": "场地和人员",
    "message_template": "通知模板",
    "organisation_node": "单位",
    "outbox_message": "通知",
    "parameter": "设置",
    "person": "居民",
    "proxy_tie": "代办关系",
    "rights_request": "个人信息请求",
    "search": "查找",
    "staff_account": "账号",
    "watched_number": "备案或关注的号码",
}

FIELDS: Mapping[str, str] = {
    "name": "姓名",
    "masked_number": "证件号（遮盖）",
    "id_number": "证件全号",
    "last4": "证件后四位",
    "sex": "性别",
    "phone": "手机号",
    "resident_group": "居民类别",
    "history": "经过",
    "note": "谈话记录",
    "state": "状态",
    "text": "通知内容",
    "address": "地址",
    "position": "排列顺序",
}

RULES: Mapping[Rule, str] = {
    Rule.OWN_RECORD: "看了本人的记录",
    Rule.RELATIVE: "看了近亲属的记录",
    Rule.COLLEAGUE: "看了同事的记录",
    Rule.WELL_KNOWN: "看了关注名单上的人",
    Rule.MANY_IN_A_ROW: "短时间连看很多份",
    Rule.OUTSIDE_HOURS: "工作时间以外查看",
}
RULE_HINTS: Mapping[Rule, str] = {
    Rule.OWN_RECORD: "号码与这位工作人员登记的本人证件号相同。",
    Rule.RELATIVE: "号码与这位工作人员备案的近亲属相同。请核对是否填写了理由、是否应当回避。",
    Rule.COLLEAGUE: "号码与另一位工作人员登记的本人证件号相同。",
    Rule.WELL_KNOWN: "号码在关注名单上。",
    Rule.MANY_IN_A_ROW: "短时间里看了很多不同的记录，中间没有办理任何一件。",
    Rule.OUTSIDE_HOURS: "查看的时间不在设定的工作时间内。",
}
FLAG_STATES: Mapping[FlagState, str] = {FlagState.NEW: "待处理", FlagState.LOOKED_INTO: "已处理"}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.USUAL_WORK: "属于正常工作",
    Outcome.EXPLAINED: "已问明原因，没有问题",
    Outcome.REMINDED: "已提醒本人",
    Outcome.REPORTED: "已上报处理",
}
RELATIONS: Mapping[Relation, str] = {
    Relation.SPOUSE: "配偶",
    Relation.PARENT: "父母",
    Relation.CHILD: "子女",
    Relation.SIBLING: "兄弟姐妹",
    Relation.GRANDPARENT: "祖父母、外祖父母",
    Relation.GRANDCHILD: "孙子女、外孙子女",
    Relation.IN_LAW: "配偶的近亲属",
    Relation.OTHER: "其他需要回避的人",
}
CONFLICTS: Mapping[WatchKind, str] = {
    WatchKind.STAFF: "这份记录与您本人有关",
    WatchKind.RELATIVE: "这份记录与您登记的近亲属有关",
}
FAULTS: Mapping[Fault, str] = {
    Fault.ALTERED: "内容被改过",
    Fault.REMOVED: "有记录被删掉",
    Fault.UNLINKED: "有记录不是由系统写入的",
    Fault.REORDERED: "前后顺序被动过",
    Fault.FORKED: "同一处接了两条记录",
    Fault.TRUNCATED: "末尾被截断",
    Fault.REWRITTEN: "整条链被重写过",
}
BROKEN_AT = "{fault}：第 {position} 环，记录编号 {entry}"
NOT_KNOWN = "不详"

PURPOSE_LENGTH = "请写明理由，{least} 到 {most} 个字。"
PURPOSE_HAS_NUMBER = "理由里请不要写证件号或手机号。"
RELATION_UNKNOWN = "请选择与您的关系。"
NUMBER_UNREADABLE = "证件号码不对，请照证件再核对一遍。"
WATCHED_NAME_MISSING = "请填写姓名，最多 30 个字。"
NOTE_LENGTH = "请写明为什么关注，最多 {most} 个字。"
ALREADY_WATCHED = "这个号码已经在名单里了，不用再加。"
TOO_MANY_RELATIVES = "最多可以备案 {most} 位。确有需要，请联系审计员。"
OUTCOME_MISSING = "请选择处理结果。"
FLAG_NOTE_LENGTH = "请写明情况，最多 {most} 个字；只有“属于正常工作”可以不写。"
OWN_LOOK = "这是您自己的查看，要由另一位审计员处理。"
LOOKED_INTO_ALREADY = "这一条刚刚已经有人处理过了。"

EXPORT_COLUMNS = (
    "记录编号",
    "时间",
    "账号",
    "姓名",
    "角色",
    "代谁办理",
    "做了什么",
    "对象",
    "对象编号",
    "看到或改动的内容",
    "为哪件事",
    "理由",
    "来自",
    "请求编号",
    "异常",
    "链上位置",
    "链上指纹",
)
EXPORT_SHEET = "审计记录"

CLI_WALKING = "核对审计链"
CLI_WHOLE = "审计链完整。共 {position} 环。"
CLI_KEEP = "请把这一行记在别处，下次用 --expect 核对：{anchor}"
CLI_BROKEN = "审计链有问题。{broken}。请保留现场，先不要改动数据库，再联系审计员。"
CLI_BAD_ANCHOR = "应写成 位置:指纹，例如上次核对后显示的那一行。"

# What the bureau may set.
PARAMETERS_TITLE = "异常查看"
PARAMETERS = {
    "audit.many_minutes": Words("“短时间”是多久", "在这段时间里连看很多份、一件都没办，会标出来。", "分钟"),
    "audit.many_opened": Words("打开多少份算多", "同一份看几次只算一份。", "份"),
    "audit.many_listed": Words("列表里看到多少份算多", "翻页也累计。", "份"),
    "audit.work_starts": Words("几点上班", "之前的查看会标出来。"),
    "audit.work_ends": Words("几点下班", "之后的查看会标出来。"),
    "audit.rules": Words(
        "标出哪些查看", "只影响以后的查看。", choices={rule.value: name for rule, name in RULES.items()}
    ),
    "audit.reason_minutes": Words("写过理由后多久不用再写", "看本人或近亲属有关的记录，要先写理由。", "分钟"),
}
