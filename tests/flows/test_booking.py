"""Conversations that book: as they should be, and what can happen to days and times on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from backend.kernel.clock import BEIJING, MovableClock
from tests.flows.bureau import XINCHENG
from tests.flows.tester import BRIDE, COUPLE, GROOM, Chat
from workflows.chat.ports import TypedParty


def test_the_whole_way(chat: Chat) -> None:
    """stories.md §1: few questions, one at a time."""
    chat.reads(f"""
        ▸ 我要预约结婚登记
          您想到哪个登记处 | 1 新城区婚姻登记处（长乐中路28号政务中心2楼） | 2 长乐路婚姻登记处
        ▸ 1
          请选日期： | 1 11月24日 周二 上午12个 下午14个 | 5 11月30日 周一 | 回复数字，或直接说日期
        ▸ 3
          11月26日（周四）想上午还是下午？ | 1 上午（12个） | 2 下午（14个）
        ▸ 1
          11月26日（周四）还有这些时间 | 1 09:00–09:30（2个） | 6 11:30–12:00（2个）
        ▸ 3
          11月26日（周四）10:00–10:30，新城区婚姻登记处，已为您留5分钟。 | 请发双方姓名和身份证号
        ▸ {COUPLE}
          请核对： | 王小明（男，22岁）1****************1 | 李小红（女，20岁） | 1 都属实，确认预约
        ▸ 1
          约好了 ✔ 预约号 MZ73687871 | 11月26日（周四）10:00，新城区婚姻登记处（长乐中路28号政务中心2楼），10:15前签到。
          请带：双方居民身份证原件 | 不用户口簿，不收费 | 要改时间或取消，随时回“我的预约”
    """)
    assert chat.at is None
    slot_id, parties = chat.registry.booked[0]
    assert slot_id == chat.registry.slot("2026-11-26 10:00").slot_id
    assert parties == [TypedParty("王小明", "100000200411210011"), TypedParty("李小红", "100000200611210024")]


def test_everything_said_in_plain_words(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 想26号上午10点左右领证
          您想到哪个登记处
        ▸ 新城区的
          11月26日（周四）10:00–10:30，新城区婚姻登记处，已为您留5分钟。
        ▸ 男方{GROOM}，女方{BRIDE}
          请核对
        ▸ 没错
          约好了 ✔
    """)


def test_with_one_registry_nobody_is_asked_which(chat: Chat) -> None:
    chat.registry.offices_known = [XINCHENG]
    chat.reads("""
        ▸ 领证
          请选日期 | ≠ 登记处
        ▸ 返回
          请选日期
    """)


def test_without_a_registry_it_says_whom_to_ask(chat: Chat) -> None:
    chat.registry.offices_known = []
    chat.reads("""
        ▸ 领证
          现在还没有开放网上预约的登记处 | 人工
    """)
    assert chat.at is None


def test_a_day_said_too_early_is_remembered(chat: Chat) -> None:
    chat.reads("""
        ▸ 结婚登记
          哪个登记处
        ▸ 下周三上午
          日期记下了。先选登记处 | 1 新城区婚姻登记处
        ▸ 1
          12月2日（周三）还有这些时间 | 1 09:00–09:30 | ≠ 13:30
    """)


def test_a_time_inside_a_slot_takes_that_slot(chat: Chat) -> None:
    """10:20 lies nearer to the start of the next slot and yet in this one."""
    chat.reads("""
        ▸ 结婚登记
        ▸ 1
        ▸ 26号10:20
          11月26日（周四）10:00–10:30
    """)


def test_a_time_outside_the_hours_shows_what_there_is(chat: Chat) -> None:
    chat.reads("""
        ▸ 结婚登记
        ▸ 1
        ▸ 26号上午
          还有这些时间
        ▸ 上午8点
          没有正好08:00的空位。11月26日（周四）还有这些时间 | 1 09:00
        ▸ 11点
          11月26日（周四）11:00–11:30
    """)


def test_another_day_is_heard_before_what_was_listed(chat: Chat) -> None:
    chat.reads("""
        ▸ 26号领证
        ▸ 1
          11月26日（周四）想上午还是下午？
        ▸ 27号下午
          11月27日（周五）还有这些时间 | 1 13:30
        ▸ 30号14:00
          11月30日（周一）14:00–14:30
    """)


def test_a_half_of_the_day_that_is_full(chat: Chat) -> None:
    chat.registry.fill(*(f"2026-11-26 {start:%H:%M}" for start in chat.registry.starts[:6]))
    chat.reads("""
        ▸ 26号上午领证
        ▸ 1
          11月26日（周四）这个时候约满了，当天还有这些 | 1 13:30
    """)


def test_many_short_slots_never_ask_the_same_again(chat: Chat) -> None:
    """A registry with slots of ten minutes has more in one half of the day than fit on a screen."""
    opens = datetime(2026, 11, 26, 9, 0, tzinfo=BEIJING)
    chat.registry.starts = [(opens + timedelta(minutes=10 * step)).time() for step in range(18)]
    chat.reads("""
        ▸ 26号领证
        ▸ 1
          还有这些时间 | 1 09:00 | 7 10:00 | 后面到11:50也有 | ≠ 想上午还是下午
        ▸ 11:50
          已为您留5分钟
    """)


def test_days_that_cannot_be_had(chat: Chat) -> None:
    chat.registry.fill("2026-11-25")
    chat.reads("""
        ▸ 结婚登记
        ▸ 1
        ▸ 25号
          11月25日约满了。想等这天的空位，回“候补”。离得最近的是： | 1 11月24日 | ≠ 周末
        ▸ 这周六
          11月28日没有空位了（周末一般不办公）。
        ▸ 今天
          11月23日不能在网上约了，当天请直接到窗口取号。
        ▸ 昨天
          11月22日已经过了。
        ▸ 明年5月20号
          2027年5月20日的号还没放出，2027年4月20日08:30放号。现在最远能约到12月23日
        ▸ 24号到26号
          这些天有空位： | 1 11月24日 | 2 11月26日
    """)


