"""The words that mean the same in every conversation (contract.md "Chat"): leave, back, menu, a person."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from workflows.chat.understanding.words import fold, normalise, word_set


class Control(Enum):
    """What a resident may ask of the conversation itself."""

    LEAVE = "leave"
    BACK = "back"
    MENU = "menu"
    HUMAN = "human"


_WORDS: Final[dict[Control, frozenset[str]]] = {
    Control.LEAVE: word_set(
        """
        取消 取消掉 取消了 退出 退出来 退出去 退了 推出 结束 结束对话 算了 不办 不办了 不想办了 先不办
        先不办了 不弄了 不搞了 不整了 不用办了 不需要办了 不聊了 不说了 中止 终止 停止 quit exit cancel
        """
    ),
    Control.BACK: word_set(
        """
        返回 返回上一步 返回上一级 返回上级 返回去 上一步 上一级 上一层 回去 回上一步 回到上一步 退回 退回去
        退回上一步 后退 退一步 倒回去 往回退 反回 back
        """
    ),
    Control.MENU: word_set(
        """
        菜单 主菜单 看菜单 帮助 首页 主页 回首页 返回首页 返回菜单 返回主菜单 回到首页 回菜单 目录 功能
        有什么功能 有哪些功能 能办什么 能办啥 都能办什么 都能办啥 可以办什么 你能干什么 你能干啥 你会什么
        怎么用 咋用 菜丹 help menu
        """
    ),
    Control.HUMAN: word_set(
        """
        人工 转人工 人工服务 人工客服 接人工 找人工 转接人工 转人工服务 转人工客服 客服 找客服 联系客服
        转客服 客服电话 真人 找真人 找个真人 找人 找个人 找人说 找人问 找工作人员 工作人员 叫人 打电话给人
        给人打电话 打电话 给我打电话 打电话给我 给我回电话 有人吗 有人么 有人没 有人在吗 有没有人 跟人说
        和人说 跟人说话 人公 转人公 转人功 人功
        """
    ),
}
_MEANING: Final = {word: control for control, words in _WORDS.items() for word in words}
_LEAD = re.compile(r"(?:我们?|俺|咱|就|那|要|想要?|还是|给我|帮我|再|能不能|可以|能|好的?|嗯|哦|点|先|快|请|麻烦)")
_TAIL = re.compile(r"(?:一下|吧|了|啦|吗|么|好了|就行)$")
_CLAUSES = re.compile(r"[\s,.、;!?。~]+")
_IDLE = word_set(
    """
    好 好的 嗯 哦 那 谢谢 麻烦了 你好 您好 对不起 不好意思 我 喂
    """
)
_LONGEST_CLAUSE = 14
_MOST_CLAUSES = 12


def control_word(text: str) -> Control | None:
    """The control a message consists of, or None.

    The message must be nothing else: "取消我的预约" is a request about a booking, not a wish to leave.
    Only a call for a person is heard beside other sentences ("你听不懂，转人工"), since it must not be missed.
    """
    folded = fold(text)
    if folded and not folded.strip("? "):
        return Control.MENU
    parts = [part for part in _CLAUSES.split(folded) if part]
    controls = [_clause(part) for part in parts[-_MOST_CLAUSES:] if normalise(part[:_LONGEST_CLAUSE]) not in _IDLE]
    if Control.HUMAN in controls:
        return Control.HUMAN
    agreed = len(parts) <= _MOST_CLAUSES and len(set(controls)) == 1
    return controls[0] if agreed else None


def _clause(clause: str) -> Control | None:
    if len(clause) > _LONGEST_CLAUSE:
        return None
    rest = normalise(clause)
    while rest:
        for word in (rest, _TAIL.sub("", rest)):
            if word in _MEANING:
                return _MEANING[word]
        lead = _LEAD.match(rest)
        if lead is None:
            return _repeated(rest)
        rest = rest[lead.end() :]
    return None


def _repeated(clause: str) -> Control | None:
    """ "算了算了", "算了不办了": two control words run together, when they agree."""
    halves = {(_MEANING.get(clause[:cut]), _MEANING.get(clause[cut:])) for cut in range(1, len(clause))}
    agreed = {first for first, second in halves if first is not None and first is second}
    return agreed.pop() if len(agreed) == 1 else None
