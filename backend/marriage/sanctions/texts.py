"""What people read about a pause of online booking, and what bureaus may set."""

from __future__ import annotations

from backend.parameters import Words

PAUSED = (
    "最近有约了没到的记录，{until}（含）以前不能在网上约这件事。可以直接到窗口取号办理，不受影响。"
    "当时到了或有特殊情况，请打 {phone} 说明，核实后撤销。"
)
PAUSED_HINT = "可直接到窗口取号办理，有特殊情况打 {phone} 说明"
LIFTED_HINT = "核实后撤销了未到的记录，现在就可以约"

PARAMETERS_TITLE = "爽约"
PARAMETERS = {
    "marriage.no_show_limit": Words("几次未到暂停网上预约", "约了没到又没取消，算一次；填0就不暂停。", "次"),
    "marriage.cancel_limit": Words("几次取消暂停网上预约", "自己取消的才算，填0就不算。", "次"),
    "marriage.no_show_window_days": Words("在多少天里数", "只数最近这些天的。", "天"),
    "marriage.no_show_block_days": Words(
        "暂停多少天", "从最后一次的第二天数起。窗口照常办理；撤回申请、领离婚证从来不受影响。", "天"
    ),
}
