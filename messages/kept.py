"""Notices whose words the room that posts them keeps sealed, because they may name people.

The outbox holds what is not personal, in the clear; such a notice holds the id under which its room finds the words
when they leave.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from messages.notices import Notice

Read = Callable[[uuid.UUID], str | None]

_readers: dict[str, Read] = {}


def keep_words(notice_key: str, read: Read) -> None:
    """Choose who knows the words of a kept notice in this process; None where they are forgotten."""
    _readers[notice_key] = read


@dataclass(frozen=True)
class KeptNotice(Notice):
    """A notice with one field, an id; `text` is what is said where its words are not known any more."""

    def wording(self, data: Mapping[str, str]) -> str:
        """The words that are kept under the id; may ask the database."""
        read = _readers.get(self.key)
        try:
            kept = read(uuid.UUID(data[self.fields[0]])) if read else None
        except ValueError:
            kept = None
        return kept or self.text
