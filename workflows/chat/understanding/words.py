"""The ground every reader here stands on: text made comparable, and phrases found unless they are denied.

Residents type with full-width keyboards, voice input, traditional characters, stickers and courtesies. `fold` evens
out the writing, `normalise` also drops what carries no meaning, `clean` is what may be stored.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 2048  # WeChat's limit on a text; whatever lies beyond is not read


def word_set(listed: str) -> frozenset[str]:
    """The words of a list written with blanks between them, as the vocabularies here are."""
    return frozenset(listed.split())


_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Control, zero-width, bidirectional and tag characters, and halves of surrogate pairs: invisible, and PostgreSQL
# refuses some of them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
    "|(?<=[\u0300-\u036f]{2})[\u0300-\u036f]+"  # towers of accents, which take quadratic time to put in order
)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*")
_FULL_WIDTH = {
    ord(char): chr(ord(char) - 0xFEE0)
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for char in map(chr, range(ord(first), ord(last) + 1))
}

_TRADITIONAL = (
    "兩個點號後週禮選對沒確認屬實來還這時間預約訂單幫頁電話給無誤錯願應該謝麼嗎離結證領飯過開關問題辦務請讓"
    "貳參陸區戶歸場節陽農曆舊際臘嘍囉塊樓餐麗線錢麻煩導員聽說會種項碼機換從買樣處長鐘轉級層終"
)
_SIMPLE = (
    "两个点号后周礼选对没确认属实来还这时间预约订单帮页电话给无误错愿应该谢么吗离结证领饭过开关问题办务请让"
    "贰参陆区户归场节阳农历旧际腊喽啰块楼餐丽线钱麻烦导员听说会种项码机换从买样处长钟转级层终"
)
_EVEN = str.maketrans(_TRADITIONAL, _SIMPLE) | str.maketrans(
    {"–": "-", "—": "-", "−": "-", "〜": "~", "•": "·", "週": "周", "恩": "嗯"}
)
# Selectors and skin tones that phones add to digits and thumbs; numbered pictures that NFKC leaves alone.
_PICTURES: dict[int, str | None] = dict.fromkeys([*range(0xFE00, 0xFE10), 0x20E3, *range(0x1F3FB, 0x1F400)]) | {
    code: str(int(unicodedata.numeric(chr(code)))) for code in range(0x2776, 0x2794)
}
_PICTURES[ord("🔟")] = "10"

_STICKERS_YES = ("[ok]", "[好的]", "[强]", "[嗯]", "[yes]", "/:ok", "/:strong")
_STICKERS_NO = ("[no]", "[弱]", "[不]", "/:no", "/:weak")
_STICKERS_EMPTY = word_set(
    """
    微笑 撇嘴 色 发呆 得意 流泪 害羞 闭嘴 睡 大哭 尴尬 发怒 调皮 呲牙 惊讶 难过 囧 抓狂 吐 偷笑 愉快 白眼
    傲慢 困 惊恐 憨笑 悠闲 咒骂 疑问 嘘 晕 衰 骷髅 敲打 再见 擦汗 抠鼻 鼓掌 坏笑 鄙视 委屈 快哭了 阴险 亲亲
    可怜 笑脸 生病 脸红 破涕为笑 恐惧 失望 无语 嘿哈 捂脸 奸笑 机智 皱眉 耶 吃瓜 加油 汗 天啊 社会社会 旺柴
    哇 翻白眼 打脸 裂开 苦涩 叹气 让我看看 玫瑰 凋谢 嘴唇 爱心 心碎 蛋糕 炸弹 便便 月亮 太阳 礼物 拥抱 握手
    胜利 抱拳 勾引 拳头 合十 啤酒 咖啡 猪头 红包 发 福 烟花 爆竹 庆祝 跳跳 转圈 发抖 怄火
    """
)
_STICKER = re.compile(r"\[([一-鿿a-z]{1,6})\]|/:(?:ok|no|strong|weak|rose|heart|hug|share|@\)|:\))")

_OPENINGS = re.compile(r"你好|您好|请问(?:一下)?|麻烦(?:您|你)?(?!了)|请(?![假示教帖柬客求个])|那个|劳驾")
_CLOSINGS = (
    *(
        "谢谢您",
        "谢谢你",
        "谢谢了",
        "谢谢",
        "谢谢啦",
        "多谢",
        "谢了",
        "感谢",
        "麻烦了",
        "麻烦您了",
        "麻烦你了",
        "辛苦了",
    ),
    *(
        "辛苦您了",
        "拜托了",
        "拜托",
        "吧",
        "啊",
        "呀",
        "哦",
        "噢",
        "喔",
        "呢",
        "啦",
        "哈",
        "嘛",
        "呗",
        "喽",
        "咯",
        "哟",
        "哒",
    ),
)

_NOT_DENIALS = re.compile(r"(.)不\1|有没有|要不|不得不|动不动|对不起|不好意思|不然")
_DENIALS = re.compile(
    r"(?:不|没有|没|(?<![特分区个级性告])别|甭|嫑|莫|勿|未|无需|无须)"
    r"(?:要|想|用|必|需|能|会|肯|愿意|愿|准备|打算|再|是|给|帮|把|我|你|您|们|它|人|说|可以|让|应该|该|得){0,5}$"
    r"|(?:别|不要|不用|不许|甭|嫑|莫|勿)(?:再)?[把给将帮][^,。!;?\s]{0,10}$"
)
_DENIAL_WINDOW = 18
_MOST_COURTESIES = 20
_MOST_DENIED = 50  # a text that denies a phrase fifty times has been understood


def clean(text: str) -> str:
    """The text as it may be stored: nothing invisible, half-width letters and digits, white space tidied, lines kept.

    Punctuation and characters stay as typed, because staff and residents will read them again.
    """
    text = _UNSEEN.sub("", _LINE_BREAKS.sub("\n", text))
    text = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH)
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def fold(text: str) -> str:
    """One lower-case line in half-width, simplified characters, punctuation kept; at most `LONGEST` characters."""
    text = _UNSEEN.sub("", _LINE_BREAKS.sub("\n", text[:LONGEST])).translate(_PICTURES)
    text = unicodedata.normalize("NFKC", text)[:LONGEST].lower().translate(_EVEN)
    return " ".join(_STICKER.sub(_meaning, text).split())


def normalise(text: str) -> str:
    """The text for comparing: folded, without courtesies, stickers and punctuation around it.

    What would leave nothing stays ("?", "谢谢", "👍"), since it may be the whole answer.
    """
    folded = fold(text)
    bare = _strip_edges(folded)
    for _ in range(_MOST_COURTESIES):
        shorter = _strip_edges(_strip_courtesy(bare))
        if not shorter or shorter == bare:
            break
        bare = shorter
    return bare or folded


def says(text: str, *phrases: str) -> bool:
    """Whether the text contains one of the phrases, not denied: "不取消" does not say 取消, "能不能取消" does."""
    folded = fold(text)
    return any(said_at(folded, _folded_phrase(phrase)) is not None for phrase in phrases)


# Each message is compared with hundreds of phrases, which are always the same.
_folded_phrase = lru_cache(maxsize=8192)(fold)


def said_at(folded: str, phrase: str) -> int | None:
    """Where the folded text says the folded phrase without denying it or cutting a number in two, or None."""
    if not phrase:
        return None
    at = folded.find(phrase)
    for _ in range(_MOST_DENIED):
        if at < 0:
            return None
        if not _cuts_number(folded, at, phrase) and not _denied(folded[:at], phrase):
            return at
        at = folded.find(phrase, at + 1)
    return None


def _meaning(sticker: re.Match[str]) -> str:
    found = sticker.group()
    if found in _STICKERS_YES:
        return "👌"
    if found in _STICKERS_NO:
        return "❌"
    return " " if sticker.group(1) is None or sticker.group(1) in _STICKERS_EMPTY else found


def _strip_edges(text: str) -> str:
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first])[0] in "PSZ":
        first += 1
    while last > first and unicodedata.category(text[last - 1])[0] in "PSZ":
        last -= 1
    return text[first:last]


def _strip_courtesy(text: str) -> str:
    opening = _OPENINGS.match(text)
    if opening and opening.end() < len(text):
        return text[opening.end() :]
    for closing in _CLOSINGS:
        if text.endswith(closing) and len(text) > len(closing):
            return text.removesuffix(closing)
    return text


def _cuts_number(text: str, at: int, phrase: str) -> bool:
    end = at + len(phrase)
    before = at > 0 and phrase[0].isdigit() and text[at - 1].isdigit()
    return before or (end < len(text) and phrase[-1].isdigit() and text[end].isdigit())


def _denied(before: str, phrase: str) -> bool:
    if before.endswith("不") and before[-2:-1] == phrase[0]:
        return False  # 能不|能取消: a question, not a refusal
    window = _NOT_DENIALS.sub("□", before[-_DENIAL_WINDOW:])
    denial = _DENIALS.search(window)
    if denial is None:
        return False
    return _DENIALS.search(window[: denial.start()]) is None  # 不是不去: denied twice is not denied
