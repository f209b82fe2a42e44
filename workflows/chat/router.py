"""Who gets this message: a control word, the conversation under way, or a new one. A fixed order, pure.

1. 取消 / 返回 / 菜单 / 人工 work everywhere (contract.md "Chat").
2. The conversation under way tries the text.
3. What it does not understand may plainly ask for another service; that interrupts. A service that only answers (what
   to bring) leaves the interrupted conversation where it was.
4. With no conversation: the best match by words, a number from the menu, else the menu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflows.chat.engine import Flow, Outcome, Progress, Turn, ask_again, go_back, resume, start
from workflows.chat.ports import Ports
from workflows.chat.texts import (
    ANYTIME,
    BACK_TO,
    HANDED_OVER,
    LEFT,
    NOT_UNDERSTOOD,
    NOTHING_TO_LEAVE,
    OUTDATED,
    STILL_HERE,
)
from workflows.chat.understanding import Control, control_word, pick

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
    if control is not None:
        return _control(directory, control, progress, ports, now)
    if progress is None:
        return _fresh(directory, ports, now, text)
    flow = directory.flow(progress.flow)
    if flow is None or flow.version != progress.version:
        fresh = _fresh(directory, ports, now, text)
        return Routed(fresh.progress, f"{OUTDATED}\n{fresh.saying}")
    outcome = resume(flow, progress, ports, now, text)
    if outcome.understood:
        return Routed(outcome.progress, outcome.saying)
    return _interrupt(directory, flow, progress, ports, now, text) or Routed(progress, outcome.saying)


def _control(directory: Directory, control: Control, progress: Progress | None, ports: Ports, now: datetime) -> Routed:
    flow = directory.flow(progress.flow) if progress else None
    if control is Control.HUMAN:
        return Routed(progress, HANDED_OVER, hand_over=True)
    if control is Control.MENU:
        opening = STILL_HERE if progress else ""
        return Routed(progress, directory.menu(opening))
    if progress is None or flow is None:
        return Routed(None, directory.menu(NOTHING_TO_LEAVE))
    if control is Control.LEAVE:
        flow.leave(Turn(dict(progress.answers), ports, now))
        return Routed(None, flow.farewell or LEFT)
    return _routed(go_back(flow, progress, ports, now))


def _fresh(directory: Directory, ports: Ports, now: datetime, text: str) -> Routed:
    match = directory.best_match(text)
    if match is not None:
        return _routed(start(match[0], ports, now, text))
    index = pick(text, [entry.label for entry in directory.entries])
    if index is not None:
        return _routed(start(directory.entries[index].flow, ports, now, ""))
    greeting = directory.menu() if len(text) <= 4 else directory.menu(NOT_UNDERSTOOD)
    return Routed(None, greeting)


def _interrupt(
    directory: Directory, flow: Flow, progress: Progress, ports: Ports, now: datetime, text: str
) -> Routed | None:
    match = directory.best_match(text)
    if match is None or match[1] < PLAIN or match[0] is flow:
        return None
    outcome = start(match[0], ports, now, text)
    if outcome.progress is None:
        earlier = ask_again(flow, progress, ports, now)
        return Routed(earlier.progress, f"{outcome.saying}\n{BACK_TO}\n{earlier.saying}")
    flow.leave(Turn(dict(progress.answers), ports, now))
    return _routed(outcome)


def _routed(outcome: Outcome) -> Routed:
    return Routed(outcome.progress, outcome.saying)
