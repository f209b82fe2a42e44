"""预约结婚登记: registry → day → time (kept for some minutes) → both parties → check and declare → booked.

A peak day that is not free for all goes aside: told when it is released, or asked for.
"""

from __future__ import annotations

from datetime import date

from workflows.chat.engine import Flow, GoTo, Step, Turn
from workflows.chat.flows.marriage.agree import answer_summary, ask_summary, keep_place
from workflows.chat.flows.marriage.choosing import choosing_steps
from workflows.chat.flows.marriage.offices import answer_office, ask_office
from workflows.chat.flows.marriage.parties import (
    answer_parties,
    answer_under_age,
    ask_parties,
    ask_under_age,
    forget_parties,
    give_back,
)
from workflows.chat.flows.marriage.peak import peak_steps, to_peak
from workflows.chat.flows.marriage.wishes import note_wanted
from workflows.chat.ports import TimeChoice
from workflows.chat.understanding import normalise, says


def matches(text: str) -> int:
    """Whether a text asks to book a marriage registration."""
    said = normalise(text)
    if says(said, "离婚", "补领", "补办", "丢了", "结婚证丢", "档案", "撤销", "颁证仪式"):
        return 0
    if says(said, "结婚登记", "登记结婚", "领证", "扯证", "领结婚证", "预约结婚", "办结婚", "复婚"):
        return 2
    return 1 if says(said, "结婚", "婚姻登记", "登记") else 0


def _keep_place(turn: Turn, choice: TimeChoice) -> GoTo:
    return keep_place(turn, choice.slot_id)


def _open(turn: Turn, text: str) -> None:
    note_wanted(turn, text)


def _around(turn: Turn, day: date) -> GoTo:
    turn.answers["around"] = day.isoformat()
    return GoTo("day")


_DAY, _TIME = choosing_steps(_keep_place, ("parties",), give_back, to_peak, ("peak",), waits=True)

BOOK = Flow(
    name="marriage.book",
    title="结婚登记预约",
    call_words="结婚登记",
    version=1,
    steps=(
        Step("office", ask_office, answer_office, ("day",), give_back),
        _DAY,
        _TIME,
        Step(
            "parties",
            ask_parties,
            answer_parties,
            ("parties", "summary", "under_age", "day", "time"),
            forget_parties,
        ),
        Step("under_age", ask_under_age, answer_under_age, ("parties", "day")),
        Step("summary", ask_summary, answer_summary, ("parties", "day", "time")),
        *peak_steps(_around, ("day",)),
    ),
    matches=matches,
    open=_open,
    leave=give_back,
)