def test_before_half_past_eight_the_day_of_release_is_right(chat: Chat, clock: MovableClock) -> None:
    clock.move_to(datetime(2026, 11, 23, 8, 0, tzinfo=BEIJING))
    chat.reads("""
        ▸ 12月23号领证
        ▸ 1
          12月23日的号还没放出，11月23日08:30放号。现在最远能约到12月22日
    """)


def test_when_all_is_taken_nothing_listed_before_can_be_picked(chat: Chat) -> None:
    chat.reads("""
        ▸ 结婚登记
        ▸ 1
          请选日期
    """)
    chat.registry.closed_days = {date(2026, 11, 23) + timedelta(days=step) for step in range(40)}
    chat.reads("""
        ▸ 26号
          现在能约的日子都约满了 | 候补
        ▸ 1
          请回复上面的数字，或直接说日期
    """)


def test_days_of_a_year_without_notice_are_marked(chat: Chat, clock: MovableClock) -> None:
    """domain-rules §8 no. 2."""
    clock.move_to(datetime(2026, 12, 21, 9, 0, tzinfo=BEIJING))
    chat.reads(f"""
        ▸ 1月4号到1月8号领证
        ▸ 1
          1 1月4日 周一＊ | ＊2027年放假安排还没公布，以登记处通知为准。
        ▸ 2
          1月5日（周二）想上午还是下午？（2027年放假安排还没公布，以登记处通知为准）
        ▸ 上午
          1月5日（周二）还有这些时间（2027年放假安排还没公布，以登记处通知为准）
        ▸ 1
          1月5日（周二）09:00–09:30，新城区婚姻登记处（2027年放假安排还没公布，以登记处通知为准），已为您留5分钟。
        ▸ {COUPLE}
          2027年放假安排还没公布
        ▸ 1
          约好了 ✔ | 1月5日（周二）09:00（2027年放假安排还没公布，以登记处通知为准）
    """)


def test_full_when_it_should_be_held_offers_the_nearest(chat: Chat) -> None:
    chat.reads("""
        ▸ 26号上午领证
        ▸ 1
          还有这些时间
    """)
    nearest = [chat.registry.slot(f"2026-11-26 {at}") for at in ("09:00", "10:00", "10:30")]
    chat.registry.refuse("hold", "slot_full", "这个时段刚刚约满了，请换一个时间。", alternatives=tuple(nearest))
    chat.reads("""
        ▸ 9点半
          这个时段刚刚约满了 | 离得最近的空位： | 1 11月26日（周四）09:00 | 3 11月26日（周四）10:30
        ▸ 2
          11月26日（周四）10:00–10:30，新城区婚姻登记处，已为您留5分钟。
    """)


def test_a_nearest_place_that_is_gone_too(chat: Chat) -> None:
    chat.reads("""
        ▸ 26号上午领证
        ▸ 1
    """)
    near = chat.registry.slot("2026-11-27 09:00")
    chat.registry.refuse("hold", "slot_full", "这个时段刚刚约满了，请换一个时间。", alternatives=(near,))
    chat.says("9点半")
    chat.registry.fill("2026-11-27 09:00")
    chat.reads("""
        ▸ 1
          这个时间也刚刚约满了。 | 11月27日（周五）想上午还是下午？
    """)


def test_full_at_the_confirmation_offers_the_nearest(chat: Chat) -> None:
    """The place was kept for five minutes and they took ten."""
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
        ▸ {COUPLE}
          请核对
    """)
    chat.registry.release()
    chat.registry.fill("2026-11-26 10:00")
    chat.reads("""
        ▸ 1
          为您留的时间已过，这个时段也约满了 | 离得最近的空位： | 2 11月26日（周四）09:30
        ▸ 2
          请核对： | 11月26日（周四）09:30–10:00 | 王小明
        ▸ 1
          约好了 ✔
    """)


def test_a_day_that_closes_while_they_talk_is_no_dead_end(chat: Chat) -> None:
    """They come back after the cut-off: whatever step they are in, another day is offered."""
    closed = "这一天的网上预约已经截止，请选后面的日期，或打电话 029-00000101 问当天窗口情况。"
    chat.says("24号10点领证")
    chat.says("1")
    chat.registry.refuse("check_parties", "too_late", closed)
    chat.reads(f"""
        ▸ {COUPLE}
          这一天的网上预约已经截止 | 请选日期：
        ▸ 26号10点
          请核对： | 王小明
    """)
    chat.registry.refuse("book", "too_late", closed)
    chat.reads("""
        ▸ 1
          这一天的网上预约已经截止 | 请选日期：
    """)
    chat.registry.refuse("check_parties", "not_found", "这个时段不存在或还没放号，请重新选一个时间。")
    chat.reads("""
        ▸ 26号11点
          已为您留5分钟 | 请重新选一个时间 | 请选日期
    """)


def test_another_time_is_wished_for_after_one_was_kept(chat: Chat) -> None:
    chat.reads(f"""
        ▸ 26号10点领证
        ▸ 1
          10:00–10:30
        ▸ 换到下午三点吧
          11月26日（周四）15:00–15:30，新城区婚姻登记处，已为您留5分钟。
        ▸ {COUPLE}
          请核对
        ▸ 还是27号上午10点
          11月27日（周五）10:00–10:30 | 请核对
        ▸ 换个时间
          请选日期
    """)
    assert chat.registry.held is None
