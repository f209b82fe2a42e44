"""Yes or no, in the many ways residents say it, dialects of the north-west and stickers included.

A wrong yes confirms what nobody agreed to, a missed yes costs one more question: whatever is not wholly understood
as consent is no yes, while a clear no may be followed by anything.
"""

from __future__ import annotations

import re
from typing import Final

from workflows.chat.understanding.words import fold, normalise, word_set

# Also mere politeness: beside a no, it loses.
_ASSENT: Final = word_set(
    """
    好 好的 好哒 好滴 好嘞 好勒 好咧 好了 好着 好着呢 好得很 好呀 行 行的 行了 嗯 嗯呐 嗯呢 昂 哎 诶 得 得嘞 得成
    成 能成 能行 得行 要得 中 中嘞 中了 妥 妥了 可以 可以的 可 也行 也好 也可以 都行 都可以 行得 ok okay okk
    oki 0k 好ok k 👌 👍 🆗 ✅ ✔ ✓ √ ☑ 🙆 对 对的 对着 对着呢 对着咧 对头 对滴 对了 是 是的 是滴 是这样
    是这样的 是呢 是咧 没错 没错的 不错 没问题 没麻达 么麻达 莫麻达 没有问题 没毛病 没意见 没有意见 没有错
    没什么问题 就这样 就这样办 就这么办 就这么定 就这 当然 当然可以 必须的 必须 yes y yep 收到同意
    """
)
_CONSENT: Final = word_set(
    """
    确认 确定 确认无误 核对无误 无误 正确 准确 属实 真实 同意 答应 愿意 需要 要 要的 想 想要 想的 有 有的
    有呢 能 会 去 去的 能去 定了 办 办吧 确认预约 确认提交 提交 对就是这样 信息无误 情况属实 信息属实
    内容属实 真实有效 接受 乐意 自愿 已经确认 确认过了
    """
)
_REFUSAL: Final = word_set(
    """
    不 不的 不是 不是的 不是滴 不对 不对的 不行 不成 不中 不得行 不能成 要不得 不可以 不能 不好 不用 不用了
    不用咧 不要 不要了 不要咧 不了 不咧 不需要 不需要了 不必 不必了 不想 不想要 不想了 不愿意 不同意 不会
    不去 不去了 不办 不办了 不接受 不确认 不正确 不准确 不属实 不符 不符合 不定 不订 不订了 没 没有 没有了
    没有的 没得 没呢 没有呢 还没 还没有 还没呢 无 木有 冇 莫得 么有 嫑 嫑了 莫 甭 别 别了 别办 免了 唔使 唔要
    错 错了 有错 有误 写错了 弄错了 搞错了 填错了 有问题 算了 先不 先不了 先不用 先不要 先别 暂不 暂时不
    暂时不用 暂时不要 暂时不需要 以后再说 再说 下次 下次再说 改天 改天再说 回头再说 否 拒绝 no n nope not ❌
    ✖ ✗ ✘ × 👎 🙅 🚫
    """
)
# Neither, though they are built from words of both.
_UNDECIDED: Final = word_set(
    """
    不用谢 不用客气 不客气 不要紧 不一定 不知道 不晓得 不清楚 不太清楚 不确定 不好说 不好意思 不是不行
    不是不可以 不是不对 没想好 还没想好 没关系 没事 要不 好不 行不 中不 成不 对不 是不 可以不 能不 要得不
    得行不 是么 好么 行么 有没 要不要得
    """
)
_IDLE: Final = word_set(
    """
    谢谢 多谢 谢谢你 谢谢您 麻烦了 麻烦您了 辛苦了 你好 您好 哦 噢 喔 啊 那 那就 知道了 晓得了 明白 明白了
    收到 收到了 了解 师傅 姑娘 小姑娘 小伙子 同志 老师 亲 不好意思 对不起 抱歉 不用谢 不客气 辛苦 再见 拜拜
    """
)
_LEAD = re.compile(
    r"嗯+|好的?|哦|噢|啊|哎|那就|那|我们|我|俺|咱们|咱|就|也|都|全部|全|完全|信息|以上|情况|上面|这些|这个|这|内容|资料|材料|"
    r"你|您|师傅|对不起|不好意思|抱歉|谢谢|是|还是|现在|目前|暂时|真的?|确实|肯定|当然|可以"
)
_HEDGE = re.compile(r"好像|可能|应该|大概|似乎|感觉|恐怕|估计|怕是")
_TAIL = re.compile(
    r"(?:谢谢您?|多谢|谢|麻烦了|辛苦了|的|了|呢|啊|呀|吧|哈|哦|噢|嘛|啦|呗|咧|嘞|滴|哒|着|哩|师傅|姑娘|同志|老师)$"
)
_QUESTION = re.compile(r"[?]|[吗么]$|(?:^|[^不没])([^不没])[不没]\1|有没有|[好行中对成能是要得][不没]$|可以不$")
_REPEATED = re.compile(r"(.{1,3}?)\1+")
_CLEAR_NO = re.compile(
    r"(?:不行|不对|不用了|不要了|不去了|不办了|不需要了?|不是的|不同意|不愿意|不了|算了|错了|先不|写错)(?P<why>.*)"
)
_TURNS = re.compile(r"[不没别吗么?呢紧]|就这[样么]|可以|行|好|同意")
_CLAUSES = re.compile(r"[\s,.、;!。~:…]+")
_LONGEST_CLAUSE = 20
_LONGEST_READ = 60
_MOST_CLAUSES = 12


