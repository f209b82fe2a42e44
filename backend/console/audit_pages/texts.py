"""Sentences of the auditor's pages and of the declaration of relatives."""

TRAIL = "审计记录"
FLAGS = "异常查看"
CHAIN = "审计链"
WELL_KNOWN = "关注名单"
LOAD = "查看统计"
RELATIVES = "近亲属备案"

BAD_ACTION = "没有这种操作，请从列表里选。"
BAD_RULE = "没有这种情形，请从列表里选。"
BAD_FLAG_STATE = "没有这种状态，请从列表里选。"
NUMBER_NOT_FOUND = "没有找到编号为 {number} 的事项，请核对后再查。"
PERIOD_REVERSED = "结束日期不能早于开始日期。"

FLAG_DONE = "已记下处理结果。"
WELL_KNOWN_ADDED = "已加入关注名单。"
WATCHED_REMOVED = "已撤下。"
RELATIVE_DECLARED = "已备案。"
OWN_NUMBER_REGISTERED = "已登记本人证件号。"

BREAK_ACKNOWLEDGED = "已记下。审计链从现在的末尾接着核对，请把新的末尾指纹抄到系统以外的地方。"

FLAG_MATTER = "异常查看"
BROKEN_MATTER = "审计链"
BROKEN_TITLE = "审计链核对不上：{fault}"

COUNT_OF_LIST = "共 {count} 份"
EXPORT_DESCRIBED = {
    "username": "账号 {value}",
    "action": "操作 {value}",
    "subject": "对象 {value}",
    "first": "从 {value}",
    "last": "到 {value}",
}
EXPORT_ALL = "全部记录"
BETWEEN = "，"

COLUMNS = {
    "id": "记录编号",
    "at": "时间",
    "username": "账号",
    "display_name": "姓名",
    "role": "角色",
    "stand_in_for": "代谁办理",
    "action": "做了什么",
    "subject_kind": "对象",
    "subjects": "对象编号",
    "fields": "看到或改动的内容",
    "task": "为哪件事",
    "purpose": "理由",
    "address": "来自",
    "request_id": "请求编号",
    "unusual": "异常",
    "position": "链上位置",
    "hash": "链上指纹",
}
