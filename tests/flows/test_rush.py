"""Peak days in the chat (stories.md 1): told in time, asked for once, the number told, taken back, the result."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.kernel.clock import MovableClock
from tests.flows.bureau import XINCHENG
from tests.flows.rushes import WEDNESDAY
from tests.flows.tester import COUPLE, Chat
from workflows.chat.ports import Refused


@pytest.fixture(autouse=True)
def one_registry(chat: Chat) -> None:
    """Nothing to choose but the day."""
    chat.registry.offices_known = [XINCHENG]


def test_before_the_release_as_in_the_stories(chat: Chat) -> None:
    chat.rushes.announces(date(2027, 5, 20), drawn=True)
    chat.reads("""
        ▸ 想520领证
          520（5月20日，周四）是登记高峰日，号源在11月25日08:30放出 | 摇号，早晚机会一样
          1 到时提醒我抢约 | 2 先看前后几天的号 | 3 了解候补
        ▸ 3
          有人退号，按先后为下一位留半小时 | 1 到时提醒我抢约
        ▸ 1
          提前一天和提前10分钟提醒您 | 早点来没有用
    """)
    assert chat.rushes.watches == {date(2027, 5, 20)}
    assert chat.at is None
    chat.reads("""
        ▸ 抢约
          会提前提醒您 | 1 不用提醒了
        ▸ 1
          好，不提醒了
    """)
    assert chat.rushes.watches == set()


def test_the_days_around_it(chat: Chat) -> None:
    chat.rushes.announces()
    chat.registry.closed_days = {WEDNESDAY}
    chat.reads("""
        ▸ 想12月16日领证
          12月16日（周三）是登记高峰日 | 2 先看前后几天的号
        ▸ 2
          离12月16日最近的空位： | 12月15日 周二 | 12月17日 周四 | ≠ 12月16日 周三
        ▸ 12月17日上午10点
          12月17日（周四）10:00–10:30 | 已为您留5分钟
    """)


def test_asking_from_the_first_word_to_the_number(chat: Chat) -> None:
    chat.rushes.announces(is_open=True)
    chat.reads(f"""
        ▸ 12月16日上午领证
          12月16日（周三）正在登记 | 按号码先后给位置，一对一次 | 1 现在登记
        ▸ 1
          请发姓名和身份证号
        ▸ {COUPLE}
          请核对： | 王小明（30岁） | 12月16日（周三）上午，新城区婚姻登记处 | 双方自愿 | 1 都属实，登记
        ▸ 1
          登记好了 ✔ | 号码12，前面还有11位 | 不用守着 | 我的摇号
    """)
    [(rush_id, parties, part)] = chat.rushes.asked
    assert (rush_id, len(parties), part) == ("rush 2026-12-16", 2, "morning")
    chat.reads("""
        ▸ 我的排队
          号码12，前面还有11位 | 1 退出登记 | 继续等就不必回复
        ▸ 1
          好，退出了
    """)


def test_one_asks_once(chat: Chat) -> None:
    chat.rushes.announces(is_open=True)
    chat.rushes.has()
    chat.reads("""
        ▸ 12月16日领证
          您已经登记了 | 号码12 | 我的摇号
    """)


def test_a_draw_says_when_it_is_drawn(chat: Chat) -> None:
    day = chat.rushes.announces(is_open=True, drawn=True)
    chat.rushes.has(ahead=None)
    assert day.closes_at is not None
    assert f"号码12，{day.closes_at:%H:%M}登记结束后一起摇号，早晚机会一样" in chat.says("我的摇号")


@pytest.mark.parametrize(
    ("state", "told"), [("placed", "约上了 ✔ 12月16日（周三）09:30，预约号 MZ00000012"), ("unplaced", "这次没有排上")]
)
def test_the_result_can_be_asked_for(chat: Chat, state: str, told: str) -> None:
    chat.rushes.announces(is_open=True)
    chat.rushes.has(state)
    chat.rushes.days.clear()
    assert told in chat.says("摇号结果")


def test_what_is_refused_says_why(chat: Chat) -> None:
    chat.rushes.announces(is_open=True)
    chat.rushes.refusals = {
        "check": [Refused("invalid", "李小红还差12天满20周岁。")],
        "ask": [Refused("already_waiting", "两位当中有人已经登记过了，一对只登记一次，结果会发给你们。")],
    }
    chat.reads(f"""
        ▸ 抢约
          1 现在登记
        ▸ 1
          排上的机会多一些
        ▸ 都行
          请发姓名和身份证号
        ▸ {COUPLE}
          还差12天满20周岁 | 改好后请重新发
        ▸ {COUPLE}
          请核对
        ▸ 对
          一对只登记一次
    """)
    assert chat.at is None


def test_while_the_places_are_given(chat: Chat, clock: MovableClock) -> None:
    chat.rushes.announces(is_open=True)
    clock.advance(timedelta(minutes=40))
    chat.reads("""
        ▸ 12月16日领证
          登记已经结束，正在给位置 | 1 先看前后几天的号 | 2 了解候补
        ▸ 2
          有人退号 | 1 先看前后几天的号
    """)


def test_a_day_that_is_simply_booked_is_told_of_too(chat: Chat) -> None:
    chat.rushes.announces(drawn=None)
    chat.reads("""
        ▸ 12月16日领证
          号源在11月25日08:30放出 | ≠ 摇号 | ≠ 排号 | 1 到时提醒我抢约
    """)


def test_without_any(chat: Chat) -> None:
    chat.reads("""
        ▸ 抢约
          现在没有要登记的高峰日
    """)


def test_several_of_one_couple(chat: Chat) -> None:
    chat.rushes.announces(is_open=True)
    chat.rushes.has()
    chat.rushes.has()
    chat.reads("""
        ▸ 我的摇号
          1 退出： | 2 退出： | 继续等就不必回复
        ▸ 月亮
          退出请回前面的数字
    """)


def test_around_from_the_peak_days_themselves(chat: Chat) -> None:
    chat.rushes.announces()
    chat.reads("""
        ▸ 抢约
          2 先看前后几天的号
        ▸ 2
          离12月16日最近的空位 | 领证
    """)
    assert chat.at is None
