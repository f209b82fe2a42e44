"""What people read about a pause of online booking, and what bureaus may set."""

from __future__ import annotations

from backend.parameters import Words

PAUSED = (
    "最近有约了没到或多次取消的记录，{until}（含）以前不能在网上约这件事。可以直接到窗口取号办理，不受影响。"
    "当时到了或有特殊情况，请打 {phone} 说明，核实后撤销。"
)
PAUSED_HINT = "可直接到窗口取号办理，有特殊情况打 {phone} 说明"
LIFTED_HINT = "核实后撤销了记录，现在就可以约"

# What is said beforehand. `until` is the last day of the pause if it happens on the day that is spoken of.
NEXT_ABSENCE = "再有一次未到，将暂停网上预约到{until}，窗口照常办理"
IF_ABSENT = "来不了请提前取消：这次如果没到，将暂停网上预约到{until}（窗口照常办理）。"
IF_CANCELLED = "提醒一下：这次取消后，将暂停网上预约到{until}（窗口照常办理）。"

NOT_COUNTED = "这次取消不计次数，不用撤销。"
ANNULLED_CANCELLATION = "{number} 的取消已撤销计次。"

PARAMETERS_TITLE = "爽约"
PARAMETERS = {
    "marriage.pause_rules": Words(
        "什么情况暂停网上预约",
        "几条同时有效，够哪一条就停，停得最久的算。取消只数自己取消的，登记处改期之后的不数；一条都不写就不暂停。"
        "窗口照常办理；撤回申请、领离婚证从来不受影响。",
    ),
}

# --- one rule as a sentence, read and told ---

RULE_EXAMPLE = "180天内未到1次且取消2次，暂停180天"
RULE_LINE = "{within}天内{counted}，暂停{pause}天"
RULE_ABSENCES, RULE_CANCELLATIONS, RULE_AND = "未到{count}次", "取消{count}次", "且"
RULE_PATTERN = (
    r"(?P<within>[0-9]{1,3})[天日]内?(?:未到(?P<absences>[0-9]{1,2})次)?(?:[且和加])?"
    r"(?:取消(?P<cancellations>[0-9]{1,2})次)?就?暂停(?P<pause>[0-9]{1,3})[天日]"
)
