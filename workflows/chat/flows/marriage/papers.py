"""要带什么: the papers for a piece of the registry's business, at any time."""

from __future__ import annotations

from workflows.chat.engine import Answered, Asked, Done, Flow, Step, Turn
from workflows.chat.flows.marriage.counselling_words import asks_counselling
from workflows.chat.flows.marriage.matter_words import asked_kind, matter_of
from workflows.chat.ports import MARRIAGE
from workflows.chat.understanding import normalise, says

_UNBOOKED = ("ceremony",)


def asks_papers(text: str) -> bool:
    """Whether a text asks what to bring."""
    return says(normalise(text), "要带什么", "带什么", "什么材料", "哪些材料", "带啥", "需要什么证件", "材料清单")


def matches(text: str) -> int:
    """Whether a text asks what to bring to the registry; matters of other rooms need other papers."""
    if says(normalise(text), "低保", "救助", "订餐"):
        return 0
    return 2 if asks_papers(text) and not asks_counselling(text) and asked_kind(text) not in _UNBOOKED else 0


def _open(turn: Turn, text: str) -> None:
    kind = asked_kind(text)
    if kind is not None:
        turn.answers["kind"] = kind


def _ask(turn: Turn) -> Asked:
    kind = turn.answers.get("kind")
    if kind is None:  # whoever has an appointment asks for that one
        own = turn.ports.marriage.own()
        kind = own[0].kind if own else MARRIAGE
    lines = [f"{number} {paper}" for number, paper in enumerate(turn.ports.marriage.papers(kind), start=1)]
    if kind == MARRIAGE:
        return Done("\n".join(["办结婚登记请带：", *lines, "不用户口簿，不收费。双方要一起到场。"]))
    opening = "请带：" if matter_of(kind).quiet else f"{matter_of(kind).label}请带："
    return Done("\n".join([opening, *lines, "不用户口簿，不收费。"]))


def _answer(_turn: Turn, _text: str) -> Answered:
    return Done("")


PAPERS = Flow("marriage.papers", "要带什么", "要带什么", 1, (Step("papers", _ask, _answer),), matches, _open)
