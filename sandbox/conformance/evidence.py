"""What a rule looks at: one reply of the product, or one call it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.config import Product


@dataclass(frozen=True)
class CallSeen:
    """One API call. `errcode` is what the call earned (None where a fault was asked for), `answered` what it was told.

    `at` is the sandbox's Unix time, `monotonic` the machine's clock: retries happen in real seconds.
    """

    path: str
    method: str
    args: Mapping[str, str]
    body: Mapping[str, Any]
    raw: bytes
    product: str
    errcode: int | None
    answered: int
    journal_id: int
    at: float
    monotonic: float

    @property
    def identity(self) -> tuple[str, str, bytes]:
        """Two calls with the same identity are the same call again, whatever token they carry."""
        rest = "&".join(f"{key}={value}" for key, value in sorted(self.args.items()) if key != "access_token")
        return self.path, f"{self.product} {rest}", self.raw


@dataclass(frozen=True)
class ReplySeen:
    """One answer to a push. `verdicts` are the rules met while reading it, each with its problem or None where kept."""

    product: Product
    key: str
    event: str | None
    outcome: str
    reply: Mapping[str, Any] | None
    content_type: str
    journal_id: int
    at: float
    verdicts: Mapping[str, str | None] = field(default_factory=dict)
