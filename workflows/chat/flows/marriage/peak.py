"""高峰日: when its places are released, being told in time, and asking for one; steps that two conversations share.

`answers`: `office`, `peak` (the day), `part` (of the day, as `wishes` keeps it), `parties`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from backend.kernel.chinese_dates import spoken_day, spoken_moment, weekday_name
from workflows.chat.engine import Again, Answered, Asked, Done, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.agree import party_line
from workflows.chat.flows.marriage.matter_words import matter_of
from workflows.chat.flows.marriage.naming import ask_names, named
from workflows.chat.flows.marriage.parties import forget_parties, typed_parties
from workflows.chat.flows.marriage.wishes import note_wanted
from workflows.chat.ports import MARRIAGE, Refused
from workflows.chat.rush_port import OwnRush, PeakDay
from workflows.chat.understanding import pick, read_yes_no

Around = Callable[[Turn, date], Answered]

_COUPLE = (2,)
_NAMES = {(2, 14): "2·14", (5, 20): "520", (5, 21): "521"}
_PARTS = (("都行", "any"), ("上午", "morning"), ("下午", "afternoon"))
_PART_OF = {"MORNING": "morning", "AFTERNOON": "afternoon"}
PROGRESS = "看进展或退出，回“我的摇号”。"
WAITING_TOLD = "约满以后可以排候补：有人退号，按先后为下一位留半小时，答复了才算数。结果出来后，回“候补”就能排。"
OVER = "这一天已经放号了，回“结婚登记”就能看还有没有空位。"


def peak_steps(around: Around, leads_to: Sequence[str]) -> tuple[Step, ...]:
    """The steps `peak`, `rush_part`, `rush_parties`, `rush_sure`; `around` shows the days near the peak day."""

    def answer_peak(turn: Turn, text: str) -> Answered:
        return _answer_peak(turn, text, around)

    return (
        Step("peak", _ask_peak, answer_peak, ("rush_part", *leads_to), may_rest=True),
        Step("rush_part", _ask_part, _answer_part, ("rush_parties",), _forget_part),
        Step("rush_parties", _ask_parties, _answer_parties, ("rush_parties", "rush_sure"), forget_parties),
        Step("rush_sure", _ask_sure, _answer_sure, ("rush_parties",)),
    )


def to_peak(turn: Turn, day: date) -> GoTo | None:
    """Where somebody wishes for a day that is not free for all yet."""
    if turn.ports.rush.peak(turn.answers["office"], day) is None:
        return None
    turn.answers["peak"] = day.isoformat()
    return GoTo("peak")


def named_day(day: date) -> str:
    """“520（5月20日，周四）”."""
    name = _NAMES.get((day.month, day.day))
    told = f"{spoken_day(day)}，{weekday_name(day)}"
    return f"{name}（{told}）" if name else f"{spoken_day(day)}（{weekday_name(day)}）"


def standing(own: OwnRush) -> str:
    """How a request stands, in one sentence."""
    where = f"{named_day(own.day)}，{own.office.name}"
    if own.state == "placed" and own.starts_at is not None:
        return f"{where}：约上了 ✔ {spoken_moment(own.starts_at)}，预约号 {own.appointment_number}。"
    if own.state == "unplaced":
        return f"{where}：号码{own.number}，这次没有排上。可以回“候补”排队，或看前后几天的号。"
    if own.state == "withdrawn":
        return f"{where}：号码{own.number}，已退出。"
    if own.ahead is None:
        return f"{where}：号码{own.number}，{own.closes_at:%H:%M}登记结束后一起摇号，早晚机会一样。"
    ahead = f"前面还有{own.ahead}位" if own.ahead else "马上就到您"
    return f"{where}：号码{own.number}，{ahead}。"


def _peak(turn: Turn) -> PeakDay | None:
    return turn.ports.rush.peak(turn.answers["office"], date.fromisoformat(turn.answers["peak"]))


def _is_open(turn: Turn, peak: PeakDay) -> bool:
    begun = peak.rush_id is not None and peak.opens_at <= turn.now
    return begun and peak.closes_at is not None and turn.now < peak.closes_at


# --- the day, and what can be done about it ---


def _ask_peak(turn: Turn) -> Asked:
    peak = _peak(turn)
    if peak is None:
        return Done(OVER)
    mine = next((own for own in turn.ports.rush.own() if (own.office.id, own.day) == (peak.office.id, peak.day)), None)
    if mine is not None and mine.state == "asked":
        return Done(f"您已经登记了。{standing(mine)}\n{PROGRESS}")
    if mine is not None and mine.state == "placed":
        return Done(standing(mine))
    lines = [f"{number} {label}" for number, label in enumerate(_choices(turn, peak), start=1)]
    return Question("\n".join([_told(turn, peak), *lines]))


def _told(turn: Turn, peak: PeakDay) -> str:
    named = named_day(peak.day)
    if peak.closes_at is not None and turn.now >= peak.closes_at:
        return f"{named}登记已经结束，正在给位置，结果会发给每一位。"
    if _is_open(turn, peak):
        how = "登记完一起摇号，早晚机会一样" if peak.drawn else "按号码先后给位置"
        return f"{named}正在登记，到{peak.closes_at:%H:%M}为止，{how}，一对一次。"
    opens = f"{spoken_day(peak.opens_at.date())}{peak.opens_at:%H:%M}"
    how = {True: "到时登记摇号，早晚机会一样。", False: "到时登记排号，一对一次。", None: ""}[peak.drawn]
    noted = "会提前提醒您。" if peak.watched else ""
    return f"{named}是登记高峰日，号源在{opens}放出。{how}{noted}"


def _choices(turn: Turn, peak: PeakDay) -> list[str]:
    first = ["现在登记"] if _is_open(turn, peak) else []
    if turn.now < peak.opens_at:
        first = ["不用提醒了" if peak.watched else "到时提醒我抢约"]
    return [*first, "先看前后几天的号", "了解候补"]


def _answer_peak(turn: Turn, text: str, around: Around) -> Answered:
    peak = _peak(turn)
    if peak is None:
        return Done(OVER)
    choices = _choices(turn, peak)
    index = pick(text, choices, [["提醒"], ["前后", "别的"], ["候补"]] if len(choices) > 2 else [["前后"], ["候补"]])
    if index is None:
        return NotUnderstood(f"请回复前面的数字，1到{len(choices)}。")
    chosen = choices[index]
    if chosen == "了解候补":
        lines = [f"{number} {label}" for number, label in enumerate(choices[:-1], start=1)]
        return Again("\n".join([WAITING_TOLD, *lines]))
    if chosen == "先看前后几天的号":
        return around(turn, peak.day)
    if chosen == "现在登记":
        return GoTo("rush_part")
    return _unwatch(turn, peak) if peak.watched else _watch(turn, peak)


def _watch(turn: Turn, peak: PeakDay) -> Answered:
    watched = turn.ports.rush.watch(peak.office.id, peak.day)
    if isinstance(watched, Refused):
        return Done(watched.sentence)
    opens = f"{spoken_day(watched.opens_at.date())}{watched.opens_at:%H:%M}"
    return Done(
        f"好，{opens}放号，提前一天和提前10分钟提醒您。早点来没有用，到时回“抢约”就行。不用提醒了，也回“抢约”。"
    )


def _unwatch(turn: Turn, peak: PeakDay) -> Answered:
    turn.ports.rush.unwatch(peak.office.id, peak.day)
    return Done("好，不提醒了。想再要提醒，回“抢约”。")


# --- asking for a place ---


def _ask_part(turn: Turn) -> Asked:
    if "rush_part" in turn.answers:
        return GoTo("rush_parties")
    said = turn.answers.pop("part", None)
    if said in _PART_OF:
        turn.answers["rush_part"] = _PART_OF[said]
        return GoTo("rush_parties")
    lines = [f"{number} {label}" for number, (label, _) in enumerate(_PARTS, start=1)]
    return Question("\n".join(["想要上午还是下午？都行的话，排上的机会多一些。", *lines]))


def _answer_part(turn: Turn, text: str) -> Answered:
    index = pick(text, [label for label, _ in _PARTS], [["都可以", "随便"], [], []])
    if index is None:
        return NotUnderstood("都行回1，上午回2，下午回3。")
    turn.answers["rush_part"] = _PARTS[index][1]
    return GoTo("rush_parties")


def _forget_part(turn: Turn) -> None:
    turn.answers.pop("rush_part", None)


def _ask_parties(turn: Turn) -> Asked:
    return GoTo("rush_sure") if len(typed_parties(turn)) == max(_COUPLE) else ask_names(turn)


def _answer_parties(turn: Turn, text: str) -> Answered:
    parties, peak = named(turn, text, _COUPLE), _peak(turn)
    if not isinstance(parties, list):
        return parties
    if peak is None or peak.rush_id is None:
        return Done(OVER)
    if len(parties) in _COUPLE:
        checked = turn.ports.rush.check(peak.rush_id, parties)
        if isinstance(checked, Refused):
            return _refused(checked)
    turn.answers["parties"] = [[one.name, one.number] for one in parties]
    return GoTo("rush_sure") if len(parties) in _COUPLE else GoTo("rush_parties")


def _refused(refused: Refused) -> Answered:
    if refused.code == "invalid":
        return Again(f"{refused.sentence}\n改好后请重新发。")
    return Done(refused.sentence)


def _ask_sure(turn: Turn) -> Asked:
    peak = _peak(turn)
    if peak is None or peak.rush_id is None:
        return Done(OVER)
    checked = turn.ports.rush.check(peak.rush_id, typed_parties(turn))
    if isinstance(checked, Refused):
        return Done(checked.sentence)
    part = next(label for label, code in _PARTS if code == turn.answers["rush_part"])
    lines = ["请核对：", *(party_line(one) for one in checked), f"{named_day(peak.day)}{part}，{peak.office.name}"]
    return Question("\n".join([*lines, matter_of(MARRIAGE).declares, "1 都属实，登记\n2 改信息\n3 不登记了"]))


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["都属实，登记", "改信息", "不登记了"], [["确认", "属实"], ["改"], ["不要了"]])
    if choice is None and read_yes_no(text) is True:
        choice = 0
    peak = _peak(turn)
    if choice == 1:
        forget_parties(turn)
        return GoTo("rush_parties")
    if choice == 2:
        return Done("好，没有登记。结束前想登记，再回“抢约”。")
    if choice is None:
        return NotUnderstood("都对请回1，要改信息回2，不登记了回3。")
    if peak is None or peak.rush_id is None:
        return Done(OVER)
    asked = turn.ports.rush.ask(peak.rush_id, typed_parties(turn), turn.answers["rush_part"])
    if isinstance(asked, Refused):
        return Done(asked.sentence)
    return Done(f"登记好了 ✔ {standing(asked)}\n结果马上告诉您，不用守着。{PROGRESS}")


def note_part(turn: Turn, text: str) -> None:
    """Keep what a sentence says of the part of the day."""
    note_wanted(turn, text)
    turn.answers.pop("at", None)
