"""What a first sentence about 代办 already tells, and choosing several things at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workflows.chat.understanding import fold, normalise, says

# What the writer is to the one they help (`relation` of the port), with the words for it and for the helped one.
RELATIONS = (
    ("child", "子女", ("儿子", "女儿", "孩子", "闺女")),
    ("child_in_law", "儿媳、女婿", ("儿媳", "儿媳妇", "女婿", "媳妇")),
    ("spouse", "配偶", ("老伴", "丈夫", "妻子", "爱人", "老公", "老婆")),
    ("grandchild", "孙子女、外孙子女", ("孙子", "孙女", "外孙", "外孙女", "孙辈")),
    ("sibling", "兄弟姐妹", ("哥哥", "弟弟", "姐姐", "妹妹")),
    ("guardian", "监护人", ("监护",)),
    ("committee", "村（居）委会", ("村委会", "居委会", "社区")),
    ("other", "其他", ("别的", "朋友", "邻居")),
)

_HELPED = (
    ("child", r"(?:爸妈|父母|爸爸?|妈妈?|父亲|母亲|老爸|老妈)"),
    ("child_in_law", r"(?:婆婆|公公|岳父|岳母|丈母娘|老丈人)"),
    ("grandchild", r"(?:爷爷|奶奶|外公|外婆|姥姥|姥爷)"),
    ("spouse", r"(?:老伴儿?|老公|老婆|爱人|丈夫|妻子)"),
)
_FOR = r"(?:帮|替|给|代)(?:着)?我?(?:家)?的?"
_PLAIN = ("代办", "代理", "授权", "委托")
_IN_PERSON = ("结婚", "离婚", "领证", "复婚")


def matches(text: str) -> int:
    """Whether a text asks to act for somebody, or who may act for oneself."""
    said = normalise(text)
    if says(said, *_PLAIN):
        return 2
    if not re.search(r"我", said) or helped_relation(text) is None:
        return 0
    return 2 if says(said, "办事", "办手续", "办业务", "办点事") else 1


def helped_relation(text: str) -> str | None:
    """What the writer is to whom they want to help: 帮我妈办事 says child."""
    said = fold(text)
    found = [relation for relation, helped in _HELPED if re.search(_FOR + helped, said)]
    return found[0] if len(found) == 1 else None


def names_marriage(text: str) -> bool:
    """Whether somebody else is to act in what only the couple can do (民法典 1049, 1076)."""
    said = fold(text)
    return any(word in said for word in _IN_PERSON)


def pick_several(text: str, labels: Sequence[str]) -> list[int] | None:
    """The indexes of all options a text chooses: by numbers, by names, or all of them; None for anything else."""
    said = normalise(text)
    if re.fullmatch(r"(?:都要|全部|全都要|全要|都办|全选|所有的?|都可以)了?", said):
        return list(range(len(labels)))
    if re.fullmatch(r"[\d\s、,，.;；和跟]+", said):
        chosen = {int(digit) for digit in re.findall(r"\d", said)}
        numbers = chosen <= set(range(1, len(labels) + 1))
        return sorted(number - 1 for number in chosen) if chosen and numbers else None
    named = [index for index, label in enumerate(labels) if says(said, label)]
    return named or None
