"""Cleaning, comparing and finding words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import clean, fold, normalise, says


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  张三　 李四 ", "张三 李四"),
        ("６１０１０２ａＺ", "610102aZ"),
        ("一行\r\n\r\n  二行\u2028三行", "一行\n二行\n三行"),
        ("王\u200b小\ufeff明\x00", "王小明"),
        ("住在3号楼，201室。", "住在3号楼，201室。"),
        ("陳大文", "陳大文"),
        ("\ud83d坏的一半", "坏的一半"),
    ],
)
def test_clean_keeps_the_wording_and_drops_what_nobody_sees(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("　好的！！", "好的"),
        ("麻烦您，我要预约，谢谢。", "我要预约"),
        ("你好，请问我的预约呢？", "我的预约"),
        ("ＯＫ", "ok"),
        ("選３", "选3"),
        ("還沒確認", "还没确认"),
        ("好的[抱拳][玫瑰]", "好的"),
        ("好的👍🏻", "好的"),
        ("1️⃣", "1"),
        ("❸", "3"),
        ("②", "2"),
        ("不去了", "不去了"),
        ("请假", "请假"),
        ("取\u200b消", "取消"),
        ("？", "?"),
        ("谢谢", "谢谢"),
        ("👍", "👍"),
        ("", ""),
    ],
)
def test_normalise(typed: str, compared: str) -> None:
    assert normalise(typed) == compared


@pytest.mark.parametrize(
    "typed",
    [
        "我要取消",
        "能不能取消",
        "可不可以取消预约",
        "要不取消吧",
        "要不要取消",
        "特别想取消",
        "不，取消",
        "对不起取消吧",
        "不是不取消",
        "取消不了",
        "不要改了，取消",
        "取\u200b消",
        "不得不取消",
    ],
)
def test_says_what_is_not_denied(typed: str) -> None:
    assert says(typed, "取消") is True


@pytest.mark.parametrize(
    "typed",
    [
        "不取消",
        "先不取消",
        "不想取消",
        "我没说要取消",
        "别取消",
        "别把我的预约取消了",
        "不要给我取消",
        "没有取消",
        "千万不能取消",
        "预约",
        "取 消",
    ],
)
def test_does_not_say_what_is_denied_or_absent(typed: str) -> None:
    assert says(typed, "取消") is False


def test_a_phrase_may_itself_be_a_denial() -> None:
    assert says("明天不去了", "不去了", "去不了") is True
    assert says("不是不去了", "不去了") is False
    assert says("能不能取消", "能取消") is True


def test_a_phrase_is_not_found_inside_a_longer_number() -> None:
    assert says("5月18日", "5月1") is False
    assert says("5月18日", "5月18") is True


def test_no_phrase_or_an_empty_one_is_never_said() -> None:
    assert says("取消") is False
    assert says("取消", "") is False


@given(st.text(max_size=300))
def test_cleaned_text_can_be_stored(text: str) -> None:
    kept = clean(text)
    assert kept == kept.strip()
    assert clean(kept) == kept
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept


@given(st.text(max_size=300))
def test_folded_text_is_one_line_without_double_blanks(text: str) -> None:
    folded = fold(text)
    assert "\n" not in folded
    assert "  " not in folded
    assert len(folded) <= 2048 * 3


@given(st.text(max_size=60))
def test_normalised_text_has_no_punctuation_around_it_unless_it_is_nothing_else(text: str) -> None:
    compared = normalise(text)
    if any(unicodedata.category(char)[0] not in "PSZ" for char in compared):
        assert unicodedata.category(compared[0])[0] not in "PSZ"
        assert unicodedata.category(compared[-1])[0] not in "PSZ"


@given(st.text(max_size=100), st.text(max_size=5))
def test_says_never_finds_what_is_not_there(text: str, phrase: str) -> None:
    assert not says(text, phrase) or fold(phrase) in fold(text)
