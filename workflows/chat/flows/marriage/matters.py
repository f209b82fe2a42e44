"""The registry's other business: agreed divorce, reissues, archive, revocation; and where to go for the rest.

What was said plainly is not asked again; a number from the list does for whoever does not like to say it.
"""

from __future__ import annotations

from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.agree import answer_summary, ask_summary, keep_place
from workflows.chat.flows.marriage.choosing import choosing_steps
from workflows.chat.flows.marriage.matter_words import (
    CEREMONY,
    CEREMONY_TOLD,
    DIVORCE_REISSUE,
    LISTED,
    REISSUE,
    SAFETY,
    WITHDRAWAL,
    WITHDRAWAL_TOLD,
    Matter,
    asked_kind,
    asks_reissue,
    asks_standing,
    says_harm,
)
from workflows.chat.flows.marriage.offices import answer_office, ask_office
from workflows.chat.flows.marriage.papers import asks_papers
from workflows.chat.flows.marriage.parties import answer_parties, ask_parties, forget_parties, give_back
from workflows.chat.flows.marriage.wishes import note_wanted
from workflows.chat.ports import TimeChoice
from workflows.chat.understanding import normalise, pick, says

_HINT = "请回复前面的数字，如“1”。"


def matches(text: str) -> int:
    """Whether a text asks for one of these."""
    if asks_papers(text) or says_harm(text):
        return 0
    if asks_standing(text):
        return 1  # whoever has applied wants to know where it stands
    if asked_kind(text) == WITHDRAWAL:
        return 3  # says more than that there is an application
    if asked_kind(text) or asks_reissue(text):
        return 2
    return 2 if says(normalise(text), "婚姻登记其他", "婚姻登记业务", "其他婚姻") else 0


def _open(turn: Turn, text: str) -> None:
    kind = asked_kind(text)
    if kind is not None:
        turn.answers["kind"] = kind
    elif asks_reissue(text):
        turn.answers["reissue"] = True
    note_wanted(turn, text)


def _ask_matter(turn: Turn) -> Asked:
    kind = turn.answers.get("kind")
    if kind is not None:
        return _begin(turn, kind)
    lines = [f"{number} {matter.label}" for number, matter in enumerate(_offered(turn), start=1)]
    return Question("\n".join(["您要办哪一件？", *lines]))


def _answer_matter(turn: Turn, text: str) -> Answered:
    offered = _offered(turn)
    index = pick(text, [matter.label for matter in offered])
    kind = offered[index].kind if index is not None else asked_kind(text)
    if kind is None:
        return NotUnderstood(_HINT)
    note_wanted(turn, text)
    return _begin(turn, kind)


def _offered(turn: Turn) -> list[Matter]:
    return [matter for matter in LISTED if not turn.answers.get("reissue") or matter.kind in (REISSUE, DIVORCE_REISSUE)]


def _begin(turn: Turn, kind: str) -> GoTo | Done:
    if kind == WITHDRAWAL:
        return Done(WITHDRAWAL_TOLD.format(phones=_phones(turn)))
    if kind == CEREMONY:
        return Done(CEREMONY_TOLD)
    turn.answers["kind"] = kind
    return GoTo("office")


def _phones(turn: Turn) -> str:
    return "\n".join(f"{office.name} {office.phone}" for office in turn.ports.marriage.offices()[:5])


def _ask_again(turn: Turn) -> None:
    """Whoever goes back to the list has not said yet what it is."""
    turn.answers.pop("kind", None)


def _keep_place(turn: Turn, choice: TimeChoice) -> GoTo:
    return keep_place(turn, choice.slot_id)


_DAY, _TIME = choosing_steps(_keep_place, ("parties",), give_back, waits=True)

MATTERS = Flow(
    name="marriage.matters",
    title="婚姻登记其他业务",
    call_words="婚姻登记业务",
    version=1,
    steps=(
        Step("matter", _ask_matter, _answer_matter, ("office",), _ask_again),
        Step("office", ask_office, answer_office, ("day",), give_back),
        _DAY,
        _TIME,
        Step("parties", ask_parties, answer_parties, ("parties", "summary", "day", "time"), forget_parties),
        Step("summary", ask_summary, answer_summary, ("parties", "day", "time")),
    ),
    matches=matches,
    open=_open,
    leave=give_back,
)


def _tell_safety(_turn: Turn) -> Asked:
    return Done(SAFETY)


def _nothing(_turn: Turn, _text: str) -> Answered:
    return Done("")


def matches_harm(text: str) -> int:
    """Whether a text hints at violence or force (domain-rules §2.4 E9); it never stands in the way of anything."""
    return 2 if says_harm(text) else 0


SAFE = Flow("marriage.safety", "需要帮助", "需要帮助", 1, (Step("safety", _tell_safety, _nothing),), matches_harm)
