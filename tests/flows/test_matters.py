"""The registry's other business in conversation: few steps, quiet words, one or two persons."""

from __future__ import annotations

import pytest

from tests.flows.tester import BRIDE, COUPLE, GROOM, Chat

WAY_TO_PARTIES = ["1", "3", "10点"]


def test_a_reissue_is_booked_in_six_messages(chat: Chat) -> None:
    for text in ("26号10点补领结婚证", "1", COUPLE):
        chat.says(text)
    assert chat.at == ("marriage.matters", "summary")
    chat.reads("""
        ▸ 1
          约好了 ✔ 预约号 | 请带：双方居民身份证原件 | 补领证件的声明书现场填写并签名 | 不用户口簿，不收费 | 我的预约
    """)
    assert chat.registry.booked[-1][0].endswith("2026-11-26 10:00")


def test_agreed_divorce_is_spoken_of_quietly(chat: Chat) -> None:
    chat.reads("""
        ▸ 我想离婚
          您慢慢来 | 只有您自己看得到 | 您想到哪个登记处办理？ | ≠ 离婚
    """)
    for text in (*WAY_TO_PARTIES, COUPLE):
        assert "离婚" not in chat.says(text)
    chat.reads("""
        ▸ 1
          约好了 预约号 | 12338 | ≠ ✔ | ≠ 离婚
    """)


def test_one_person_is_enough_for_the_archive(chat: Chat) -> None:
    for text in ("约时间查档案", *WAY_TO_PARTIES, GROOM):
        chat.says(text)
    assert chat.at == ("marriage.matters", "summary")
    assert len(chat.registry.booked) == 0
    chat.says("1")
    assert len(chat.registry.booked[-1][1]) == 1


def test_two_are_too_many_for_one_persons_paper(chat: Chat) -> None:
    for text in ("补领离婚证", *WAY_TO_PARTIES):
        chat.says(text)
    chat.reads(f"""
        ▸ {GROOM}⏎{BRIDE}
          只要办事人一位
    """)


@pytest.mark.parametrize("text", ["不想离了", "撤回离婚申请", "怎么取消离婚"])
def test_taking_an_application_back_needs_no_booking(chat: Chat, text: str) -> None:
    chat.reads(f"""
        ▸ {text}
          不用预约 | 任何一方带身份证和受理回执单 | 不用对方同意 | 029-00000101
    """)
    assert chat.at is None


def test_a_reissue_without_saying_of_what_is_asked_for(chat: Chat) -> None:
    chat.reads("""
        ▸ 补领
          您要办哪一件？ | 1 补领结婚证 | 2 补领双方分开时发的证
        ▸ 1
          您想到哪个登记处办理补领结婚证？
    """)


def test_who_hints_at_violence_reads_where_help_is_and_may_go_on(chat: Chat) -> None:
    """E9 (domain-rules §2.4): it never stands in the way."""
    chat.says("我想离婚")
    before = chat.progress
    chat.reads("""
        ▸ 他打我
          110 | 12338 | 人身安全保护令 | 回复登记处前面的数字
    """)
    assert chat.progress == before


def test_papers_of_another_kind(chat: Chat) -> None:
    chat.reads("""
        ▸ 离婚要带什么
          请带： | 1 双方居民身份证原件 | 2 双方本人的结婚证 | ≠ 离婚
        ▸ 补领结婚证要带什么
          补领结婚证请带： | 合影3张
    """)
