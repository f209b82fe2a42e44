"""Who gets this message: a control word, the conversation under way, or a new one. A fixed order, pure.

1. 取消 / 返回 / 菜单 / 人工 work everywhere (contract.md "Chat").
2. The conversation under way tries the text.
3. What it does not understand may plainly ask for another service; that interrupts. A service that only answers (what
   to bring) leaves the interrupted conversation exactly where it was, so that a number still means what was shown.
4. With no conversation: the best match by words, a number from the menu, else the menu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.chat.engine import (
    Flow,
    Outcome,
    Progress,
    Turn,
    go_back,
    hint,
    resume,
    resume_with_picture,
    start,
    start_at,
)
from workflows.chat.ports import Ports
from workflows.chat.texts import (
    ANYTIME,
    AT_YOUR_SERVICE,
    BACK_TO,
    ENOUGH,
    HANDED_OVER,
    LEFT,
    NOT_AT_ALL,
    NOT_UNDERSTOOD,
    NOTHING_TO_LEAVE,
    OUTDATED,
    STILL_HERE,
    TYPE_INSTEAD,
    UNREADABLE,
    UNREADABLE_OTHER,
)
from workflows.chat.understanding import Closing, Control, closing, control_word, normalise, pick

MOST_OF_AN_ANSWER = 8  # characters of an answer to a notice: a number, or a word for it
PLAIN = 2  # `Flow.matches` is sure


@dataclass(frozen=True)
class MenuEntry:
    """A service in the list that 菜单 shows."""

    label: str
    flow: Flow


@dataclass(frozen=True)
class Directory:
    """All conversations. `menu_keys`: what tapping a button of the account's menu means, as a sentence."""

    greeting: str
    entries: Sequence[MenuEntry]
    unlisted: Sequence[Flow]
    menu_keys: Mapping[str, str]

    @property
    def flows(self) -> Sequence[Flow]:
        """Every flow, numbered ones first."""
        return (*(entry.flow for entry in self.entries), *self.unlisted)

    def flow(self, name: str) -> Flow | None:
        """A flow by name; None for one that no longer exists."""
        return next((flow for flow in self.flows if flow.name == name), None)

    def flow_of(self, progress: Progress | None) -> Flow | None:
        """The flow a conversation is in; None without one, and for steps that are not those of today's program."""
        flow = self.flow(progress.flow) if progress else None
        if progress is None or flow is None:
            return None
        return flow if flow.version == progress.version and progress.step in flow.by_name else None

    def best_match(self, text: str) -> tuple[Flow, int] | None:
        """The flow a text asks for most plainly; the later one wins a tie, for it is the more special."""
        scored = [(flow.matches(text), place, flow) for place, flow in enumerate(self.flows)]
        score, _, flow = max(scored, key=lambda entry: entry[:2])
        return (flow, score) if score else None

    def menu(self, opening: str = "") -> str:
        """The numbered list of services."""
        lines = [f"{number} {entry.label}" for number, entry in enumerate(self.entries, start=1)]
        return "\n".join([opening or self.greeting, *lines, ANYTIME])


@dataclass(frozen=True)
class Routed:
    """The answer to one message. `hand_over`: a person takes over."""

    progress: Progress | None
    saying: str
    hand_over: bool = False


def route(directory: Directory, progress: Progress | None, ports: Ports, now: datetime, text: str) -> Routed:
    """Answer one text of one person."""
    control = control_word(text)
    if control is Control.HUMAN:
        return Routed(progress, HANDED_OVER, hand_over=True)
    flow = directory.flow_of(progress)
    if progress is None or flow is None:
        return _anew(directory, progress, ports, now, text, control)
    if control is not None:
        return _control(directory, control, flow, progress, ports, now)
    outcome = resume(flow, progress, ports, now, text)
    if outcome.understood:
        return _routed(outcome)
    # Thanks in the middle of a matter are answered before the question is put again.
    thanked = NOT_AT_ALL if closing(text) is Closing.THANKS else ""
    hint = thanked + outcome.saying
    return _interrupt(directory, flow, progress, ports, now, text, outcome.saying) or Routed(progress, hint)


def _control(
    directory: Directory, control: Control, flow: Flow, progress: Progress, ports: Ports, now: datetime
) -> Routed:
    if control is Control.MENU:
        return Routed(progress, directory.menu(STILL_HERE))
    if control is Control.LEAVE:
        flow.leave(Turn(dict(progress.answers), ports, now))
        return Routed(None, flow.farewell or LEFT)
    return _routed(go_back(flow, progress, ports, now))


