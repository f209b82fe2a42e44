"""Parts of the day and times of the clock: "上午10点左右", "下午三点一刻", "15:30", "十一点半"."""

from __future__ import annotations

import re
from datetime import time
from enum import Enum

from workflows.chat.understanding.numbers import parse_numeral
from workflows.chat.understanding.words import fold


class Part(Enum):
    """The part of a day a resident names."""

    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_PART_WORDS = {
    Part.MORNING: "凌晨|清晨|清早|大早|早上|早晨|早间|一早|赶早|前晌|上午|上五(?=[\\d一二三四五六七八九十])",
    Part.NOON: "中午|正午|晌午|午间|午饭",
    Part.AFTERNOON: "下午|后晌|午后|下五(?=[\\d一二三四五六七八九十])",
    Part.EVENING: "晚上|晚间|傍晚|夜里|夜晚|夜间|半夜|晚饭|擦黑",
}
_PART = re.compile(
    "|".join(f"(?P<{part.name}>{words})" for part, words in _PART_WORDS.items())
    + r"|[今明昨后当周一二三四五六日天号](?:(?P<early>早)|(?P<late>晚))(?![点些会饭]|一[点些会])"
)
_HOUR = r"(?:\d{1,2}|二十[一二三四]|二十|十[一二]|[零〇一二三四五六七八九十两])"
_CLOCK = re.compile(
    rf"(?<![\d:])(?P<clock_hour>\d{{1,2}}):(?P<clock_minute>\d\d)(?![\d])"
    rf"|(?:(?<=[周期拜][一二三四五六日天])|(?<![\d.零〇一二三四五六七八九十两]))(?P<hour>{_HOUR})\s?(?:点钟?|时(?!间|候|长))"
    # 一点 is also "a little", 两点 also "two matters".
    r"(?!都|也|儿|没|不|事|小|要求|意见|问题|建议|理由)"
    r"(?:\s?(?:(?P<half>半)|(?P<quarter>[一三])刻|过?(?P<minute>\d\d(?!\d)|\d(?=分)|[零〇][一二三四五六七八九五]"
    r"|[二三四五]?十[一二三四五六七八九]?|[一二三四五六七八九](?=分))(?:分)?))?"
)
_A_LITTLE = re.compile(r"[快慢早晚多少大小高低好便软硬辣有差清淡咸甜近远宜]$")


def read_time(text: str) -> tuple[Part | None, time | None]:
    """The part of day and the clock time the text names, each None when it does not.

    Without a part of day, one to six o'clock mean the afternoon, as offices keep it; "03:30" is taken literally.
    """
    folded = fold(text)
    named = _PART.search(folded)
    part = _part(named) if named else None
    for found in _CLOCK.finditer(folded):
        moment = _moment(found, part)
        if moment is not None and not _a_little(folded, found):
            return part, moment
    return part, None


def _part(named: re.Match[str]) -> Part:
    if named["early"]:
        return Part.MORNING
    if named["late"]:
        return Part.EVENING
    return Part[str(named.lastgroup)]


def _a_little(folded: str, found: re.Match[str]) -> bool:
    return found["hour"] == "一" and _A_LITTLE.search(folded[: found.start()][-1:]) is not None


def _moment(found: re.Match[str], part: Part | None) -> time | None:
    written = found["clock_hour"] or found["hour"]
    hour, minute = parse_numeral(written), _minute(found)
    if hour is None or hour > 23 or minute > 59:
        return None
    if hour == 12 and part is Part.EVENING:
        hour = 0
    elif _afternoon(hour, part, literal=written.startswith("0")):
        hour += 12
    return time(hour, minute)


def _minute(found: re.Match[str]) -> int:
    if found["half"]:
        return 30
    if found["quarter"]:
        return 15 if found["quarter"] == "一" else 45
    minute = parse_numeral(found["clock_minute"] or found["minute"] or "0")
    return 60 if minute is None else minute


def _afternoon(hour: int, part: Part | None, *, literal: bool) -> bool:
    if part is None:
        return 1 <= hour <= 6 and not literal
    if part is Part.NOON:
        return 1 <= hour <= 3
    if part is Part.EVENING:
        return 5 <= hour <= 11  # 半夜两点 is 02:00
    return part is Part.AFTERNOON and 1 <= hour <= 11
