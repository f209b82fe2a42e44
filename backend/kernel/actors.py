"""Who acts, as the event rows of every case name it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who acts: `kind` is staff, system, resident, or a resident's part in a case, such as helper and principal.

    `id` is a person's or an account's.
    """

    kind: str
    id: uuid.UUID | None = None


SYSTEM = Actor("system")
