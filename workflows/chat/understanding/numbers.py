"""Numbers and choices, however a resident writes them: "１", "②", "第二个", "选3", "我选第三个吧"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from workflows.chat.understanding.words import fold, normalise, said_at

NUMERALS: Final = "零〇一二三四五六七八九十百千万两俩仨廿卅壹贰叁肆伍陆柒捌玖拾佰仟幺"

_DIGITS = {
    char: value
    for value, chars in enumerate(
        ("零〇", "一壹幺", "二两俩贰", "三仨叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10000}
_SHORT_TENS = str.maketrans({"廿": "二十", "卅": "三十"})

_NUMBER = rf"(?P<number>\d{{1,6}}|[{NUMERALS}]{{1,10}})"
_GAP = r"[\s,.、:;!~。#()\[\]\"'“”-]{0,3}"
_LEAD = (
    r"(?:我们|我|俺|咱们|咱|就|那|要|想|选择|选项|选|来|给|回复|回|按|数字|号码|序号|编号|嗯|好的|好|哦|是|订|定|点|no|"
    rf"还是|改成|换成|改|换|填|办|去|需要|一共|总共|共|有|家里|大概){_GAP}"
)
_TAIL = rf"{_GAP}(?:吧|了|的|那个|这个|选项|套餐|就行|就好|就可以|可以|行|好|即可|谢谢|左右)"
_MEASURE = r"(?:个|份|位|口|人|项|条|种|户|张|套|(?<!一)样|家|次|天|盒|顿|孩子|老人)"
_THING = rf"{_MEASURE}{{0,2}}|号|步|行"
_ENDS = rf"(?:{_TAIL}){{0,4}}{_GAP}"
_PLAIN = re.compile(rf"{_GAP}(?:{_LEAD}){{0,5}}{_NUMBER}{_ENDS}")
_ORDINAL = re.compile(rf"{_GAP}(?:{_LEAD}){{0,5}}第\s?{_NUMBER}\s?(?:{_THING}){_ENDS}")
_COUNT = re.compile(rf"{_GAP}(?:{_LEAD}){{0,5}}{_NUMBER}\s?{_MEASURE}{{1,2}}{_ENDS}")
_NUMBERED = re.compile(rf"{_GAP}(?:{_LEAD}){{0,5}}{_NUMBER}\s?号{_ENDS}")
_WITH_LABEL = re.compile(rf"{_NUMBER}(?P<rest>.{{2,60}})")
_DATE_LIKE = re.compile(r"[\d一二三四五六七八九十][月日号]|周|星期")

_LONGEST_ANSWER = 24  # a longer text is a sentence, not a number
_LONGEST_NAMING = 60  # a longer text is a story that happens to mention an option
_NEVER_AN_ANSWER = 300  # as typed, with all its blanks
_FIRST = frozenset(("头一个", "第一", "头个", "最前面那个", "最上面那个", "最上面的", "上面那个"))
_LAST = frozenset(("最后一个", "最后那个", "最后的", "末一个", "最后", "最下面那个", "最下面的", "下面那个"))
_WISHES = re.compile(r"^(?:我们?|俺|就|那个|这个|那|还是|要|想要?|选择?|来|给我|换成?|改成?|吃|订|定)+(?=.)")
_DECLINED = re.compile(r"(?:都|也|就|我|那个)?(?:不要|不用|不想|不吃|不行|不选|算了|除外|免了)")
_AMOUNTS = frozenset("两俩仨")  # "俩" answers how many, never which
_ENDINGS = re.compile(r"(?:那个|这个|那种|的|了)$")
_SEGMENTS = re.compile(r"[\s,.、:;!?。()\[\]/~·]+")
_TOO_THIN = frozenset("的了是有在我你个人号月日天点份元和也就到")


def parse_numeral(written: str) -> int | None:
    """The value of a plain numeral, "12", "十二", "一百零五", "一百二", "二〇二七"; None for "三四" or "007"."""
    if written.isdecimal():
        return None if len(written) > 2 and written.startswith("0") else int(written)
    written = written.translate(_SHORT_TENS)
    if written and all(char in _DIGITS for char in written):
        return _digit_by_digit(written)
    return _by_units(written) if written else None


def read_number(text: str) -> int | None:
    """The one number a short answer states, as a choice or as a count ("第二个", "两份", "3口人"), or None.

    A date, a time, an identity number or a sentence that merely contains a digit states no number.
    """
    return None if len(text) > _NEVER_AN_ANSWER else _number_in(text, (_PLAIN, _ORDINAL, _COUNT))


def pick(text: str, options: Sequence[str], aliases: Sequence[Sequence[str]] = ()) -> int | None:
    """The index of the option the text chooses, or None when it is out of range, ambiguous or unknown.

    `aliases[i]` are further names of `options[i]`. "两份" and "2个" are amounts and choose nothing; "3号" chooses
    unless the options are days.
    """
    if len(text) > _NEVER_AN_ANSWER:
        return None
    names = [_names(label, aliases[index] if index < len(aliases) else ()) for index, label in enumerate(options)]
    asked = normalise(text)
    exact = [index for index, known in enumerate(names) if asked in known]
    if exact:
        return exact[0] if len(exact) == 1 else None
    number = _choice_number(text, options)
    if number is not None:
        return number - 1 if 1 <= number <= len(options) else None
    if options and _bare_wish(asked) in _FIRST | _LAST:
        return 0 if _bare_wish(asked) in _FIRST else len(options) - 1
    if len(asked) > _LONGEST_NAMING:
        return None
    named = _named(asked, names)
    return named if named is not None else _number_with_label(asked, names)


def _digit_by_digit(written: str) -> int | None:
    digits = "".join(str(_DIGITS[char]) for char in written)
    # 三四个 means "three or four", so two bare digits are no number; 五二〇 and 零五 are.
    if len(digits) == 2 and digits[0] != "0":
        return None
    return int(digits)


def _by_units(written: str) -> int | None:
    """Sections of 十百千万 added up; a last digit without a unit counts tenths of the unit before it (一百二)."""
    total = section = 0
    digit: int | None = None
    last, floor = 10, 10000
    for char in written:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            last = last if digit else 10
            continue
        unit = _UNITS.get(char)
        if unit is None or _misplaced(unit, digit, section, floor) or (unit == 10000 and total):
            return None
        if unit == 10000:
            total, section, floor = (section + (digit or 0)) * unit, 0, 10000
        else:
            section, floor = section + (1 if digit is None else digit) * unit, unit
        digit, last = None, unit
    return total + section + (digit or 0) * (last // 10)


def _misplaced(unit: int, digit: int | None, section: int, floor: int) -> bool:
    """百 without a digit before it, 零十, or a unit that is not smaller than the one before."""
    if unit == 10000:
        return not section and not digit
    if digit is None:
        return unit != 10 or section > 0
    return digit == 0 or unit >= floor


def _number_in(text: str, shapes: Iterable[re.Pattern[str]]) -> int | None:
    for writing in (fold(text), normalise(text)):
        if len(writing) > _LONGEST_ANSWER:
            continue
        for shape in shapes:
            found = shape.fullmatch(writing)
            if found:
                return parse_numeral(found["number"])
    return None


def _choice_number(text: str, options: Sequence[str]) -> int | None:
    shapes = [_ORDINAL] if _AMOUNTS & set(fold(text)) else [_PLAIN, _ORDINAL]
    if not any(_DATE_LIKE.search(option) for option in options):
        shapes.append(_NUMBERED)
    return _number_in(text, shapes)


def _names(label: str, aliases: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in map(normalise, (label, *aliases)) if name)


def _bare_wish(asked: str) -> str:
    return _ENDINGS.sub("", _WISHES.sub("", asked)) or asked


def _named(asked: str, names: Sequence[frozenset[str]]) -> int | None:
    """The only option of which the text is a part, or which the text mentions; the longest mention wins."""
    wish = _bare_wish(asked)
    partly = [
        index
        for index, known in enumerate(names)
        if wish not in _TOO_THIN and any(said_at(name, wish) is not None for name in known)
    ]
    if partly:
        return partly[0] if len(partly) == 1 else None
    mentions = {index: _mentions(asked, known) for index, known in enumerate(names)}
    every = [mention for found in mentions.values() for mention in found]
    chosen = [
        index
        for index, found in mentions.items()
        if any(not any(mention in other and mention != other for other in every) for mention in found)
    ]
    return chosen[0] if len(chosen) == 1 else None


def _mentions(asked: str, known: Iterable[str]) -> set[str]:
    pieces = {piece for name in known for piece in (name, *_SEGMENTS.split(name))}
    return {piece for piece in pieces if _telling(piece) and _wanted(asked, piece)}


def _wanted(asked: str, piece: str) -> bool:
    at = said_at(asked, piece)
    return at is not None and _DECLINED.match(asked, at + len(piece)) is None


def _telling(piece: str) -> bool:
    return len(piece) > 1 and not piece.isdecimal()


def _number_with_label(asked: str, names: Sequence[frozenset[str]]) -> int | None:
    """ "1 都属实" or "2.清蒸鱼": a number together with words of the option it stands before."""
    found = _WITH_LABEL.fullmatch(asked)
    number = parse_numeral(found["number"]) if found else None
    if found is None or number is None or not 1 <= number <= len(names):
        return None
    rest = normalise(found["rest"])
    agrees = any(said_at(name, rest) is not None for name in names[number - 1])
    return number - 1 if len(rest) > 1 and agrees else None
