"""What a look at one thing came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine (True), wrong (False), or worth knowing (None)."""

    subject: str
    ok: bool | None
    sentence: str
