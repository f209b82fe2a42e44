"""In every step: each declared way is gone, wrong answers are answered with what is expected, control words work.

Long because every step and every way of every conversation has a line here.
"""

from __future__ import annotations

import pytest

from tests.flows.peak_places import PEAK_PLACES, PEAK_WAYS, makes_peak
from tests.flows.tester import BRIDE, COUPLE, GROOM, YOUNG_GROOM, Chat, Edge
from workflows.chat.flows import DIRECTORY
from workflows.chat.texts import LEFT

Place = tuple[str, str]

TWO_OWN = ("2026-11-26 10:00", "2026-11-27 14:00")
ONE_OWN = TWO_OWN[:1]
# Lines that type nothing: somebody asks to act for the person, or the person has asked to act for somebody.
HER_ASK, MY_ASK = "?tie principal", "?tie helper"
# Somebody waits for a place; a place is kept for them.
WAITS, OFFERED = "?waits", "?offered"
MOTHER = "王秀英 100000194611210042"

# The registry has taken the appointment's time away.
TAKEN = "?taken"

# A request to the archive is looked for; its volume is ready.
LOOKED_FOR, VOLUME_READY = "?looked for", "?volume ready"

HAS_CEREMONY, MARRIES, EVENT = "?ceremony", "?marries", "?event"
HAS_TALK = "?talk"
# Up to the question who comes, to the list of times, and to what it is about.
TO_WAY = ["婚姻辅导", "2", "1", "3"]
TO_TIME = [*TO_WAY, "1"]
TO_ABOUT = [*TO_TIME, "1", "李女士 13800001111", "1"]

ARCHIVE_AT_OFFICE = ["查档案", "1", "王小明 李小红", "2011年"]

