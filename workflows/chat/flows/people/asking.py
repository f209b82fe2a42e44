"""Asking to act for somebody: what one is to them → who → in what → check → asked.

The last sentence is the same whether or not anybody of that name and number is known.
"""

from __future__ import annotations

from workflows.chat.engine import Again, Answered, Asked, Done, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.people.words import RELATIONS, pick_several
from workflows.chat.ports import Refused
from workflows.chat.understanding import pick, read_persons, read_yes_no

ASKED = (
    "记下了，等本人答复。\n"
    "用微信的，会收到一条消息，回“代办”就能同意；不用微信的，请本人带身份证到窗口，当场就能办。\n"
    "有了结果，我马上告诉您。"
)
_WHO_HINT = "请发要帮的那位的姓名和身份证号，如：\n张三 610102199001011234"
_SCOPES_HINT = "请回复前面的数字，可以选几样，如“1、3”；都要就回“都要”。"
_RELATION_NAMES = {code: label for code, label, _ in RELATIONS}


def _ask_relation(turn: Turn) -> Asked:
    refused = turn.ports.people.may_ask()
    if refused is not None:
        return Done(refused.sentence)
    known = turn.answers.pop("helped", None)
    if known is not None:
        turn.answers["relation"] = known
        return GoTo("who")
    lines = [f"{number} {label}" for number, (_, label, _) in enumerate(RELATIONS, 1)]
    return Question("\n".join(["您是要帮的那位的什么人？", *lines]))


def _answer_relation(turn: Turn, text: str) -> Answered:
    index = pick(text, [label for _, label, _ in RELATIONS], [words for _, _, words in RELATIONS])
    if index is None:
        return NotUnderstood("请回复前面的数字：您是那位的子女就回1。")
    turn.answers["relation"] = RELATIONS[index][0]
    return GoTo("who")


def _ask_who(_turn: Turn) -> Asked:
    return Question(_WHO_HINT)


def _answer_who(turn: Turn, text: str) -> Answered:
    typed = read_persons(text)
    if not typed:
        return NotUnderstood(_WHO_HINT)
    if len(typed) > 1:
        return Again(f"一次帮一位来。\n{_WHO_HINT}")
    person = typed[0]
    if person.name is None or (person.number is None and not person.leftover):
        return Again(f"姓名和身份证号要一起发。\n{_WHO_HINT}")
    number = person.number or person.leftover
    checked = turn.ports.people.check_principal(person.name, number)
    if isinstance(checked, Refused):
        return Again(f"{checked.sentence}\n{_WHO_HINT}")
    turn.answers["name"], turn.answers["number"], turn.answers["masked"] = person.name, number, checked
    return GoTo("scopes")


def _ask_scopes(turn: Turn) -> Asked:
    lines = [f"{number} {scope.label}" for number, scope in enumerate(turn.ports.people.scopes(), 1)]
    return Question("\n".join(["想替他办哪些事？", *lines, "可以选几样，如“1、3”；都要就回“都要”。"]))


def _answer_scopes(turn: Turn, text: str) -> Answered:
    scopes = turn.ports.people.scopes()
    chosen = pick_several(text, [scope.label for scope in scopes])
    if chosen is None:
        return NotUnderstood(_SCOPES_HINT)
    turn.answers["scopes"] = [scopes[index].name for index in chosen]
    turn.answers["matters"] = "、".join(scopes[index].label for index in chosen)
    return GoTo("check")


def _ask_check(turn: Turn) -> Asked:
    return Question(
        f"请核对：替{turn.answers['masked']}办\n{turn.answers['matters']}\n"
        f"您的身份：{_RELATION_NAMES.get(turn.answers['relation'], '家人')}\n本人同意以后才能办。\n"
        "1 都对，提交\n2 改一改\n3 不办了"
    )


def _answer_check(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["都对，提交", "改一改", "不办了"], [["提交"], ["改"], ["不办"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice == 0:
        return _submit(turn)
    if choice == 1:
        return GoTo("relation")
    if choice == 2:
        return Done("好，没有提交。以后要办，再回“代办”。")
    return NotUnderstood("都对请回1，要改回2，不办了回3。")


def _submit(turn: Turn) -> Answered:
    answers = turn.answers
    refused = turn.ports.people.ask(answers["name"], answers["number"], answers["relation"], answers["scopes"])
    return Done(ASKED if refused is None else refused.sentence)


ASKING_STEPS = (
    Step("relation", _ask_relation, _answer_relation, ("who",)),
    Step("who", _ask_who, _answer_who, ("scopes",)),
    Step("scopes", _ask_scopes, _answer_scopes, ("check",)),
    Step("check", _ask_check, _answer_check, ("relation",)),
)
