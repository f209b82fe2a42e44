"""查档案: a few short questions, then the archivist looks; nothing of a record is ever sent here (§2.9)."""

from __future__ import annotations

import re

from backend.kernel.chinese_dates import spoken_day
from workflows.chat.archive_port import ArchiveWish
from workflows.chat.engine import Again, Answered, Asked, Done, Flow, GoTo, NotUnderstood, Question, Step, Turn
from workflows.chat.flows.marriage.archive_words import (
    is_sentence,
    knows_nothing,
    numbered,
    read_details,
    read_names,
    read_when_where,
    years_told,
)
from workflows.chat.flows.marriage.papers import asks_papers
from workflows.chat.ports import Refused
from workflows.chat.understanding import normalise, pick, read_yes_no, says

NO_RECORD_TOLD = (
    "单身、未婚（无婚姻登记记录）证明，登记处基本不再开了。\n"
    "哪家单位要的，请它改用您本人的书面承诺，或由它向民政部门核对；公证处要的，请公证处直接核对。\n"
    "要查自己登记过的档案，回“查档案”。"
)
_FIRST_YEAR, _MOST_YEARS = 1930, 15
_NUMBERS_SINCE = 2004  # older records often have no identity number on them
_NO_RECORD = ("单身证明", "无婚姻", "未婚证明", "没结过婚", "无配偶证明")
_ASKS = ("查档", "档案", "婚姻登记记录", "婚姻记录", "婚姻证明", "登记记录证明")
_CHECKS = ("补结婚证档案", "补领前", "核档", "补证档案", "补办档案", "补领档案")

_WHAT = [
    "我的结婚登记档案（复印件盖章）",
    "我的双方分开时的登记档案",
    "我的婚姻登记记录证明",
    "补领证件前，先核档案",
    "替别人查",
]
_SOUGHT = ("marriage_record", "divorce_record", "record_proof")
_SOUGHT_NAMES = {
    "marriage_record": "结婚登记档案",
    "divorce_record": "双方分开时的登记档案",
    "record_proof": "婚姻登记记录证明",
    "reissue_check": "补领前核档",
}
_WHOSE = ["受本人委托，有公证过的委托书", "我是律师，法院已受理", "亲属已故，办继承等", "其他情况"]
_KINDS = ("proxy", "lawyer", "heir", "other")
_PROOF = {
    "proxy": "请发公证书的编号。没有公证的，请先去公证处办，或请本人来。",
    "lawyer": "请发法院受理的案号，如“（2026）陕0102民初1号”。",
    "heir": "请用一句话说您和档案上的人是什么关系、办什么事，如“母亲去世，办房产继承”。要登记处批准才能查。",
    "other": "请用一句话说您和档案上的人是什么关系、办什么事。要登记处批准才能查。",
}


def matches(text: str) -> int:
    """Whether a text asks for the archive; a time for a visit, and what to bring, are other matters."""
    said = normalise(text)
    if asks_papers(text) or re.search(r"约|我的查档|人事档案", said):
        return 0
    if says(said, *_CHECKS):
        return 3
    return 2 if says(said, *_ASKS, *_NO_RECORD) else 0


def _open(turn: Turn, text: str) -> None:
    said = normalise(text)
    if says(said, *_NO_RECORD):
        turn.answers["no_record"] = True
    elif says(said, *_CHECKS):
        turn.answers.update(applicant="self", sought="reissue_check")
    elif says(said, "记录证明", "婚姻证明"):
        turn.answers.update(applicant="self", sought="record_proof", registration="marriage")


def _ask_what(turn: Turn) -> Asked:
    if turn.answers.get("no_record"):
        return Done(NO_RECORD_TOLD)
    refused = turn.ports.archive.may_ask("self")
    if refused is not None:
        return Done(f"{refused.sentence}\n也可以带身份证到窗口登记，或先约时间：回“预约查档”。")
    if "sought" in turn.answers:
        return GoTo("names" if "registration" in turn.answers else "which")
    return Question("\n".join(["不收费。内容不在微信里发，找到了在登记处现场看。\n您要查什么？", *numbered(_WHAT)]))


def _answer_what(turn: Turn, text: str) -> Answered:
    choice = pick(text, _WHAT, [["结婚"], ["分开", "离婚"], ["证明"], ["补领", "核档"], ["替别人", "别人"]])
    if choice is None:
        return NotUnderstood("请回复前面的数字，如“1”。")
    if choice == 4:
        return GoTo("whose")
    turn.answers["applicant"] = "self"
    if choice == 3:
        turn.answers["sought"] = "reissue_check"
        return GoTo("which")
    _take(turn, _SOUGHT[choice])
    return GoTo("names")