# Flow and step: appointments there are, what to type to come there, what a wrong answer hears, where 返回 leads.
WAITING: dict[Place, tuple[tuple[str, ...], list[str], str, str]] = {
    ("marriage.book", "office"): ((), ["结婚登记"], "请回复登记处前面的数字", "office"),
    ("marriage.book", "day"): ((), ["结婚登记", "1"], "请回复上面的数字，或直接说日期", "office"),
    ("marriage.book", "time"): ((), ["结婚登记", "1", "3"], "请回复上面的数字，或直接说几点", "day"),
    ("marriage.book", "parties"): ((), ["结婚登记", "1", "3", "10点"], "请发双方姓名和身份证号", "time"),
    ("marriage.book", "under_age"): (
        (),
        ["结婚登记", "1", "3", "10点", f"{YOUNG_GROOM}⏎{BRIDE}"],
        "看以后的号请回1，改信息回2，先不约回3",
        "parties",
    ),
    ("marriage.book", "summary"): (
        (),
        ["结婚登记", "1", "3", "10点", COUPLE],
        "都对请回1，要改信息回2，不约了回3",
        "parties",
    ),
    ("marriage.matters", "matter"): ((), ["婚姻登记业务"], "请回复前面的数字", "matter"),
    ("marriage.matters", "office"): ((), ["婚姻登记业务", "4"], "请回复登记处前面的数字", "matter"),
    ("marriage.matters", "day"): ((), ["补领结婚证", "1"], "请回复上面的数字，或直接说日期", "office"),
    ("marriage.matters", "time"): ((), ["约时间查档案", "1", "3"], "请回复上面的数字，或直接说几点", "day"),
    ("marriage.matters", "parties"): ((), ["约时间查档案", "1", "3", "10点"], "请发办事人的姓名和身份证号", "time"),
    ("marriage.matters", "summary"): (
        (),
        ["我想离婚", "1", "3", "10点", COUPLE],
        "都对请回1，要改信息回2，不约了回3",
        "parties",
    ),
    ("marriage.divorce", "shown"): ((), ["冷静期"], "愿意回1，不用回2", "shown"),
    ("marriage.archive", "what"): ((), ["查档案"], "请回复前面的数字", "what"),
    ("marriage.archive", "whose"): ((), ["查档案", "5"], "请回复前面的数字", "what"),
    ("marriage.archive", "proof"): ((), ["查档案", "5", "1"], "这一条一定要有", "whose"),
    ("marriage.archive", "sought"): ((), ["查档案", "5", "1", "陕证民字第12号"], "请回复前面的数字", "proof"),
    ("marriage.archive", "which"): ((), ["查档案", "4"], "结婚证回1，双方分开时发的证回2", "what"),
    ("marriage.archive", "names"): ((), ["查档案", "1"], "请只发登记时的名字", "what"),
    ("marriage.archive", "when"): ((), ["查档案", "1", "王小明 李小红"], "请说大概哪一年", "names"),
    ("marriage.archive", "details"): (
        (),
        ["查档案", "1", "王小明 李小红", "1987年"],
        "请说曾用名、出生年、籍贯或当时的单位",
        "when",
    ),
    ("marriage.archive", "office"): ((), ARCHIVE_AT_OFFICE, "请回复登记处前面的数字", "when"),
    ("marriage.archive", "sure"): ((), [*ARCHIVE_AT_OFFICE, "1"], "都对请回1，重新填回2，先不查回3", "office"),
    ("marriage.archive_own", "choose"): ((), [LOOKED_FOR, LOOKED_FOR, "我的查档"], "请回复申请前面的数字", "choose"),
    ("marriage.archive_own", "act"): ((), [LOOKED_FOR, "我的查档"], "不查了回“撤回”", "act"),
    ("marriage.archive_own", "day"): (
        (),
        [VOLUME_READY, "我的查档", "1"],
        "请回复上面的数字，或直接说日期",
        "act",
    ),
    ("marriage.archive_own", "time"): (
        (),
        [VOLUME_READY, "我的查档", "1", "3"],
        "请回复上面的数字，或直接说几点",
        "day",
    ),
    ("marriage.archive_own", "agree"): (
        (),
        [VOLUME_READY, "我的查档", "1", "3", "10点"],
        "约上请回1，换时间回2，先不约回3",
        "time",
    ),
    ("marriage.archive_own", "sure"): ((), [LOOKED_FOR, "我的查档", "撤回"], "撤回请回1，接着查回2", "act"),
    ("marriage.own", "choose"): (TWO_OWN, ["我的预约"], "请回复预约前面的数字", "choose"),
    ("marriage.own", "act"): (TWO_OWN, ["我的预约", "1"], "改时间回1，取消预约回2，要带什么回3", "choose"),
    ("marriage.own", "day"): (ONE_OWN, ["我的预约", "1"], "请回复上面的数字，或直接说日期", "act"),
    ("marriage.own", "time"): (ONE_OWN, ["我的预约", "1", "2"], "请回复上面的数字，或直接说几点", "day"),
    ("marriage.own", "agree"): (
        ONE_OWN,
        ["我的预约", "1", "2", "10点"],
        "改过去请回1，看别的时间回2，不改了回3",
        "time",
    ),
    ("marriage.own", "sure"): (ONE_OWN, ["我的预约", "2"], "要取消请回1，不取消回2", "act"),
    ("marriage.moved", "told"): (ONE_OWN, [TAKEN, "停办改期"], "同意回1，换时间回2，不办了回3", "told"),
    ("marriage.moved", "day"): (ONE_OWN, [TAKEN, "停办改期", "2"], "请回复上面的数字，或直接说日期", "told"),
    ("marriage.moved", "time"): (ONE_OWN, [TAKEN, "停办改期", "2", "2"], "请回复上面的数字，或直接说几点", "day"),
    ("marriage.moved", "agree"): (
        ONE_OWN,
        [TAKEN, "停办改期", "2", "2", "10点"],
        "改过去请回1，看别的时间回2，不改了回3",
        "time",
    ),
    ("marriage.moved", "sure"): (ONE_OWN, [TAKEN, "停办改期", "3"], "要取消请回1，不取消回2", "told"),
    ("marriage.reschedule", "choose"): (TWO_OWN, ["改时间"], "请回复预约前面的数字", "choose"),
    ("marriage.reschedule", "day"): (TWO_OWN, ["改时间", "1"], "请回复上面的数字，或直接说日期", "choose"),
    ("marriage.reschedule", "time"): (ONE_OWN, ["改时间", "2"], "请回复上面的数字，或直接说几点", "day"),
    ("marriage.reschedule", "agree"): (
        ONE_OWN,
        ["改时间", "2", "10点"],
        "改过去请回1，看别的时间回2，不改了回3",
        "time",
    ),
    ("privacy.own_data", "choose"): ((), ["我的数据"], "要改回1，要一份回2，提醒回3，注销回4，看进度回5", "choose"),
    ("privacy.own_data", "words"): ((), ["我的数据", "1"], "请用一句话写下哪里不对、应该是什么", "choose"),
    ("privacy.own_data", "wishes"): ((), ["我的数据", "3"], "要改哪一样，请回前面的数字", "choose"),
    ("privacy.own_data", "sure"): ((), ["我的数据", "4"], "要注销请回1，不注销回2", "choose"),
    ("privacy.wishes", "wishes"): ((), ["撤回同意"], "要改哪一样，请回前面的数字", "wishes"),
    ("privacy.close", "sure"): ((), ["注销"], "要注销请回1，不注销回2", "sure"),
    ("people.proxy", "decide"): ((), [HER_ASK, "代办"], "同意请回1，不同意回2", "decide"),
    ("people.proxy", "ties"): ((), [MY_ASK, "代办"], "请回复前面的数字", "ties"),
    ("people.proxy", "act"): ((), [MY_ASK, "代办", "1"], "请回复1或2", "ties"),
    ("people.proxy", "code"): ((), [MY_ASK, "代办", "1", "1"], "请输入窗口给的六位数字", "act"),
    ("people.proxy", "sure"): ((), [MY_ASK, "代办", "1", "2"], "确定请回1，先留着回2", "act"),
    ("people.proxy", "relation"): ((), ["代办"], "请回复前面的数字", "relation"),
    ("people.proxy", "who"): ((), ["代办", "1"], "请发要帮的那位的姓名和身份证号", "relation"),
    ("people.proxy", "scopes"): ((), ["代办", "1", MOTHER], "可以选几样，如“1、3”", "who"),
    ("people.proxy", "check"): ((), ["代办", "1", MOTHER, "1"], "都对请回1，要改回2，不办了回3", "scopes"),
    ("people.link", "code"): ((), ["绑定"], "绑定码是8位数字", "code"),
    ("people.link", "sure"): ((), ["绑定", "1234 5678"], "是您的请回1，不是请回2", "code"),
    ("marriage.waiting", "offer"): ((), [OFFERED, "候补"], "接受请回1，让给下一位请回2", "offer"),
    ("marriage.waiting", "standing"): ((), [WAITS, "候补"], "退出请回前面的数字", "standing"),
    ("marriage.waiting", "office"): ((), ["帮我排队"], "请回复登记处前面的数字", "office"),
    ("marriage.waiting", "day"): ((), ["帮我排队", "1"], "请直接说日期", "office"),
    ("marriage.waiting", "parties"): ((), ["候补", "1", "11月26日"], "请发姓名和身份证号", "day"),
    ("marriage.waiting", "sure"): (
        (),
        ["候补", "1", "11月26日", COUPLE],
        "都对请回1，要改信息回2，不排了回3",
        "parties",
    ),
    ("marriage.ceremony", "own"): ((), [HAS_CEREMONY, "颁证仪式"], "取消仪式请回1，在线观看请回2", "own"),
    ("marriage.ceremony", "cancel"): ((), [HAS_CEREMONY, "颁证仪式", "1"], "取消仪式请回1，不取消回2", "own"),
    ("marriage.ceremony", "venue"): ((), [MARRIES, "颁证仪式"], "请回复场地前面的数字", "venue"),
    ("marriage.ceremony", "time"): ((), [MARRIES, "颁证仪式", "1"], "请回复时间前面的数字", "venue"),
    ("marriage.ceremony", "guests"): ((), [MARRIES, "颁证仪式", "1", "1"], "请回复亲友人数，最多10人", "time"),
    ("marriage.ceremony", "sure"): (
        (),
        [MARRIES, "颁证仪式", "1", "1", "4"],
        "约这一场请回1，换时间回2，不约了回3",
        "guests",
    ),
    ("marriage.counselling", "own"): ((), [HAS_TALK, "我的辅导"], "改时间请回1，取消请回2", "own"),
    ("marriage.counselling", "cancel"): ((), [HAS_TALK, "我的辅导", "2"], "取消请回1，不取消回2", "own"),
    ("marriage.counselling", "again"): ((), [HAS_TALK, "我的辅导", "1"], "请回复时间前面的数字", "own"),
    ("marriage.counselling", "matter"): ((), ["婚姻辅导"], "请回复前面的数字，如“2”", "matter"),
    ("marriage.counselling", "office"): ((), ["婚姻辅导", "2"], "请回复登记处前面的数字", "matter"),
    ("marriage.counselling", "way"): ((), ["婚姻辅导", "2", "1"], "想怎么谈，请回复前面的数字", "office"),
    ("marriage.counselling", "together"): ((), TO_WAY, "您自己来请回1，两个人一起回2", "way"),
    ("marriage.counselling", "time"): ((), TO_TIME, "请回复时间前面的数字", "together"),
    ("marriage.counselling", "contact"): ((), [*TO_TIME, "1"], "请留称呼和11位手机号", "time"),
    ("marriage.counselling", "grown"): ((), TO_ABOUT[:-1], "满18岁请回1，还没有请回2", "contact"),
    ("marriage.counselling", "guardian"): ((), [*TO_ABOUT[:-1], "2"], "请发监护人怎么称呼", "grown"),
    ("marriage.counselling", "about"): ((), TO_ABOUT, "几个字就行，不想说请回“不说”", "grown"),
    ("marriage.counselling", "sure"): ((), [*TO_ABOUT, "不说"], "约请回1，换时间回2，不约了回3", "about"),
    ("marriage.group_events", "event"): ((), [EVENT, "集体颁证"], "请回复活动前面的数字", "event"),
    ("marriage.group_events", "act"): ((), [EVENT, "集体颁证", "1"], "要办请回1，不用回2", "event"),
    ("marriage.cancel", "choose"): (TWO_OWN, ["不去了"], "请回复预约前面的数字", "choose"),
    ("marriage.cancel", "sure"): (TWO_OWN, ["不去了", "1"], "要取消请回1，不取消回2", "choose"),
} | PEAK_PLACES

