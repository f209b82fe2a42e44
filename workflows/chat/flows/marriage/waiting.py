"""候补: wait for a place that comes free; take or pass what is offered; get out of line.

`answers`: `office`, `kind`, `wish` (days that were full when somebody wanted to book them), `wanted` (first and last
day), `parties`, `entry` (what is offered or listed), `listed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.kernel.chinese_dates import spoken_day, spoken_moment
from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.matter_words import asked_kind, matter_of
from workflows.chat.flows.marriage.naming import ask_names, named
from workflows.chat.flows.marriage.offices import answer_office, ask_office
from workflows.chat.flows.marriage.parties import forget_parties, typed_parties
from workflows.chat.flows.marriage.wishes import kind_of, note_wanted
from workflows.chat.ports import PartySummary, Refused
from workflows.chat.understanding import normalise, pick, read_yes_no, says
from workflows.chat.waiting_port import OwnWaiting

MOST_LISTED = 4

GONE = "这个候补有变动，回“候补”看看现在的情况。"
_DAY_HINT = "请直接说日期，如“下周三”“11月26日”“下周”。"


def matches(text: str) -> int:
    """Whether a text asks to wait for a place."""
    said = normalise(text)
    if says(said, "叫号", "取号", "现场排队"):
        return 0
    return 2 if says(said, "候补", "帮我排队", "排个队", "排上队", "有号叫我", "有空位通知", "有位置告诉我") else 0


def _open(turn: Turn, text: str) -> None:
    kind = asked_kind(text)
    if kind is not None:
        turn.answers["kind"] = kind
    wish = turn.answers.pop("wish", None)
    if not note_wanted(turn, text) and wish is not None:
        turn.answers["wanted"] = wish


def _entry(turn: Turn) -> OwnWaiting | None:
    chosen = turn.answers.get("entry")
    return next((own for own in turn.ports.waiting.own() if own.id == chosen), None)


def offered(turn: Turn) -> bool:
    """Whether a place is kept for the person at this moment: then a bare number is an answer to that."""
    return any(own.offer for own in turn.ports.waiting.own())


def _begin(turn: Turn) -> Asked:
    own = turn.ports.waiting.own()
    for one in own:
        if one.offer is not None:  # what runs out comes first
            turn.answers["entry"] = one.id
            return GoTo("offer")
    if own and "wanted" not in turn.answers:
        return GoTo("standing")
    return GoTo("day") if "office" in turn.answers else GoTo("office")


def _never_waits(_turn: Turn, _text: str) -> Answered:
    return GoTo("office")


# --- a place is kept ---


def _ask_offer(turn: Turn) -> Asked:
    own = _entry(turn)
    if own is None or own.offer is None or own.until is None:
        return Done(GONE)
    where = f"{spoken_moment(own.offer.starts_at)}–{own.offer.ends_at:%H:%M}，{own.offer.office.name}"
    return Question(
        f"候补有位置了：{where}，为您留到{spoken_day(own.until.date())}{own.until:%H:%M}。\n1 接受\n2 让给下一位"
    )


def _answer_offer(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["接受", "让给下一位"], [["要", "可以"], ["让", "不要"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    own = _entry(turn)
    if choice is None:
        return NotUnderstood("接受请回1，让给下一位请回2。")
    if own is None:
        return Done(GONE)
    return _accept(turn, own) if choice == 0 else _let_pass(turn, own)


def _accept(turn: Turn, own: OwnWaiting) -> Answered:
    booked = turn.ports.waiting.accept(own.id)
    if isinstance(booked, Refused):
        return Done(booked.sentence)
    when = f"{spoken_moment(booked.time.starts_at)}，{booked.time.office.name}（{booked.time.office.address}）"
    return Done(
        f"约好了 预约号 {booked.number}\n{when}，{booked.check_in_by:%H:%M}前签到。\n"
        "要带什么，回“要带什么”；要改时间或取消，回“我的预约”。"
    )


def _let_pass(turn: Turn, own: OwnWaiting) -> Answered:
    on = turn.ports.waiting.let_pass(own.id)
    if isinstance(on, Refused):
        return Done(on.sentence)
    return Done("好，让给下一位了。您还在候补，有别的空位再告诉您。" if on else "好，让给下一位了，候补也结束了。")


# --- what they wait for ---


def _ask_standing(turn: Turn) -> Asked:
    own = turn.ports.waiting.own()[:MOST_LISTED]
    if not own:
        return GoTo("office")
    turn.answers["listed"] = [one.id for one in own]
    lines = [f"{number} 退出：{_line(one)}" for number, one in enumerate(own, start=1)]
    return Question(
        "\n".join(["您在候补，有空位马上告诉您：", *lines, f"{len(own) + 1} 再排别的", "继续等就不必回复。"])
    )


def _line(own: OwnWaiting) -> str:
    days = spoken_day(own.first) if own.first == own.last else f"{spoken_day(own.first)}至{spoken_day(own.last)}"
    return f"{days} {own.office.name}（前面{own.ahead}位）"


def _answer_standing(turn: Turn, text: str) -> Answered:
    listed = turn.answers["listed"]
    if len(listed) == 1 and says(normalise(text), "退出候补", "不排了", "不等了"):
        return _leave(turn, listed[0])
    index = pick(text, [*("" for _ in listed), "再排别的"])
    if index is None:
        return NotUnderstood("退出请回前面的数字，继续等就不必回复。")
    return GoTo("office") if index == len(listed) else _leave(turn, listed[index])


def _leave(turn: Turn, entry_id: str) -> Answered:
    refused = turn.ports.waiting.leave(entry_id)
    return Done(refused.sentence if refused else "好，退出候补了。以后要排，再说“候补”。")


# --- getting in line ---


def _ask_day(turn: Turn) -> Asked:
    if "wanted" in turn.answers:
        return GoTo("parties", f"好，等{_days(turn)}的空位。")
    return Question(f"想等哪天的空位？{_DAY_HINT}")


def _answer_day(turn: Turn, text: str) -> Answered:
    if note_wanted(turn, text) and "wanted" in turn.answers:
        return GoTo("parties")
    return NotUnderstood(_DAY_HINT)


def _forget_day(turn: Turn) -> None:
    turn.answers.pop("wanted", None)


def _wish(turn: Turn) -> tuple[str, date, date]:
    first, last = (date.fromisoformat(day) for day in turn.answers["wanted"])
    return turn.answers["office"], first, last


def _days(turn: Turn) -> str:
    """The days they wait for, and where."""
    office_id, first, last = _wish(turn)
    days = spoken_day(first) if first == last else f"{spoken_day(first)}至{spoken_day(last)}"
    office = next((one.name for one in turn.ports.marriage.offices() if one.id == office_id), "")
    return f"{days}{office}"


def _ask_parties(turn: Turn) -> Asked:
    wanted = turn.ports.marriage.parties_wanted(turn.answers["office"], kind_of(turn))
    return GoTo("sure") if len(typed_parties(turn)) in wanted else ask_names(turn)


def _answer_parties(turn: Turn, text: str) -> Answered:
    wanted = turn.ports.marriage.parties_wanted(turn.answers["office"], kind_of(turn))
    parties = named(turn, text, wanted)
    if not isinstance(parties, list):
        return parties
    if len(parties) in wanted:
        checked = turn.ports.waiting.check(*_wish(turn), parties, kind_of(turn))
        if isinstance(checked, Refused):
            return _refused(turn, checked)
    turn.answers["parties"] = [[one.name, one.number] for one in parties]
    return GoTo("sure") if len(parties) in wanted else GoTo("parties")


def _refused(turn: Turn, refused: Refused) -> Answered:
    if refused.code == "state_conflict":  # there are free places: booking is faster than waiting
        return Done(
            f"{refused.sentence}回“结婚登记”就能约。" if not matter_of(kind_of(turn)).quiet else refused.sentence
        )
    if refused.code in ("already_booked", "already_waiting", "booking_paused"):
        return Done(refused.sentence)
    return Again(f"{refused.sentence}\n改好后请重新发，要换日子请回“返回”。")


def _ask_sure(turn: Turn) -> Asked:
    office_id, first, last = _wish(turn)
    checked = turn.ports.waiting.check(office_id, first, last, typed_parties(turn), kind_of(turn))
    if isinstance(checked, Refused):
        return Done(checked.sentence)
    lines = [
        "请核对：",
        *(_party_line(one) for one in checked),
        f"等{_days(turn)}的空位，有了先为您留着，您答复再算数。",
    ]
    return Question("\n".join([*lines, matter_of(kind_of(turn)).declares, "1 都属实，开始候补\n2 改信息\n3 不排了"]))


def _party_line(party: PartySummary) -> str:
    return f"{party.name} {party.masked_number}"


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["都属实，开始候补", "改信息", "不排了"], [["确认", "属实"], ["改"], ["不等了"]])
    if choice is None and read_yes_no(text) is True:
        choice = 0
    if choice == 1:
        forget_parties(turn)
        return GoTo("parties")
    if choice == 2:
        return Done("好，没有排。以后要排，再说“候补”。")
    if choice is None:
        return NotUnderstood("都对请回1，要改信息回2，不排了回3。")
    joined = turn.ports.waiting.join(*_wish(turn), typed_parties(turn), kind_of(turn))
    if isinstance(joined, Refused):
        return Done(joined.sentence)
    return Done(_joined(joined))


def _joined(own: OwnWaiting) -> str:
    ahead = f"前面还有{own.ahead}位" if own.ahead else "您排在第一位"
    return f"排上了，{ahead}。有空位马上告诉您，留半小时等您答复，夜里不算。看进展或退出，回“候补”。"


def _steps() -> Sequence[Step]:
    return (
        Step("begin", _begin, _never_waits, ("offer", "standing", "office", "day")),
        Step("offer", _ask_offer, _answer_offer, may_rest=True),
        Step("standing", _ask_standing, _answer_standing, ("office",), may_rest=True),
        Step("office", ask_office, answer_office, ("day",)),
        Step("day", _ask_day, _answer_day, ("parties",), _forget_day),
        Step("parties", _ask_parties, _answer_parties, ("parties", "sure"), forget_parties),
        Step("sure", _ask_sure, _answer_sure, ("parties",)),
    )


WAIT = Flow(
    name="marriage.waiting",
    title="候补",
    call_words="候补",
    version=1,
    steps=_steps(),
    matches=matches,
    open=_open,
    carries=("office", "kind", "wish"),
    farewell="好，没有变动。看进展或退出候补，回“候补”。",
    awaits=offered,
)
