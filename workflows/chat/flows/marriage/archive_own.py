"""我的查档: where one's own request stands; answer the question, book the visit in one step, or take it back."""

from __future__ import annotations

from backend.kernel.chinese_dates import spoken_moment
from workflows.chat.archive_port import OwnArchive
from workflows.chat.engine import Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.archive_words import is_sentence, numbered
from workflows.chat.flows.marriage.choosing import choose_again, choosing_steps
from workflows.chat.flows.marriage.parties import SLOT_GONE, give_back
from workflows.chat.flows.marriage.wishes import elsewhere, note_wanted, provisional_note
from workflows.chat.ports import Refused, TimeChoice
from workflows.chat.understanding import normalise, pick, read_yes_no, says

NONE_YET = "您还没有查档的申请。要查婚姻登记档案，回“查档案”。"
GONE = "这件申请有变动，回“我的查档”看看现在的情况。"
UNCHANGED = "好，没有变动。要看进度，随时回“我的查档”。"
_LISTED = 5
_LONGEST_STEP = 200  # a reply stays under 300 characters (stories.md)
KIND = "archive_query"


def matches(text: str) -> int:
    """Whether a text asks how one's request stands."""
    said = normalise(text)
    return 4 if says(said, "我的查档", "查档进度", "档案找到", "查档结果", "档案查到") else 0


def _current(turn: Turn) -> OwnArchive | None:
    chosen = turn.answers.get("request")
    return next((one for one in turn.ports.archive.own() if one.id == chosen), None)


def _ask_choose(turn: Turn) -> Asked:
    own = turn.ports.archive.own()[:_LISTED]
    if not own:
        return Done(NONE_YET)
    if len(own) == 1:
        turn.answers["request"] = own[0].id
        return GoTo("act")
    turn.answers["listed"] = [[one.id, f"{one.sought_name}（{one.state_name}）", one.number] for one in own]
    lines = numbered([f"{label} {number}" for _, label, number in turn.answers["listed"]])
    return Question("\n".join(["您有这些申请，要看哪一件？", *lines]))


def _answer_choose(turn: Turn, text: str) -> Answered:
    listed = turn.answers["listed"]
    index = pick(text, [label for _, label, _ in listed], [[number] for _, _, number in listed])
    if index is None:
        return NotUnderstood("请回复申请前面的数字。")
    turn.answers["request"] = listed[index][0]
    return GoTo("act")


def _ask_act(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None:
        return Done(GONE)
    told = f"{own.sought_name} {own.number}：{own.state_name}\n{own.next_step[:_LONGEST_STEP]}"
    if own.visit:
        told += f"\n您约了{own.visit}来看，要改时间回“我的预约”。"
    if not own.open:
        return Done(told)
    if own.waits_for_answer:
        return Question(f"{told}\n直接回一句话就行；不查了回“撤回”。")
    if own.bookable:
        return Question(f"{told}\n1 约时间来看\n2 不看了，撤回\n不约直接来也可以。")
    return Question(f"{told}\n不用回复。不查了回“撤回”。")


def _answer_act(turn: Turn, text: str) -> Answered:
    own = _current(turn)
    if own is None:
        return Done(GONE)
    if matches(text):
        return GoTo("choose")  # whoever asks again wants to see how it stands now
    if says(normalise(text), "撤回", "不查了", "不看了"):
        return GoTo("sure")
    if own.waits_for_answer:
        return _answer_question(turn, own, text)
    if own.bookable:
        return _answer_bookable(turn, own, text)
    if read_yes_no(text) is not None:
        return Done(UNCHANGED)
    return NotUnderstood("不查了回“撤回”；不用回复也行。")


def _answer_question(turn: Turn, own: OwnArchive, text: str) -> Answered:
    words = " ".join(text.split())
    if not is_sentence(text):
        return NotUnderstood("请用一句话回答；不查了回“撤回”。")
    refused = turn.ports.archive.answer(own.id, words)
    return Done(refused.sentence if refused else "记下了，接着查，有结果马上告诉您。")


def _answer_bookable(turn: Turn, own: OwnArchive, text: str) -> Answered:
    choice = pick(text, ["约时间来看", "不看了，撤回"], [["约时间", "约", "预约"], ["撤回"]])
    if choice is None and note_wanted(turn, text):
        choice = 0
    if choice is None:
        choice = {True: 0, False: None, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("约时间来看请回1，不看了回2。")
    if choice == 1:
        return GoTo("sure")
    turn.answers.update(office=own.office.id, kind=KIND)
    return GoTo("day")


def _remember(turn: Turn, choice: TimeChoice) -> GoTo:
    """Keep the place for some minutes, while they say yes."""
    held = turn.ports.marriage.hold(choice.slot_id, KIND)
    if isinstance(held, Refused):
        return choose_again(turn, held)
    time = held.time
    note = f"（{provisional_note(time.starts_at.date())}）" if turn.answers.get("provisional") else ""
    turn.answers["slot"] = time.slot_id
    turn.answers["slot_text"] = f"{spoken_moment(time.starts_at)}{note}，{time.office.name}"
    return GoTo("agree")


def _ask_agree(turn: Turn) -> Asked:
    return Question(f"{turn.answers['slot_text']}，本人来看，对吗？\n1 对，约上\n2 换时间\n3 先不约")


def _answer_agree(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["对，约上", "换时间", "先不约"], [["约", "对"], ["换"], ["不约"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice == 1:
        return GoTo("day")
    if choice == 2:
        give_back(turn)
        return Done("好，没有约。档案给您留着，直接来也可以。")
    if choice is None:
        return elsewhere(turn, text) or NotUnderstood("约上请回1，换时间回2，先不约回3。")
    booked = turn.ports.archive.book(turn.answers["request"], turn.answers["slot"])
    if isinstance(booked, Refused):
        return choose_again(turn, booked) if booked.code in SLOT_GONE else Done(booked.sentence)
    return Done(
        f"约好了 ✔ 预约号 {booked.number}\n{turn.answers['slot_text']}，{booked.check_in_by:%H:%M}前签到。\n"
        "请带证件原件。前一天和当天我会提醒您，要改时间回“我的预约”。"
    )


def _ask_sure(turn: Turn) -> Asked:
    own = _current(turn)
    if own is None or not own.open:
        return Done(GONE)
    return Question(f"{own.sought_name} {own.number}\n确定不查了吗？\n1 撤回申请\n2 接着查")


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["撤回申请", "接着查"], [["撤回", "不查了"], ["查"]])
    if choice is None:
        choice = {True: 0, False: 1, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("撤回请回1，接着查回2。")
    if choice == 1:
        return Done(UNCHANGED)
    refused = turn.ports.archive.withdraw(turn.answers["request"])
    return Done(refused.sentence if refused else "已经撤回了。以后要查，再说“查档案”就行。")


_DAY, _TIME = choosing_steps(_remember, ("agree",), give_back)

ARCHIVE_OWN = Flow(
    name="marriage.archive_own",
    title="我的查档",
    call_words="我的查档",
    version=1,
    steps=(
        Step("choose", _ask_choose, _answer_choose, ("act",)),
        Step("act", _ask_act, _answer_act, ("choose", "day", "sure"), may_rest=True),
        _DAY,
        _TIME,
        Step("agree", _ask_agree, _answer_agree, ("day", "time")),
        Step("sure", _ask_sure, _answer_sure),
    ),
    matches=matches,
    leave=give_back,
    farewell=UNCHANGED,
)