# Steps that never wait for an answer: they say something and go on, or are over at once.
PASSED = {
    ("marriage.reschedule", "move"),
    ("marriage.papers", "papers"),
    ("marriage.safety", "safety"),
    ("people.proxy", "begin"),
    ("marriage.waiting", "begin"),
    ("marriage.rush", "begin"),
    ("people.counter_code", "code"),
}


@pytest.fixture(params=sorted(WAITING), ids="/".join)
def place(request: pytest.FixtureRequest) -> Place:
    """A step that waits for an answer."""
    chosen: Place = request.param
    return chosen


@pytest.fixture
def there(chat: Chat, place: Place) -> Chat:
    """A chat that waits there."""
    return brought(chat, place)


def brought(chat: Chat, place: Place) -> Chat:
    """The chat, led to a step."""
    own, typed, _, _ = WAITING[place]
    for moment in own:
        chat.registry.has(moment)
    for text in typed:
        if not _made_a_tie(chat, text):
            chat.says(text)
    assert chat.at == place, chat.reply
    return chat


def _made_a_tie(chat: Chat, line: str) -> bool:
    if line in (HAS_CEREMONY, MARRIES, EVENT):
        chat.ceremonies.marries = True
        if line == HAS_CEREMONY:
            chat.ceremonies.has()
        if line == EVENT:
            chat.ceremonies.announces()
        return True
    if line in (LOOKED_FOR, VOLUME_READY):
        more: dict[str, object] = {"bookable": True} if line == VOLUME_READY else {}
        chat.archives.has(*[{}] * len(chat.archives.found), more)
        return True
    if line == HAS_TALK:
        chat.counsellors.has()
        return True
    if makes_peak(chat, line):
        return True
    if line == TAKEN:
        chat.moves.took(chat.registry.appointments[0])
        return True
    if line in (WAITS, OFFERED):
        chat.waiting.waits(offered=line == OFFERED)
        return True
    if line not in (HER_ASK, MY_ASK):
        return False
    chat.family.has(helping=line == MY_ASK, waiting=True)
    return True


