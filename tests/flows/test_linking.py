"""绑定 and 核验码: digits of one's mini-program or of a counter, told back masked before anything is joined."""

from __future__ import annotations

import pytest

from tests.flows.family import CODE
from tests.flows.tester import Chat
from workflows.chat.flows import DIRECTORY
from workflows.chat.flows.people.linking import LINK


def test_the_code_in_the_first_sentence_is_enough(chat: Chat) -> None:
    chat.reads(
        """
        ▸ 绑定 12345678
          王*明的小程序 | 别人发来的请回2 | 1 是我的
        ▸ 1
          绑定好了
        """
    )
    assert chat.family.done == [("use_code", "12345678")]
    assert chat.at is None


def test_somebody_elses_code_is_left_alone(chat: Chat) -> None:
    chat.reads(
        """
        ▸ 绑定
          8位绑定码 | 绑定服务号
        ▸ 2234 5678
          一个还没实名的小程序
        ▸ 不是我的
          没有绑定
        """
    )
    assert chat.family.done == []


def test_a_counters_code_and_ones_own(chat: Chat) -> None:
    chat.reads(
        """
        ▸ 绑定码32345678
          窗口给王*明的
        ▸ 取消
          没有绑定
        ▸ 绑定 42345678
          不用再绑定
        """
    )


def test_a_wrong_code_is_asked_for_again(chat: Chat) -> None:
    chat.reads(
        """
        ▸ 绑定 00000000
          不对，或已经过期
        ▸ 00000001
          不对，或已经过期
        ▸ 12345678
          王*明的小程序
        """
    )


def test_going_back_forgets_the_code(chat: Chat) -> None:
    chat.reads(
        """
        ▸ 绑定
          8位绑定码
        ▸ 12345678
          王*明的小程序
        ▸ 返回
          8位绑定码
        """
    )


def test_a_refusal_is_told(chat: Chat) -> None:
    chat.family.refuse("use_code", "state_conflict", "小程序和这里已经实名为两个人，不能合到一起。")
    chat.reads(
        """
        ▸ 绑定 12345678
          王*明
        ▸ 是我的
          不能合到一起
        """
    )


def test_the_counters_code_is_told_at_once(chat: Chat) -> None:
    assert CODE in chat.says("核验码")
    told = chat.says("怎么实名")
    assert CODE in told
    assert "小程序" in told
    assert chat.at is None
    chat.family.refuse("counter_code", "busy", "现在要码的人很多，请过几分钟再试一次。")
    assert "过几分钟" in chat.says("窗口核验码")


@pytest.mark.parametrize("text", ["绑定", "绑定码", "绑定小程序", "我要绑定12345678", "绑定：1234-5678"])
def test_what_asks_for_it(text: str) -> None:
    assert DIRECTORY.best_match(text) == (LINK, 2)


@pytest.mark.parametrize("text", ["20261126", "13800138000", "1234567", "123456789", "绑定婚姻"])
def test_what_does_not(text: str) -> None:
    assert LINK.matches(text) == 0
