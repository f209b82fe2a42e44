"""Whatever people type, in whatever order: nothing raises, every reply keeps the house's rules, progress stays JSON."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.clock import BEIJING, clock_at
from tests.flows.tester import BRIDE, COUPLE, GROOM, YOUNG_GROOM, Chat
from workflows.chat.ports import Refused

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING)
DECEMBER = datetime(2026, 12, 21, 8, 0, tzinfo=BEIJING)

ANSWERS = (
    *"1234567",
    *("结婚登记", "我的预约", "改时间", "改到27号10点", "不去了", "要带什么", "菜单", "返回", "取消", "人工"),
    *("好", "不", "对", "算了", "谢谢", "换个时间", "上午", "下午", "10点", "下周三上午10点", "24号到30号", "昨天"),
    *("明年5月20号", "1月5号10点", "9999年12月31日", "新城区的", "再看看别的时间", "先不约了", "改信息", "确认"),
    *("代办", "帮我妈办事", "同意", "不同意", "都要", "1、3", "012345", "王秀英 100000194611210042"),
    *("绑定", "绑定 12345678", "22345678", "绑定 42345678", "绑定 00000000", "核验码", "是我的", "不是"),
    *(GROOM, BRIDE, COUPLE, f"{YOUNG_GROOM}⏎{BRIDE}", "王小明", "王小明 12345", "张三 100000200506010012", "", "。"),
)
REFUSALS = (
    Refused("slot_full", "这个时段刚刚约满了，请换一个时间。"),
    Refused("too_late", "这一天的网上预约已经截止，请选后面的日期，或打电话 029-00000101 问当天窗口情况。"),
    Refused("not_found", "这个时段不存在或还没放号，请重新选一个时间。"),
    Refused("already_booked", "两位当中有人已经有一个结婚登记预约。要换时间请改约，不用重新预约。"),
    Refused("invalid", "双方填的是同一个号码，请分别填写两个人的证件号码。"),
    Refused("state_conflict", "这个预约已经取消了。"),
)
COMMANDS = ("hold", "check_parties", "book", "reschedule", "cancel")

events = st.one_of(
    st.sampled_from(ANSWERS),
    st.sampled_from(ANSWERS),
    st.text(max_size=30),
    st.tuples(st.sampled_from(COMMANDS), st.sampled_from(REFUSALS)),
    st.sampled_from(["|fill", "|close", "|vanish", "|later", "|asked", "|asks"]),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    moment=st.sampled_from([MONDAY, DECEMBER]),
    own=st.integers(0, 2),
    capacity=st.sampled_from([1, 2]),
    one_office=st.booleans(),
    happenings=st.lists(events, min_size=4, max_size=18),
)
def test_any_conversation(
    moment: datetime, own: int, capacity: int, one_office: bool, happenings: list[str | tuple[str, Refused]]
) -> None:
    """`Chat.says` holds each reply to the rules and each progress to being plain JSON."""
    with clock_at(moment) as clock:
        chat = Chat()
        chat.registry.capacity = capacity
        if one_office:
            chat.registry.offices_known = chat.registry.offices_known[:1]
        tomorrow = moment.date() + timedelta(days=1)
        for index in range(own):
            chat.registry.has(f"{tomorrow} 1{index}:00", changeable=index == 0)
        for happening in happenings:
            if isinstance(happening, tuple):
                chat.registry.refusals.setdefault(happening[0], []).append(happening[1])
            elif happening == "|fill":
                chat.registry.fill(str(tomorrow))
            elif happening == "|close":
                chat.registry.closed_days |= {tomorrow + timedelta(days=step) for step in range(45)}
            elif happening == "|vanish":
                chat.registry.appointments = []
            elif happening in ("|asked", "|asks"):
                chat.family.has(helping=happening == "|asks", waiting=bool(len(chat.family.known) % 2))
            elif happening == "|later":
                clock.advance(timedelta(hours=30))
            else:
                chat.says(happening)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=st.text(max_size=400))
def test_any_first_sentence(text: str) -> None:
    with clock_at(MONDAY):
        Chat().says(text)