def test_the_table_knows_every_step() -> None:
    steps = {(flow.name, step.name) for flow in DIRECTORY.flows for step in flow.steps}
    assert set(WAITING) | PASSED == steps


# Where any sentence is an answer.
FREE_TEXT = {
    ("marriage.ceremony", "guests"): ("0",),
    ("marriage.archive", "proof"): ("月亮走我也走", "两个都行吧"),
    ("marriage.archive", "details"): ("月亮走我也走", "两个都行吧"),
    ("marriage.counselling", "guardian"): ("月亮走我也走", "两个都行吧"),
    ("marriage.counselling", "about"): ("月亮走我也走", "[图片]", "两个都行吧"),
    ("privacy.own_data", "words"): ("月亮走我也走",),
    ("people.proxy", "scopes"): ("1 2 3 4",),
    ("marriage.book", "rush_part"): ("两个都行吧",),
    ("marriage.rush", "rush_part"): ("两个都行吧",),
}


@pytest.mark.parametrize("text", ["99", "0", "月亮走我也走", "。。。", "", "   ", "[图片]", "1 2 3 4", "两个都行吧"])
def test_a_wrong_answer_hears_what_is_expected(there: Chat, place: Place, text: str) -> None:
    before = there.progress
    if text in FREE_TEXT.get(place, ()):
        pytest.skip("any sentence is an answer here")
    assert WAITING[place][2] in there.says(text)
    assert there.progress == before


