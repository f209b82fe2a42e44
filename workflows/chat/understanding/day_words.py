"""Where days are named in a sentence: the patterns, and what each match means on a given today.

`find_days` lists what it sees from left to right; `dates.read_when` decides which of them is meant.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from workflows.chat.understanding.civil_days import (
    ImpossibleDay,
    make_day,
    next_day_of_month,
    next_month_day,
    shifted_month,
)
from workflows.chat.understanding.lunar import FIXED_DAYS, LUNAR_DAYS, POPULAR_NUMBERS
from workflows.chat.understanding.numbers import parse_numeral


class Kind(Enum):
    """How a day was written; it decides how the second end of a range is completed."""

    FULL = "full"
    MONTH_DAY = "month_day"
    DAY_ONLY = "day_only"
    WEEKDAY = "weekday"
    OTHER = "other"


@dataclass(frozen=True)
class Found:
    """Days named at text[start:end], first and last included."""

    start: int
    end: int
    first: date
    last: date
    kind: Kind


_CHINESE = "零〇一二三四五六七八九十廿卅"
_N = rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})"
_EDGE = rf"(?<![\d{_CHINESE}百])"
_SOLAR = r"(?<![农阴旧老]历)"
_PLACE = "楼|院|栋|幢|室|单元|户|线|店|窗|套餐|桌|路|房|门|厅|车|柜|机|餐|座|床|街|弄|馆|台|码|桶|层|组|队"
_NOT_A_PLACE = rf"(?!\s?(?:{_PLACE}))"  # 3号楼
_NOT_A_DAY = (  # 5元, 3.5小时: a number of something else
    rf"(?!\s?(?:个|元|块|人|小时|斤|折|万|%|倍|岁|米|份|次|分|秒|天|周(?![一二三四五六日天末])|年|度|号楼|号院|公里|片|{_PLACE}))"
)
_YEAR_SHIFT: Final = {"去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_MONTH_SHIFT: Final = {"上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_WEEK_SHIFT: Final = {"上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_DAY_SHIFT: Final = {
    **dict.fromkeys(("今天", "今日", "今儿个", "今儿", "今个", "今晚", "今早", "今晨"), (0, 0)),
    **dict.fromkeys(("明天", "明日", "明儿个", "明儿", "明个", "明晚", "明早", "明晨"), (1, 1)),
    **dict.fromkeys(("后天", "后日", "后儿个", "后儿", "后个", "后晚", "后早"), (2, 2)),
    **dict.fromkeys(("大后天", "大后儿", "大后日", "外后天"), (3, 3)),
    **dict.fromkeys(("昨天", "昨日", "昨儿个", "昨儿", "昨个", "昨晚", "昨夜"), (-1, -1)),
    **dict.fromkeys(("前天", "前日", "前儿个", "前儿", "前晚"), (-2, -2)),
    **dict.fromkeys(("大前天", "大前儿"), (-3, -3)),
    **dict.fromkeys(("今明两天", "今明"), (0, 1)),
    **dict.fromkeys(("明后两天", "明后天"), (1, 2)),
    **dict.fromkeys(("这两天",), (0, 2)),
    **dict.fromkeys(("这几天", "最近几天", "近几天", "这些天"), (0, 6)),
}
_THIRDS: Final = {"初": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "下旬": (21, 31)}
_BARE_NUMERALS: Final = ("五一", "六一", "三八")
_MONTH_END_FROM = 25
_WEEKDAYS: Final = {
    char: index for index, chars in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")) for char in chars
}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_YEAR = rf"(?:{_EDGE}(?P<year>\d{{4}}|\d\d|[{_CHINESE}]{{4}})\s?年|(?P<year_word>[去今本明后]年))?\s?的?\s?"
_MONTH_DAY = re.compile(
    rf"{_SOLAR}{_YEAR}{_EDGE}(?P<month>{_N})\s?月份?的?\s?(?P<day>{_N})(?![\d{_CHINESE}])(?:\s?[日号]|{_NOT_A_DAY})"
)
_NUMERIC = re.compile(
    rf"(?<![\da-z])(?<!\d[./·:-])(?:(?P<year>(?:19|20)?\d\d)[./·-](?=\d{{1,2}}[./·-]))?(?P<month>\d{{1,2}})\s?[./·-]\s?"
    rf"(?P<day>\d{{1,2}})(?!\d|[./·]\d|-\d{{3}}|\s?[点:时a-z])(?:\s?[日号])?{_NOT_A_DAY}"
)
_COMPACT = re.compile(
    r"(?<![\da-z.-])(?<!\d\s)(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![\da-z.-]|\s\d{3})"
)
_BARE_DIGITS = re.compile(
    r"(?:我们?|想|要|约|改到|就|选|定|那){0,4}(?P<month>\d{1,2})(?P<day>\d\d)(?:那天|当天|吧|领证|结婚|登记|可以吗|行吗|有号吗|还有吗|[?.,。!]){0,3}"
)
_IN_MONTH = re.compile(
    rf"{_SOLAR}(?:(?P<shift>下下|下|这|本|当|上)个?月份?|(?<![个每几半])(?=月[初中底末])月|{_YEAR}{_EDGE}(?P<month>{_N})\s?月份?)的?\s?"
    rf"(?:(?P<third>上旬|中旬|下旬|初(?![{_CHINESE}])|中(?!午|旬|秋)|底|末)"
    rf"|(?P<day>{_N})(?![\d{_CHINESE}])\s?(?:[日号]|{_NOT_A_DAY}))?(?!初|\d)"
)
_DAY_ONLY = re.compile(
    rf"{_EDGE}(?<![第月选路街巷道院村弄.:/-])(?P<day>{_N})\s?(?:号(?!码)|日(?!内|本|常|子|报|期|历)){_NOT_A_PLACE}"
)
_RELATIVE = re.compile(rf"(?<![以之然往当])(?:{_any_of(_DAY_SHIFT)})(?!气)")
_OFFSET = re.compile(
    rf"{_EDGE}(?P<count>{_N}|两|半)\s?(?P<unit>天|日|周|个?星期|个?礼拜|个月)(?:以|之|过)?后(?![天日])"
)
_WEEK = re.compile(
    r"(?:(?<![早晚楼乡])(?P<shift>下下|下|这|本|上)\s?个?\s?|(?<![每一二两三四五六七八九十\d几半个整]))(?:周|星期|礼拜|星其|礼败)\s?"
    r"(?:(?:的\s?)?(?:周|星期|礼拜)(?=[一二三四五六日天末1-7])|的\s?)?(?:(?P<day>[一二三四五六日天末]|[1-7](?![\d点时:.个次天岁份元]))"
    r"(?P<more>(?:[、和]?(?:周|星期|礼拜)?[一二三四五六日天]){1,6}(?![点时十百:楼号个份位人早起大块整直定下会共样]))?)?"
)
# 五一, 六一 and 三八 are also what weekdays, hours and counts run together to.
_NAMED = re.compile(
    rf"{_YEAR}(?P<name>{_any_of(name for name in (*FIXED_DAYS, *LUNAR_DAYS) if name not in _BARE_NUMERALS)}"
    rf"|(?<![\d{_CHINESE}周期拜初])(?:{'|'.join(_BARE_NUMERALS)})(?![\d{_CHINESE}点号时个天次份位人早起样]))"
)
_POPULAR = re.compile(
    rf"{_YEAR}(?<![\d{_CHINESE}.:/-])(?P<name>{_any_of(POPULAR_NUMBERS)})(?![\d{_CHINESE}.:/-]){_NOT_A_DAY}"
)


def find_days(text: str, today: date) -> list[Found]:
    """Every day or range of days named in the folded text, from left to right, the longest at each place first.

    Raises ImpossibleDay when a day is plainly named that does not exist.
    """
    return sorted(_find_all(text, today), key=lambda found: (found.start, -found.end))


def _find_all(text: str, today: date) -> Iterator[Found]:
    bare = _BARE_DIGITS.fullmatch(text)
    if bare and (found := _numeric(bare, today)):
        yield found
    for pattern, reader in _READERS:
        for match in pattern.finditer(text):
            seen = reader(match, today)
            if seen is not None:
                yield seen


def _found(match: re.Match[str], first: date, last: date | None = None, kind: Kind = Kind.OTHER) -> Found:
    return Found(match.start(), match.end(), first, last or first, kind)


def _from_today(match: re.Match[str], first: date, last: date, today: date) -> Found:
    """A period; what is left of it when it has begun, all of it when it is over."""
    return _found(match, today if first < today <= last else first, last)


def _year(match: re.Match[str], today: date) -> int | None:
    groups = match.groupdict()
    if groups.get("year_word"):
        return today.year + _YEAR_SHIFT[groups["year_word"]]
    written = groups.get("year")
    if not written:
        return None
    year = parse_numeral(written)
    if year is None:
        raise ImpossibleDay
    return year if len(written) > 2 else 2000 + year


def _month_day(match: re.Match[str], today: date) -> Found | None:
    month, day = parse_numeral(match["month"]), parse_numeral(match["day"])
    if month is None or day is None:
        return None  # 三四月: about a time, no day
    year = _year(match, today)
    if year is None:
        return _found(match, next_month_day(month, day, today), kind=Kind.MONTH_DAY)
    return _found(match, make_day(year, month, day), kind=Kind.FULL)


def _numeric(match: re.Match[str], today: date) -> Found | None:
    try:
        return _month_day(match, today)
    except ImpossibleDay:
        if match.groupdict().get("year"):
            raise
        return None  # 13.50 was never meant as a day


def _compact(match: re.Match[str], _today: date) -> Found | None:
    day = make_day(int(match["year"]), int(match["month"]), int(match["day"]))
    return _found(match, day, kind=Kind.FULL)


def _in_month(match: re.Match[str], today: date) -> Found | None:
    year, month = _which_month(match, today)
    if not 1 <= month <= 12 or (match["month"] and match["day"]):
        return None
    if match["day"]:
        day = parse_numeral(match["day"])
        return None if day is None else _found(match, make_day(year, month, day), kind=Kind.FULL)
    third = match["third"]
    first, last = _THIRDS.get(third, (1, 31)) if third not in ("底", "末") else (_MONTH_END_FROM, 31)
    last = min(last, calendar.monthrange(year, month)[1])
    if match["month"] and _year(match, today) is None and date(year, month, last) < today:
        year += 1  # 11月初, said on the 21st
    return _from_today(match, date(year, month, first), date(year, month, last), today)


def _which_month(match: re.Match[str], today: date) -> tuple[int, int]:
    if match["month"]:
        month = parse_numeral(match["month"]) or 0
        year = _year(match, today)
        return (today.year + (month < today.month) if year is None else year), month
    if match["shift"]:
        return shifted_month(today, _MONTH_SHIFT[match["shift"]])
    over = {"初": 10, "中": 20}.get(match["third"], 31) < today.day
    return shifted_month(today, int(over))


def _day_only(match: re.Match[str], today: date) -> Found | None:
    day = parse_numeral(match["day"])
    if day is None or not 1 <= day <= 31:
        return None  # 45号 is a house
    return _found(match, next_day_of_month(day, today), kind=Kind.DAY_ONLY)


def _relative(match: re.Match[str], today: date) -> Found:
    first, last = _DAY_SHIFT[match.group()]
    return _found(match, today + timedelta(days=first), today + timedelta(days=last))


def _offset(match: re.Match[str], today: date) -> Found | None:
    count, unit = parse_numeral(match["count"]), match["unit"]
    if count is None:
        return None
    if unit in ("天", "日"):
        return _found(match, today + timedelta(days=count))
    if unit != "个月":
        return _found(match, today + timedelta(weeks=count))
    year, month = shifted_month(today, count)
    return _found(match, make_day(year, month, min(today.day, calendar.monthrange(year, month)[1])))


def _week(match: re.Match[str], today: date) -> Found | None:
    shift, day = match["shift"], match["day"]
    if not shift and not day:
        return None
    more = match["more"] or ""
    if more and (day, more[-1:]) not in (("六", "日"), ("六", "天")):
        return None  # 周一三五 is several days, and none of them alone
    monday = today + timedelta(weeks=_WEEK_SHIFT.get(shift or "这", 0), days=-today.weekday())
    sunday = monday + timedelta(days=6)
    if day is None:
        return _from_today(match, monday, sunday, today)
    if day == "末" or more:
        return _from_today(match, sunday - timedelta(days=1), sunday, today)
    if shift:
        return _found(match, monday + timedelta(days=_WEEKDAYS[day]))
    ahead = (_WEEKDAYS[day] - today.weekday() - 1) % 7 + 1
    return _found(match, today + timedelta(days=ahead), kind=Kind.WEEKDAY)


def _named(match: re.Match[str], today: date) -> Found | None:
    name, year = match["name"], _year(match, today)
    if name in FIXED_DAYS:
        return _feast(match, FIXED_DAYS[name], today)
    days = [day for day in LUNAR_DAYS[name] if (day.year == year if year else day >= today)]
    return _found(match, min(days)) if days else None


def _popular(match: re.Match[str], today: date) -> Found:
    return _feast(match, POPULAR_NUMBERS[match["name"]], today)


def _feast(match: re.Match[str], month_day: tuple[int, int], today: date) -> Found:
    year = _year(match, today)
    return _found(match, make_day(year, *month_day) if year else next_month_day(*month_day, today))


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Found | None]], ...]] = (
    (_MONTH_DAY, _month_day),
    (_NUMERIC, _numeric),
    (_COMPACT, _compact),
    (_IN_MONTH, _in_month),
    (_DAY_ONLY, _day_only),
    (_RELATIVE, _relative),
    (_OFFSET, _offset),
    (_WEEK, _week),
    (_NAMED, _named),
    (_POPULAR, _popular),
)
