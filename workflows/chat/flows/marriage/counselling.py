"""婚姻辅导: somebody to talk to, in person, by video or telephone. Free, voluntary, and what is said stays there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from backend.kernel.chinese_dates import spoken_moment
from workflows.chat.counselling_ports import Contact, CounsellingAnswers, OwnCounselling
from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage import counselling_words as words
from workflows.chat.flows.marriage.counselling_times import again, chosen_time, list_times
from workflows.chat.flows.marriage.papers import asks_papers
from workflows.chat.flows.marriage.wishes import note_wanted
from workflows.chat.ports import Refused
from workflows.chat.understanding import clean, normalise, pick, read_crisis, read_yes_no

_LISTED = 6
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_NAME = re.compile(r"[一-鿿·A-Za-z ]{1,20}")
_LABELS = re.compile(r"我叫|我是|叫我|电话|手机|号码|称呼|[是:：,，。、;；]")


def matches(text: str) -> int:
    """Whether a text wishes for somebody to talk to; what it says of parting (离婚调解) is part of that wish.

    Whoever tells of danger in it hears first where help is, from the flow that tells it.
    """
    return 3 if words.asks_counselling(text) and read_crisis(text) is None else 0


def _open(turn: Turn, text: str) -> None:
    matter = words.matter_said(text)
    if matter is not None:
        turn.answers["matter"] = matter
    note_wanted(turn, text)


# --- one's own ---


def _ask_own(turn: Turn) -> Asked:
    own = turn.ports.counselling.own()
    if own is None:
        return GoTo("matter")
    if not own.changeable:
        return Done(_told(own))
    return Question(f"{_told(own)}\n1 改时间\n2 取消\n不用改就不必回复。")


def _told(own: OwnCounselling, opening: str = "约好的时间：") -> str:
    link = f"\n视频从这里进：{own.link}" if own.link else ""
    both = "，两个人一起" if own.together else ""
    return f"{opening}{spoken_moment(own.starts_at)}\n{own.place}，{own.who}{both}。免费。编号 {own.number}{link}"


def _answer_own(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["改时间", "取消"], [["换时间", "改期"], ["取消预约", "不去了", "取消辅导"]])
    if choice is None or turn.ports.counselling.own() is None:
        return NotUnderstood("改时间请回1，取消请回2。")
    note_wanted(turn, text)
    return GoTo("cancel" if choice else "again")


def _ask_cancel(_turn: Turn) -> Asked:
    return Question("确定取消吗？以后随时可以再约。\n1 取消\n2 不取消")


def _answer_cancel(turn: Turn, text: str) -> Answered:
    choice = _choice(text, ["取消", "不取消"], [["取消预约"], ["留着"]])
    own = turn.ports.counselling.own()
    if choice is None:
        return NotUnderstood("取消请回1，不取消回2。")
    if choice == 1 or own is None:
        return Done(words.NOTHING_CHANGED)
    refused = turn.ports.counselling.cancel(own.id)
    return Done(refused.sentence if refused else words.CANCELLED)


def _ask_again(turn: Turn) -> Asked:
    own = turn.ports.counselling.own()
    if own is None:
        return Done(words.NOTHING_CHANGED)
    turn.answers.update(matter=own.matter, office=own.office_id, way=own.way)
    return list_times(turn, "想改到什么时候？")


def _answer_again(turn: Turn, text: str) -> Answered:
    chosen = chosen_time(turn, text, "想改到什么时候？")
    own = turn.ports.counselling.own()
    if not isinstance(chosen, datetime):
        return chosen
    if own is None:
        return Done(words.NOTHING_CHANGED)
    moved = turn.ports.counselling.move(own.id, chosen)
    if isinstance(moved, Refused):
        return again(turn, moved.sentence) if moved.code == "slot_full" else Done(moved.sentence)
    return Done(_told(moved, "改好了 ✔ "))


# --- a new one ---


def _ask_matter(turn: Turn) -> Asked:
    if turn.answers.get("matter") is not None:
        return GoTo("office", "好，您慢慢来。这里说的只有您自己看得到。")
    lines = [f"{number} {label}" for number, label in enumerate(words.LABELS.values(), 1)]
    return Question("\n".join(["有人可以听您说，不收费，来不来都随您。想谈哪方面？", *lines]))


def _answer_matter(turn: Turn, text: str) -> Answered:
    index = pick(text, list(words.LABELS.values()))
    matter = list(words.LABELS)[index] if index is not None else words.matter_said(text)
    if matter is None:
        return NotUnderstood("请回复前面的数字，如“2”。")
    turn.answers["matter"] = matter
    note_wanted(turn, text)
    return GoTo("office")


def _forget_matter(turn: Turn) -> None:
    turn.answers.pop("matter", None)


def _ask_office(turn: Turn) -> Asked:
    places = turn.ports.counselling.places(turn.answers["matter"])
    if not places:
        return Done(words.NOBODY)
    if len(places) == 1:
        turn.answers["office"] = places[0].id
        return GoTo("way")
    lines = [f"{number} {one.name}" for number, one in enumerate(places[:_LISTED], 1)]
    return Question("\n".join(["离哪里近？", *lines]))


def _answer_office(turn: Turn, text: str) -> Answered:
    places = turn.ports.counselling.places(turn.answers["matter"])[:_LISTED]
    index = pick(text, [one.name for one in places])
    if index is None:
        return NotUnderstood("请回复登记处前面的数字。")
    turn.answers["office"] = places[index].id
    return GoTo("way")


def _ways(turn: Turn) -> Sequence[str]:
    places = turn.ports.counselling.places(turn.answers["matter"])
    return next((one.ways for one in places if one.id == turn.answers["office"]), ())


def _ask_way(turn: Turn) -> Asked:
    ways = _ways(turn)
    if not ways:
        return Done(words.NOBODY)
    if len(ways) == 1:
        turn.answers["way"] = ways[0]
        return GoTo("together")
    lines = [f"{number} {words.WAYS[way]}" for number, way in enumerate(ways, 1)]
    return Question("\n".join(["想怎么谈？", *lines]))


def _answer_way(turn: Turn, text: str) -> Answered:
    ways = _ways(turn)
    index = pick(text, [words.WAYS[way] for way in ways])
    if index is None:
        return NotUnderstood("想怎么谈，请回复前面的数字。")
    turn.answers["way"] = ways[index]
    return GoTo("together")


def _ask_together(turn: Turn) -> Asked:
    turn.answers["together"] = False
    if turn.answers["matter"] not in words.TOGETHER:
        return GoTo("time")
    return Question("您自己来，还是两个人一起？\n1 就我自己\n2 两个人一起")


def _answer_together(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["就我自己", "两个人一起"], [["自己", "一个人", "我自己"], ["一起", "两个人", "我们俩"]])
    if choice is None:
        return NotUnderstood("您自己来请回1，两个人一起回2。")
    refused = turn.ports.counselling.may_come_together() if choice else None
    turn.answers["together"] = choice == 1 and refused is None
    return GoTo("time", refused.sentence if refused else "")


def _ask_time(turn: Turn) -> Asked:
    return list_times(turn, "请选时间：")


def _answer_time(turn: Turn, text: str) -> Answered:
    chosen = chosen_time(turn, text, "请选时间：")
    if not isinstance(chosen, datetime):
        return chosen
    turn.answers["starts_at"] = chosen.isoformat()
    return GoTo("contact")


def _ask_contact(turn: Turn) -> Asked:
    known = turn.ports.counselling.contact()
    if known is None:
        return Question(words.CONTACT)
    turn.answers["name"], turn.answers["phone"] = known.name, known.phone
    return GoTo("grown")


def _answer_contact(turn: Turn, text: str) -> Answered:
    said = normalise(text)
    phone = _PHONE.search(said)
    if phone is None:
        return NotUnderstood("请留称呼和11位手机号，如“李女士 13800001111”。")
    name = _LABELS.sub(" ", said.replace(phone[0], " ")).strip()
    number = re.sub(r"\D", "", phone[0])
    told = turn.ports.counselling.tell_of_danger(turn.answers["office"], Contact(name[:20] or number, number), text)
    if told:
        name = name.split(" ")[0][:10]
    if not _NAME.fullmatch(name):
        return Again("\n".join(filter(None, [told, "还差一个称呼，请和电话一起发，如“李女士 13800001111”。"])))
    turn.answers["name"], turn.answers["phone"] = name, number
    return GoTo("grown", told)


def _ask_grown(turn: Turn) -> Asked:
    minor = turn.ports.counselling.is_minor(datetime.fromisoformat(turn.answers["starts_at"]))
    if minor is None:
        return Question(words.GROWN)
    turn.answers["minor"] = minor
    return GoTo("guardian" if minor else "about")


def _answer_grown(turn: Turn, text: str) -> Answered:
    choice = _choice(text, ["满了", "还没有"], [["满18了", "成年", "成年了"], ["没有", "没满", "未成年", "没成年"]])
    if choice is None:
        return NotUnderstood("满18岁请回1，还没有请回2。")
    turn.answers["minor"] = choice == 1
    return GoTo("guardian" if choice else "about")


def _ask_guardian(_turn: Turn) -> Asked:
    return Question(words.GUARDIAN)


def _answer_guardian(turn: Turn, text: str) -> Answered:
    said = clean(text)
    if asks_papers(text) or len(said) < 2 or not _NAME.fullmatch(said):
        return NotUnderstood("请发监护人怎么称呼，如“妈妈王女士”。")
    turn.answers["guardian"] = said
    return GoTo("about")


def _ask_about(_turn: Turn) -> Asked:
    return Question(words.ABOUT)


def _answer_about(turn: Turn, text: str) -> Answered:
    said = clean(text)
    told = turn.ports.counselling.tell_of_danger(turn.answers["office"], _contact(turn), said)
    if told:
        turn.answers["about"] = said
        return GoTo("sure", told)
    if words.would_rather_not_say(text):
        turn.answers["about"] = ""
        return GoTo("sure")
    if asks_papers(text) or not re.search(r"[一-鿿A-Za-z]{2}", said):
        return NotUnderstood("几个字就行，不想说请回“不说”。")
    turn.answers["about"] = said
    return GoTo("sure")


def _ask_sure(turn: Turn) -> Asked:
    answers = turn.answers
    when = spoken_moment(datetime.fromisoformat(answers["starts_at"]))
    both = "两个人一起" if answers["together"] else "您自己"
    told = f"{words.LABELS[answers['matter']]}：{when}，{words.WAYS[answers['way']]}，{both}。"
    reached = f"{answers['name']}，尾号{answers['phone'][-4:]}。免费。"
    return Question(f"{told}\n{reached}\n1 约\n2 换时间\n3 不约了")


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["约", "换时间", "不约了"], [["就约这个"], ["换"], ["不约"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("约请回1，换时间回2，不约了回3。")
    if choice == 1:
        return GoTo("time")
    if choice == 2:
        return Done(words.NOT_BOOKED)
    made = turn.ports.counselling.book(_booking(turn))
    if isinstance(made, Refused):
        return GoTo("time", made.sentence) if made.code == "slot_full" else Done(made.sentence)
    return Done(f"{_told(made, '约好了 ✔ ')}\n到时候提醒您。改时间或取消，回“我的辅导”。")


def _booking(turn: Turn) -> CounsellingAnswers:
    answers = turn.answers
    return CounsellingAnswers(
        matter=answers["matter"],
        office_id=answers["office"],
        way=answers["way"],
        together=answers["together"],
        starts_at=datetime.fromisoformat(answers["starts_at"]),
        contact=_contact(turn),
        minor=answers["minor"],
        guardian=answers.get("guardian", "") if answers["minor"] else "",
        about=answers["about"],
    )


def _contact(turn: Turn) -> Contact:
    return Contact(turn.answers["name"], turn.answers["phone"])


def _choice(text: str, options: list[str], aliases: list[list[str]]) -> int | None:
    choice = pick(text, options, aliases)
    return {True: 0, False: 1, None: None}[read_yes_no(text)] if choice is None else choice


COUNSELLING = Flow(
    name="marriage.counselling",
    title="婚姻辅导",
    call_words="婚姻辅导",
    version=1,
    steps=(
        Step("own", _ask_own, _answer_own, ("matter", "again", "cancel"), may_rest=True),
        Step("matter", _ask_matter, _answer_matter, ("office",), _forget_matter),
        Step("office", _ask_office, _answer_office, ("way",)),
        Step("way", _ask_way, _answer_way, ("together",)),
        Step("together", _ask_together, _answer_together, ("time",)),
        Step("time", _ask_time, _answer_time, ("contact",)),
        Step("contact", _ask_contact, _answer_contact, ("grown",)),
        Step("grown", _ask_grown, _answer_grown, ("guardian", "about")),
        Step("guardian", _ask_guardian, _answer_guardian, ("about",)),
        Step("about", _ask_about, _answer_about, ("sure",)),
        Step("sure", _ask_sure, _answer_sure, ("time",)),
        Step("again", _ask_again, _answer_again),
        Step("cancel", _ask_cancel, _answer_cancel),
    ),
    matches=matches,
    open=_open,
    farewell=words.NOTHING_CHANGED,
)