@pytest.mark.parametrize("text", ["返回", "上一步"])
def test_back(there: Chat, place: Place, text: str) -> None:
    there.says(text)
    assert there.at == (place[0], WAITING[place][3])


@pytest.mark.parametrize("text", ["取消", "退出", "算了"])
def test_leaving(there: Chat, place: Place, text: str) -> None:
    flow = DIRECTORY.flow(place[0])
    assert flow is not None
    assert there.says(text) == (flow.farewell or LEFT)
    assert there.at is None
    assert there.registry.held is None


def test_the_menu_keeps_the_place(there: Chat) -> None:
    before = there.progress
    there.reads("""
        ▸ 菜单
          刚才的事还没办完，接着回答就行。 | 1 结婚登记预约
    """)
    assert there.progress == before


def test_a_person_is_called_and_the_place_kept(there: Chat) -> None:
    before = there.progress
    there.says("人工")
    assert there.handed_over
    assert there.progress == before


def test_papers_in_between_keep_the_place(there: Chat, place: Place) -> None:
    """In the list of one's own appointment it is one of the choices, and answers in its own words."""
    before = there.progress
    assert "居民身份证原件" in there.says("要带什么")
    if place != ("marriage.own", "act"):
        assert WAITING[place][2] in there.reply
        assert there.progress == before


# --- every declared way ---

BOOK_AT_SUMMARY = ["结婚登记", "1", "3", "10点", COUPLE]
BOOK_UNDER_AGE = ["结婚登记", "1", "3", "10点", f"{YOUNG_GROOM}⏎{BRIDE}"]

VOLUME_AT_26 = [VOLUME_READY, "我的查档", "?hold 2026-11-30 10:00", "26号10点"]
VISIT_AT_AGREE = [VOLUME_READY, "我的查档", "1", "2", "10点"]

REISSUE_26 = ["26号10点补领结婚证"]

