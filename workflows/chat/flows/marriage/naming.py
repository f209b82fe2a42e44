"""Reading names and numbers, one line each, for conversations that keep no place meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.chat.engine import Again, Answered, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.parties import typed_parties
from workflows.chat.ports import TypedParty
from workflows.chat.understanding import read_persons

NAMES = "请发姓名和身份证号，一行一位，如：\n张三 610102199001011234"


def ask_names(turn: Turn) -> Question:
    """Ask for whoever is not named yet."""
    known = typed_parties(turn)
    return Question(f"{known[0].name}的记下了。请再发另一位的姓名和身份证号。" if known else NAMES)


def named(turn: Turn, text: str, wanted: Sequence[int]) -> list[TypedParty] | Answered:
    """Everybody named so far, with those of this text; or what to say where it names nobody, or too many."""
    typed = [TypedParty(one.name, one.number) for one in read_persons(text) if one.name and one.number]
    if not typed:
        return NotUnderstood(NAMES)
    parties = [*typed_parties(turn), *typed]
    if len(parties) > max(wanted):
        return Again(f"只要{max(wanted)}位，请只发办事人的姓名和身份证号。")
    return parties
