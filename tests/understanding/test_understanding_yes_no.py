"""Yes, no, and everything that is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.chat.understanding import read_yes_no

YES = """
好 好的 好的谢谢 好。 好哒 好嘞 好的好的 行 行行行 行吧 可以 可以的 嗯 嗯嗯 恩 嗯呐 对 对的 对对对 对头 是 是的
是的呢 是滴 ok OK！ ok的 ＯＫ 确认 我确认 确认！ 都属实 情况属实 都对 没错 没问题 没有问题 没意见 不错 要得
要得嘛 中 中嘞 能成 得行 莫麻达 没麻达 妥了 成 同意 我同意 愿意 我愿意 需要 要 想 有 有的 当然可以 就这样吧
好，就这样 [OK] [好的] 👌 👍 👍🏻👍🏻 √ ✅ 好的[抱拳] 好的师傅 嗯，好的 是的，没错 信息都正确 對 對的 确定 也行
都可以 好的，麻烦了 可以啊 好呀 没毛病
"""
NO = """
不 不不不 不是 不对 不对不对 好像不对 可能不对吧 不行 不可以 不用 不用了 不用了，谢谢 不用谢谢 不要 不要了 不了
不需要 不想 不愿意 我不同意 不去了 我不去了 算了 算了吧 先不 先不了 先不用 暂时不用 没有 没 没呢 没有啊 还没
还没有呢 沒有 无 否 no 嫑 不中 要不得 莫得 木有 错了 有错 写错了 都不对 我不确认 不好 ❌ [弱] × 不行就算了
不用了我自己去 不是，是两份 不对，名字写错了 不对名字写错了 好的，不用了 嗯，不用了 不用了，好的 对，不用
对不起我不去了 不好意思，不去了 以后再说吧 下次吧 不，谢谢
"""
NEITHER = """
不是不行 不是不可以 不一定 不知道 不清楚 不确定 好吗 好吗？ 好？ 可以吗 行不行 好不好 要不要 是不是 对不对 行不
中不中 对吗 没有吗 应该对 好像对 可能吧 应该是 不用谢 不客气 不要紧 不着急 没关系 不好意思 对不起 谢谢 你好
好，改成两份 好的，但是换个时间 可以，不过要下午 没有，都属实 算了就这样吧 再想想 等一下 随便 1 两份 明天
好久不见 好像 不同 行李 中午 对面 是谁 要什么 有多少 确认什么 王小明 要不 我看看 不错过 对不上号 ？ 好家伙
可以打电话吗
"""


@pytest.mark.parametrize("typed", YES.split())
def test_yes(typed: str) -> None:
    assert read_yes_no(typed) is True


@pytest.mark.parametrize("typed", NO.split())
def test_no(typed: str) -> None:
    assert read_yes_no(typed) is False


@pytest.mark.parametrize("typed", NEITHER.split())
def test_neither(typed: str) -> None:
    assert read_yes_no(typed) is None


@pytest.mark.parametrize("typed", ["", "   ", "，。", "不用了 我自己来", "对 就是 这样"])
def test_blanks_part_clauses(typed: str) -> None:
    assert read_yes_no(typed) is (False if typed.startswith("不用了") else None)


@given(st.text(alphabet="好的行可以嗯对是不没有要用了吗吧呢谢，。？! 先还算确认改", max_size=25))
def test_a_question_or_a_denial_is_never_a_yes(text: str) -> None:
    answer = read_yes_no(text)
    assert answer in (True, False, None)
    if text.rstrip("，。! ").endswith(("吗", "？")):
        assert answer is not True
    if answer is True:
        assert not any(word in text for word in ("不用", "不要", "不可以", "不行", "改"))


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert read_yes_no(text) in (True, False, None)
