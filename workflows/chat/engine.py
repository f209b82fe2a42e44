"""The conversation engine: pure. Given a flow, where the person stands and what they wrote, it says what comes next.

A flow is a set of steps. A step asks one question and understands the answers to it; where it may lead is declared, so
that a misspelt target or a step nobody can reach is found at start-up and not by a resident. The engine keeps no state
of its own: the caller stores `Progress` and sends the sentences (docs/adr/0003).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from workflows.chat.ports import Ports

MAX_HOPS = 12  # steps that may follow one another without a question; more is a loop


@dataclass(frozen=True)
class Turn:
    """What a step works with: the answers so far (JSON values), the ports to the backend, the present moment."""

    answers: dict[str, Any]
    ports: Ports
    now: datetime


@dataclass(frozen=True)
class Question:
    """Ask and wait."""

    text: str


@dataclass(frozen=True)
class GoTo:
    """Go on to another step, saying something on the way."""

    step: str
    saying: str = ""


@dataclass(frozen=True)
class Again:
    """The answer was understood but will not do; the person hears why and is still in this step."""

    saying: str


@dataclass(frozen=True)
class NotUnderstood:
    """The answer means nothing here; another flow may know better, otherwise the person hears the hint."""

    hint: str


@dataclass(frozen=True)
class Done:
    """The conversation is over."""

    saying: str


Asked = Question | GoTo | Done
Answered = GoTo | Again | NotUnderstood | Done


@dataclass(frozen=True)
class Picture:
    """A picture the person sent. `upload_id` names it where it is kept; it is fetched and checked by and by."""

    upload_id: str


@dataclass(frozen=True)
class TakesPicture:
    """A question that can be answered with a picture, which is kept for `purpose` (up to 60 characters)."""

    purpose: str
    answer: Callable[[Turn, Picture], Answered]


@dataclass(frozen=True)
class Step:
    """One question: `ask` is called on entering, `answer` with what the person wrote; `leads_to` names every target.

    `undo` takes back what came of the answer, when the person goes back to this question. `may_rest`: nothing is
    unfinished while this question waits, so a conversation left here ends without a word. `picture`: what is done with
    a picture where one is an answer; `answer` then says in words that one is awaited.
    """

    name: str
    ask: Callable[[Turn], Asked]
    answer: Callable[[Turn, str], Answered]
    leads_to: tuple[str, ...] = ()
    undo: Callable[[Turn], None] = lambda _turn: None
    may_rest: bool = False
    picture: TakesPicture | None = None


class FlowError(Exception):
    """A flow is wrongly put together; raised at start-up or where a step broke its own declaration."""


@dataclass(frozen=True)
class Flow:
    """A named conversation. People know it by `title` and can begin it with `call_words`.

    `matches` tells how surely a text asks for this flow: 0 not at all, 1 perhaps, 2 plainly. `open` reads what the
    first sentence already told into the answers. `leave` undoes what an unfinished conversation holds on to;
    `farewell` is what the person hears on leaving, where the usual words would mislead. `awaits`: whether something was
    told that waits for an answer, so that a bare number outside any conversation is meant for this flow. `carries`:
    answers it takes over from the conversation it begins in the middle of, so that nothing is asked twice.
    A stored progress of another `version` is not resumed.
    """

    name: str
    title: str
    call_words: str
    version: int
    steps: Sequence[Step]
    matches: Callable[[str], int]
    open: Callable[[Turn, str], None] = lambda _turn, _text: None
    leave: Callable[[Turn], None] = lambda _turn: None
    farewell: str = ""
    awaits: Callable[[Turn], bool] = lambda _turn: False
    carries: tuple[str, ...] = ()
    by_name: Mapping[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        by_name = {step.name: step for step in self.steps}
        if len(by_name) != len(self.steps):
            raise FlowError(f"{self.name}: two steps have one name")
        for step in self.steps:
            for target in step.leads_to:
                if target not in by_name:
                    raise FlowError(f"{self.name}.{step.name} leads to {target}, which is no step")
        unreachable = set(by_name) - self._reachable(by_name)
        if unreachable:
            raise FlowError(f"{self.name}: nobody can reach {', '.join(sorted(unreachable))}")
        object.__setattr__(self, "by_name", by_name)

    def _reachable(self, by_name: Mapping[str, Step]) -> set[str]:
        reached: set[str] = set()
        waiting = [self.steps[0].name]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(by_name[name].leads_to)
        return reached


@dataclass(frozen=True)
class Progress:
    """Where a conversation stands; JSON throughout. `trail`: the steps already answered, each once, for going back."""

    flow: str
    version: int
    step: str
    answers: dict[str, Any]
    trail: list[str]


@dataclass(frozen=True)
class Outcome:
    """What came of a turn: the new progress (None when over), what to say, and whether the text meant anything."""

    progress: Progress | None
    saying: str
    understood: bool = True


def start(
    flow: Flow, ports: Ports, now: datetime, text: str, amid: Mapping[str, Any] = MappingProxyType({})
) -> Outcome:
    """Begin a flow with the sentence that asked for it; `amid`: the answers of the conversation it was said in."""
    turn = Turn({name: amid[name] for name in flow.carries if name in amid}, ports, now)
    flow.open(turn, text)
    return _enter(flow, turn, GoTo(flow.steps[0].name), [])


def start_at(flow: Flow, ports: Ports, now: datetime, step: str, answers: Mapping[str, Any]) -> Outcome:
    """Begin a flow at one of its steps, with answers known already; raises `KeyError` for a step it does not have."""
    return _enter(flow, Turn(dict(answers), ports, now), GoTo(step), [])


def resume(flow: Flow, progress: Progress, ports: Ports, now: datetime, text: str) -> Outcome:
    """Give an answer to the step at which a conversation waits."""
    turn = Turn(dict(progress.answers), ports, now)
    return _went_on(flow, progress, turn, flow.by_name[progress.step].answer(turn, text))


def resume_with_picture(
    flow: Flow, progress: Progress, ports: Ports, now: datetime, keep: Callable[[str], str]
) -> Outcome | None:
    """Give a picture to the step at which a conversation waits; None where it does not take one.

    `keep` is called with the purpose if it does, and returns the picture's id.
    """
    takes = flow.by_name[progress.step].picture
    if takes is None:
        return None
    turn = Turn(dict(progress.answers), ports, now)
    return _went_on(flow, progress, turn, takes.answer(turn, Picture(keep(takes.purpose))))


def hint(flow: Flow, progress: Progress, ports: Ports, now: datetime) -> str:
    """What the step at which a conversation waits says to an answer that means nothing; nothing is changed by it."""
    answered = flow.by_name[progress.step].answer(Turn(copy.deepcopy(progress.answers), ports, now), "")
    return answered.hint if isinstance(answered, NotUnderstood) else ""


def _went_on(flow: Flow, progress: Progress, turn: Turn, answered: Answered) -> Outcome:
    step = flow.by_name[progress.step]
    if isinstance(answered, NotUnderstood):
        return Outcome(progress, answered.hint, understood=False)
    if isinstance(answered, Again):
        return Outcome(_progress(flow, turn, step.name, progress.trail), answered.saying)
    if isinstance(answered, Done):
        return Outcome(None, answered.saying)
    _check_target(flow, step, answered)
    return _enter(flow, turn, answered, _with(progress.trail, step.name))


def go_back(flow: Flow, progress: Progress, ports: Ports, now: datetime) -> Outcome:
    """Ask the previous question again; at the first one, ask that."""
    turn, trail = Turn(dict(progress.answers), ports, now), list(progress.trail)
    if not trail:
        return _enter(flow, turn, GoTo(progress.step), trail)
    target = trail.pop()
    flow.by_name[target].undo(turn)
    return _enter(flow, turn, GoTo(target), trail)


def _enter(flow: Flow, turn: Turn, target: GoTo, trail: list[str]) -> Outcome:
    sentences: list[str] = []
    for _ in range(MAX_HOPS):
        sentences.append(target.saying)
        step = flow.by_name[target.step]
        asked = step.ask(turn)
        if isinstance(asked, Question):
            return Outcome(_progress(flow, turn, step.name, _until(step.name, trail)), _join([*sentences, asked.text]))
        if isinstance(asked, Done):
            return Outcome(None, _join([*sentences, asked.saying]))
        _check_target(flow, step, asked)
        target = asked
    raise FlowError(f"{flow.name} goes round in circles at {target.step}")


def _with(trail: Sequence[str], step: str) -> list[str]:
    """The trail with a step just answered; one that leads to itself (two names, one at a time) is on it once."""
    return [*trail] if trail and trail[-1] == step else [*trail, step]


def _until(step: str, trail: list[str]) -> list[str]:
    """The trail up to the last time this question was asked: whoever chose another time goes back to the day."""
    return trail[: trail.index(step)] if step in trail[:-1] else trail


def _check_target(flow: Flow, step: Step, target: GoTo) -> None:
    if target.step not in step.leads_to:
        raise FlowError(f"{flow.name}.{step.name} went to {target.step} without declaring it")


def _progress(flow: Flow, turn: Turn, step: str, trail: list[str]) -> Progress:
    return Progress(flow.name, flow.version, step, turn.answers, trail)


def _join(sentences: Sequence[str]) -> str:
    return "\n".join(sentence for sentence in sentences if sentence)