def _anew(
    directory: Directory, old: Progress | None, ports: Ports, now: datetime, text: str, control: Control | None
) -> Routed:
    """No conversation is under way, or one (`old`) whose steps are not those of today's program."""
    if control is not None:
        return Routed(None, directory.menu(NOTHING_TO_LEAVE if control is not Control.MENU else ""))
    if old is None:
        return _fresh(directory, ports, now, text)
    flow, match = directory.flow(old.flow), directory.best_match(text)
    if flow is None or (match is not None and match[1] >= PLAIN):
        begun = _fresh(directory, ports, now, text)
    else:  # an answer to a question that is no more: the same matter from its beginning
        begun = _routed(start(flow, ports, now, text))
    return Routed(begun.progress, f"{OUTDATED}\n{begun.saying}")


def _fresh(directory: Directory, ports: Ports, now: datetime, text: str) -> Routed:
    for entry in directory.entries:
        # Somebody who types a line of the menu as it stands means that line, whatever words are in it.
        if normalise(text) == normalise(entry.label):
            return _routed(start(entry.flow, ports, now, ""))
    match = directory.best_match(text)
    if match is not None:
        return _routed(start(match[0], ports, now, text))
    answered = _awaited(directory, ports, now, text)
    if answered is not None:
        return answered
    index = pick(text, [entry.label for entry in directory.entries])
    if index is not None:
        return _routed(start(directory.entries[index].flow, ports, now, ""))
    ended = closing(text)
    if ended is not None:
        return Routed(None, (NOT_AT_ALL if ended is Closing.THANKS else ENOUGH) + AT_YOUR_SERVICE)
    greeting = directory.menu() if len(text) <= 4 else directory.menu(NOT_UNDERSTOOD)
    return Routed(None, greeting)


def _awaited(directory: Directory, ports: Ports, now: datetime, text: str) -> Routed | None:
    """A short answer to something a notice told, where one is awaited."""
    if not 0 < len(text.strip()) <= MOST_OF_AN_ANSWER:
        return None
    for flow in directory.flows:
        if flow.awaits(Turn({}, ports, now)):
            begun = start(flow, ports, now, "")
            if begun.progress is not None:
                outcome = resume(flow, begun.progress, ports, now, text)
                if outcome.understood:
                    return _routed(outcome)
    return None


def _interrupt(
    directory: Directory, flow: Flow, progress: Progress, ports: Ports, now: datetime, text: str, hint: str
) -> Routed | None:
    match = directory.best_match(text)
    if match is None or match[1] < PLAIN or match[0] is flow:
        return None
    outcome = start(match[0], ports, now, text, progress.answers)
    if outcome.progress is None:
        return Routed(progress, f"{outcome.saying}\n{BACK_TO}\n{hint}")
    flow.leave(Turn(dict(progress.answers), ports, now))
    return _routed(outcome)


def begin(
    directory: Directory,
    progress: Progress | None,
    ports: Ports,
    now: datetime,
    flow: Flow,
    step: str | None,
    answers: Mapping[str, Any],
) -> Routed:
    """Begin a conversation that a scanned code asks for, leaving the one under way unless this one is over at once."""
    outcome = start_at(flow, ports, now, step or flow.steps[0].name, answers)
    if outcome.progress is None:
        return Routed(progress, outcome.saying)
    left = directory.flow_of(progress)
    if progress is not None and left is not None:
        left.leave(Turn(dict(progress.answers), ports, now))
    return _routed(outcome)


def _routed(outcome: Outcome) -> Routed:
    return Routed(outcome.progress, outcome.saying)


def route_picture(
    directory: Directory, progress: Progress | None, ports: Ports, now: datetime, keep: Callable[[str], str]
) -> Routed | None:
    """Answer one picture of one person; None where no picture is awaited. `keep` makes an id of a purpose."""
    flow = directory.flow_of(progress)
    if progress is None or flow is None:
        return None
    outcome = resume_with_picture(flow, progress, ports, now, keep)
    return None if outcome is None else _routed(outcome)


def route_unreadable(directory: Directory, progress: Progress | None, ports: Ports, now: datetime, kind: str) -> Routed:
    """Answer what has no words in it, by its kind: what it is not good for, and what is awaited instead."""
    flow = directory.flow_of(progress)
    awaited = hint(flow, progress, ports, now) if progress is not None and flow is not None else ""
    opening = UNREADABLE.get(kind, UNREADABLE_OTHER)
    return Routed(progress, f"{opening}\n{awaited}" if awaited else f"{opening}{TYPE_INSTEAD}")
