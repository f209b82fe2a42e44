"""我的数据, 撤回同意, 注销: what is said, and what is done about it."""

from __future__ import annotations

import pytest

from tests.flows.own_data import OwnData
from tests.flows.tester import Chat
from workflows.chat.flows import DIRECTORY
from workflows.chat.ports import HeldData, Refused


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("隐私", "privacy.own_data"),
        ("你们怎么用我的个人信息", "privacy.own_data"),
        ("我想看看我的数据", "privacy.own_data"),
        ("我的信息有错", "privacy.own_data"),
        ("撤回同意", "privacy.wishes"),
        ("不要再给我发提醒了", "privacy.wishes"),
        ("别提醒了", "privacy.wishes"),
        ("打开提醒", "privacy.wishes"),
        ("注销", "privacy.close"),
        ("我要注销账号", "privacy.close"),
        ("把我的数据删掉，删除我的信息", "privacy.close"),
    ],
)
def test_the_words_people_use(text: str, flow: str):
    match = DIRECTORY.best_match(text)
    assert match is not None
    assert match[0].name == flow


@pytest.mark.parametrize("text", ["注销户口怎么办", "我爸的户籍要注销", "不要注销", "提前一天提醒我", "到时提醒我"])
def test_what_is_another_matter(text: str):
    match = DIRECTORY.best_match(text)
    assert match is None or not match[0].name.startswith("privacy.")


def test_seeing_and_correcting(chat: Chat):
    chat.reads("""
        ▸ 我的数据
          https://nuanmin.example.cn/h5/privacy | 账号3条、结婚登记1条 | 1 哪里不对 | 4 注销账号
        ▸ 1
          哪里不对、应该是什么
        ▸ 手机号换了，以窗口登记的为准
          收到了 ✔ 编号 GX000001 | 最晚2026年12月14日答复您
        ▸ 我的数据
          现在保存着
        ▸ 申请办到哪了
          GX000001 更正信息：已收到，最晚2026年12月14日
    """)
    assert chat.own_data.words == ["手机号换了，以窗口登记的为准"]
    assert chat.at is None


def test_a_number_of_a_paper_is_not_taken_in_the_chat(chat: Chat):
    chat.says("我的数据")
    chat.says("1")
    assert "不要在这里发证件号" in chat.says("我的证件号应该是610102199503151234才对")
    assert chat.at == ("privacy.own_data", "words")
    assert chat.own_data.words == []


def test_a_copy(chat: Chat):
    chat.reads("""
        ▸ 我的数据
        ▸ 要一份全部内容
          做好了 ✔ 编号 GX000001 | 小程序 | 7天内有效 | 窗口
    """)


def test_nothing_held_and_a_great_deal(chat: Chat):
    chat.own_data.rooms = []
    assert "现在保存着您的：没有。" in chat.says("我的数据")
    chat.says("取消")
    chat.own_data.rooms = [HeldData(f"第{place}类", place) for place in range(1, 8)]
    assert "第1类1条、第2类2条、第3类3条等7类" in chat.says("隐私")


def test_reminders_off_and_on(chat: Chat):
    chat.reads("""
        ▸ 撤回同意
          1 办事提醒：现在要 | 不要也照样办事
        ▸ 1
          办事提醒不再发了，办事不受影响
        ▸ 打开提醒
          1 办事提醒：现在不要
        ▸ 1
          办事提醒打开了
    """)
    assert chat.own_data.given
    chat.reads("""
        ▸ 不要提醒
        ▸ 不变
          没有变动
    """)
    assert chat.own_data.given


def test_closing_the_account(chat: Chat):
    chat.own_data.unfinished = ["结婚登记预约 MZ73687871"]
    chat.own_data.kept = ("结婚登记预约 MZ73687871（办完为止）",)
    chat.reads("""
        ▸ 注销
          不能恢复 | 还有没办完的：结婚登记预约 MZ73687871 | 凭身份证照样能办 | 1 确定注销
        ▸ 1
          已经注销了，编号 GX736879 | 还要保存的：结婚登记预约 MZ73687871（办完为止） | 以后再来
    """)
    assert chat.own_data.closed
    assert chat.at is None


@pytest.mark.parametrize("text", ["2", "不注销", "算了", "取消", "不要"])
def test_thinking_better_of_it(chat: Chat, text: str):
    chat.says("注销")
    assert "账号还在" in chat.says(text)
    assert not chat.own_data.closed


def test_a_refusal_is_passed_on(chat: Chat):
    chat.own_data = OwnData(refusal=Refused("state_conflict", "您已经有一个同样的申请正在办。"))
    for texts in (["我的数据", "1", "手机号换了，以窗口为准"], ["我的数据", "2"], ["注销", "1"]):
        for text in texts:
            chat.says(text)
        assert chat.reply == "您已经有一个同样的申请正在办。"
        assert chat.at is None
