"""A text of WeChat's greatest length never keeps the callback waiting, however it is built."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from time import process_time

import pytest

from workflows.chat.understanding import (
    clean,
    control_word,
    normalise,
    pick,
    read_number,
    read_persons,
    read_time,
    read_when,
    read_yes_no,
    says,
)

READERS: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "normalise": normalise,
    "says": lambda text: says(text, "取消", "预约"),
    "read_number": read_number,
    "pick": lambda text: pick(text, ["红烧肉套餐13元", "清蒸鱼套餐", "5月18日 周二", "取消"]),
    "read_yes_no": read_yes_no,
    "read_when": lambda text: read_when(text, date(2026, 11, 21)),
    "read_time": read_time,
    "read_persons": read_persons,
    "control_word": control_word,
}
PIECES = [
    *(
        "1",
        "1 ",
        "1-",
        "1x",
        "一",
        "十",
        "零一二",
        "5月",
        "5月18号",
        "1月1月到",
        "周",
        "周一",
        "下周",
        "2027-",
        "1.",
        "1点",
        "10:30 ",
    ),
    *("不", "不取消", "别把", "取消", "好", "好的", "吧", "谢谢", "，", "，好", "对不", "算了", "请", "选", "第"),
    *("张三", "张三和", "张 三 ", "男 ", "E1", "护照a1", "阿·", "JO ", "610102199503150011", "1\n", "姓 名"),
    *("[", "[好", "\u0301\u0327", "ﷺ", "\u200b", "👍", "\n", " ", "。"),
]
LIMIT = 0.005 * 5  # seconds; five times what is allowed, so that a busy machine does not fail the test


@pytest.mark.parametrize("reader", READERS)
def test_long_texts(reader: str) -> None:
    read = READERS[reader]
    for piece in PIECES:
        text = (piece * 2048)[:2048]
        spent = []
        for _ in range(3):
            start = process_time()
            read(text)
            spent.append(process_time() - start)
        assert min(spent) < LIMIT, piece
