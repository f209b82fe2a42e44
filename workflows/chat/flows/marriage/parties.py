"""Who it is for: both of a couple, or one person. Booking of every kind shares these steps.

`answers`: `parties` (name and number of each), `possible_from` and `why` (who is too young on that day).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from backend.kernel.chinese_dates import spoken_date, spoken_day
from workflows.chat.engine import Again, Answered, Asked, Done, GoTo, NotUnderstood, Question, Turn
from workflows.chat.flows.marriage.choosing import choose_again
from workflows.chat.flows.marriage.wishes import elsewhere, kind_of
from workflows.chat.ports import MARRIAGE, PartySummary, Refused, TypedParty
from workflows.chat.understanding import TypedPerson, pick, read_persons, read_yes_no

_EXAMPLE = "张三 610102199001011234"
_BOTH_HINT = f"请发双方姓名和身份证号，一行一位，如：\n{_EXAMPLE}"
_ONE_HINT = f"请发办事人的姓名和身份证号，如：\n{_EXAMPLE}"
_EITHER_HINT = f"请发办事人的姓名和身份证号；有两位的，一行一位，如：\n{_EXAMPLE}"
SLOT_GONE = ("slot_full", "too_late", "not_found")  # refusals that another slot would cure


def give_back(turn: Turn) -> None:
    """Leave the place that was kept to others."""
    turn.ports.marriage.release()


def other_place(turn: Turn, text: str) -> GoTo | None:
    """Back to choosing for “换到下午三点” and the like; the place that was kept goes to others meanwhile."""
    where = elsewhere(turn, text)
    if where is not None:
        give_back(turn)
    return where


def typed_parties(turn: Turn) -> list[TypedParty]:
    """Who was typed so far."""
    return [TypedParty(name, number) for name, number in turn.answers.get("parties", [])]


def _keep(turn: Turn, parties: Sequence[TypedParty]) -> None:
    turn.answers["parties"] = [[party.name, party.number] for party in parties]


def forget_parties(turn: Turn) -> None:
    """Ask for everybody anew."""
    turn.answers["parties"] = []


def check(turn: Turn, parties: Sequence[TypedParty]) -> Sequence[PartySummary] | Refused:
    """What the registry says of them for the chosen slot."""
    return turn.ports.marriage.check_parties(turn.answers["slot"], parties, kind_of(turn))


def _wanted(turn: Turn) -> Sequence[int]:
    return turn.ports.marriage.parties_wanted(turn.answers["office"], kind_of(turn))


def _hint(turn: Turn) -> str:
    known, wanted = typed_parties(turn), _wanted(turn)
    if known and len(known) < max(wanted):
        return f"{known[0].name}的记下了。请再发另一位的姓名和身份证号。"
    return _EITHER_HINT if len(wanted) > 1 else _ONE_HINT if max(wanted) == 1 else _BOTH_HINT


def ask_parties(turn: Turn) -> Asked:
    """Ask, or go on with those who were typed before another slot was chosen."""
    known = typed_parties(turn)
    if len(known) not in _wanted(turn):
        return Question(_hint(turn))
    checked = check(turn, known)
    if not isinstance(checked, Refused):
        return GoTo("summary")
    if checked.code in SLOT_GONE:
        return choose_again(turn, checked)
    forget_parties(turn)
    return Question(f"{checked.sentence}\n{_hint(turn)}")


def answer_parties(turn: Turn, text: str) -> Answered:
    """Read names and numbers, as many as the kind needs."""
    typed = read_persons(text)
    complete = [TypedParty(person.name, person.number) for person in typed if person.name and person.number]
    wanted = _wanted(turn)
    if len(complete) > max(wanted):
        return Again(_too_many(wanted))
    unread = _unread_number(typed)
    if not complete:
        return _nobody_complete(turn, text, typed, unread)
    parties = [*typed_parties(turn), *complete]
    if len(parties) > max(wanted):
        parties = complete
    checked = check(turn, parties)
    if isinstance(checked, Refused):
        return _refused(turn, checked, parties)
    _keep(turn, parties)
    return GoTo("summary") if len(parties) in wanted and not unread else GoTo("parties", unread)


def _too_many(wanted: Sequence[int]) -> str:
    if max(wanted) == 1:
        return "这件事只要办事人一位，请只发他的姓名和身份证号。"
    return "只要登记的两位，请只发双方的姓名和身份证号，一行一位。"


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
        return Again(f"请把一个人的姓名和身份证号写在同一行，如：\n{_EXAMPLE}")
    return other_place(turn, text) or NotUnderstood(_hint(turn))


def _refused(turn: Turn, refused: Refused, parties: Sequence[TypedParty]) -> Answered:
    of_age = refused.possible_from is None or kind_of(turn) != MARRIAGE
    if refused.code in SLOT_GONE or (of_age and refused.alternatives):
        _keep(turn, parties)
        return choose_again(turn, refused)
    if refused.possible_from is None or of_age:
        return Again(f"{refused.sentence}\n改好后请重新发。")
    _keep(turn, parties)
    turn.answers["possible_from"] = refused.possible_from.isoformat()
    turn.answers["why"] = refused.sentence
    return GoTo("under_age")


# --- under age on that day (民法典 1047) ---


def ask_under_age(turn: Turn) -> Asked:
    """Say from when on they may marry."""
    possible = date.fromisoformat(turn.answers["possible_from"])
    named = spoken_day(possible) if possible.year == turn.now.year else spoken_date(possible)
    return Question(f"{turn.answers['why']}\n1 看{named}以后的号\n2 改信息\n3 先不约了")


def answer_under_age(turn: Turn, text: str) -> Answered:
    """Look at later days, put the information right, or leave it."""
    choice = pick(text, ["看以后的号", "改信息", "先不约了"], [[], ["改", "写错了"], ["不约了"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("看以后的号请回1，改信息回2，先不约回3。")
    if choice == 1:
        forget_parties(turn)
        return GoTo("parties")
    give_back(turn)
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
