"""Choosing the registry: the first step of booking, whatever the kind."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.chat.engine import Again, Answered, Asked, Done, GoTo, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.matter_words import matter_of
from workflows.chat.flows.marriage.wishes import kind_of, note_wanted
from workflows.chat.ports import OfficeChoice
from workflows.chat.understanding import pick


def ask_office(turn: Turn) -> Asked:
    """Which registry; nothing is asked where there is one."""
    offices, matter = turn.ports.marriage.offices(), matter_of(kind_of(turn))
    if not offices:
        return Done("现在还没有开放网上预约的登记处，请回复“人工”。")
    if len(offices) == 1:
        turn.answers["office"] = offices[0].id
        return GoTo("day", matter.opening)
    lines = [f"{number} {office.name}（{office.address}）" for number, office in enumerate(offices, start=1)]
    opening = [matter.opening] if matter.opening else []
    asked = "您想到哪个登记处办理？" if matter.quiet else f"您想到哪个登记处办理{matter.label}？"
    return Question("\n".join([*opening, asked, *lines, "回复数字就行。"]))


def answer_office(turn: Turn, text: str) -> Answered:
    """Take the registry; a day that was said meanwhile is kept."""
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
