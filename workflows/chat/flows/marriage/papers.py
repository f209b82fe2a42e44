"""要带什么: the papers for a marriage registration, at any time."""

from __future__ import annotations

from workflows.chat.engine import Answered, Asked, Done, Flow, Step, Turn
from workflows.chat.understanding import normalise, says


def matches(text: str) -> int:
    """Whether a text asks what to bring to a marriage registration; other matters need other papers."""
    said = normalise(text)
    if says(said, "离婚", "补领", "补办", "低保", "救助", "订餐"):
        return 0
    return 2 if says(said, "要带什么", "带什么", "什么材料", "哪些材料", "带啥", "需要什么证件", "材料清单") else 0


def _ask(turn: Turn) -> Asked:
    lines = [f"{number} {paper}" for number, paper in enumerate(turn.ports.marriage.papers(), start=1)]
    return Done("\n".join(["办结婚登记请带：", *lines, "不用户口簿，不收费。双方要一起到场。"]))


def _answer(_turn: Turn, _text: str) -> Answered:
    return Done("")


PAPERS = Flow("marriage.papers", "结婚登记要带什么", "要带什么", 1, (Step("papers", _ask, _answer),), matches)
