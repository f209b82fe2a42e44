"""Where Chinese may stand, and words that residents never read (architecture.md §4 "Names", "Errors")."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source import PRODUCT, ROOT, place, python_files, strings, tree_of

IDEOGRAPH = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
CHINESE_FILES = {"texts.py", "demo.py"}
CHINESE_FOLDERS = (
    "backend/kernel/chinese_dates.py",  # how days are spoken
    "messages/catalogue/",
    "workflows/chat/flows/",
    "workflows/chat/understanding/",
)
# What machines say to people: it neither tells what happened nor what to do next.
MACHINE_TALK = re.compile("系统错误|系统异常|系统繁忙|非法|无效参数|参数错误|参数无效|操作失败|未知错误")


def chinese(tree: ast.Module) -> Iterator[int]:
    """Lines with a Chinese literal."""
    return (text.lineno for text in strings(tree) if IDEOGRAPH.search(text.value))


def may_be_chinese(path: str) -> bool:
    """Whether a file is one of those that hold what people read."""
    return path.rpartition("/")[2] in CHINESE_FILES or path.startswith(CHINESE_FOLDERS)


def machine_talk(text: str) -> list[str]:
    """Phrases of a text that no resident should read."""
    return MACHINE_TALK.findall(text)


def templates() -> list[Path]:
    """Every template of the product."""
    found = sorted((ROOT / "backend").rglob("*.html"))
    assert found
    return found


def test_chinese_stands_where_people_look_for_it():
    files = [path for path in python_files(*PRODUCT, "migrations") if not may_be_chinese(place(path))]
    assert [f"{place(path)}:{line}" for path in files for line in chinese(tree_of(path))] == []


def test_the_places_for_chinese_are_used():
    used = {place(path) for path in python_files(*PRODUCT) if any(chinese(tree_of(path)))}
    for folder in CHINESE_FOLDERS:
        assert any(path.startswith(folder) for path in used), f"{folder} needs no exception any more"


def test_nothing_talks_like_a_machine():
    wrong = [
        f"{place(path)}:{text.lineno} {phrase}"
        for path in python_files(*PRODUCT)
        for text in strings(tree_of(path))
        for phrase in machine_talk(text.value)
    ]
    assert wrong + [f"{place(path)} {p}" for path in templates() for p in machine_talk(path.read_text())] == []


@pytest.mark.parametrize("line", ["x = '请重试'", "say(f'{n}次')", "TEXTS = {'a': ['好']}", "def f(x='男'): pass"])
def test_a_chinese_literal_is_found(line: str):
    assert list(chinese(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    "line", ["'''预约登记.'''", "def f():\n    '''婚姻登记处.'''", "x = 1  # 条例 art 2", "'：'", "'ok'"]
)
def test_docstrings_comments_and_signs_pass(line: str):
    assert list(chinese(ast.parse(line))) == []


def test_names_of_files_decide():
    assert may_be_chinese("backend/meals/texts.py")
    assert may_be_chinese("workflows/chat/flows/meals/order.py")
    assert not may_be_chinese("backend/meals/book.py")
    assert not may_be_chinese("workflows/chat/router.py")


def test_machine_talk_is_found():
    assert machine_talk("系统错误，参数错误") == ["系统错误", "参数错误"]
    assert machine_talk("刚才没有办成，不是您的问题") == []
