"""Things that happened before today, played in the order in which they happened; for demonstrations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from backend.kernel.clock import clock_at


@dataclass(frozen=True)
class Scene:
    """Something a room's use case does when it is `at`, an aware moment."""

    at: datetime
    play: Callable[[], object]


def play_in_order(scenes: Iterable[Scene]) -> None:
    """Play scenes of several rooms, the earliest first, each with the clock at its moment."""
    for scene in sorted(scenes, key=lambda scene: scene.at):
        with clock_at(scene.at):
            scene.play()
