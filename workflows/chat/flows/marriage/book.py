"""预约结婚登记: registry → day → time (kept for some minutes) → both parties → check and declare → booked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from backend.kernel.chinese_dates import spoken_date, spoken_day, spoken_moment
from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.choosing import choose_again, choosing_steps
from workflows.chat.flows.marriage.wishes import elsewhere, note_wanted, provisional_note
from workflows.chat.ports import BookedPlace, OfficeChoice, PartySummary, Refused, TimeChoice, TypedParty
from workflows.chat.understanding import TypedPerson, normalise, pick, read_persons, read_yes_no, says

_PARTIES_HINT = "请发双方姓名和身份证号，一行一位，如：\n张三 610102199001011234"
_SLOT_GONE = ("slot_full", "too_late", "not_found")  # refusals that another slot would cure


def matches(text: str) -> int:
    """Whether a text asks to book a marriage registration."""
    said = normalise(text)
    if says(said, "离婚", "补领", "补办", "丢了", "结婚证丢"):
        return 0
    if says(said, "结婚登记", "登记结婚", "领证", "扯证", "领结婚证", "预约结婚", "办结婚", "复婚"):
        return 2
    return 1 if says(said, "结婚", "婚姻登记", "登记") else 0


# --- the registry ---


def _ask_office(turn: Turn) -> Asked:
    offices = turn.ports.marriage.offices()
    if not offices:
        return Done("现在还没有开放网上预约的登记处，请回复“人工”。")
    if len(offices) == 1:
        turn.answers["office"] = offices[0].id
        return GoTo("day")
    lines = [f"{number} {office.name}（{office.address}）" for number, office in enumerate(offices, start=1)]
    return Question("\n".join(["您想到哪个登记处办理结婚登记？", *lines, "回复数字就行。"]))


def _answer_office(turn: Turn, text: str) -> Answered:
    offices = turn.ports.marriage.offices()
    index = pick(text, [office.name for office in offices], [[office.address] for office in offices])
    if index is None:
        # “下周三” is an answer to the next question; keep it and ask this one again.
        if note_wanted(turn, text):
            return Again("好，日期记下了。先选登记处：\n" + _office_lines(offices))
        return NotUnderstood("请回复登记处前面的数字，如“1”。")
    turn.answers["office"] = offices[index].id
    return GoTo("day")


def _office_lines(offices: Sequence[OfficeChoice]) -> str:
    return "\n".join(f"{number} {office.name}" for number, office in enumerate(offices, start=1))


# --- the place ---


def _keep_place(turn: Turn, choice: TimeChoice) -> GoTo:
    held = turn.ports.marriage.hold(choice.slot_id)
    if isinstance(held, Refused):
        return choose_again(turn, held)
    day = held.time.starts_at.date()
    turn.answers["slot"] = held.time.slot_id
    where = f"{spoken_moment(held.time.starts_at)}–{held.time.ends_at:%H:%M}，{held.time.office.name}"
    if turn.answers.get("provisional"):
        where += f"（{provisional_note(day)}）"
    turn.answers["slot_text"] = where
    return GoTo("parties", f"{where}，已为您留{held.minutes}分钟。")


def _give_back(turn: Turn) -> None:
    turn.ports.marriage.release()


def _other_place(turn: Turn, text: str) -> GoTo | None:
    """Back to choosing for “换到下午三点” and the like; the place that was kept goes to others meanwhile."""
    where = elsewhere(turn, text)
    if where is not None:
        _give_back(turn)
    return where


# --- both parties ---


def _parties(turn: Turn) -> list[TypedParty]:
    return [TypedParty(name, number) for name, number in turn.answers.get("parties", [])]


def _keep_parties(turn: Turn, parties: Sequence[TypedParty]) -> None:
    turn.answers["parties"] = [[party.name, party.number] for party in parties]


def _forget_parties(turn: Turn) -> None:
    turn.answers["parties"] = []


def _parties_hint(turn: Turn) -> str:
    known = _parties(turn)
    return f"{known[0].name}的记下了。请再发另一位的姓名和身份证号。" if known else _PARTIES_HINT


def _ask_parties(turn: Turn) -> Asked:
    known = _parties(turn)
    if len(known) < 2:
        return Question(_parties_hint(turn))
    checked = turn.ports.marriage.check_parties(turn.answers["slot"], known)
    if not isinstance(checked, Refused):
        return GoTo("summary")
    if checked.code in _SLOT_GONE:
        return choose_again(turn, checked)
    _forget_parties(turn)
    return Question(f"{checked.sentence}\n{_PARTIES_HINT}")


def _answer_parties(turn: Turn, text: str) -> Answered:
    typed = read_persons(text)
    complete = [TypedParty(person.name, person.number) for person in typed if person.name and person.number]
    if len(complete) > 2:
        return Again("只要登记的两位，请只发双方的姓名和身份证号，一行一位。")
    unread = _unread_number(typed)
    if not complete:
        return _nobody_complete(turn, text, typed, unread)
    parties = [*_parties(turn), *complete]
    if len(parties) > 2:
        parties = complete
    checked = turn.ports.marriage.check_parties(turn.answers["slot"], parties)
    if isinstance(checked, Refused):
        return _refused_parties(turn, checked, parties)
    _keep_parties(turn, parties)
    return GoTo("summary") if len(parties) == 2 else GoTo("parties", unread)


def _unread_number(typed: Sequence[TypedPerson]) -> str:
    """What to say of a number with too few or too many digits, which is no number to the reader."""
    unread = [person for person in typed if not person.number and re.search(r"\d{5}", person.leftover)]
    if not unread:
        return ""
    whose = f"{unread[0].name}的" if unread[0].name else ""
    return f"{whose}身份证号应为18位，请再核对一遍。"


def _nobody_complete(turn: Turn, text: str, typed: Sequence[TypedPerson], unread: str) -> Answered:
    if unread:
        return Again(f"{unread}姓名和号码写在同一行。")
    if any(person.name or person.number for person in typed):
        return Again("请把一个人的姓名和身份证号写在同一行，如：\n张三 610102199001011234")
    return _other_place(turn, text) or NotUnderstood(_parties_hint(turn))


def _refused_parties(turn: Turn, refused: Refused, parties: Sequence[TypedParty]) -> Answered:
    if refused.code in _SLOT_GONE:
        _keep_parties(turn, parties)
        return choose_again(turn, refused)
    if refused.possible_from is None:
        return Again(f"{refused.sentence}\n改好后请重新发。")
    _keep_parties(turn, parties)
    turn.answers["possible_from"] = refused.possible_from.isoformat()
    turn.answers["why"] = refused.sentence
    return GoTo("under_age")


# --- under age on that day (民法典 1047) ---


def _ask_under_age(turn: Turn) -> Asked:
    possible = date.fromisoformat(turn.answers["possible_from"])
    named = spoken_day(possible) if possible.year == turn.now.year else spoken_date(possible)
    return Question(f"{turn.answers['why']}\n1 看{named}以后的号\n2 改信息\n3 先不约了")


def _answer_under_age(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["看以后的号", "改信息", "先不约了"], [[], ["改", "写错了"], ["不约了"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("看以后的号请回1，改信息回2，先不约回3。")
    if choice == 1:
        _forget_parties(turn)
        return GoTo("parties")
    _give_back(turn)
    possible = date.fromisoformat(turn.answers["possible_from"])
    if choice == 2:
        return Done(f"好，先不约，留的号已经退回。{spoken_date(possible)}起可以登记，到时再来找我。")
    office = turn.answers["office"]
    if possible > turn.ports.marriage.last_day(office):
        opens = turn.ports.marriage.released_at(office, possible)
        return Done(
            f"{spoken_date(possible)}的号要到{spoken_date(opens)}{opens:%H:%M}才放出，那时再来找我。这次留的号已经退回。"
        )
    turn.answers["wanted"] = [possible.isoformat(), (possible + timedelta(days=30)).isoformat()]
    return GoTo("day")


# --- check, declare, book ---


def _ask_summary(turn: Turn) -> Asked:
    checked = turn.ports.marriage.check_parties(turn.answers["slot"], _parties(turn))
    if isinstance(checked, Refused):
        if checked.code in _SLOT_GONE:
            return choose_again(turn, checked)
        _forget_parties(turn)
        return GoTo("parties", checked.sentence)
    lines = ["请核对：", *(_party_line(party) for party in checked), turn.answers["slot_text"]]
    lines.append("双方自愿、均无配偶、无直系血亲和三代以内旁系血亲关系，届时双方亲自到场。")
    return Question("\n".join([*lines, "1 都属实，确认预约\n2 改信息\n3 取消"]))


def _party_line(party: PartySummary) -> str:
    told = []
    if party.male is not None:
        told.append("男" if party.male else "女")
    if party.age is not None:
        told.append(f"{party.age}岁")
    return f"{party.name}（{'，'.join(told)}）{party.masked_number}" if told else f"{party.name} {party.masked_number}"


def _answer_summary(turn: Turn, text: str) -> Answered:
    choice = pick(
        text, ["都属实，确认预约", "改信息", "取消"], [["确认", "属实", "没错"], ["改", "写错了"], ["不约了"]]
    )
    if choice is None and read_yes_no(text) is True:
        choice = 0
    if choice == 0:
        return _book(turn)
    if choice == 1:
        _forget_parties(turn)
        return GoTo("parties")
    if choice == 2:
        _give_back(turn)
        return Done("好，没有预约，留的号已经退回。以后要办，再说“结婚登记”。")
    return _other_place(turn, text) or NotUnderstood("都对请回1，要改信息回2，不约了回3。")


def _book(turn: Turn) -> Answered:
    booked = turn.ports.marriage.book(turn.answers["slot"], _parties(turn))
    if isinstance(booked, BookedPlace):
        return Done(_booked_text(turn, booked))
    if booked.code in _SLOT_GONE:
        return choose_again(turn, booked)
    return Again(f"{booked.sentence}\n改信息回2，不约了回3。")


def _booked_text(turn: Turn, booked: BookedPlace) -> str:
    office = booked.time.office
    papers = "；".join(turn.ports.marriage.papers())
    day = booked.time.starts_at.date()
    note = f"（{provisional_note(day)}）" if turn.answers.get("provisional") else ""
    return (
        f"约好了 ✔ 预约号 {booked.number}\n"
        f"{spoken_moment(booked.time.starts_at)}{note}，{office.name}（{office.address}），"
        f"{booked.check_in_by:%H:%M}前签到。\n"
        f"请带：{papers}。不用户口簿，不收费。\n"
        "前一天和当天我会提醒您。要改时间或取消，随时回“我的预约”。"
    )


def _open(turn: Turn, text: str) -> None:
    note_wanted(turn, text)


_DAY, _TIME = choosing_steps(_keep_place, ("parties",), _give_back)

BOOK = Flow(
    name="marriage.book",
    title="结婚登记预约",
    call_words="结婚登记",
    version=1,
    steps=(
        Step("office", _ask_office, _answer_office, ("day",), _give_back),
        _DAY,
        _TIME,
        Step(
            "parties",
            _ask_parties,
            _answer_parties,
            ("parties", "summary", "under_age", "day", "time"),
            _forget_parties,
        ),
        Step("under_age", _ask_under_age, _answer_under_age, ("parties", "day")),
        Step("summary", _ask_summary, _answer_summary, ("parties", "day", "time")),
    ),
    matches=matches,
    open=_open,
    leave=_give_back,
)
