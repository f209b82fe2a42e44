"""Which day a sentence means: "下周五下午", "5月18号上午10点左右", "18号到20号", "520"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from workflows.chat.understanding.civil_days import ImpossibleDay, next_day_of_month, next_month_day
from workflows.chat.understanding.day_words import Found, Kind, find_days
from workflows.chat.understanding.numbers import parse_numeral
from workflows.chat.understanding.times import Part, read_time
from workflows.chat.understanding.words import fold


@dataclass(frozen=True)
class When:
    """Civil days from first to last, both included, with the part of day and the time as far as they were said."""

    first: date
    last: date
    part: Part | None
    time: time | None


_RECURRING = re.compile(r"每(?:个)?(?:天|日|周|月|星期|礼拜|逢|晚|早|年)|天天|周周(?![一二三四五六日天末1-7])")
_MOVED_TO = re.compile(r"(?:改|换|挪|调|推迟|推|延|移|改约|延期|提前)(?:期|约)?(?:到|成|至|在|为)")
_REFUSED = re.compile(r"(?:不是|不要|不选|不约|不想|别|除了)\s?$")
_MISTYPED = str.maketrans({"曰": "日"})
_TO = re.compile(r"\s?(?:到|至|~|-{1,2})\s?")
_BARE_DAY = re.compile(r"(\d{1,2})(?:号|日)?(?![\d点时:.个份])")
_AROUND = re.compile(r"(?:那天|当天|节)?(?:的)?\s?(?:前后|左右|附近)")
_DAY_BEFORE = re.compile(r"(?:的)?(?:前|头)一天")
_DAY_AFTER = re.compile(r"(?:的)?(?:后|第)(?:一|二)天|后第一天")
_FROM_THEN = re.compile(r"(?:那天)?(?:(?:以|之|往)后|后(?![天日半面晌])|开始|起(?!床))")
_UNTIL_THEN = re.compile(r"(?:那天)?(?:(?:以|之)前|前(?![天日台面门晌儿]))")
_LONGEST_REQUEST = 400  # characters; days further on belong to a story
_AROUND_DAYS = timedelta(days=3)
_WEEK_LESS_ONE = timedelta(days=6)


def read_when(text: str, today: date) -> When | None:
    """The day or days the text means, seen from `today`; None when it names none, an impossible one, or a rhythm.

    - A day without a year is the next one, today included; a bare weekday is always after today; 下周 begins on Monday.
    - "18号前后" reaches three days either way, "18号以后" and "18号之前" cover the week from or up to that day.
    - 月初/月中/月底 are the 1st–10th, 11th–20th and from the 25th; periods that have begun start today.
    - Of several days the first one counts, but "从18号改到20号" means the 20th and "不是18号是20号" as well.
    - Days that lie in the past are given when the text says so ("昨天", "这周一", a full date); the caller judges.
    """
    folded = fold(text[:_LONGEST_REQUEST]).translate(_MISTYPED)[:_LONGEST_REQUEST]
    if _RECURRING.search(folded):
        return None
    for wording in (*_targets(folded), folded):
        try:
            days = _days(wording, today)
        except (ImpossibleDay, OverflowError, ValueError):
            return None
        if days is not None:
            return When(*days, *read_time(wording))
    return None


def _targets(folded: str) -> list[str]:
    moves = [found.end() for found in _MOVED_TO.finditer(folded)]
    return [folded[moves[-1] :]] if moves else []


def _days(text: str, today: date) -> tuple[date, date] | None:
    for found in find_days(text, today):
        if not _REFUSED.search(text[max(0, found.start - 4) : found.start]):
            rest = text[found.end :]
            return _range(found, rest, today) or _modified(found, rest, today)
    return None


def _range(opening: Found, rest: str, today: date) -> tuple[date, date] | None:
    """ "周一到周五", "5月18-20号": from the opening to the end it names, or None when it names no end."""
    to = _TO.match(rest)
    if to is None:
        return None
    rest = rest[to.end() : to.end() + 24]
    closing = next((found for found in find_days(rest, today) if found.start == 0), None)
    bare = _BARE_DAY.match(rest)
    if closing is None and (bare is None or opening.kind not in (Kind.MONTH_DAY, Kind.FULL, Kind.DAY_ONLY)):
        return None
    last = _closing_day(opening, closing, bare)
    return (opening.first, last) if last and last >= opening.first else None


def _closing_day(opening: Found, closing: Found | None, bare: re.Match[str] | None) -> date | None:
    begun = opening.first
    if closing is None or closing.kind is Kind.DAY_ONLY:
        day = parse_numeral(bare[1]) if bare else (closing.first.day if closing else None)
        return next_day_of_month(day, begun) if day else None
    if closing.kind is Kind.WEEKDAY:
        return begun + timedelta(days=(closing.first.weekday() - begun.weekday()) % 7)
    if closing.kind is Kind.MONTH_DAY:
        return next_month_day(closing.first.month, closing.first.day, begun)
    return closing.last


def _modified(found: Found, rest: str, today: date) -> tuple[date, date]:
    first, last, one = found.first, found.last, timedelta(days=1)
    if _AROUND.match(rest):
        return max(first - _AROUND_DAYS, min(today, first)), last + _AROUND_DAYS
    if _DAY_BEFORE.match(rest):
        return first - one, first - one
    if _DAY_AFTER.match(rest):
        return last + one, last + one
    if _FROM_THEN.match(rest):
        return first, max(last, first + _WEEK_LESS_ONE)
    if _UNTIL_THEN.match(rest):
        return max(last - _WEEK_LESS_ONE, min(today, last)), last
    return first, last
