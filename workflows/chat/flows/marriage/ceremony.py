"""颁证仪式 and 集体颁证: book a ceremony, give it up, have guests watch it; sign up for an event. All free."""

from __future__ import annotations

import re
from datetime import datetime

from backend.kernel.chinese_dates import spoken_date, spoken_moment
from workflows.chat.ceremony_ports import EventChoice, OwnCeremony
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.matter_words import CEREMONY_TOLD
from workflows.chat.ports import Refused
from workflows.chat.understanding import normalise, parse_numeral, pick, read_yes_no, says

NO_VENUE = "登记处现在没有开放预约的颁证场地，登记当天可以问登记员。"
NO_TIME = "这个场地没有合适的空场了。仪式在登记当天办完登记以后，或登记以后的日子里办；也可以问问登记处。"
NOTHING_CHANGED = "好，没有变动。要看仪式，随时回“颁证仪式”。"
NO_EVENTS = "现在没有在报名的集体颁证活动。有了会在公众号里公布。"
_LISTED = 6
_PEOPLE = re.compile(r"(\d{1,3}|[零一二两三四五六七八九十]{1,3})[个位名人]{0,2}")


def matches_ceremony(text: str) -> int:
    """Whether a text asks for a ceremony of one's own."""
    said = normalise(text)
    return 2 if says(said, "颁证仪式", "户外颁证", "云颁证", "约仪式", "我的仪式") else 0


def matches_events(text: str) -> int:
    """Whether a text asks for an event of many couples."""
    return 2 if says(normalise(text), "集体颁证", "集体婚礼") else 0


# --- a ceremony of one's own ---


def _ask_own(turn: Turn) -> Asked:
    own = turn.ports.ceremony.own()
    if own is None:
        return GoTo("venue")
    if not own.changeable:
        return Done(_told(own))
    second = "不给亲友在线观看了" if own.agreed else "同意请亲友在线观看（只凭链接，30天后删除）"
    return Question(f"{_told(own)}\n1 取消仪式\n2 {second}\n不用改就不必回复。")


def _told(own: OwnCeremony) -> str:
    where = "场地因天气有变，登记处会打电话和您商量" if own.needs_place else own.place
    link = f"\n在线观看：{own.page}" if own.page else ""
    waits = "\n在线观看还等另一方同意。" if own.agreed and not own.both_agreed else ""
    return f"颁证仪式 {own.number}\n{spoken_moment(own.starts_at)}，{where}。亲友{own.guests}人，不收费。{link}{waits}"


def _answer_own(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["取消仪式", "在线观看"], [["取消预约", "不办了"], ["云颁证", "直播"]])
    own = turn.ports.ceremony.own()
    if choice is None or own is None:
        return NotUnderstood("取消仪式请回1，在线观看请回2。")
    if choice == 0:
        return GoTo("cancel")
    refused = turn.ports.ceremony.choose_cloud(own.id, not own.agreed)
    if refused is not None:
        return Done(refused.sentence)
    if own.agreed:
        return Done("好，不给看了，链接已经失效。仪式照常。")
    return Done("好，记下您同意了。另一方也同意以后，登记处会拍，链接在“颁证仪式”里看；随时可以反悔，仪式照常。")


def _ask_venue(turn: Turn) -> Asked:
    if turn.ports.ceremony.registration() is None:
        return Done(CEREMONY_TOLD)
    venues = turn.ports.ceremony.venues()
    if not venues:
        return Done(NO_VENUE)
    if len(venues) == 1:
        turn.answers["venue"] = venues[0].id
        return GoTo("time")
    names = [f"{one.name}（户外，天气不好改室内）" if one.outdoor else one.name for one in venues[:_LISTED]]
    lines = [f"{number} {name}" for number, name in enumerate(names, 1)]
    return Question("\n".join(["仪式不收费，也不影响登记。想在哪里办？", *lines]))


def _answer_venue(turn: Turn, text: str) -> Answered:
    venues = turn.ports.ceremony.venues()[:_LISTED]
    index = pick(text, [one.name for one in venues])
    if index is None:
        return NotUnderstood("请回复场地前面的数字。")
    turn.answers["venue"] = venues[index].id
    return GoTo("time")


def _ask_time(turn: Turn) -> Asked:
    times = turn.ports.ceremony.times(turn.answers["venue"], _LISTED)
    if not times:
        return Done(NO_TIME)
    turn.answers["times"] = [one.isoformat() for one in times]
    return Question("\n".join(["请选时间：", *(f"{n} {spoken_moment(one)}" for n, one in enumerate(times, 1))]))


def _answer_time(turn: Turn, text: str) -> Answered:
    times = [datetime.fromisoformat(one) for one in turn.answers["times"]]
    index = pick(text, [spoken_moment(one) for one in times])
    if index is None:
        return NotUnderstood("请回复时间前面的数字。")
    turn.answers["starts_at"] = turn.answers["times"][index]
    return GoTo("guests")


def _most(turn: Turn) -> int:
    return next((one.guests_most for one in turn.ports.ceremony.venues() if one.id == turn.answers["venue"]), 0)


def _ask_guests(turn: Turn) -> Asked:
    return Question(f"来几位亲友（不算您二位）？最多{_most(turn)}人，没有就回“0”。")


