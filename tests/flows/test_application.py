"""我的离婚申请: exact, quiet, and care offered once."""

from __future__ import annotations

import pytest

from tests.flows.application import Application, own_application
from tests.flows.tester import Chat
from workflows.chat.ports import Refused


def chat(*found: object, care: bool | None = None) -> Chat:
    return Chat(application=Application(list(found), care))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["我的离婚申请", "冷静期到哪天", "离婚申请办到哪了", "离婚进度"])
def test_the_dates_are_told(words: str) -> None:
    chat(own_application()).reads(
        f"""
        ▸ {words}
        2026-0901 | 冷静期 | 撤回可以在10月8日下班前办理，任何一方到窗口即可
        10月9日至11月9日之间，双方一起到新城区婚姻登记处
        逾期视为撤回 | 以回执单及登记处告知为准 | 1 愿意  2 不用
        ▸ 2
        不打电话 | 不受影响
        """
    )


def test_care_is_agreed_to() -> None:
    said = chat(own_application()).reads(
        """
        ▸ 冷静期
        1 愿意
        ▸ 愿意
        社工会按约定给您打电话 | 不会告诉另一方
        """
    )
    assert said.application.care is True


def test_care_can_be_given_up() -> None:
    said = chat(own_application(), care=True).reads(
        """
        ▸ 关爱电话
        社工会按约定给您打电话；不想要了，回“不要”
        ▸ 不要
        不打电话
        """
    )
    assert said.application.care is False


def test_in_the_window() -> None:
    chat(own_application("window", "可以领证")).reads(
        """
        ▸ 我的离婚申请
        11月9日下班前，双方一起到新城区婚姻登记处领证 | 工作日办理，可以先预约
        """
    )


@pytest.mark.parametrize(("state", "name"), [("withdrawn", "已撤回"), ("lapsed", "视为撤回"), ("issued", "已发证")])
def test_when_it_is_over(state: str, name: str) -> None:
    chat(own_application(state, name, open=False)).reads(
        f"""
        ▸ 我的离婚申请
        {name} | 029-00000101 | ≠愿意 | ≠逾期
        """
    )


def test_safety_comes_first_for_who_is_at_risk() -> None:
    said = chat(own_application(at_risk=True)).says("冷静期")
    assert said.index("110") < said.index("2026-0901")


def test_words_of_violence_are_heard() -> None:
    chat(own_application()).reads(
        """
        ▸ 冷静期
        愿意
        ▸ 他打我，我不敢回家
        110 | 12338 | 人身安全保护令
        """
    )


def test_days_that_may_move_say_so() -> None:
    assert "日期可能调整" in chat(own_application(provisional=True)).says("冷静期")


def test_nobody_else_is_told() -> None:
    assert "没有查到" in chat().says("我的离婚申请")
    unproven = Chat(application=Application(Refused("level_too_low", "请先核验身份。")))
    assert unproven.says("我的离婚申请") == "请先核验身份。"