def read_yes_no(text: str) -> bool | None:
    """True for a whole-hearted yes, False for a no, None for a question, a hedge, a condition or anything else.

    "好的，不用了" is a no; "好，改成两份" and "应该对" are None, since consent must not be guessed.
    """
    folded = fold(text)
    parts = [part for part in _CLAUSES.split(folded) if part]
    if not parts or len(parts) > _MOST_CLAUSES or _QUESTION.search(_last_clause(folded)):
        return None
    meanings = [_meaning(part) for part in parts]
    if "refusal" in meanings:
        return None if "consent" in meanings else False
    known = {meaning for meaning in meanings if meaning != "idle"}
    return True if known and known <= {"assent", "consent"} else None


def _last_clause(folded: str) -> str:
    return _CLAUSES.split(folded.rstrip(" ,.、;!。~:…"))[-1][-_LONGEST_CLAUSE:]


def _meaning(clause: str) -> str:
    """assent, consent, refusal, idle or unknown."""
    bare = normalise(clause[:_LONGEST_READ])
    if clause in _IDLE or bare in _IDLE:
        return "idle"
    if len(clause) <= _LONGEST_CLAUSE:
        for writing in (clause, bare, _REPEATED.sub(r"\1", bare)):
            meaning = _of_phrase(writing)
            if meaning:
                return meaning
    refusal = _CLEAR_NO.match(bare)
    return "refusal" if refusal and not _TURNS.search(refusal["why"]) else "unknown"


def _of_phrase(phrase: str) -> str:
    """The meaning of a short phrase once lead-ins and endings are taken off, or ""."""
    tried: set[str] = set()
    open_phrases = [phrase]
    while open_phrases:
        current = open_phrases.pop()
        if current in tried or not current:
            continue
        tried.add(current)
        if current in _UNDECIDED or _QUESTION.search(current):
            return "unknown"
        for meaning, words in (("refusal", _REFUSAL), ("consent", _CONSENT), ("assent", _ASSENT)):
            if current in words:
                return meaning
        hedge = _HEDGE.match(current)
        if hedge:
            return "refusal" if _of_phrase(current[hedge.end() :]) == "refusal" else "unknown"
        open_phrases += _shorter(current)
    return ""


def _shorter(phrase: str) -> list[str]:
    lead, tail = _LEAD.match(phrase), _TAIL.search(phrase)
    after = [phrase[lead.end() :]] if lead else []
    return after + ([phrase[: tail.start()]] if tail else [])
