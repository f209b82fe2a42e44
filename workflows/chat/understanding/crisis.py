"""Words that tell of danger: violence or threats, or that somebody does not want to live (domain-rules §2.4 E9, §2.8).

They never stand in the way of anything; whoever asks shows first where help is, and has a person call back.
"""

from __future__ import annotations

import re

from backend.kernel.crisis import Crisis
from workflows.chat.understanding.words import normalise, says

_DESPAIR = (
    *("不想活", "活不下去", "活着没意思", "活够了", "想死", "寻死", "去死", "自杀", "轻生", "自残", "割腕", "跳楼"),
    *("死了算了", "不如死", "一死了之", "结束生命", "了结自己", "同归于尽"),
)
_VIOLENCE = (
    *("家暴", "被打", "打我", "打了我", "动手打", "挨打", "打孩子", "掐我", "拿刀", "砍我", "杀了我", "弄死我"),
    *("逼我结", "逼婚", "强迫我", "被强迫", "被逼", "威胁我", "胁迫", "恐吓", "不敢回家", "限制我自由", "不让我出门"),
)


# "打我电话" wishes to be called.
_A_CALL = re.compile("打我(?:的)?(?:电话|手机|座机)")


def read_crisis(text: str) -> Crisis | None:
    """What danger a text tells of, or None. Whoever does not want to live comes first: it is the shorter way."""
    said = _A_CALL.sub("", normalise(text))
    if says(said, *_DESPAIR):
        return Crisis.DESPAIR
    return Crisis.VIOLENCE if says(said, *_VIOLENCE) else None
