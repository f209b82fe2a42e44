"""Days, parts of the day and times, seen from Saturday 21 November 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import Part, When, read_time, read_when

TODAY = date(2026, 11, 21)
AM, NOON, PM, NIGHT = Part.MORNING, Part.NOON, Part.AFTERNOON, Part.EVENING
CHINESE = "零一二三四五六七八九十"


def chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    return ("" if tens < 2 else CHINESE[tens]) + ("十" if tens else "") + (CHINESE[ones] if ones else "")


WRITINGS: list[Callable[[date], str]] = [
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.month}月{day.day}号",
    lambda day: f"{day.month}月{day.day}",
    lambda day: f"{day.month}.{day.day}",
    lambda day: f"{day:%m-%d}",
    lambda day: f"{day.month}/{day.day}",
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%m%d}",
    lambda day: f"{chinese(day.month)}月{chinese(day.day)}号",
    lambda day: f"我想约{chinese(day.month)}月{chinese(day.day)}日上午，谢谢",
    lambda day: f"{day.month} 月 {day.day} 号 10点半",
    lambda day: f"改到{day.month}月{day.day}號下午3点",
]


@pytest.mark.parametrize("writing", range(len(WRITINGS)))
def test_every_day_of_a_year_is_read_in_every_writing(writing: int) -> None:
    for offset in range(365):
        day = TODAY + timedelta(days=offset)
        found = read_when(WRITINGS[writing](day), TODAY)
        assert found is not None, WRITINGS[writing](day)
        assert (found.first, found.last) == (day, day), WRITINGS[writing](day)


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("called", ["周", "星期", "礼拜", "週"])
def test_every_weekday_from_every_day(weekday: int, called: str) -> None:
    for offset in range(7):
        today = TODAY + timedelta(days=offset)
        name = called + "一二三四五六日"[weekday]
        monday = today - timedelta(days=today.weekday())
        bare, this, following = (read_when(prefix + name, today) for prefix in ("", "这", "下"))
        assert bare is not None
        assert this is not None
        assert following is not None
        assert timedelta() < bare.first - today <= timedelta(days=7)
        assert bare.first.weekday() == weekday
        assert this.first == monday + timedelta(days=weekday)
        assert following.first == this.first + timedelta(days=7)


@pytest.mark.parametrize(
    ("typed", "day", "part", "clock"),
    [
        ("今天", "2026-11-21", None, None),
        ("今儿晌午", "2026-11-21", NOON, None),
        ("明天上午9点半", "2026-11-22", AM, time(9, 30)),
        ("明儿后晌三点", "2026-11-22", PM, time(15)),
        ("明晚", "2026-11-22", NIGHT, None),
        ("明早八点", "2026-11-22", AM, time(8)),
        ("后天也要", "2026-11-23", None, None),
        ("大后天", "2026-11-24", None, None),
        ("我爸昨晚走了，要办什么", "2026-11-20", NIGHT, None),
        ("前天晚上", "2026-11-19", NIGHT, None),
        ("三天后", "2026-11-24", None, None),
        ("两周后", "2026-12-05", None, None),
        ("一个月以后", "2026-12-21", None, None),
        ("周三", "2026-11-25", None, None),
        ("礼拜3", "2026-11-25", None, None),
        ("周六上午", "2026-11-28", AM, None),
        ("这周三", "2026-11-18", None, None),
        ("上周三", "2026-11-11", None, None),
        ("下周五下午", "2026-11-27", PM, None),
        ("改到下周五下午", "2026-11-27", PM, None),
        ("下個禮拜三", "2026-11-25", None, None),
        ("下周 星期三", "2026-11-25", None, None),
        ("下周周三三点", "2026-11-25", None, time(15)),
        ("下下周三", "2026-12-02", None, None),
        ("早上周三", "2026-11-25", AM, None),
        ("周五一早", "2026-11-27", AM, None),
        ("周五一起去", "2026-11-27", None, None),
        ("5月18号上午10点左右", "2027-05-18", AM, time(10)),
        ("五月十八下午两点一刻", "2027-05-18", PM, time(14, 15)),
        ("5.18 10:30", "2027-05-18", None, time(10, 30)),
        ("5·18", "2027-05-18", None, None),
        ("5月18曰", "2027-05-18", None, None),
        ("18号", "2026-12-18", None, None),
        ("18号周五", "2026-12-18", None, None),
        ("21号", "2026-11-21", None, None),
        ("二十八号", "2026-11-28", None, None),
        ("31号", "2026-12-31", None, None),
        ("廿三号", "2026-11-23", None, None),
        ("下个月3号", "2026-12-03", None, None),
        ("这个月20号", "2026-11-20", None, None),
        ("11月20号", "2027-11-20", None, None),
        ("明年5月20", "2027-05-20", None, None),
        ("后年520", "2028-05-20", None, None),
        ("27年5月18日", "2027-05-18", None, None),
        ("二〇二七年五月十八日", "2027-05-18", None, None),
        ("1995年3月15日", "1995-03-15", None, None),
        ("520", "2027-05-20", None, None),
        ("想520领证", "2027-05-20", None, None),
        ("521", "2027-05-21", None, None),
        ("214", "2027-02-14", None, None),
        ("0518", "2027-05-18", None, None),
        ("518", "2027-05-18", None, None),
        ("十月三号", "2027-10-03", None, None),
        ("情人节", "2027-02-14", None, None),
        ("国庆节", "2027-10-01", None, None),
        ("五一", "2027-05-01", None, None),
        ("七夕", "2027-08-08", None, None),
        ("七夕想领证", "2027-08-08", None, None),
        ("后年七夕", "2028-08-26", None, None),
        ("七月初七", "2027-08-08", None, None),
        ("十月初一", "2027-10-29", None, None),
        ("清明前一天", "2027-04-04", None, None),
        ("冬至", "2026-12-22", None, None),
        ("重阳节", "2027-10-08", None, None),
        ("春节", "2027-02-06", None, None),
        ("从5月18号改到5月20号", "2027-05-20", None, None),
        ("不是18号是20号", "2026-12-20", None, None),
        ("不要周三，周四", "2026-11-26", None, None),
        ("长乐中路45号，明天", "2026-11-22", None, None),
        ("能不能约明天", "2026-11-22", None, None),
    ],
)
def test_one_day(typed: str, day: str, part: Part | None, clock: time | None) -> None:
    that = date.fromisoformat(day)
    assert read_when(typed, TODAY) == When(that, that, part, clock)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("下周", "2026-11-23", "2026-11-29"),
        ("下下周", "2026-11-30", "2026-12-06"),
        ("这周", "2026-11-21", "2026-11-22"),
        ("周末", "2026-11-21", "2026-11-22"),
        ("本周末", "2026-11-21", "2026-11-22"),
        ("下周末", "2026-11-28", "2026-11-29"),
        ("周六日", "2026-11-21", "2026-11-22"),
        ("明后天", "2026-11-22", "2026-11-23"),
        ("月底", "2026-11-25", "2026-11-30"),
        ("这个月底", "2026-11-25", "2026-11-30"),
        ("下月初", "2026-12-01", "2026-12-10"),
        ("月初", "2026-12-01", "2026-12-10"),
        ("11月初", "2027-11-01", "2027-11-10"),
        ("5月中旬", "2027-05-11", "2027-05-20"),
        ("二月底", "2027-02-25", "2027-02-28"),
        ("下个月", "2026-12-01", "2026-12-31"),
        ("5月份", "2027-05-01", "2027-05-31"),
        ("周一到周五", "2026-11-23", "2026-11-27"),
        ("周五到周一", "2026-11-27", "2026-11-30"),
        ("下周一至周三上午", "2026-11-23", "2026-11-25"),
        ("18号到20号", "2026-12-18", "2026-12-20"),
        ("28号到3号", "2026-11-28", "2026-12-03"),
        ("5月18-20号", "2027-05-18", "2027-05-20"),
        ("5.18-5.20", "2027-05-18", "2027-05-20"),
        ("12月30日到1月3日", "2026-12-30", "2027-01-03"),
        ("520前后", "2027-05-17", "2027-05-23"),
        ("明天前后", "2026-11-21", "2026-11-25"),
        ("5月30日以后的号", "2027-05-30", "2027-06-05"),
        ("5月18号之前", "2027-05-12", "2027-05-18"),
        ("周三之前", "2026-11-21", "2026-11-25"),
    ],
)
def test_several_days(typed: str, first: str, last: str) -> None:
    found = read_when(typed, TODAY)
    assert found is not None
    assert (found.first, found.last) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "typed",
    [
        "2月30日",
        "2月30号或者明天",
        "13月5日",
        "4月31号",
        "5月0号",
        "2027-02-30",
        "2027年2月29日",
        "2月29日",
        "0000年1月1日",
        "610102199503150011",
        "王小明 610102199503150011",
        "13812345678",
        "3号楼201",
        "要2号套餐",
        "第3号",
        "选3号",
        "520元",
        "一共3.5元",
        "214室",
        "10-12点",
        "每周一",
        "每周一三五都一样",
        "周一三五",
        "天天",
        "一周三次",
        "提前一天",
        "以后天天都要",
        "下午3点",
        "农历八月十五",
        "八月初八",
        "三四号",
        "1224号楼",
        "红烧肉",
        "",
    ],
)
def test_no_day(typed: str) -> None:
    assert read_when(typed, TODAY) is None


def test_a_lunar_feast_whose_date_is_not_listed_is_not_guessed() -> None:
    assert read_when("春节", date(2027, 3, 1)) is None
    assert read_when("2030年七夕", TODAY) is None


def test_a_leap_day_is_found_when_it_lies_ahead() -> None:
    leap = date(2028, 2, 29)
    assert read_when("2月29号", date(2027, 6, 1)) == When(leap, leap, None, None)


@pytest.mark.parametrize(
    ("typed", "part", "clock"),
    [
        ("十一点半", None, time(11, 30)),
        ("下午3点", PM, time(15)),
        ("15:30", None, time(15, 30)),
        ("１５：３０", None, time(15, 30)),
        ("10点一刻", None, time(10, 15)),
        ("十点三刻", None, time(10, 45)),
        ("两点", None, time(14)),
        ("兩點鐘", None, time(14)),
        ("03:30", None, time(3, 30)),
        ("三点零五分", None, time(15, 5)),
        ("10时30分", None, time(10, 30)),
        ("晚上8点", NIGHT, time(20)),
        ("半夜两点", NIGHT, time(2)),
        ("半夜12点", NIGHT, time(0)),
        ("中午12点半", NOON, time(12, 30)),
        ("中午1点", NOON, time(13)),
        ("上午", AM, None),
        ("早上", AM, None),
        ("晌午", NOON, None),
        ("吃完晚饭", NIGHT, None),
        ("周三早", AM, None),
        ("快一点", None, None),
        ("早一点", None, None),
        ("晚点", None, None),
        ("明天晚一点", None, None),
        ("一点都不疼", None, None),
        ("两点意见", None, None),
        ("25:00", None, None),
        ("10:75", None, None),
        ("红烧肉", None, None),
    ],
)
def test_times(typed: str, part: Part | None, clock: time | None) -> None:
    assert read_time(typed) == (part, clock)


@given(st.times().map(lambda moment: moment.replace(second=0, microsecond=0)))
def test_clock_times_round_trip(moment: time) -> None:
    assert read_time(f"{moment:%H:%M}")[1] == moment


PIECES = """
今天 明天 下 上 这 周 一 三 五 末 月 底 初 号 日 5 18 2月 30 29 2027 年 - . / 到 至 以后 前后 前一天 520 七夕
农历 点 半 下午 : 改到 不是 每 第
"""


@given(st.lists(st.sampled_from(PIECES.split()), max_size=12).map("".join), st.dates())
def test_days_are_in_order_whatever_is_typed_and_whenever(text: str, today: date) -> None:
    found = read_when(text, today)
    assert found is None or found.first <= found.last


@given(st.text(max_size=300), st.dates())
def test_any_text_is_answered(text: str, today: date) -> None:
    found = read_when(text, today)
    assert found is None or found.first <= found.last
    read_time(text)
