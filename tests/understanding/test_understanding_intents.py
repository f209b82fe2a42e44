"""The words every conversation understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import Control, control_word

HEARD = {
    Control.LEAVE: """
        取消 取消。 我要取消 取消吧 取消，谢谢 退出 我想退出 算了 算了吧 算了算了 算了不办了 算了，不办了
        不办了 我不办了 先不办了 不想办了 结束
    """,
    Control.BACK: """
        返回 返回上一步 上一步 回去 回上一步 后退 我要返回
    """,
    Control.MENU: """
        菜单 菜單 帮助 幫助 首页 主菜单 ？ ? ？？？ 能办什么 help 看菜单
    """,
    Control.HUMAN: """
        人工 转人工 轉人工 人工客服 我要人工 找人 找个人 我找人工 客服 打电话给人 给我打电话 有人吗 有人吗？
        找工作人员 你听不懂，转人工 人工！人工！
    """,
}
CASES = [(typed, control) for control, listed in HEARD.items() for typed in listed.split()]


@pytest.mark.parametrize(("typed", "control"), CASES)
def test_heard(typed: str, control: Control) -> None:
    assert control_word(typed) is control


SENTENCES = ["", "，", "算了，下午再说", "取消 5月18号", "取消一下我的预约"]
OTHER_WORDS = """
取消预约 取消我的预约 我要取消明天的饭 不取消 不要取消 别取消 取消公证 预约 我的预约 人工湖 人工耳蜗补贴
返回西安 退出低保 1 好 不用了 不去了 算了就这样吧 取消，返回 谢谢
"""


@pytest.mark.parametrize("typed", SENTENCES + OTHER_WORDS.split())
def test_not_a_control(typed: str) -> None:
    assert control_word(typed) is None


@given(st.text(alphabet="取消退出返回菜单帮助人工找客服我要吧了？, 不预约", max_size=20) | st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert control_word(text) is None or control_word(text) in Control


@given(
    st.sampled_from([case for case in CASES if case[0].strip("?？")]),
    st.sampled_from(["", " ", "。", "！", "～", "，谢谢", "[抱拳]"]),
    st.sampled_from(["", " ", "麻烦", "你好，"]),
)
def test_courtesies_change_nothing(case: tuple[str, Control], after: str, before: str) -> None:
    assert control_word(before + case[0] + after) is case[1]
