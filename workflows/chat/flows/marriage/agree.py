"""Check, declare, book: the last step of booking, whatever the kind."""

from __future__ import annotations

from backend.kernel.chinese_dates import spoken_moment
from workflows.chat.engine import Again, Answered, Asked, Done, GoTo, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.choosing import choose_again
from workflows.chat.flows.marriage.matter_words import QUIET_LINE, Matter, matter_of
from workflows.chat.flows.marriage.parties import (
    SLOT_GONE,
    check,
    forget_parties,
    give_back,
    other_place,
    typed_parties,
)
from workflows.chat.flows.marriage.wishes import kind_of, provisional_note
from workflows.chat.ports import BookedPlace, PartySummary, Refused
from workflows.chat.understanding import pick, read_yes_no

_LONGEST = 290  # a reply stays under 300 characters (stories.md)


def keep_place(turn: Turn, slot_id: str) -> GoTo:
    """Keep the chosen slot for some minutes and go on to the parties."""
    held = turn.ports.marriage.hold(slot_id, kind_of(turn))
    if isinstance(held, Refused):
        return choose_again(turn, held)
    day = held.time.starts_at.date()
    turn.answers["slot"] = held.time.slot_id
    where = f"{spoken_moment(held.time.starts_at)}–{held.time.ends_at:%H:%M}，{held.time.office.name}"
    if turn.answers.get("provisional"):
        where += f"（{provisional_note(day)}）"
    turn.answers["slot_text"] = where
    return GoTo("parties", f"{where}，已为您留{held.minutes}分钟。")


def ask_summary(turn: Turn) -> Asked:
    """What will be booked, and what they declare by it."""
    checked = check(turn, typed_parties(turn))
    if isinstance(checked, Refused):
        if checked.code in SLOT_GONE:
            return choose_again(turn, checked)
        forget_parties(turn)
        return GoTo("parties", checked.sentence)
    lines = ["请核对：", *(party_line(party) for party in checked), turn.answers["slot_text"]]
    lines.append(matter_of(kind_of(turn)).declares)
    return Question("\n".join([*lines, "1 都属实，确认预约\n2 改信息\n3 取消"]))


def party_line(party: PartySummary) -> str:
    """A party as read back for checking."""
    told = []
    if party.male is not None:
        told.append("男" if party.male else "女")
    if party.age is not None:
        told.append(f"{party.age}岁")
    return f"{party.name}（{'，'.join(told)}）{party.masked_number}" if told else f"{party.name} {party.masked_number}"


def answer_summary(turn: Turn, text: str) -> Answered:
    """Book, change, or leave it."""
    choice = pick(
        text, ["都属实，确认预约", "改信息", "取消"], [["确认", "属实", "没错"], ["改", "写错了"], ["不约了"]]
    )
    if choice is None and read_yes_no(text) is True:
        choice = 0
    if choice == 0:
        return _book(turn)
    if choice == 1:
        forget_parties(turn)
        return GoTo("parties")
    if choice == 2:
        give_back(turn)
        matter = matter_of(kind_of(turn))
        again = "以后要办，随时再来找我。" if matter.quiet else f"以后要办，再说“{matter.label}”。"
        return Done(f"好，没有预约，留的号已经退回。{again}")
    return other_place(turn, text) or NotUnderstood("都对请回1，要改信息回2，不约了回3。")


def _book(turn: Turn) -> Answered:
    booked = turn.ports.marriage.book(turn.answers["slot"], typed_parties(turn), kind_of(turn))
    if isinstance(booked, BookedPlace):
        return Done(_booked_text(turn, booked))
    if booked.code in SLOT_GONE:
        return choose_again(turn, booked)
    return Again(f"{booked.sentence}\n改信息回2，不约了回3。")


def _booked_text(turn: Turn, booked: BookedPlace) -> str:
    matter = matter_of(kind_of(turn))
    office = booked.time.office
    day = booked.time.starts_at.date()
    note = f"（{provisional_note(day)}）" if turn.answers.get("provisional") else ""
    opening = "约好了" if matter.quiet else "约好了 ✔"
    head = (
        f"{opening} 预约号 {booked.number}\n"
        f"{spoken_moment(booked.time.starts_at)}{note}，{office.name}（{office.address}），"
        f"{booked.check_in_by:%H:%M}前签到。\n"
    )
    end = "前一天和当天我会提醒您。要改时间或取消，随时回“我的预约”。"
    return head + _bring(turn, matter, _LONGEST - len(head) - len(end)) + end


def _bring(turn: Turn, matter: Matter, room: int) -> str:
    """As much of the checklist as a reply has room for; whole it can be had by “要带什么”."""
    rest = "。不用户口簿，不收费。\n" + (f"{QUIET_LINE}\n" if matter.quiet else "")
    papers = list(turn.ports.marriage.papers(matter.kind, turn.answers["office"]))
    whole = "请带：" + "；".join(papers) + rest
    if len(whole) <= room:
        return whole
    more = "；其余回“要带什么”看全部"
    while papers and len("请带：" + "；".join(papers) + more + rest) > room:
        papers.pop()
    return "请带：" + "；".join(papers) + more + rest
