"""候补 as people say it: in four messages; an offer is answered by a bare number, wherever they are."""

from __future__ import annotations

from tests.flows.tester import COUPLE, Chat
from workflows.chat.ports import Refused


def test_get_in_line(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 11月26号满了，帮我排队
          想到哪个登记处 | 1 新城区婚姻登记处
        ▸ 1
          请发姓名和身份证号
        ▸ {COUPLE}
          请核对 | 11月26日新城区婚姻登记处的空位 | 双方自愿 | 1 都属实，开始候补
        ▸ 1
          排上了，前面还有2位 | 留半小时 | 回“候补”
    """)
    assert chat.at is None


def test_who_finds_a_day_full_says_nothing_twice(chat: Chat) -> None:
    chat.registry.fill("2026-11-25")
    chat.reads(f"""
        ▸ 11月25号领证
        ▸ 1
          11月25日约满了。想等这天的空位，回“候补”。 | 1 11月24日
        ▸ 候补
          好，等11月25日新城区婚姻登记处的空位。 | 请发姓名和身份证号 | ≠ 哪个登记处 | ≠ 哪天
        ▸ {COUPLE}
          请核对 | 等11月25日新城区婚姻登记处的空位
    """)


def test_who_speaks_of_another_day_waits_for_that(chat: Chat) -> None:
    chat.registry.fill("2026-11-25", "2026-11-26")
    chat.reads(f"""
        ▸ 11月25号领证
        ▸ 1
        ▸ 那26号呢
          11月26日约满了
        ▸ 候补
          请发姓名和身份证号
        ▸ {COUPLE}
          请核对 | 等11月26日新城区婚姻登记处的空位
    """)


def test_a_day_that_is_not_open_is_not_waited_for(chat: Chat) -> None:
    chat.reads("""
        ▸ 11月28号领证
        ▸ 1
          11月28日没有空位了（周末一般不办公）。 | ≠ 候补
        ▸ 候补
          想等哪天的空位？ | ≠ 哪个登记处
    """)


def test_who_changes_an_appointment_has_one_and_need_not_wait(chat: Chat) -> None:
    chat.registry.has("2026-11-24 10:00")
    chat.registry.fill("2026-11-25")
    chat.reads("""
        ▸ 我的预约
        ▸ 改到25号
          11月25日没有空位了 | ≠ 候补
    """)


def test_there_are_free_places(chat: Chat) -> None:
    chat.waiting.refused = Refused("state_conflict", "这些日子还有空位，不用排队，直接约就行。")
    chat.reads(f"""
        ▸ 候补 11月26日
        ▸ 1
        ▸ {COUPLE}
          还有空位 | 回“结婚登记”就能约
    """)


def test_a_bare_number_answers_the_offer(chat: Chat) -> None:
    chat.waiting.waits(offered=True)
    chat.reads("""
        ▸ 1
          约好了 | MZ73687871 | 11月26日 | 10:15前签到
        ▸ 1
          结婚登记
    """)


def test_let_the_next_have_it(chat: Chat) -> None:
    chat.waiting.waits(offered=True)
    chat.reads("""
        ▸ 2
          让给下一位了 | 还在候补
        ▸ 候补
          您在候补 | 1 退出：11月26日 | 前面2位
        ▸ 1
          退出候补了
    """)


def test_the_offer_has_gone_on(chat: Chat) -> None:
    chat.waiting.waits(offered=True)
    chat.waiting.refused = Refused("too_late", "这个位置留的时间已过，已经让给下一位了。")
    chat.reads("""
        ▸ 接受
          已经让给下一位了
    """)


def test_in_another_conversation_a_number_means_that(chat: Chat) -> None:
    chat.waiting.waits(offered=True)
    chat.reads("""
        ▸ 结婚登记
          哪个登记处
        ▸ 1
          请选日期
        ▸ 候补
          候补有位置了 | 1 接受 | 2 让给下一位
        ▸ 1
          约好了
    """)
