"""停办改期: a number answers the notice; another time and giving up go the usual ways."""

from __future__ import annotations

import pytest

from tests.flows.tester import Chat
from workflows.chat.ports import Refused

pytestmark = pytest.mark.usefixtures("clock")


def moved(new: str | None = "2026-11-27 09:00") -> Chat:
    """Somebody whose Thursday was taken away."""
    chat = Chat()
    chat.moves.took(chat.registry.has("2026-11-26 09:00"), new)
    return chat


def test_a_bare_number_answers_the_notice() -> None:
    chat = moved().reads(
        """
        ▸ 1
        好 ✔ 11月27日（周五）09:00见 | 预约号 MZ00000001
        """
    )
    assert chat.moves.accepted == ["move-MZ00000001"]
    assert chat.at is None


def test_the_notice_is_told_again_and_another_time_chosen() -> None:
    chat = moved().reads(
        """
        ▸ 停办改期
        线路检修停电 | 已为您留好：11月27日（周五）09:00 | 1 就这个时间 | 2 换别的时间 | 11月25日20:00前可以改，不计次数
        ▸ 2
        请选日期
        ▸ 12月1号上午10点
        改到12月1日（周二）10:00
        ▸ 1
        改好了 ✔
        """
    )
    assert chat.at is None


def test_giving_up_asks_once_more() -> None:
    moved().reads(
        """
        ▸ 停办改期
        3 不办了
        ▸ 3
        确定取消吗
        ▸ 1
        已经取消了
        """
    )


def test_without_a_new_time_one_can_choose_or_wait() -> None:
    moved(None).reads(
        """
        ▸ 停办改期
        新时间还在找 | 1 自己挑时间 | ≠ 就这个时间
        ▸ 随便
        自己挑时间回1
        ▸ 1
        请选日期
        """
    )


def test_nothing_to_answer() -> None:
    Chat().reads(
        """
        ▸ 停办改期
        现在没有要您答复的改期
        """
    )


def test_a_refusal_is_said_as_it_is() -> None:
    chat = moved()
    chat.moves.refusal = Refused("state_conflict", "答复时间已过，现在按新时间办。")
    chat.reads(
        """
        ▸ 停办改期
        1 就这个时间
        ▸ 1
        答复时间已过
        """
    )
