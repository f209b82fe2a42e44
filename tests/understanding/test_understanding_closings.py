"""Thanks and goodbye are heard as such, and nothing that asks for something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import Closing, closing


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "多谢",
        "谢谢您",
        "谢谢您啊",
        "谢谢啦",
        "感谢你们",
        "太谢谢了",
        "辛苦了",
        "您辛苦了",
        "麻烦您了",
        "好的，谢谢",
        "好的谢谢您",
        "谢谢！再见",
        "嗯嗯谢谢",
        "知道了，谢谢",
        "谢谢🙏",
        "謝謝",
        "谢谢谢谢",
    ],
)
def test_thanks(text: str) -> None:
    assert closing(text) is Closing.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "好",
        "好的",
        "好嘞",
        "嗯",
        "嗯嗯",
        "哦",
        "行",
        "行吧",
        "可以了",
        "知道了",
        "明白了",
        "收到",
        "再见",
        "拜拜",
        "没事了",
        "没有了",
        "就这样吧",
        "不用了",
        "好的，知道了",
    ],
)
def test_enough(text: str) -> None:
    assert closing(text) in (Closing.ENOUGH, None if text == "" else Closing.ENOUGH)


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "在吗",
        "取消",
        "1",
        "谢谢，我想改时间",
        "好的我想约下周三",
        "麻烦帮我查一下",
        "感谢信怎么写",
        "行程",
        "好人证",
        "可以约吗",
        "没有身份证怎么办",
        "知道要带什么吗",
        "不用户口簿吗",
        "谢小明",
        "？",
    ],
)
def test_what_asks_for_something(text: str) -> None:
    assert closing(text) is None


@given(st.text(max_size=60) | st.text("好的谢您了嗯哦行不用,。!", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert closing(text) in (None, *Closing)
