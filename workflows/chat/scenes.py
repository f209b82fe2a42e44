"""Scenes of QR codes (wechat-protocol §6.2): what scanning a code means, by the beginning of what it says. Pure.

A service offers a `Scene` and the entrance lists it (`backend.chat.scenes`); following by a code and scanning it as a
follower mean the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scan:
    """Somebody scanned a code that says `prefix` and then `rest`."""

    app_id: str
    openid: str = field(repr=False)
    person_id: uuid.UUID
    rest: str = field(repr=False)


@dataclass(frozen=True)
class SceneAnswer:
    """What a scan brings: a sentence, and perhaps a conversation.

    `flow` begins at `step` (its first unless named) with `answers`, leaving what was under way.
    """

    saying: str
    flow: str | None = None
    step: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


# None: no such thing, or no longer.
Handler = Callable[[Scan], SceneAnswer | None]


@dataclass(frozen=True)
class Scene:
    """One kind of code; `prefix` ends with a dash. One that is to be hung up is made by `flask wechat qr`."""

    prefix: str
    handle: Handler


def scene_of(scenes: Sequence[Scene], text: str) -> tuple[Scene, str] | None:
    """The scene a code belongs to and what follows its prefix; None for a code that is none of ours."""
    found = next((scene for scene in scenes if text.startswith(scene.prefix)), None)
    return None if found is None else (found, text.removeprefix(found.prefix))


def check_scenes(scenes: Sequence[Scene]) -> None:
    """Raise `ValueError` where one code could mean two things."""
    for scene in scenes:
        if not scene.prefix.endswith("-") or len(scene.prefix) > 20:
            raise ValueError(f"a prefix is short and ends with a dash, unlike {scene.prefix}")
        if sum(scene.prefix.startswith(other.prefix) for other in scenes) > 1:
            raise ValueError(f"two scenes begin with {scene.prefix}")
