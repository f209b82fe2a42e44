"""Who gets a message: control words, the conversation under way, another one that interrupts, the menu."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.tester import COUPLE, Chat
from workflows.chat.engine import Progress
from workflows.chat.flows import DIRECTORY
from workflows.chat.texts import HANDED_OVER


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("想520领证", "marriage.book"),
        ("我要登记结婚", "marriage.book"),
        ("怎么办结婚证呀", "marriage.book"),
        ("结婚登记要带什么", "marriage.papers"),
        ("领证需要哪些材料", "marriage.papers"),
        ("我的预约", "marriage.own"),
        ("我的结婚登记预约", "marriage.own"),
        ("我约的几点来着", "marriage.own"),
        ("改到下周五下午", "marriage.reschedule"),
        ("改一下结婚登记的时间", "marriage.reschedule"),
        ("我想换个日子", "marriage.reschedule"),
        ("不去了", "marriage.cancel"),
        ("取消结婚登记预约", "marriage.cancel"),
        ("能不能取消预约", "marriage.cancel"),
        ("我不想取消预约", None),
        ("改天再说", None),
        ("离婚要带什么", "marriage.papers"),
        ("我想离婚", "marriage.matters"),
        ("结婚证丢了怎么补领", "marriage.matters"),
        ("补领", "marriage.matters"),
        ("补办离婚证", "marriage.matters"),
        ("预约离婚登记", "marriage.matters"),
        ("想查一下婚姻登记档案", "marriage.archive"),
        ("我被结婚了，怎么撤销", "marriage.matters"),
        ("不想离了，怎么撤回", "marriage.matters"),
        ("我的离婚申请到哪了", "marriage.divorce"),
        ("他打我，我要离婚", "marriage.safety"),
        ("今天吃什么", None),
    ],
)
def test_what_a_first_sentence_asks_for(text: str, flow: str | None) -> None:
    match = DIRECTORY.best_match(text)
    assert (match[0].name if match and match[1] else None) == flow


def test_the_menu_and_its_numbers(chat: Chat) -> None:
    for text in ("你好", "菜单", "?", "？", "帮助"):
        chat.reads(f"""
            ▸ {text}
              您好，这里是暖民·区民政局。 | 1 结婚登记预约 | 2 我的预约 | 3 结婚登记要带什么 | 返回、取消、人工
        """)
        assert chat.at is None
    chat.reads("""
        ▸ 3
          办结婚登记请带： | 不用户口簿，不收费。
        ▸ 2
          您现在没有预约
        ▸ 1
          您想到哪个登记处
    """)


def test_a_line_of_the_menu_typed_whole_means_that_line(chat: Chat) -> None:
    """“我的预约（改时间、取消）” holds the words of two other conversations."""
    chat.registry.has("2026-11-26 10:00")
    chat.says("我的预约（改时间、取消）")
    assert chat.at == ("marriage.own", "act")


def test_a_sentence_nobody_understands(chat: Chat) -> None:
    chat.reads("""
        ▸ 隔壁装修太吵了怎么办
          没太明白您的意思。我能帮您办这些： | 1 结婚登记预约
        ▸ 7
          您好 | 1 结婚登记预约
    """)


def test_thanks_and_goodbye_are_not_answered_with_a_menu(chat: Chat) -> None:
    chat.reads("""
        ▸ 谢谢您啊
          不客气。有事随时叫我 | ≠ 1 结婚登记
        ▸ 好的，知道了
          好。有事随时叫我 | ≠ 1 结婚登记
        ▸ 你好
          1 结婚登记
        ▸ 结婚登记
        ▸ 谢谢
          不客气。请回复登记处前面的数字 | ≠ 随时叫我
        ▸ 1
          请选日期
    """)


def test_control_words_with_nothing_under_way(chat: Chat) -> None:
    for text in ("取消", "返回"):
        chat.reads(f"""
            ▸ {text}
              现在没有在办的事。我能帮您办这些： | 1 结婚登记预约
        """)
    chat.says("人工")
    assert chat.handed_over
    assert chat.reply == HANDED_OVER


def test_a_question_in_between_keeps_the_place(chat: Chat) -> None:
    """What was shown still counts: the same numbers, the same kept place."""
    chat.reads("""
        ▸ 25号或者26号领证
        ▸ 1
    """)
    chat.says("26号下午")
    before = chat.progress
    chat.reads("""
        ▸ 要带什么
          办结婚登记请带： | 接着刚才的： | 请回复上面的数字，或直接说几点
    """)
    assert chat.progress == before
    chat.reads(f"""
        ▸ 2
          11月26日（周四）14:00–14:30，新城区婚姻登记处，已为您留5分钟。
        ▸ 要带什么
          接着刚才的： | 请发双方姓名和身份证号
        ▸ {COUPLE}
          请核对
        ▸ 带什么材料
          接着刚才的： | 都对请回1
        ▸ 1
          约好了 ✔
    """)


def test_another_matter_interrupts_and_gives_back_what_was_kept(chat: Chat) -> None:
    chat.registry.has("2026-11-30 10:00")
    chat.reads("""
        ▸ 26号10点领证
        ▸ 1
          已为您留5分钟
        ▸ 我的预约
          预约号 MZ00000001
    """)
    assert chat.registry.held is None
    chat.reads("""
        ▸ 结婚登记
          您想到哪个登记处
        ▸ 不去了
          确定取消吗
    """)


def test_an_interruption_without_an_object_goes_on(chat: Chat) -> None:
    chat.reads("""
        ▸ 结婚登记
        ▸ 不去了
          您现在没有预约。 | 接着刚才的： | 请回复登记处前面的数字
        ▸ 1
          请选日期
    """)


@pytest.mark.parametrize(("step", "version"), [("day", 0), ("no_such_step", 0), ("no_such_step", 1)])
def test_progress_of_another_version(chat: Chat, step: str, version: int) -> None:
    """An upgrade while people talk: the same matter begins anew, whatever the old steps were."""
    old = Progress("marriage.book", version, step, {}, ["office"])
    for text, expected in (("1", "哪个登记处"), ("返回", "没有在办的事"), ("取消", "没有在办的事")):
        chat.progress = old
        assert expected in chat.says(text)
    chat.progress = old
    assert chat.says("26号上午").startswith("刚才的办理步骤有更新，我们重新来。")
    assert "11月26日（周四）还有这些时间" in chat.says("1")
    chat.progress = old
    assert "您现在没有预约" in chat.says("我的预约")
    chat.progress = old
    chat.says("人工")
    assert chat.handed_over


def test_progress_of_a_conversation_that_is_no_more(chat: Chat) -> None:
    chat.progress = Progress("meals.order", 1, "dish", {}, [])
    assert chat.says("清蒸鱼套餐").startswith("刚才的办理步骤有更新")
    assert chat.at is None


def test_taps_on_the_account_menu_mean_sentences(chat: Chat) -> None:
    for key, text in DIRECTORY.menu_keys.items():
        chat.progress = None
        chat.says(text)
        assert "没太明白" not in chat.reply, key


def test_names_of_conversations_are_their_own() -> None:
    names = [flow.name for flow in DIRECTORY.flows]
    assert len(set(names)) == len(names)
    assert [flow for flow in DIRECTORY.flows if DIRECTORY.flow(flow.name) is not flow] == []


def test_what_one_is_told_to_say_begins_the_conversation(chat: Chat) -> None:
    """The notice of an expired conversation names these words (messages.catalogue.chat)."""
    for flow in DIRECTORY.flows:
        match = DIRECTORY.best_match(flow.call_words)
        assert match is not None
        assert match[0].name == flow.name
        assert match[1] >= 2


def test_a_directory_without_the_flow_of_a_progress() -> None:
    progress = Progress("marriage.book", 1, "day", {}, [])
    assert DIRECTORY.flow_of(progress) is not None
    assert DIRECTORY.flow_of(replace(progress, version=2)) is None
    assert DIRECTORY.flow_of(replace(progress, flow="gone")) is None
    assert DIRECTORY.flow_of(None) is None
