"""婚姻辅导, as people would talk about it: short, warm, and never blocked by what they write."""

from __future__ import annotations

import pytest

from tests.flows.counsellors import TEN, WAYS
from tests.flows.tester import Chat
from workflows.chat.counselling_ports import Contact, CounsellingPlace
from workflows.chat.ports import Refused


def test_from_a_wish_to_a_time(chat: Chat) -> None:
    chat.reads("""
        ▸ 想找人聊聊
          不收费，来不来都随您 | 2 夫妻、家人怎么相处 | 5 心情、压力
        ▸ 2
          1 新城区婚姻登记处 | 2 长乐路婚姻登记处
        ▸ 1
          1 当面谈 | 2 视频 | 3 电话
        ▸ 当面谈
          1 就我自己 | 2 两个人一起
        ▸ 一起
          请选时间 | 1 11月26日（周四）10:00 | 2 11月26日（周四）15:00
        ▸ 2
          怎么称呼您 | 不用身份证号
        ▸ 13800001111
          还差一个称呼
        ▸ 我是李女士，电话138 0000 1111
          您满18岁了吗
        ▸ 满了
          只有接待您的老师看得到 | 不想说，回“不说”
        ▸ 总是为小事吵
          夫妻、家人怎么相处 | 15:00，当面谈，两个人一起 | 李女士，尾号1111。免费 | ≠ 13800001111
        ▸ 好的
          约好了 ✔ | 苏敏（婚姻家庭咨询师），两个人一起 | 我的辅导
    """)
    asked = chat.counsellors.asked
    assert asked is not None
    assert (asked.contact, asked.about, asked.minor) == (Contact("李女士", "13800001111"), "总是为小事吵", False)
    assert chat.at is None


def test_what_was_said_is_not_asked_again(chat: Chat) -> None:
    chat.counsellors.listed = [CounsellingPlace("xincheng", "新城区婚姻登记处", ("telephone",))]
    chat.counsellors.known, chat.counsellors.minor = Contact("陈女士", "13900002222"), False
    chat.reads("""
        ▸ 想约个律师，法律咨询，周五下午
          请选时间 | 1 11月27日（周五）15:00
        ▸ 1
          想先说说是什么事吗
        ▸ 不说
          法律上的事（律师） | 电话，您自己 | 陈女士，尾号2222
        ▸ 约
          约好了 ✔
    """)


@pytest.mark.parametrize(
    ("text", "first"),
    [("婚前辅导", "离哪里近"), ("心理咨询", "离哪里近"), ("离婚调解", "离哪里近"), ("婚姻辅导", "想谈哪方面")],
)
def test_how_people_ask(chat: Chat, text: str, first: str) -> None:
    assert first in chat.says(text)
    assert chat.at is not None
    assert chat.at[0] == "marriage.counselling"


def test_danger_is_never_in_the_way(chat: Chat) -> None:
    chat.counsellors.listed = chat.counsellors.listed[:1]
    chat.reads("""
        ▸ 婚姻辅导
        ▸ 2
        ▸ 3
        ▸ 1
        ▸ 1
        ▸ 李女士 13800001111
        ▸ 1
        ▸ 他喝了酒就打我
          110 | 12338 | 人身安全保护令 | 会尽快给您打电话 | 1 约
        ▸ 1
          约好了 ✔
    """)
    [(contact, words)] = chat.counsellors.called
    assert (contact.phone, words) == ("13800001111", "他喝了酒就打我")


def test_said_with_the_telephone_it_counts_too(chat: Chat) -> None:
    chat.counsellors.listed = chat.counsellors.listed[:1]
    chat.reads("""
        ▸ 心理咨询
        ▸ 3
        ▸ 1
        ▸ 李女士 13800001111 我不想活了
          110 | 12356 | 您满18岁了吗
    """)
    assert len(chat.counsellors.called) == 1


def test_who_tells_of_it_first_hears_where_help_is(chat: Chat) -> None:
    chat.reads("""
        ▸ 老公打我，想找人聊聊
          110 | 12338 | 回“婚姻辅导”
    """)
    assert chat.at is None


def test_a_child_names_somebody(chat: Chat) -> None:
    chat.counsellors.listed = chat.counsellors.listed[:1]
    chat.reads("""
        ▸ 心理咨询
        ▸ 2
        ▸ 1
        ▸ 小王 13800001111
        ▸ 还没有
          监护人怎么称呼
        ▸ 妈妈王女士
          想先说说
        ▸ 不想说
        ▸ 1
          约好了
    """)
    asked = chat.counsellors.asked
    assert asked is not None
    assert (asked.minor, asked.guardian, asked.about) == (True, "妈妈王女士", "")


def test_two_who_had_better_not_come_together(chat: Chat) -> None:
    chat.counsellors.listed = chat.counsellors.listed[:1]
    chat.counsellors.apart = Refused("come_alone", "两个人一起的时间，请打登记处电话安排。您自己来，现在就可以约。")
    chat.reads("""
        ▸ 婚前辅导
        ▸ 1
        ▸ 2
          请打登记处电话安排 | 请选时间
        ▸ 1
    """)


def test_another_day_and_a_time_that_was_just_taken(chat: Chat) -> None:
    chat.counsellors.listed = chat.counsellors.listed[:1]
    chat.counsellors.known, chat.counsellors.minor = Contact("陈女士", "13900002222"), False
    chat.counsellors.refusals = [Refused("slot_full", "这个时间刚被约走了，请换一个时间。")]
    chat.reads("""
        ▸ 心理咨询
        ▸ 1
          请选时间
        ▸ 30号下午
          请选时间 | 1 11月30日（周一）15:00 | ≠ 2 11月
        ▸ 12月3号
          12月3日没有空，最近的是
        ▸ 1
        ▸ 不说
        ▸ 1
          刚被约走了 | 请选时间
    """)
    assert chat.at == ("marriage.counselling", "time")


def test_ones_own_is_moved_and_given_up(chat: Chat) -> None:
    chat.counsellors.has(link="https://meeting.example/dm/1", way="video", place="视频")
    chat.reads("""
        ▸ 我的辅导
          11月26日（周四）10:00 | 视频从这里进：https://meeting.example/dm/1 | 1 改时间 | 2 取消
        ▸ 1
          想改到什么时候
        ▸ 下周一上午
          1 11月30日（周一）10:00
        ▸ 1
          改好了 ✔ | 11月30日（周一）10:00
        ▸ 我的辅导
        ▸ 取消预约
          确定取消吗
        ▸ 2
          没有变动
        ▸ 我的辅导
        ▸ 2
        ▸ 1
          取消了
    """)
    assert chat.counsellors.found is None


def test_nobody_there_and_nothing_free(chat: Chat) -> None:
    chat.counsellors.listed = []
    chat.reads("""
        ▸ 法律咨询
          没有排班的老师
    """)
    chat.counsellors.listed = [CounsellingPlace("xincheng", "新城区婚姻登记处", WAYS[:1])]
    chat.counsellors.full = True
    chat.reads("""
        ▸ 法律咨询
          最近都约满了
    """)
    chat.counsellors.has(changeable=False, starts_at=TEN)
    chat.reads("""
        ▸ 我的辅导
          约好的时间 | ≠ 1 改时间
    """)
