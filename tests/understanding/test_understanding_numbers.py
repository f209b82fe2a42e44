"""Numbers and choices among numbered options."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import parse_numeral, pick, read_number

MEALS = ["红烧肉套餐（软）13元，您付8元", "清蒸鱼套餐 15元，您付10元", "素菜套餐 9元，您付4元"]
DAYS = ["5月18日 周二 上午3个 下午5个", "5月19日 周三 下午1个", "5月21日 周五（高峰日）未放号"]
CONFIRM = ["都属实，确认预约", "改信息", "取消"]
PEAK = ["到时提醒我抢约", "先看前后几天的号", "了解候补"]
DEATH = ["确认过了", "还没有", "不清楚/是意外"]


def chinese(value: int) -> str:
    """1 to 99 as it is written in Chinese."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    return ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones or not tens else "")


def circled(value: int) -> str:
    return chr(0x2460 + value - 1) if value <= 20 else chr(0x3251 + value - 21)


def full_width(value: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))


WRITINGS: list[Callable[[int], str]] = [
    str,
    full_width,
    chinese,
    circled,
    lambda value: f"{value}.",
    lambda value: f"{value}、",
    lambda value: f"（{value}）",
    lambda value: f"选{value}",
    lambda value: f"第{chinese(value)}个",
    lambda value: f"第 {value} 个吧",
    lambda value: f"我选第{chinese(value)}个吧",
    lambda value: f"那就{chinese(value)}，谢谢",
    lambda value: f"回复 {value:02d}",
]


@pytest.mark.parametrize("value", range(1, 32))
@pytest.mark.parametrize("writing", range(len(WRITINGS)))
def test_every_writing_of_a_choice_is_read(value: int, writing: int) -> None:
    typed = WRITINGS[writing](value)
    assert read_number(typed) == value
    assert pick(typed, [f"选项{chr(0x4E00 + index)}" for index in range(31)]) == value - 1


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("四口", 4),
        ("3口人", 3),
        ("三个人", 3),
        ("家里有5口人", 5),
        ("两份", 2),
        ("就两份吧", 2),
        ("俩", 2),
        ("仨人", 3),
        ("一百零五", 105),
        ("一百二", 120),
        ("一千二百", 1200),
        ("两万三", 23000),
        ("廿三", 23),
        ("叁", 3),
        ("0", 0),
        ("12", 12),
        ("500", 500),
        ("3天", 3),
    ],
)
def test_counts(typed: str, value: int) -> None:
    assert read_number(typed) == value


@pytest.mark.parametrize(
    "typed",
    [
        "5月18号",
        "5月",
        "18号",
        "三点",
        "15:30",
        "3.5",
        "610102199503150011",
        "13812345678",
        "三四个",
        "一样",
        "没有",
        "007",
        "1和2",
        "1 2",
        "我家住3号楼201，想吃饭",
        "百十",
        "",
        "选",
        "第",
    ],
)
def test_not_a_number(typed: str) -> None:
    assert read_number(typed) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("二〇二七", 2027),
        ("零五", 5),
        ("十", 10),
        ("二十", 20),
        ("一百一十", 110),
        ("一万零五十", 10050),
        ("五二〇", 520),
    ],
)
def test_numerals(written: str, value: int) -> None:
    assert parse_numeral(written) == value


@pytest.mark.parametrize("written", ["三四", "一一", "十百", "百", "万", "零十", "", "一二十", "一万二万", "abc"])
def test_not_numerals(written: str) -> None:
    assert parse_numeral(written) is None


@pytest.mark.parametrize(
    ("typed", "options", "index"),
    [
        ("1", MEALS, 0),
        ("2，谢谢", MEALS, 1),
        ("我要2", MEALS, 1),
        ("3号", MEALS, 2),
        ("三号套餐", MEALS, 2),
        ("第二份", MEALS, 1),
        ("红烧肉", MEALS, 0),
        ("红烧肉吧", MEALS, 0),
        ("来一份红烧肉套餐", MEALS, 0),
        ("要鱼", MEALS, 1),
        ("鱼", MEALS, 1),
        ("就要那个鱼的", MEALS, 1),
        ("素的", MEALS, 2),
        ("2.清蒸鱼", MEALS, 1),
        ("1红烧肉套餐", MEALS, 0),
        ("最后一个", MEALS, 2),
        ("头一个", MEALS, 0),
        ("清蒸魚套餐", ["红烧肉", "清蒸魚套餐"], 1),
        ("5月19", DAYS, 1),
        ("周三", DAYS, 1),
        ("5月21日", DAYS, 2),
        ("都属实", CONFIRM, 0),
        ("1都属实", CONFIRM, 0),
        ("改信息", CONFIRM, 1),
        ("取消", CONFIRM, 2),
        ("提醒我", PEAK, 0),
        ("看前后几天的", PEAK, 1),
        ("候补", PEAK, 2),
        ("确认过", DEATH, 0),
        ("没有", DEATH, 1),
        ("是意外", DEATH, 2),
        ("不愿意", ["愿意", "不愿意"], 1),
        ("我愿意", ["愿意", "不愿意"], 0),
        ("2", ["2人", "1人"], 1),
        ("红烧肉套餐加汤谢谢", ["红烧肉套餐", "红烧肉套餐加汤"], 1),
    ],
)
def test_pick(typed: str, options: list[str], index: int) -> None:
    assert pick(typed, options) == index


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("4", MEALS),
        ("0", MEALS),
        ("520", MEALS),
        ("套餐", MEALS),
        ("两份", MEALS),
        ("2个", MEALS),
        ("俩", MEALS),
        ("鱼和肉", MEALS),
        ("不要鱼", MEALS),
        ("清蒸鱼套餐不要了", MEALS),
        ("1和2", MEALS),
        ("一样", MEALS),
        ("随便", MEALS),
        ("", MEALS),
        ("的", MEALS),
        ("5月18号上午", MEALS),
        ("610102199503150011", MEALS),
        ("3号", DAYS),
        ("5月1", DAYS),
        ("用", ["愿意", "不用"]),
        ("愿意", ["不愿意", "不用"]),
        ("1", []),
        ("最后一个", []),
        ("同名", ["同名", "同名"]),
    ],
)
def test_nothing_is_picked(typed: str, options: list[str]) -> None:
    assert pick(typed, options) is None


def test_aliases_are_names_too() -> None:
    aliases = [["接单", "我去"], ["不接", "没空"]]
    assert pick("我去", ["接", "这次不行"], aliases) == 0
    assert pick("没空啊", ["接", "这次不行"], aliases) == 1
    assert pick("不接", ["接", "这次不行"], aliases) == 1
    assert pick("接", ["接", "这次不行"], aliases[:1]) == 0


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=9))
def test_a_picked_index_is_in_range(text: str, options: list[str]) -> None:
    index = pick(text, options, [options[:2]])
    assert index is None or 0 <= index < len(options)


@given(st.text(alphabet="零一二三四五六七八九十百千万两廿第个份选，. 123号吧", max_size=30))
def test_numbers_are_never_negative(text: str) -> None:
    number = read_number(text)
    assert number is None or number >= 0


@given(st.integers(min_value=0, max_value=99))
def test_numerals_round_trip(value: int) -> None:
    assert parse_numeral(chinese(value)) == value
