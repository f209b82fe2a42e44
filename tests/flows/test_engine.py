"""The engine: what is wrongly put together is found, and every way through steps leaves a sound progress."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.kernel.clock import BEIJING
from tests.flows.bureau import Registry
from tests.flows.own_data import OwnData
from workflows.chat.engine import (
    Again,
    Answered,
    Asked,
    Done,
    Flow,
    FlowError,
    GoTo,
    NotUnderstood,
    Outcome,
    Progress,
    Question,
    Step,
    Turn,
    go_back,
    resume,
    start,
)
from workflows.chat.ports import Ports

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING)
PORTS = Ports(
    marriage=Registry(),
    people=None,
    rights=OwnData(),
    divorce=None,
    waiting=None,
    ceremony=None,
    moves=None,
    archive=None,
    counselling=None,
    rush=None,
)


def asks(text: str) -> Callable[[Turn], Asked]:
    return lambda _turn: Question(text)


def goes(step: str, saying: str = "") -> Callable[..., GoTo]:
    return lambda *_given: GoTo(step, saying)


def says(result: Answered) -> Callable[[Turn, str], Answered]:
    return lambda _turn, _text: result


def flow_of(*steps: Step) -> Flow:
    return Flow("test", "试", "试", 1, steps, lambda _text: 2)


def begun(flow: Flow, text: str = "") -> Outcome:
    return start(flow, PORTS, NOW, text)


def answered(flow: Flow, progress: Progress | None, text: str = "x") -> Outcome:
    assert progress is not None
    return resume(flow, progress, PORTS, NOW, text)


def back(flow: Flow, progress: Progress | None) -> Outcome:
    assert progress is not None
    return go_back(flow, progress, PORTS, NOW)


# --- what is wrongly put together ---


def test_two_steps_of_one_name_are_found() -> None:
    with pytest.raises(FlowError, match="two steps have one name"):
        flow_of(Step("a", asks("?"), says(Done("."))), Step("a", asks("?"), says(Done("."))))


def test_an_unknown_target_is_found() -> None:
    with pytest.raises(FlowError, match="a leads to b, which is no step"):
        flow_of(Step("a", asks("?"), says(Done(".")), ("b",)))


def test_a_step_nobody_reaches_is_found() -> None:
    with pytest.raises(FlowError, match="nobody can reach b, c"):
        flow_of(
            Step("a", asks("?"), says(Done("."))),
            Step("b", asks("?"), says(Done(".")), ("c",)),
            Step("c", asks("?"), says(Done(".")), ("b",)),
        )


def test_an_undeclared_jump_of_an_answer_is_found() -> None:
    flow = flow_of(
        Step("a", asks("?"), goes("c"), ("b",)),
        Step("b", asks("?"), says(Done(".")), ("c",)),
        Step("c", asks("?"), says(Done("."))),
    )
    with pytest.raises(FlowError, match="a went to c without declaring it"):
        answered(flow, begun(flow).progress)


def test_an_undeclared_jump_of_a_question_is_found() -> None:
    flow = flow_of(
        Step("a", goes("c"), says(Done(".")), ("b",)),
        Step("b", asks("?"), says(Done(".")), ("c",)),
        Step("c", asks("?"), says(Done("."))),
    )
    with pytest.raises(FlowError, match="a went to c without declaring it"):
        begun(flow)


def test_an_endless_loop_is_found() -> None:
    flow = flow_of(Step("a", goes("b"), says(Done(".")), ("b",)), Step("b", goes("a"), says(Done(".")), ("a",)))
    with pytest.raises(FlowError, match="goes round in circles"):
        begun(flow)


# --- what comes of a turn ---


def test_sayings_on_the_way_are_joined_and_empty_ones_left_out() -> None:
    flow = flow_of(
        Step("a", asks("甲？"), goes("b", "记下了。"), ("b",)),
        Step("b", goes("c"), says(Done(".")), ("c",)),
        Step("c", asks("丙？"), says(Done("好。"))),
    )
    outcome = answered(flow, begun(flow).progress)
    assert outcome.saying == "记下了。\n丙？"
    assert outcome.progress == Progress("test", 1, "c", {}, ["a"])


def test_a_question_may_end_the_conversation() -> None:
    flow = flow_of(
        Step("a", goes("b", "先说一句。"), says(Done(".")), ("b",)),
        Step("b", lambda _t: Done("完了。"), says(Done("."))),
    )
    assert begun(flow) == Outcome(None, "先说一句。\n完了。")


@pytest.mark.parametrize("understood", [True, False])
def test_an_answer_that_will_not_do_stays_in_the_step(understood: bool) -> None:
    flow = flow_of(Step("a", asks("?"), says(Again("再说") if understood else NotUnderstood("再说"))))
    progress = begun(flow).progress
    assert answered(flow, progress) == Outcome(progress, "再说", understood)


def test_an_answer_not_understood_changes_nothing_even_if_the_step_wrote_something() -> None:
    def scribbles(turn: Turn, text: str) -> Answered:
        turn.answers["left"] = text
        return NotUnderstood("?") if text == "x" else Again("!")

    flow = flow_of(Step("a", asks("?"), scribbles))
    progress = begun(flow).progress
    assert answered(flow, progress, "x").progress == Progress("test", 1, "a", {}, [])
    assert answered(flow, progress, "y").progress == Progress("test", 1, "a", {"left": "y"}, [])


def test_what_the_first_sentence_told_is_there_from_the_beginning() -> None:
    flow = Flow(
        "test",
        "试",
        "试",
        1,
        (Step("a", lambda turn: Question(turn.answers["said"]), says(Done("."))),),
        lambda _text: 2,
        open=lambda turn, text: turn.answers.update(said=text),
    )
    assert begun(flow, "下周三").saying == "下周三"


# --- the way back ---


def chain() -> Flow:
    """a → b → c, where c can go to b again and to itself, and going back to b forgets what it was told."""

    def note(turn: Turn, text: str) -> Answered:
        turn.answers["b"] = text
        return GoTo("c")

    def last(_turn: Turn, text: str) -> Answered:
        return GoTo("b") if text == "b" else GoTo("c")

    return flow_of(
        Step("a", asks("a?"), goes("b"), ("b",)),
        Step("b", asks("b?"), note, ("c",), undo=lambda turn: turn.answers.pop("b")),
        Step("c", asks("c?"), last, ("b", "c")),
    )


def test_back_at_the_first_question_asks_it_again() -> None:
    flow = chain()
    assert back(flow, begun(flow).progress) == Outcome(Progress("test", 1, "a", {}, []), "a?")


def test_back_takes_back_what_came_of_the_answer() -> None:
    flow = chain()
    at_c = answered(flow, answered(flow, begun(flow).progress).progress, "told").progress
    assert at_c == Progress("test", 1, "c", {"b": "told"}, ["a", "b"])
    assert back(flow, at_c).progress == Progress("test", 1, "b", {}, ["a"])


def test_the_way_back_never_grows_in_circles() -> None:
    flow = chain()
    progress = answered(flow, answered(flow, begun(flow).progress).progress, "told").progress
    for _ in range(20):
        progress = answered(flow, progress, "b").progress
        assert progress is not None
        assert (progress.step, progress.trail) == ("b", ["a"])
        progress = answered(flow, progress, "told").progress
        for _ in range(3):
            progress = answered(flow, progress, "c").progress
            assert progress is not None
            assert (progress.step, progress.trail) == ("c", ["a", "b", "c"])
