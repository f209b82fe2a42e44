"""Named days as data: fixed feasts, and lunar ones with the years that have been checked.

Lunar dates are never calculated (domain-rules §1.2); a festival without a listed date that still lies ahead is not
understood, and the resident is asked for the day itself. New years are added here from the almanac.
"""

from __future__ import annotations

from datetime import date
from typing import Final

FIXED_DAYS: Final[dict[str, tuple[int, int]]] = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "三八": (3, 8),
    "植树节": (3, 12),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "青年节": (5, 4),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
    "国庆节": (10, 1),
    "双十一": (11, 11),
    "光棍节": (11, 11),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
    "圣诞节": (12, 25),
}

# Days couples ask for by their number alone, also inside a sentence ("想520领证").
POPULAR_NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "520": (5, 20),
    "五二零": (5, 20),
    "五二〇": (5, 20),
    "521": (5, 21),
    "五二一": (5, 21),
    "214": (2, 14),
    "二一四": (2, 14),
}

_QIXI = (date(2026, 8, 19), date(2027, 8, 8), date(2028, 8, 26))
_HANYI = (date(2026, 11, 9), date(2027, 10, 29), date(2028, 11, 16))
_ZHONGYUAN = (date(2027, 8, 16),)
_QINGMING = (date(2027, 4, 5), date(2028, 4, 4))
_DONGZHI = (date(2026, 12, 22), date(2027, 12, 22))
_CHONGYANG = (date(2026, 10, 18), date(2027, 10, 8))
_CHUNJIE = (date(2027, 2, 6),)

LUNAR_DAYS: Final[dict[str, tuple[date, ...]]] = {
    "七夕": _QIXI,
    "七夕节": _QIXI,
    "七月初七": _QIXI,
    "农历七月七": _QIXI,
    "寒衣节": _HANYI,
    "寒衣": _HANYI,
    "送寒衣": _HANYI,
    "十月初一": _HANYI,
    "农历十月一": _HANYI,
    "中元节": _ZHONGYUAN,
    "中元": _ZHONGYUAN,
    "七月半": _ZHONGYUAN,
    "鬼节": _ZHONGYUAN,
    "农历七月十五": _ZHONGYUAN,
    "清明": _QINGMING,
    "清明节": _QINGMING,
    "冬至": _DONGZHI,
    "重阳": _CHONGYANG,
    "重阳节": _CHONGYANG,
    "九月初九": _CHONGYANG,
    "老人节": _CHONGYANG,
    "敬老节": _CHONGYANG,
    "春节": _CHUNJIE,
    "大年初一": _CHUNJIE,
    "正月初一": _CHUNJIE,
}