# What is typed; a line `?hold 2026-11-30 10:00` has the registry refuse the next hold as full and name that time.
WAYS: dict[Edge, list[str]] = {
    ("people.link", "code", "sure"): ["绑定", "12345678"],
    ("marriage.book", "office", "day"): ["结婚登记", "1"],
    ("marriage.book", "day", "time"): ["结婚登记", "1", "1"],
    ("marriage.book", "day", "day"): ["26号10点领证", "?hold 2026-11-30 10:00", "1", "?hold 2026-11-27 10:00", "1"],
    ("marriage.book", "day", "parties"): ["26号10点领证", "?hold 2026-11-30 10:00", "1", "1"],
    ("marriage.book", "time", "parties"): ["结婚登记", "1", "1", "10点"],
    ("marriage.book", "time", "day"): ["结婚登记", "1", "1", "27号"],
    ("marriage.book", "parties", "parties"): ["26号10点领证", "1", GROOM],
    ("marriage.book", "parties", "summary"): ["26号10点领证", "1", COUPLE],
    ("marriage.book", "parties", "under_age"): BOOK_UNDER_AGE,
    ("marriage.book", "parties", "day"): ["26号10点领证", "1", "27号"],
    ("marriage.book", "parties", "time"): ["26号10点领证", "1", "下午3点"],
    ("marriage.book", "under_age", "parties"): [*BOOK_UNDER_AGE, "2"],
    ("marriage.book", "under_age", "day"): [*BOOK_UNDER_AGE, "1"],
    ("marriage.book", "summary", "parties"): [*BOOK_AT_SUMMARY, "2"],
    ("marriage.book", "summary", "day"): [*BOOK_AT_SUMMARY, "27号"],
    ("marriage.book", "summary", "time"): [*BOOK_AT_SUMMARY, "下午3点"],
    ("marriage.matters", "matter", "office"): ["婚姻登记业务", "4"],
    ("marriage.matters", "office", "day"): ["补领结婚证", "1"],
    ("marriage.matters", "day", "time"): ["补领结婚证", "1", "1"],
    ("marriage.matters", "day", "day"): [*REISSUE_26, "?hold 2026-11-30 10:00", "1", "?hold 2026-11-27 10:00", "1"],
    ("marriage.matters", "day", "parties"): [*REISSUE_26, "?hold 2026-11-30 10:00", "1", "1"],
    ("marriage.matters", "time", "parties"): ["补领结婚证", "1", "1", "10点"],
    ("marriage.matters", "time", "day"): ["补领结婚证", "1", "1", "27号"],
    ("marriage.matters", "parties", "parties"): [*REISSUE_26, "1", GROOM],
    ("marriage.matters", "parties", "summary"): [*REISSUE_26, "1", COUPLE],
    ("marriage.matters", "parties", "day"): [*REISSUE_26, "1", "27号"],
    ("marriage.matters", "parties", "time"): [*REISSUE_26, "1", "下午3点"],
    ("marriage.matters", "summary", "parties"): [*REISSUE_26, "1", COUPLE, "2"],
    ("marriage.matters", "summary", "day"): [*REISSUE_26, "1", COUPLE, "27号"],
    ("marriage.matters", "summary", "time"): [*REISSUE_26, "1", COUPLE, "下午3点"],
    ("marriage.moved", "told", "day"): [TAKEN, "停办改期", "2"],
    ("marriage.moved", "told", "sure"): [TAKEN, "停办改期", "3"],
    ("marriage.moved", "day", "time"): [TAKEN, "停办改期", "2", "2"],
    ("marriage.moved", "day", "day"): [TAKEN, "停办改期", "2", "2", "10点", "?reschedule 2026-11-26 10:00", "1", "1"],
    ("marriage.moved", "day", "agree"): [TAKEN, "停办改期", "2", "2", "10点", "?reschedule 2026-11-30 10:00", "1", "1"],
    ("marriage.moved", "time", "day"): [TAKEN, "停办改期", "2", "2", "27号"],
    ("marriage.moved", "time", "agree"): [TAKEN, "停办改期", "2", "2", "10点"],
    ("marriage.moved", "agree", "day"): [TAKEN, "停办改期", "2", "2", "10点", "2"],
    ("marriage.moved", "agree", "time"): [TAKEN, "停办改期", "2", "2", "10点", "下午3点"],
    ("marriage.own", "choose", "act"): ["我的预约"],
    ("marriage.own", "act", "day"): ["我的预约", "1"],
    ("marriage.own", "act", "sure"): ["我的预约", "2"],
    ("marriage.own", "day", "time"): ["我的预约", "1", "2"],
    ("marriage.own", "day", "day"): ["我的预约", "27号10点", "?reschedule 2026-11-26 10:00", "1", "1"],
    ("marriage.own", "day", "agree"): ["我的预约", "27号10点", "?reschedule 2026-11-30 10:00", "1", "1"],
    ("marriage.own", "time", "day"): ["我的预约", "1", "2", "27号"],
    ("marriage.own", "time", "agree"): ["我的预约", "1", "2", "10点"],
    ("marriage.own", "agree", "day"): ["我的预约", "27号10点", "2"],
    ("marriage.own", "agree", "time"): ["我的预约", "27号10点", "下午3点"],
    ("marriage.reschedule", "choose", "move"): ["改时间"],
    ("marriage.reschedule", "move", "day"): ["改时间"],
    ("marriage.reschedule", "day", "time"): ["改时间", "2"],
    ("marriage.reschedule", "day", "day"): ["改到27号10点", "?reschedule 2026-11-26 10:00", "1", "1"],
    ("marriage.reschedule", "day", "agree"): ["改到27号10点", "?reschedule 2026-11-30 10:00", "1", "1"],
    ("marriage.reschedule", "time", "day"): ["改时间", "2", "27号"],
    ("marriage.reschedule", "time", "agree"): ["改到27号10点"],
    ("marriage.reschedule", "agree", "day"): ["改到27号10点", "2"],
    ("marriage.reschedule", "agree", "time"): ["改到27号10点", "下午3点"],
    ("marriage.cancel", "choose", "sure"): ["不去了"],
    ("marriage.archive", "what", "whose"): ["查档案", "5"],
    ("marriage.archive", "what", "which"): ["查档案", "4"],
    ("marriage.archive", "what", "names"): ["查档案", "1"],
    ("marriage.archive", "whose", "proof"): ["查档案", "5", "2"],
    ("marriage.archive", "proof", "sought"): ["查档案", "5", "2", "陕0102民初1号"],
    ("marriage.archive", "sought", "names"): ["查档案", "5", "2", "陕0102民初1号", "2"],
    ("marriage.archive", "which", "names"): ["查档案", "4", "1"],
    ("marriage.archive", "names", "when"): ARCHIVE_AT_OFFICE[:3],
    ("marriage.archive", "when", "details"): [*ARCHIVE_AT_OFFICE[:3], "1987年"],
    ("marriage.archive", "when", "office"): ARCHIVE_AT_OFFICE,
    ("marriage.archive", "details", "office"): [*ARCHIVE_AT_OFFICE[:3], "1987年", "不清楚"],
    ("marriage.archive", "office", "sure"): [*ARCHIVE_AT_OFFICE, "1"],
    ("marriage.archive", "sure", "names"): [*ARCHIVE_AT_OFFICE, "1", "2"],
    ("marriage.archive_own", "choose", "act"): [LOOKED_FOR, "我的查档"],
    ("marriage.archive_own", "act", "choose"): [LOOKED_FOR, "我的查档", "我的查档"],
    ("marriage.archive_own", "act", "day"): [VOLUME_READY, "我的查档", "1"],
    ("marriage.archive_own", "act", "sure"): [VOLUME_READY, "我的查档", "2"],
    ("marriage.archive_own", "day", "time"): [VOLUME_READY, "我的查档", "1", "2"],
    ("marriage.archive_own", "day", "day"): [*VOLUME_AT_26, "?hold 2026-11-27 10:00", "1"],
    ("marriage.archive_own", "day", "agree"): [*VOLUME_AT_26, "1"],
    ("marriage.archive_own", "time", "day"): [VOLUME_READY, "我的查档", "1", "2", "27号"],
    ("marriage.archive_own", "time", "agree"): VISIT_AT_AGREE,
    ("marriage.archive_own", "agree", "day"): [*VISIT_AT_AGREE, "2"],
    ("marriage.archive_own", "agree", "time"): [*VISIT_AT_AGREE, "下午3点"],
    ("marriage.counselling", "own", "matter"): ["婚姻辅导"],
    ("marriage.counselling", "own", "again"): [HAS_TALK, "我的辅导", "1"],
    ("marriage.counselling", "own", "cancel"): [HAS_TALK, "我的辅导", "2"],
    ("marriage.counselling", "matter", "office"): ["婚姻辅导", "2"],
    ("marriage.counselling", "office", "way"): ["婚姻辅导", "2", "1"],
    ("marriage.counselling", "way", "together"): TO_WAY,
    ("marriage.counselling", "together", "time"): TO_TIME,
    ("marriage.counselling", "time", "contact"): [*TO_TIME, "1"],
    ("marriage.counselling", "contact", "grown"): TO_ABOUT[:-1],
    ("marriage.counselling", "grown", "about"): TO_ABOUT,
    ("marriage.counselling", "grown", "guardian"): [*TO_ABOUT[:-1], "2"],
    ("marriage.counselling", "guardian", "about"): [*TO_ABOUT[:-1], "2", "妈妈王女士"],
    ("marriage.counselling", "about", "sure"): [*TO_ABOUT, "不说"],
    ("marriage.counselling", "sure", "time"): [*TO_ABOUT, "不说", "2"],
    ("marriage.ceremony", "own", "venue"): [MARRIES, "颁证仪式"],
    ("marriage.ceremony", "own", "cancel"): [HAS_CEREMONY, "颁证仪式", "1"],
    ("marriage.ceremony", "venue", "time"): [MARRIES, "颁证仪式", "1"],
    ("marriage.ceremony", "time", "guests"): [MARRIES, "颁证仪式", "1", "1"],
    ("marriage.ceremony", "guests", "sure"): [MARRIES, "颁证仪式", "1", "1", "4"],
    ("marriage.ceremony", "sure", "time"): [MARRIES, "颁证仪式", "1", "1", "4", "2"],
    ("marriage.group_events", "event", "act"): [EVENT, "集体颁证", "1"],
    ("marriage.waiting", "begin", "offer"): [OFFERED, "候补"],
    ("marriage.waiting", "begin", "standing"): [WAITS, "候补"],
    ("marriage.waiting", "begin", "office"): ["候补"],
    ("marriage.waiting", "begin", "day"): ["结婚登记", "1", "候补"],
    ("marriage.waiting", "standing", "office"): [WAITS, "候补", "2"],
    ("marriage.waiting", "office", "day"): ["候补", "1"],
    ("marriage.waiting", "day", "parties"): ["候补", "1", "下周三"],
    ("marriage.waiting", "parties", "parties"): ["候补", "1", "下周三", GROOM],
    ("marriage.waiting", "parties", "sure"): ["候补", "1", "下周三", COUPLE],
    ("marriage.waiting", "sure", "parties"): ["候补", "1", "下周三", COUPLE, "2"],
    ("people.proxy", "begin", "decide"): [HER_ASK, "代办"],
    ("people.proxy", "begin", "ties"): [MY_ASK, "代办"],
    ("people.proxy", "begin", "relation"): ["代办"],
    ("people.proxy", "ties", "act"): [MY_ASK, "代办", "1"],
    ("people.proxy", "ties", "relation"): [MY_ASK, "代办", "2"],
    ("people.proxy", "act", "decide"): [MY_ASK, "代办", HER_ASK, "返回", "2"],
    ("people.proxy", "act", "code"): [MY_ASK, "代办", "1", "1"],
    ("people.proxy", "act", "sure"): [MY_ASK, "代办", "1", "2"],
    ("people.proxy", "relation", "who"): ["代办", "1"],
    ("people.proxy", "who", "scopes"): ["代办", "1", MOTHER],
    ("people.proxy", "scopes", "check"): ["代办", "1", MOTHER, "1"],
    ("people.proxy", "check", "relation"): ["代办", "1", MOTHER, "1", "2"],
    ("privacy.own_data", "choose", "words"): ["我的数据", "1"],
    ("privacy.own_data", "choose", "wishes"): ["我的数据", "3"],
    ("privacy.own_data", "choose", "sure"): ["我的数据", "4"],
} | PEAK_WAYS


def test_the_table_knows_every_way() -> None:
    declared = {
        (flow.name, step.name, target) for flow in DIRECTORY.flows for step in flow.steps for target in step.leads_to
    }
    assert set(WAYS) == declared


@pytest.mark.parametrize("edge", sorted(WAYS), ids="/".join)
def test_every_declared_way_can_be_gone(chat: Chat, edge: Edge) -> None:
    if edge[0] != "marriage.book":
        chat.registry.has(ONE_OWN[0])
    for text in WAYS[edge]:
        if _made_a_tie(chat, text):
            continue
        if text.startswith("?"):
            command, moment = text[1:].split(" ", 1)
            near = (chat.registry.slot(moment),)
            chat.registry.refuse(command, "slot_full", "这个时段刚刚约满了，请换一个时间。", alternatives=near)
        else:
            chat.edges.clear()
            chat.says(text)
    assert edge in chat.edges, chat.reply