def _take(turn: Turn, sought: str) -> None:
    turn.answers["sought"] = sought
    turn.answers["registration"] = "divorce" if sought == "divorce_record" else "marriage"


def _ask_which(_turn: Turn) -> Asked:
    return Question("\n".join(["要补领哪一种？", *numbered(["结婚证", "双方分开时发的证"])]))


def _answer_which(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["结婚证", "双方分开时发的证"], [["结婚"], ["分开", "离婚证"]])
    if choice is None:
        return NotUnderstood("结婚证回1，双方分开时发的证回2。")
    turn.answers["registration"] = ("marriage", "divorce")[choice]
    return GoTo("names")


def _ask_whose(_turn: Turn) -> Asked:
    return Question("\n".join(["您是哪一种情况？来看时要带原件。", *numbered(_WHOSE), "单位查档请带公函到窗口。"]))


def _answer_whose(turn: Turn, text: str) -> Answered:
    choice = pick(text, _WHOSE, [["委托", "公证"], ["律师"], ["继承", "去世", "已故"], ["其他"]])
    if choice is None:
        return NotUnderstood("请回复前面的数字，如“1”。")
    refused = turn.ports.archive.may_ask(_KINDS[choice])
    if refused is not None:
        return Done(f"{refused.sentence}\n也可以带原件到窗口登记。")
    turn.answers["applicant"] = _KINDS[choice]
    return GoTo("proof")


def _ask_proof(turn: Turn) -> Asked:
    return Question(_PROOF[turn.answers["applicant"]])


def _answer_proof(turn: Turn, text: str) -> Answered:
    words = " ".join(text.split())[:200]
    if not is_sentence(text) or knows_nothing(text):
        return NotUnderstood(f"这一条一定要有。{_PROOF[turn.answers['applicant']]}")
    turn.answers["proof"] = words
    return GoTo("sought")


def _ask_sought(_turn: Turn) -> Asked:
    return Question("\n".join(["要查哪一样？", *numbered([_SOUGHT_NAMES[one] for one in _SOUGHT])]))


def _answer_sought(turn: Turn, text: str) -> Answered:
    choice = pick(text, [_SOUGHT_NAMES[one] for one in _SOUGHT], [["结婚"], ["分开", "离婚"], ["证明"]])
    if choice is None:
        return NotUnderstood("请回复前面的数字，如“1”。")
    _take(turn, _SOUGHT[choice])
    return GoTo("names")


def _ask_names(turn: Turn) -> Asked:
    who = "您登记时用的名字，和对方的名字" if turn.answers["applicant"] == "self" else "登记时双方的名字"
    return Question(f"请发{who}，中间空一格，如：\n王小明 李小红\n不记得对方的，只写一个。")


def _answer_names(turn: Turn, text: str) -> Answered:
    names = read_names(text)
    if names is None:
        return NotUnderstood("请只发登记时的名字，一个或两个，中间空一格。")
    if len(names) == 2 and names[0] == names[1]:
        return Again("两个名字一样，请分别写。")
    turn.answers["names"] = names
    return GoTo("when")


def _ask_when(_turn: Turn) -> Asked:
    return Question("大概哪一年、在哪里登记的？证号还在也写上，如：\n1987年 长乐公社\n记不清可以说“1985到1989年”。")


def _answer_when(turn: Turn, text: str) -> Answered:
    told = read_when_where(text, turn.now.year)
    if told is None:
        return NotUnderstood("请说大概哪一年，如“1987年 长乐公社”；记不清可以说“1985到1989年”。")
    if not _FIRST_YEAR <= told.first_year <= told.last_year <= turn.now.year:
        return Again(f"年份请说{_FIRST_YEAR}年到今年之间的。")
    if told.last_year - told.first_year >= _MOST_YEARS:
        return Again(f"范围大了些，请说在{_MOST_YEARS}年以内，如“1985到1989年”。")
    turn.answers["years"] = [told.first_year, told.last_year]
    turn.answers.update(place=told.place, certificate=told.certificate, details={})
    return GoTo("office" if told.certificate or told.first_year >= _NUMBERS_SINCE else "details")


def _ask_details(_turn: Turn) -> Asked:
    return Question(
        "那时的档案上常没有身份证号，再说几样更好找：曾用名、出生年、籍贯、当时的单位，如：\n"
        "曾用名王明，1962年生，籍贯渭南，单位国棉三厂\n不清楚就回“不清楚”。"
    )


