"""Conversations about an appointment that stands: seeing it, moving it, giving it up."""

from __future__ import annotations

from tests.flows.tester import Chat


def test_seeing_it(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 我的预约
          11月26日（周四）10:00 新城区婚姻登记处 | 预约号 MZ00000001，待确认 | 1 改时间 | 不用改就不必回复
        ▸ 好的
          好，预约没有变动，到时见。
    """)
    assert chat.at is None


def test_without_one(chat: Chat) -> None:
    for asking in ("我的预约", "改时间", "不去了", "改到下周五下午"):
        chat.reads(f"""
            ▸ {asking}
              您现在没有预约。要约结婚登记，回“结婚登记”就行。
        """)
        assert chat.at is None


def test_which_of_several(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.registry.has("2026-11-27 14:00")
    chat.reads("""
        ▸ 我的预约
          您有这些预约，要看哪一个？ | 1 11月26日（周四）10:00 新城区婚姻登记处 | 2 11月27日
        ▸ 3
          请回复预约前面的数字。
        ▸ MZ00000002
          预约号 MZ00000002
        ▸ 返回
          要看哪一个
        ▸ 1
          预约号 MZ00000001
    """)


def test_more_than_fit_on_a_screen(chat: Chat) -> None:
    for day in range(10):
        chat.registry.has(f"2026-12-{day + 10} 10:00")
    chat.reads("""
        ▸ 我的预约
          8 12月17日 | ≠ 9 12月18日
    """)


def test_one_vanishes_between_list_and_number(chat: Chat) -> None:
    """A number means what was shown, also when the desk has changed something meanwhile."""
    chat.registry.has("2026-11-26 10:00")
    second = chat.registry.has("2026-11-27 14:00")
    chat.says("取消预约")
    chat.registry.appointments = [second]
    chat.reads("""
        ▸ 1
          这个预约有变动，现在不能这样改了。回“我的预约”看看现在的情况。
        ▸ 我的预约
          预约号 MZ00000002
    """)


def test_moving_it_in_one_sentence(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 改到下周五下午
          现在约的是11月26日（周四）10:00。 | 12月4日（周五）还有这些时间 | 1 13:30–14:00
        ▸ 1
          改到12月4日（周五）13:30，新城区婚姻登记处，对吗？ | 1 对，改过去
        ▸ 对
          改好了 ✔ 12月4日（周五）13:30，新城区婚姻登记处，预约号还是 MZ00000001。提醒也跟着改了。
    """)
    assert chat.registry.taken[chat.registry.slot("2026-12-04 13:30").slot_id] == 1


def test_moving_it_from_the_list(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 我的预约
        ▸ 改到27号上午10点
          改到11月27日（周五）10:00
        ▸ 2
          请选日期
        ▸ 26号10点
          您现在约的就是这个时间。 | 请选日期
        ▸ 30号10点
          改到11月30日（周一）10:00
        ▸ 下午3点可以吗
          改到11月30日（周一）15:00
        ▸ 还是12月2号下午4点
          改到12月2日（周三）16:00
        ▸ 不改
          好，没有改，还是原来的时间。
    """)


def test_the_new_time_is_taken_by_others_at_the_last_moment(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 改到27号10点
          改到11月27日（周五）10:00
    """)
    chat.registry.fill("2026-11-27 10:00")
    chat.reads("""
        ▸ 好的
          这个时段刚刚约满了 | 离得最近的空位： | 2 11月27日（周五）09:30
        ▸ 2
          改到11月27日（周五）09:30
        ▸ 好的
          改好了 ✔
    """)


def test_what_the_registry_does_not_allow(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    enough = "这个预约已经改过2次，不能再改了。可以取消后重新预约，或打电话 029-00000101。"
    chat.says("改到27号10点")
    chat.registry.refuse("reschedule", "too_late", enough)
    chat.reads(f"""
        ▸ 1
          {enough}
    """)
    assert chat.at is None
    chat.says("改到27号10点")
    chat.registry.refuse("reschedule", "invalid", "按11月27日算，王小明还没满22周岁，11月28日起可以登记。")
    chat.reads("""
        ▸ 1
          还没满22周岁 | 预约没有变，还是原来的时间。
    """)


def test_past_the_cut_off_the_telephone_is_named(chat: Chat) -> None:
    chat.registry.has("2026-11-24 10:00", changeable=False)
    for asking in ("我的预约", "改时间", "不去了"):
        chat.reads(f"""
            ▸ {asking}
              11月24日（周二）10:00 | 现在不能在网上改或取消了，有事请打 029-00000101 告诉登记处。
        """)
        assert chat.at is None


def test_giving_it_up(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 不去了
          确定取消吗？取消后这个号会让给别人。 | 1 取消预约 | 2 不取消
        ▸ 先留着
          好，预约还在。
        ▸ 取消我的预约
          确定取消吗
        ▸ 不知道
          要取消请回1，不取消回2。
        ▸ 1
          已经取消了，提醒也不会再发。
        ▸ 我的预约
          您现在没有预约
    """)


def test_giving_it_up_too_late(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.says("不去了")
    chat.registry.refuse(
        "cancel", "too_late", "预约前一天17:00以后不能再自己改约或取消，请打电话 029-00000101 告诉登记处。"
    )
    chat.reads("""
        ▸ 确定
          预约前一天17:00以后不能再自己改约或取消
    """)
    assert chat.at is None


def test_it_goes_away_while_they_look_at_it(chat: Chat) -> None:
    for answers in (["1"], ["2", "1"], ["改到27号10点", "1"]):
        chat.registry.has("2026-11-26 10:00")
        chat.says("我的预约")
        for answer in answers[:-1]:
            chat.says(answer)
        chat.registry.appointments = []
        chat.says(answers[-1])
        assert "这个预约有变动" in chat.reply
        assert chat.at is None


def test_papers_from_the_list(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.reads("""
        ▸ 我的预约
        ▸ 3
          请带：双方居民身份证原件 | 不用户口簿，不收费。
    """)


def test_what_a_missed_or_cancelled_time_would_do_is_said_before(chat: Chat) -> None:
    chat.registry.has("2026-11-26 10:00")
    chat.registry.absence_warning = "这次如果没到，将暂停网上预约到2026年12月11日。"
    chat.registry.cancel_warning = "这次取消后，将暂停网上预约到2026年12月8日。"
    chat.reads("""
        ▸ 我的预约
          这次如果没到，将暂停网上预约到2026年12月11日。 | 1 改时间
        ▸ 2
          这次取消后，将暂停网上预约到2026年12月8日。 | 1 取消预约 | 2 不取消
    """)
