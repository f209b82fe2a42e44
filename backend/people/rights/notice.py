"""The published privacy rules: their versions, and who has been shown them (PIPL 17, 35; 网络数据安全管理条例 21).

A new version is a new file in `notices/` and a line in `NOTICES`. A version that took effect is never changed, because
consents say which one was read.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now, today
from backend.people.rights.models import NoticeShown
from backend.people.rights.rules import Via
from backend.storage import transaction

_FOLDER = Path(__file__).parent / "notices"
_HEAD = "# "

PAGE = "/h5/privacy"


@dataclass(frozen=True)
class PrivacyNotice:
    """A version of the rules and the day it took effect."""

    version: int
    effective_from: date

    @property
    def text(self) -> str:
        """The rules as written: lines, those that begin with `# ` are headings."""
        return _read(self.version)

    @property
    def chapters(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Headings with the paragraphs below each."""
        chapters: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith(_HEAD):
                chapters.append((line.removeprefix(_HEAD), []))
            elif line.strip():
                chapters[-1][1].append(line)
        return chapters


NOTICES: tuple[PrivacyNotice, ...] = (PrivacyNotice(1, date(2026, 1, 1)),)


@cache
def _read(version: int) -> str:
    return (_FOLDER / f"{version}.txt").read_text(encoding="utf-8")


def current_notice() -> PrivacyNotice:
    """The version in force today; before any took effect, the first."""
    return max((notice for notice in NOTICES if notice.effective_from <= today()), default=NOTICES[0], key=_version)


def _version(notice: PrivacyNotice) -> int:
    return notice.version


class _Process:
    base_url = ""


def use_base_url(base_url: str) -> None:
    """Tell this process under which address the public reaches it."""
    _Process.base_url = base_url.rstrip("/")


def rules_url() -> str:
    """Where the public page of the rules is."""
    return public_address(PAGE)


def public_address(path: str) -> str:
    """The address of one of our pages for residents, as it is written into a message."""
    return f"{_Process.base_url}{path}"


def note_shown(person_id: uuid.UUID, version: int, via: Via) -> bool:
    """Note in the open transaction that a person was shown a version; False when they had been before."""
    row = insert(NoticeShown).values(person_id=person_id, version=version, at=now(), via=via)
    with transaction() as session:
        noted = session.execute(row.on_conflict_do_nothing().returning(sa.literal(1)))
        return noted.first() is not None
