"""The port for the bureau's verification service: whether a name and a number belong together.

What answers is chosen when the application is put together; without one, only staff verify (domain-rules §6.2).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from backend.kernel.identity import IdType


class Answer(StrEnum):
    """What the service says. UNAVAILABLE: nothing is known, and nobody is to blame for it."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    UNAVAILABLE = "unavailable"


class VerificationService(Protocol):
    """Never raises and never waits long; called with no transaction open."""

    def check(self, name: str, id_type: IdType, number: str) -> Answer: ...


class _Process:
    service: VerificationService | None = None


def use_verification_service(service: VerificationService | None) -> None:
    """Choose the service of this process; None where the bureau has none."""
    _Process.service = service


def verification_service() -> VerificationService | None:
    """The service of this process, or None."""
    return _Process.service