def _answer_details(turn: Turn, text: str) -> Answered:
    if knows_nothing(text):
        turn.answers["details"] = {}
        return GoTo("office")
    told = read_details(text)
    if not told:
        return NotUnderstood("请说曾用名、出生年、籍贯或当时的单位，说一样也行；不清楚就回“不清楚”。")
    turn.answers["details"] = dict(told)
    return GoTo("office")


def _ask_office(turn: Turn) -> Asked:
    offices = turn.ports.marriage.offices()
    if not offices:
        return Done("现在还没有登记处在网上受理，请回复“人工”。")
    if len(offices) == 1:
        turn.answers.update(office=offices[0].id, office_name=offices[0].name)
        return GoTo("sure")
    lines = numbered([f"{one.name}（{one.address}）" for one in offices])
    return Question("\n".join(["想到哪个登记处来看？", *lines]))


def _answer_office(turn: Turn, text: str) -> Answered:
    offices = turn.ports.marriage.offices()
    index = pick(text, [one.name for one in offices], [[one.address] for one in offices])
    if index is None:
        return NotUnderstood("请回复登记处前面的数字，如“1”。")
    turn.answers.update(office=offices[index].id, office_name=offices[index].name)
    return GoTo("sure")


def _ask_sure(turn: Turn) -> Asked:
    answers = turn.answers
    where = f"，{answers['place']}" if answers["place"] else ""
    number = f"，证号 {answers['certificate']}" if answers["certificate"] else ""
    lines = [
        f"请核对：{_SOUGHT_NAMES[answers['sought']]}",
        f"登记时的名字：{'、'.join(answers['names'])}",
        f"{years_told(*answers['years'])}{where}{number}",
        f"由{answers['office_name']}查找，不收费。",
        "1 对，请帮我找\n2 重新填\n3 先不查",
    ]
    return Question("\n".join(lines))


def _answer_sure(turn: Turn, text: str) -> Answered:
    choice = pick(text, ["对，请帮我找", "重新填", "先不查"], [["对", "找"], ["改", "重填"], ["不查", "不查了"]])
    if choice is None:
        choice = {True: 0, False: 2, None: None}[read_yes_no(text)]
    if choice is None:
        return NotUnderstood("都对请回1，重新填回2，先不查回3。")
    if choice == 1:
        return GoTo("names")
    if choice == 2:
        return Done("好，没有申请。什么时候要查，再说“查档案”。")
    asked = turn.ports.archive.ask(_wish(turn))
    if isinstance(asked, Refused):
        return Done(asked.sentence)
    moving = "（放假安排没公布，可能调整）" if asked.provisional else ""
    return Done(
        f"收到了，编号 {asked.number}，{spoken_day(asked.due)}前给您答复{moving}。\n"
        "先不用来，找到了通知您，再约时间到现场看。随时回“我的查档”看进度。"
    )


def _wish(turn: Turn) -> ArchiveWish:
    answers = turn.answers
    by_reason = answers["applicant"] in ("heir", "other")
    details = answers["details"]
    return ArchiveWish(
        office_id=answers["office"],
        applicant=answers["applicant"],
        sought=answers["sought"],
        registration=answers["registration"],
        names=answers["names"],
        first_year=answers["years"][0],
        last_year=answers["years"][1],
        place=answers["place"],
        certificate=answers["certificate"],
        proof="" if by_reason else answers.get("proof", ""),
        reason=answers.get("proof", "") if by_reason else "",
        former_name=details.get("former_name", ""),
        birth_year=details.get("birth_year"),
        native_place=details.get("native_place", ""),
        work_unit=details.get("work_unit", ""),
    )


def _choose_again(turn: Turn) -> None:
    """Whoever goes back to the first question has not said yet what it is."""
    for name in ("sought", "registration", "applicant", "proof"):
        turn.answers.pop(name, None)


ARCHIVE = Flow(
    name="marriage.archive",
    title="查档案",
    call_words="查档案",
    version=1,
    steps=(
        Step("what", _ask_what, _answer_what, ("whose", "which", "names"), _choose_again),
        Step("whose", _ask_whose, _answer_whose, ("proof",)),
        Step("proof", _ask_proof, _answer_proof, ("sought",)),
        Step("sought", _ask_sought, _answer_sought, ("names",)),
        Step("which", _ask_which, _answer_which, ("names",)),
        Step("names", _ask_names, _answer_names, ("when",)),
        Step("when", _ask_when, _answer_when, ("details", "office")),
        Step("details", _ask_details, _answer_details, ("office",)),
        Step("office", _ask_office, _answer_office, ("sure",)),
        Step("sure", _ask_sure, _answer_sure, ("names",)),
    ),
    matches=matches,
    open=_open,
)
