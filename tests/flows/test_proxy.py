"""代办: asking for somebody, answering who asks, the counter's digits, ending a tie."""

from __future__ import annotations

import pytest

from backend.kernel.identity import check_character
from tests.flows.family import CODE
from tests.flows.tester import Chat
from workflows.chat.flows.people.asking import ASKED
from workflows.chat.flows.people.words import helped_relation, matches, pick_several

MOTHER = "王秀英 100000194611210042"
LABELS = ["助餐订餐", "探访关爱", "家里的身后事", "救助和补贴", "个人资料"]


def test_a_daughter_asks_for_her_mother(chat: Chat):
    chat.reads(f"""
        ▸ 帮我妈办事
          请发要帮的那位的姓名和身份证号
        ▸ {MOTHER}
          想替他办哪些事？ | 1 助餐订餐 | 可以选几样
        ▸ 1、2
          请核对：替王*英（1****************2）办 | 助餐订餐、探访关爱 | 您的身份：子女 | 本人同意以后才能办
        ▸ 1
          记下了，等本人答复。 | 回“代办”就能同意 | 请本人带身份证到窗口
    """)
    assert chat.family.asked == [("王秀英", "100000194611210042", "child", ("meals", "care"))]
    assert chat.at is None


def test_asking_step_by_step_and_going_back(chat: Chat):
    chat.reads(f"""
        ▸ 代办
          您是要帮的那位的什么人？ | 1 子女 | 8 其他
        ▸ 女婿
          请发要帮的那位的姓名和身份证号
        ▸ 返回
          您是要帮的那位的什么人？
        ▸ 3
          请发要帮的那位
        ▸ {MOTHER}
          想替他办哪些事？
        ▸ 都要
          您的身份：配偶
        ▸ 改一改
          您是要帮的那位的什么人？
        ▸ 1
          请发要帮的那位
        ▸ {MOTHER}
          想替他办哪些事？
        ▸ 救助和补贴
          请核对 | 救助和补贴 | ≠ 助餐
        ▸ 3
          好，没有提交
    """)
    assert chat.family.asked == []


def test_whoever_it_is_the_answer_is_the_same(chat: Chat):
    replies = []
    for named in (MOTHER, "赵无名 100000194404050011"):
        number = named.partition(" ")[2]
        assert len(number) == 18
        chat.says("代办")
        for text in ("1", _well_formed(named), "1", "1"):
            chat.says(text)
        replies.append(chat.reply)
    assert replies == [ASKED, ASKED]


def _well_formed(named: str) -> str:
    name, number = named.split()
    return f"{name} {number[:17]}{check_character(number[:17])}"


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("王秀英", "姓名和身份证号要一起发"),
        ("王秀英 12345678", "身份证号应为18位"),
        ("王秀英 100000194611210043", "身份证号有一位可能写错了"),
        (f"{MOTHER}⏎李建国 100000193611210013", "一次帮一位来"),
        ("不知道", "请发要帮的那位的姓名和身份证号"),
    ],
)
def test_names_and_numbers_that_will_not_do(chat: Chat, typed: str, heard: str):
    chat.says("帮我妈办事")
    assert heard in chat.says(typed)
    assert chat.at == ("people.proxy", "who")


def test_who_is_not_verified_hears_so_at_once(chat: Chat):
    chat.family.unverified = True
    assert "实名核验" in chat.says("代办")
    assert chat.at is None


def test_a_refusal_at_the_end_is_told(chat: Chat):
    chat.family.refuse("ask", "too_many_principals", "一个人最多同时替5位家人代办。不再需要的，可以先取消。")
    for text in ("帮我妈办事", MOTHER, "1", "1"):
        chat.says(text)
    assert "最多同时替5位" in chat.reply


def test_the_elder_agrees_by_number(chat: Chat):
    tie = chat.family.has(helping=False, waiting=True, who="您的女儿李*梅")
    chat.reads("""
        ▸ 代办
          您的女儿李*梅想替您办：助餐订餐、探访关爱。 | 1 同意 | 2 不同意 | 不认识，或没说过这事，请回2
        ▸ 1
          好，您的女儿李*梅可以替您办助餐订餐、探访关爱了
    """)
    assert chat.family.done == [("confirm", tie.id)]


@pytest.mark.parametrize("text", ["2", "不同意", "不认识", "没说过", "不愿意", "不要"])
def test_the_elder_does_not_agree(chat: Chat, text: str):
    tie = chat.family.has(helping=False, waiting=True, who="您的女儿李*梅")
    chat.says("代办")
    assert "没有同意" in chat.says(text)
    assert chat.family.done == [("decline", tie.id)]


@pytest.mark.parametrize("text", ["同意", "愿意", "好的", "可以"])
def test_the_elder_agrees_in_words(chat: Chat, text: str):
    chat.family.has(helping=False, waiting=True, who="您的女儿李*梅")
    chat.says("代办")
    assert "可以替您办" in chat.says(text)


