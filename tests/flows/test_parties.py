"""Conversations that book: both parties, their numbers, their age on the day, and the last question."""

from __future__ import annotations

from tests.flows.tester import BRIDE, COUPLE, GROOM, YOUNG_GROOM, Chat


def test_names_one_at_a_time(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ {GROOM}
          王小明的记下了。请再发另一位的姓名和身份证号。
        ▸ 你好呀
          王小明的记下了。请再发另一位的姓名和身份证号。
        ▸ {BRIDE}
          请核对 | 王小明（男 | 李小红（女
    """)


def test_whoever_goes_back_while_naming_begins_to_name_anew(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号上午领证
        ▸ 1
        ▸ 3
        ▸ {GROOM}
          请再发另一位
        ▸ 返回
          请发双方姓名和身份证号 | ≠ 王小明
        ▸ {COUPLE}
          请核对
        ▸ 上一步
          请发双方姓名和身份证号
        ▸ 上一步
          想上午还是下午 | 1 上午（12个）
    """)
    assert chat.registry.held is None, "the place they left is kept on"


def test_back_from_a_place_that_was_asked_for_in_one_sentence(chat: Chat) -> None:
    chat.registry.capacity = 1
    chat.reads("""
        ▸ 26号10点领证
        ▸ 1
          已为您留5分钟
        ▸ 返回
          您想到哪个登记处
    """)
    assert chat.registry.held is None
    chat.reads("""
        ▸ 1
          请选日期
        ▸ 26号10点
          11月26日（周四）10:00–10:30，新城区婚姻登记处，已为您留5分钟。
    """)


def test_numbers_that_cannot_be_right(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ 王小明
          请把一个人的姓名和身份证号写在同一行
        ▸ 王小明 10000020041121001
          王小明的身份证号应为18位，请再核对一遍。
        ▸ {GROOM}⏎李小红 1000002006112100
          李小红的身份证号应为18位 | 王小明的记下了。请再发另一位
        ▸ 李小红 100000200611210025
          李小红：身份证号有一位可能写错了 | 改好后请重新发
        ▸ {GROOM}
          双方填的是同一个号码
        ▸ {BRIDE}
          请核对
        ▸ 2
          请发双方姓名和身份证号
        ▸ {GROOM}⏎{BRIDE}⏎张三 10000019900307123X
          只要登记的两位
        ▸ {GROOM}⏎李小刚 100000200411220033
          双方性别相同
    """)


def test_three_names_in_two_messages_are_the_later_two(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ 张三 10000019900307123X
          张三的记下了
        ▸ {COUPLE}
          请核对 | 王小明 | 李小红 | ≠ 张三
    """)


def test_under_age_on_that_day_with_a_day_that_is_released(chat: Chat) -> None:
    """民法典 1047: what counts is the day of registering (E3)."""
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ {YOUNG_GROOM}⏎{BRIDE}
          按11月26日算，王小明还没满22周岁，12月10日起可以登记。 | 1 看12月10日以后的号 | 3 先不约了
        ▸ 下个月呢
          看以后的号请回1，改信息回2，先不约回3。
        ▸ 1
          这些天有空位： | 1 12月10日 周四 | 5 12月16日
        ▸ 1
          12月10日（周四）想上午还是下午？
        ▸ 10点
          请核对： | 王小明（男，22岁） | 12月10日（周四）10:00
    """)


def test_under_age_for_longer_than_is_released(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ 王小明 100000200506010012⏎{BRIDE}
          2027年6月1日起可以登记 | 1 看2027年6月1日以后的号
        ▸ 好
          2027年6月1日的号要到2027年5月2日08:30才放出，那时再来找我。这次留的号已经退回。
    """)
    assert chat.at is None
    assert chat.registry.held is None


def test_under_age_and_they_give_up_or_correct(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ {YOUNG_GROOM}⏎{BRIDE}
          还没满22周岁
        ▸ 2
          请发双方姓名和身份证号
        ▸ {YOUNG_GROOM}⏎{BRIDE}
          还没满22周岁
        ▸ 返回
          请发双方姓名和身份证号
        ▸ {YOUNG_GROOM}⏎{BRIDE}
          还没满22周岁
        ▸ 先不约了
          好，先不约，留的号已经退回。2026年12月10日起可以登记，到时再来找我。
    """)
    assert chat.registry.held is None


def test_what_the_registry_refuses_at_the_end_can_be_mended(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ {COUPLE}
    """)
    chat.registry.refuse("book", "already_booked", "两位当中有人已经有一个结婚登记预约。要换时间请改约，不用重新预约。")
    chat.reads("""
        ▸ 确认
          两位当中有人已经有一个结婚登记预约 | 改信息回2，不约了回3
        ▸ 不约了
          没有预约，留的号已经退回
    """)
    assert chat.at is None
    assert chat.registry.held is None


def test_a_summary_that_no_longer_holds(chat: Chat) -> None:
    """The parties were checked a moment ago; now one of them is refused."""
    chat.reads("""
        ▸ 26号10点领证
        ▸ 1
    """)
    sentence = "王小明：身份证号有一位可能写错了，请对照证件再核对一遍。"
    chat.says(GROOM)
    chat.registry.refusals["check_parties"] = []
    progress = chat.progress
    assert progress is not None
    progress.answers["parties"] = [["王小明", "100000200411210019"], ["李小红", "100000200611210024"]]
    chat.reads(f"""
        ▸ 换到下午3点
          {sentence} | 请发双方姓名和身份证号
    """)