def _answer_guests(turn: Turn, text: str) -> Answered:
    found = _PEOPLE.fullmatch(normalise(text))
    number = parse_numeral(found[1]) if found else None
    if number is None or not 0 <= number <= _most(turn):
        return NotUnderstood(f"请回复亲友人数，最多{_most(turn)}人，没有就回“0”。")
    turn.answers["guests"] = int(number)
    return GoTo("sure")


def _ask_sure(turn: Turn) -> Asked:
    when = spoken_moment(datetime.fromisoformat(turn.answers["starts_at"]))
    place = next((one.name for one in turn.ports.ceremony.venues() if one.id == turn.answers["venue"]), "")
    told = f"颁证仪式：{when}，{place}，亲友{turn.answers['guests']}人，不收费。"
    return Question(f"{told}\n1 约这一场\n2 换时间\n3 不约了")


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["约这一场", "换时间", "不约了"], [["约"], ["换"], ["不约"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("约这一场请回1，换时间回2，不约了回3。")
    if choice == 1:
        return GoTo("time")
    if choice == 2:
        return Done("好，没有约。登记照常，想办仪式再说“颁证仪式”。")
    answers = turn.answers
    made = turn.ports.ceremony.book(answers["venue"], datetime.fromisoformat(answers["starts_at"]), answers["guests"])
    if isinstance(made, Refused):
        return GoTo("time", made.sentence) if made.code == "slot_full" else Done(made.sentence)
    return Done(f"约好了 ✔ {_told(made)}\n请带身份证，提前15分钟到，前一晚提醒您。")


def _ask_cancel(_turn: Turn) -> Asked:
    return Question("确定取消仪式吗？登记预约不变。\n1 取消仪式\n2 不取消")


def _answer_cancel(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["取消仪式", "不取消"], [["取消"], ["留着"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    own = turn.ports.ceremony.own()
    if choice is None:
        return NotUnderstood("取消仪式请回1，不取消回2。")
    if choice == 1 or own is None:
        return Done(NOTHING_CHANGED)
    refused = turn.ports.ceremony.cancel(own.id)
    return Done(refused.sentence if refused else "仪式取消了，登记预约不变。想再约，回“颁证仪式”。")


CEREMONY = Flow(
    name="marriage.ceremony",
    title="颁证仪式",
    call_words="颁证仪式",
    version=1,
    steps=(
        Step("own", _ask_own, _answer_own, ("venue", "cancel"), may_rest=True),
        Step("venue", _ask_venue, _answer_venue, ("time",)),
        Step("time", _ask_time, _answer_time, ("guests",)),
        Step("guests", _ask_guests, _answer_guests, ("sure",)),
        Step("sure", _ask_sure, _answer_sure, ("time",)),
        Step("cancel", _ask_cancel, _answer_cancel),
    ),
    matches=matches_ceremony,
    farewell=NOTHING_CHANGED,
)


# --- events of many couples ---


def _ask_event(turn: Turn) -> Asked:
    events = turn.ports.ceremony.events()[:3]
    if not events:
        return Done(NO_EVENTS)
    lines = [f"{n} {_event(one)}" for n, one in enumerate(events, 1)]
    return Question("\n".join(["集体活动不收费，双方都确认才算报名：", *lines, "要报名、确认或退出，回复数字。"]))


def _event(one: EventChoice) -> str:
    state = f"，您二位{one.state_name}" if one.state_name else f"，{spoken_date(one.closes_at.date())}截止"
    return f"{one.title} {spoken_moment(one.starts_at)} {one.places}对（{one.mode_name}）{state}"


def _answer_event(turn: Turn, text: str) -> Answered:
    events = turn.ports.ceremony.events()[:3]
    index = pick(text, [one.title for one in events])
    if index is None:
        return NotUnderstood("请回复活动前面的数字。")
    turn.answers["event"] = events[index].id
    return GoTo("act")


def _chosen(turn: Turn) -> EventChoice | None:
    return next((one for one in turn.ports.ceremony.events() if one.id == turn.answers["event"]), None)


def _ask_act(turn: Turn) -> Asked:
    one = _chosen(turn)
    if one is None:
        return Done(NO_EVENTS)
    verb = "退出" if one.entry_id and not one.waits_for_me else "确认报名" if one.entry_id else "报名"
    return Question(f"{one.title}\n{spoken_moment(one.starts_at)}，{one.place}。\n1 {verb}\n2 不用了")


def _answer_act(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["报名", "不用了"], [["确认报名", "退出"], ["不报"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    one = _chosen(turn)
    if choice is None:
        return NotUnderstood("要办请回1，不用回2。")
    if choice == 1 or one is None:
        return Done("好，没有变动。")
    refused = turn.ports.ceremony.act(one.id)
    if refused is not None:
        return Done(refused.sentence)
    if one.waits_for_me:
        return Done("确认好了 ✔ 结果会通知您二位。")
    if one.entry_id:
        return Done("已经退出了，名额让给候补。")
    return Done("记下了。请另一方在自己的微信里回“集体颁证”确认，双方都确认才算报名。")


EVENTS = Flow(
    name="marriage.group_events",
    title="集体颁证",
    call_words="集体颁证",
    version=1,
    steps=(
        Step("event", _ask_event, _answer_event, ("act",), may_rest=True),
        Step("act", _ask_act, _answer_act),
    ),
    matches=matches_events,
    farewell="好，没有变动。",
)