@pytest.mark.parametrize("text", ["可能吧", "好不好", "3", "是谁"])
def test_consent_is_not_guessed(chat: Chat, text: str):
    chat.family.has(helping=False, waiting=True, who="您的女儿李*梅")
    chat.says("代办")
    assert "同意请回1，不同意回2" in chat.says(text)
    assert chat.family.done == []


def test_a_paper_for_staff_is_said_so(chat: Chat):
    chat.family.has(helping=False, waiting=True, who="您的监护人李*梅")
    chat.family.refuse("confirm", "forbidden", "这种关系要带证明到窗口，由工作人员核实。")
    chat.reads("""
        ▸ 代办
          想替您办
        ▸ 1
          这种关系要带证明到窗口 | 不同意回2
        ▸ 2
          没有同意
    """)


def test_what_waits_comes_before_what_is_wished(chat: Chat):
    chat.family.has(helping=False, waiting=True, who="您的女儿李*梅")
    assert "1 同意" in chat.says("帮我妈办事")


def test_the_counters_digits(chat: Chat):
    tie = chat.family.has(helping=True, waiting=True)
    chat.reads(f"""
        ▸ 代办
          1 替王*英办（等本人答复） | 2 再替一位家人申请
        ▸ 1
          1 输入窗口给的六位数字 | 2 撤回申请
        ▸ 1
          请输入窗口给的六位数字
        ▸ 123
          请输入窗口给的六位数字，如：012345
        ▸ 999999
          数字不对或已经过期
        ▸ {CODE[:3]} {CODE[3:]}
          好了 ✔ 现在可以替王*英办：助餐订餐、探访关爱
    """)
    assert chat.family.done == [("enter_code", tie.id)]


def test_see_and_end_as_principal(chat: Chat):
    tie = chat.family.has(helping=False, waiting=False, who="您的女儿李*梅")
    chat.family.acted = ["11月20日 助餐订餐"]
    chat.reads("""
        ▸ 谁能代办我的事
          1 您的女儿李*梅替您办（可以代办）
        ▸ 1
          1 看办过什么 | 2 不让他办了
        ▸ 1
          最近办过： | 11月20日 助餐订餐
        ▸ 代办
          您的代办
        ▸ 1
          2 不让他办了
        ▸ 2
          确定吗？取消以后，要办得重新申请
        ▸ 2
          好，没有变动
        ▸ 代办
          您的代办
        ▸ 1
          不用改就不必回复
        ▸ 不让他办了
          1 确定
        ▸ 确定
          已经取消了
    """)
    assert chat.family.done == [("cut", tie.id)]


def test_withdraw_a_request(chat: Chat):
    chat.family.has(helping=True, waiting=True)
    chat.reads("""
        ▸ 代办
          等本人答复
        ▸ 1
          2 撤回申请
        ▸ 撤回
          确定撤回吗？
        ▸ 好
          已经撤回了
    """)


def test_something_changed_meanwhile(chat: Chat):
    chat.family.has(helping=True, waiting=True)
    chat.says("代办")
    chat.says("1")
    chat.family.known = []
    assert "有变动" in chat.says("2")


def test_marriage_is_in_person(chat: Chat):
    for text in ("结婚登记能代办吗", "委托别人领证", "授权我弟弟去办结婚"):
        assert "要双方本人到场，不能代办" in chat.says(text)
        assert chat.at is None


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("代办", 2),
        ("我想授权给女儿", 2),
        ("找代理人", 2),
        ("帮我妈办事", 2),
        ("替我爸", 1),
        ("帮我妈订饭", 1),
        ("不代办", 0),
        ("结婚登记", 0),
        ("你好", 0),
    ],
)
def test_how_surely_it_is_asked_for(text: str, score: int):
    assert matches(text) == score


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("帮我妈办事", "child"),
        ("替我家老爸办", "child"),
        ("给我婆婆办", "child_in_law"),
        ("帮我奶奶", "grandchild"),
        ("替老伴办", "spouse"),
        ("帮我妈和我奶奶", "child"),
        ("代办", None),
    ],
)
def test_who_is_helped(text: str, relation: str | None):
    assert helped_relation(text) == relation


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", [0]),
        ("1、3", [0, 2]),
        ("1,3，5", [0, 2, 4]),
        ("1和2", [0, 1]),
        ("13", [0, 2]),
        ("3 1 3", [0, 2]),
        ("都要", [0, 1, 2, 3, 4]),
        ("助餐订餐和探访关爱", [0, 1]),
        ("6", None),
        ("0", None),
        ("99", None),
        ("", None),
        ("随便", None),
    ],
)
def test_several_at_once(text: str, chosen: list[int] | None):
    assert pick_several(text, LABELS) == chosen
