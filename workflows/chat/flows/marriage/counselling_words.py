"""How counselling is spoken of: warm, short, and so that nobody who looks over a shoulder learns what it is about."""

from __future__ import annotations

from workflows.chat.understanding import normalise, says

PREMARITAL, RELATIONSHIP, MEDIATION = "premarital", "relationship", "mediation"
LEGAL, PSYCHOLOGICAL, CHILDREN = "legal", "psychological", "children"

# In the order of the list.
LABELS = {
    PREMARITAL: "结婚以前，想谈谈",
    RELATIONSHIP: "夫妻、家人怎么相处",
    MEDIATION: "过不下去了，想先调一调",
    LEGAL: "法律上的事（律师）",
    PSYCHOLOGICAL: "心情、压力（心理咨询师）",
    CHILDREN: "孩子的事",
}
TOGETHER = (PREMARITAL, RELATIONSHIP, MEDIATION, CHILDREN)
WAYS = {"on_site": "当面谈", "video": "视频", "telephone": "电话"}

NOTHING_CHANGED = "好，没有变动。想找人聊聊，随时回“婚姻辅导”。"
NOBODY = "这一项现在没有排班的老师，请回复“人工”，我们帮您问。"
FULL = "最近都约满了。换一种方式可能有空，回“婚姻辅导”重新选；也可以回“人工”。"
CONTACT = "怎么称呼您、打哪个电话？如“李女士 13800001111”。不用身份证号。"
GROWN = "您满18岁了吗？\n1 满了\n2 还没有"
GUARDIAN = "没满18岁要有监护人陪着。监护人怎么称呼？如“妈妈王女士”。"
ABOUT = "想先说说是什么事吗？几个字就行，只有接待您的老师看得到。\n不想说，回“不说”。"
NOT_BOOKED = "好，没有约。想聊的时候再说“婚姻辅导”就行。"
CANCELLED = "取消了。想聊的时候再说“婚姻辅导”就行。"

_NAMED = (
    *("婚姻辅导", "家庭辅导", "婚前辅导", "关系辅导", "离婚辅导", "婚姻咨询", "家庭咨询", "情感咨询"),
    *("离婚调解", "婚姻调解", "家庭调解", "心理咨询", "心理辅导", "心理医生", "法律咨询", "咨询律师", "找律师"),
)
_WISHED = ("找人聊聊", "找人聊", "找人说说", "找人说话", "找人谈谈", "想聊聊", "谈谈心", "想倾诉", "约辅导", "约咨询")
_OWN = ("我的辅导", "辅导预约", "我约的辅导", "取消辅导", "改辅导时间")
# What a first sentence tells of the matter, the more special first.
_MATTERS = (
    (PREMARITAL, ("婚前", "结婚以前")),
    (MEDIATION, ("调解", "离婚", "过不下去")),
    (LEGAL, ("法律", "律师")),
    (PSYCHOLOGICAL, ("心理", "压力", "抑郁", "焦虑", "睡不着")),
    (CHILDREN, ("孩子", "子女", "抚养", "探望")),
    (RELATIONSHIP, ("相处", "吵架", "冷战", "婆媳", "关系")),
)
_NOT_SAID = ("不说", "不想说", "不方便说", "没有", "没什么", "不用", "跳过", "见面说", "见面再说", "到时候说")


def asks_counselling(text: str) -> bool:
    """Whether a text wishes for somebody to talk to, or asks about one's own session."""
    return says(normalise(text), *_NAMED, *_WISHED, *_OWN)


def matter_said(text: str) -> str | None:
    """Which matter a sentence speaks of, or None."""
    said = normalise(text)
    return next((matter for matter, words in _MATTERS if says(said, *words)), None)


def would_rather_not_say(text: str) -> bool:
    """Whether somebody keeps what it is about for later."""
    return normalise(text) in _NOT_SAID
