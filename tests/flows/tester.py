"""The scenario kit: a chat in which every reply is held to the house's rules.

A script is what the resident types, each line followed by what the reply must contain:

    ▸ 结婚登记
      哪个登记处 | 1 新城区婚姻登记处
    ▸ 1
      请选日期 | ≠ 约满

Fragments are parted by `|`; one behind `≠` must not be there. `⏎` in what is typed is a line break.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from backend.kernel.clock import now
from tests.flows.application import Application
from tests.flows.archives import Archives
from tests.flows.bureau import Registry
from tests.flows.ceremonies import Ceremonies
from tests.flows.counsellors import Counsellors
from tests.flows.family import Family
from tests.flows.moves import Moves
from tests.flows.own_data import OwnData
from tests.flows.rushes import Rushes
from tests.flows.waiters import Waiting
from workflows.chat.engine import Flow, GoTo, Progress, Step
from workflows.chat.flows import DIRECTORY
from workflows.chat.ports import Ports
from workflows.chat.router import Directory, MenuEntry, Routed, route

MOST_CHARACTERS = 299
MOST_WHEN_BOOKED = 300  # number, time, place and papers at once
MOST_LINES = 9
# Machine talk and blame (stories.md), and what must never stand on a screen here.
FORBIDDEN = re.compile("系统|错误|非法|无效|参数|失败|异常|离婚|None|null|True|False|[{}]")
EXAMPLE_NUMBER = "610102199001011234"
NUMBER = re.compile(r"\d{15}")

GROOM = "王小明 100000200411210011"  # 22 on 21 November 2026
BRIDE = "李小红 100000200611210024"  # 20 on the same day
COUPLE = f"{GROOM}⏎{BRIDE}"
YOUNG_GROOM = "王小明 100000200412100017"
Edge = tuple[str, str, str]


@dataclass
class Chat:
    """One resident writing; `edges` are the (flow, step, target) the flows went through."""

    registry: Registry = field(default_factory=Registry)
    family: Family = field(default_factory=Family)
    own_data: OwnData = field(default_factory=OwnData)
    application: Application = field(default_factory=Application)
    waiting: Waiting = field(default_factory=Waiting)
    ceremonies: Ceremonies = field(default_factory=Ceremonies)
    counsellors: Counsellors = field(default_factory=Counsellors)
    moves: Moves = field(default_factory=Moves)
    archives: Archives = field(default_factory=Archives)
    rushes: Rushes = field(default_factory=Rushes)
    directory: Directory = DIRECTORY
    progress: Progress | None = None
    edges: list[Edge] = field(default_factory=list)
    handed_over: bool = False
    reply: str = ""

    def __post_init__(self) -> None:
        self.directory = traced(self.directory, self.edges)

    def says(self, text: str) -> str:
        """Write a text; the reply."""
        ports = Ports(
            marriage=self.registry,
            people=self.family,
            rights=self.own_data,
            divorce=self.application,
            waiting=self.waiting,
            ceremony=self.ceremonies,
            moves=self.moves,
            archive=self.archives,
            counselling=self.counsellors,
            rush=self.rushes,
        )
        routed = route(self.directory, self.progress, ports, now(), text.replace("⏎", "\n"))
        self.progress = stored(routed)
        self.handed_over, self.reply = routed.hand_over, routed.saying
        check_reply(routed.saying)
        return routed.saying

    def reads(self, script: str) -> Chat:
        """Play a script; an `AssertionError` tells the line, what was missing and what came instead."""
        for line in (line.strip() for line in script.strip().splitlines() if line.strip()):
            if line.startswith("▸"):
                self.says(line.removeprefix("▸").strip())
                continue
            for fragment in (part.strip() for part in line.split("|")):
                if fragment.startswith("≠"):
                    assert fragment.removeprefix("≠").strip() not in self.reply, f"{fragment}\n{self.reply}"
                else:
                    assert fragment in self.reply, f"{fragment} is missing\n{self.reply}"
        return self

    @property
    def at(self) -> tuple[str, str] | None:
        """Flow and step the chat waits at."""
        return (self.progress.flow, self.progress.step) if self.progress else None


def stored(routed: Routed) -> Progress | None:
    """The progress as it comes back from storage: through JSON, unchanged."""
    if routed.progress is None:
        return None
    kept: dict[str, Any] = json.loads(json.dumps(asdict(routed.progress), ensure_ascii=False))
    assert kept == asdict(routed.progress), "the progress is not plain JSON"
    trail = kept["trail"]
    assert len(set(trail)) == len(trail), f"a step twice on the way back: {trail}"
    return Progress(**kept)


def check_reply(reply: str) -> None:
    """The house's rules for a reply (stories.md): short, few lines, no machine talk, no identity number."""
    assert reply.strip(), "nothing was said"
    most = MOST_WHEN_BOOKED if reply.startswith("约好了") else MOST_CHARACTERS
    assert len(reply) <= most, f"{len(reply)} characters\n{reply}"
    assert len(reply.splitlines()) <= MOST_LINES, f"{len(reply.splitlines())} lines\n{reply}"
    assert not FORBIDDEN.search(reply), reply
    assert not NUMBER.search(reply.replace(EXAMPLE_NUMBER, "")), "an identity number is shown"
    assert "\n\n" not in reply, f"an empty line\n{reply}"


def traced(directory: Directory, edges: list[Edge]) -> Directory:
    """The same conversations, noting every step they go to."""

    def flow(original: Flow) -> Flow:
        return replace(original, steps=tuple(_traced(original.name, step, edges) for step in original.steps))

    entries = [MenuEntry(entry.label, flow(entry.flow)) for entry in directory.entries]
    return replace(directory, entries=entries, unlisted=[flow(unlisted) for unlisted in directory.unlisted])


def _traced(flow: str, step: Step, edges: list[Edge]) -> Step:
    def noting(call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            result = call(*given)
            if isinstance(result, GoTo):
                edges.append((flow, step.name, result.step))
            return result

        return noted

    return replace(step, ask=noting(step.ask), answer=noting(step.answer))
