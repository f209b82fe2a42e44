"""What danger somebody's words tell of; read by `workflows.chat.understanding.crisis` (domain-rules §2.4 E9, §2.8)."""

from __future__ import annotations

from enum import StrEnum


class Crisis(StrEnum):
    """What a sentence tells of."""

    VIOLENCE = "violence"
    DESPAIR = "despair"
