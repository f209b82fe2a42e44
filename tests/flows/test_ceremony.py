"""颁证仪式 and 集体颁证, as the two would talk about it."""

from __future__ import annotations

from tests.flows.tester import Chat
from workflows.chat.ports import Refused


def test_without_a_registration_first_things_first(chat: Chat) -> None:
    chat.reads("""
        ▸ 想办个户外颁证
          先约登记，请回“结婚登记”
    """)
    assert chat.at is None


def test_four_messages_to_a_ceremony(chat: Chat) -> None:
    chat.ceremonies.marries = True
    chat.reads("""
        ▸ 颁证仪式
          仪式不收费 | 1 屋顶花园（户外，天气不好改室内） | 2 颁证大厅
        ▸ 屋顶花园
          1 11月26日（周四）11:00 | 2 11月26日（周四）11:30
        ▸ 2
          来几位亲友 | 最多10人
        ▸ 四个人
          亲友4人，不收费 | 1 约这一场
        ▸ 好
          约好了 ✔ 颁证仪式 BZ0000001 | 11:30
    """)
    assert chat.ceremonies.found is not None
    assert chat.ceremonies.found.guests == 4


def test_a_time_that_was_just_taken(chat: Chat) -> None:
    chat.ceremonies.marries = True
    chat.ceremonies.refusals = [Refused("slot_full", "这个时间刚被约走了，请换一个时间。")]
    chat.reads("""
        ▸ 颁证仪式
        ▸ 2
        ▸ 1
        ▸ 没有
          请回复亲友人数
        ▸ 0
        ▸ 1
          刚被约走了 | 请选时间
    """)
    assert chat.at == ("marriage.ceremony", "time")


def test_to_be_watched_or_not(chat: Chat) -> None:
    chat.ceremonies.has()
    chat.reads("""
        ▸ 云颁证
          颁证仪式 BZ0000001 | 2 同意请亲友在线观看
        ▸ 2
          记下您同意了 | 随时可以反悔
        ▸ 颁证仪式
          还等另一方同意 | 2 不给亲友在线观看了
        ▸ 2
          链接已经失效
        ▸ 颁证仪式
        ▸ 1
          确定取消仪式吗
        ▸ 不取消
          没有变动
    """)
    assert chat.ceremonies.found is not None


def test_an_event_needs_both(chat: Chat) -> None:
    chat.ceremonies.announces()
    chat.reads("""
        ▸ 集体颁证
          双方都确认才算报名 | 1 七夕集体颁证 | 20对（抽签）
        ▸ 1
          1 报名
        ▸ 1
          请另一方在自己的微信里回“集体颁证”确认
        ▸ 集体婚礼
          等另一方确认
    """)


def test_the_other_one_confirms(chat: Chat) -> None:
    chat.ceremonies.announces(entry_id="n1", waits_for_me=True, state_name="等另一方确认")
    chat.reads("""
        ▸ 集体颁证
        ▸ 1
          1 确认报名
        ▸ 1
          确认好了
    """)


def test_there_is_nothing_for_sale(chat: Chat) -> None:
    chat.reads("""
        ▸ 集体颁证
          现在没有在报名的集体颁证活动
    """)
