"""查档案 and 我的查档, word for word where it matters."""

from __future__ import annotations

import pytest

from tests.flows.archives import own_archive
from tests.flows.tester import Chat
from workflows.chat.archive_port import ArchiveWish
from workflows.chat.ports import Refused


def test_four_short_questions_and_a_number(chat: Chat) -> None:
    chat.reads("""
        ▸ 查档案
          不收费 | 您要查什么 | 1 我的结婚登记档案
        ▸ 1
          登记时用的名字
        ▸ 王小明 李小红
          大概哪一年
        ▸ 1987年 长乐公社
          身份证号 | 不清楚
        ▸ 曾用名王明，1962年生，单位国棉三厂
          哪个登记处
        ▸ 1
          请核对 | 王小明、李小红 | 1987年，长乐公社 | 新城区婚姻登记处
        ▸ 1
          收到了，编号 CD00000001，11月30日前给您答复
    """)
    assert chat.archives.wishes == [
        ArchiveWish(
            office_id="xincheng",
            applicant="self",
            sought="marriage_record",
            registration="marriage",
            names=["王小明", "李小红"],
            first_year=1987,
            last_year=1987,
            place="长乐公社",
            former_name="王明",
            birth_year=1962,
            work_unit="国棉三厂",
        )
    ]


def test_a_new_record_or_a_certificate_asks_for_nothing_more(chat: Chat) -> None:
    chat.reads("""
        ▸ 婚姻档案
          您要查什么
        ▸ 3
          名字
        ▸ 王小明
          大概哪一年
        ▸ 2011年 新城区
          哪个登记处
    """)


def test_a_proof_of_the_record_is_asked_for_by_its_name(chat: Chat) -> None:
    chat.reads("""
        ▸ 开婚姻登记记录证明
          登记时用的名字
        ▸ 王小明 李小红
          大概哪一年
        ▸ 1987年 新结字第123号
          哪个登记处
        ▸ 1
          证号 新结字第123号
    """)


def test_before_a_reissue_the_record_is_located(chat: Chat) -> None:
    chat.reads("""
        ▸ 补结婚证档案
          要补领哪一种
        ▸ 结婚证
          登记时用的名字
        ▸ 王小明 李小红
          大概哪一年
        ▸ 2009年
          哪个登记处
        ▸ 1
          补领前核档
        ▸ 对
          收到了
    """)
    assert (chat.archives.wishes[0].sought, chat.archives.wishes[0].registration) == ("reissue_check", "marriage")


def test_for_another_the_proof_is_asked(chat: Chat) -> None:
    chat.reads("""
        ▸ 查档案
          替别人查
        ▸ 5
          公证 | 单位查档请带公函到窗口
        ▸ 3
          一句话
        ▸ 母亲去世，办房产继承
          要查哪一样
        ▸ 1
          登记时双方的名字
        ▸ 石桂芳 常德福
          大概哪一年
        ▸ 1976年 新城区，证号没了
          曾用名
        ▸ 不清楚
          哪个登记处
        ▸ 2
          长乐路
        ▸ 1
          收到了
    """)
    wish = chat.archives.wishes[0]
    assert (wish.applicant, wish.reason, wish.proof) == ("heir", "母亲去世，办房产继承", "")


@pytest.mark.parametrize("text", ["开单身证明", "无婚姻登记记录证明", "未婚证明怎么开"])
def test_proofs_of_no_record_are_kindly_not_promised(chat: Chat, text: str) -> None:
    assert chat.reads(f"▸ {text}\n 基本不再开了 | 书面承诺 | 查档案").at is None


def test_whoever_has_not_proven_who_they_are_is_told_of_the_counter(chat: Chat) -> None:
    chat.archives.barred = {"self": Refused("level_too_low", "办这件事前请先核验姓名和证件号码。")}
    assert chat.reads("▸ 查档案\n 核验 | 窗口 | 预约查档").at is None
    chat.archives.barred = {"proxy": Refused("level_too_low", "办这件事前请再核验一次。")}
    assert chat.reads("▸ 查档案\n 要查什么\n ▸ 5\n 哪一种\n ▸ 1\n 再核验一次 | 窗口").at is None


def test_a_time_for_a_visit_can_still_be_booked(chat: Chat) -> None:
    assert chat.reads("▸ 约时间查档案\n 哪个登记处 | 查档案").at == ("marriage.matters", "office")
    chat.reads("▸ 查档案要带什么\n 请带")
    assert chat.at == ("marriage.matters", "office")


def test_what_does_not_fit_is_asked_again(chat: Chat) -> None:
    chat.reads("""
        ▸ 查档案
          要查什么
        ▸ 1
          名字
        ▸ 王小明 王小明
          名字一样
        ▸ 王小明 李小红
          大概哪一年
        ▸ 1900年
          年份请说
        ▸ 1950到1980年
          15年以内
        ▸ 2011年
          哪个登记处
    """)


def test_refused_when_it_is_sent(chat: Chat) -> None:
    chat.archives.refusals = [Refused("already_asked", "您已经申请过同样的一件，编号 CD00000001，正在办。")]
    chat.reads("▸ 查档案\n ▸ 1\n ▸ 王小明 李小红\n ▸ 2011年\n ▸ 1\n ▸ 1\n 已经申请过")
    assert chat.at is None


# --- 我的查档 ---


def test_without_a_request(chat: Chat) -> None:
    assert chat.reads("▸ 我的查档\n 还没有查档的申请 | 查档案").at is None


def test_where_it_stands_and_taking_it_back(chat: Chat) -> None:
    chat.archives.has({})
    chat.reads("""
        ▸ 我的查档
          CD00000001：查找中 | 11月30日前
        ▸ 不查了
          确定不查了吗
        ▸ 1
          已经撤回
    """)
    assert chat.archives.found == []


def test_a_question_is_answered_with_one_line(chat: Chat) -> None:
    chat.archives.has({"waits_for_answer": True, "next_step": "请在12月23日前回答：登记时的曾用名是什么？"})
    chat.reads("▸ 我的查档\n 曾用名是什么 | 直接回一句话\n ▸ 王明，上班前用的\n 记下了")
    assert chat.archives.answers == ["王明，上班前用的"]


def test_the_visit_is_booked_in_one_step(chat: Chat) -> None:
    chat.archives.has({"bookable": True, "state_name": "可以来看", "next_step": "请在12月23日前到新城区婚姻登记处。"})
    chat.reads("""
        ▸ 我的查档
          可以来看 | 1 约时间来看
        ▸ 1
          请选日期
        ▸ 1
          上午
        ▸ 9点
          本人来看，对吗 | 约上
        ▸ 1
          约好了 ✔ 预约号 MZ0000009 | 签到 | 证件原件
    """)


def test_a_place_that_has_just_gone_is_chosen_anew(chat: Chat) -> None:
    chat.archives.has({"bookable": True, "state_name": "可以来看"})
    chat.archives.refusals = [Refused("slot_full", "这个时间刚刚约满了。")]
    chat.reads("▸ 我的查档\n ▸ 1\n ▸ 1\n ▸ 9点\n ▸ 1\n 刚刚约满了 | 请选日期")


def test_of_several_one_is_chosen(chat: Chat) -> None:
    chat.archives.has({}, {"number": "CD00000002", "state_name": "可以来看", "visit": "11月24日（周二）09:00"})
    chat.reads("▸ 我的查档\n 看哪一件 | 2 结婚登记档案（可以来看） CD00000002\n ▸ 2\n 11月24日")
    assert own_archive().open
