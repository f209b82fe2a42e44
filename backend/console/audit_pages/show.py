"""What the auditor reads of an entry: ids become numbers of cases, codes become words; never a resident's data."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from backend.console.audit_pages import texts
from backend.console.guard import current_nodes
from backend.console.rooms import find_subjects
from backend.staff import Permission
from backend.staff.audit.models import AuditEntry
from backend.staff.audit.queries import TrailLine
from backend.staff.audit.texts import ACTIONS, FIELDS, RULES, SUBJECTS
from backend.staff.models import Role
from backend.staff.names import account_names
from backend.staff.texts import ROLE_NAMES

Subject = tuple[str, str]
ACCOUNT = "staff_account"


@dataclass(frozen=True)
class ShownEntry:
    """One entry as it stands in a table. `subject` is kind and id, where there is one to be looked up."""

    id: int
    at: datetime
    username: str | None
    display_name: str | None
    role: str
    absent: str | None
    action: str
    look: bool
    kind: str
    subject: Subject | None
    label: str
    fields: str
    task: str
    purpose: str | None
    address: str | None
    unusual: Sequence[str]


def shown(lines: Sequence[TrailLine]) -> list[ShownEntry]:
    """The lines of a page, their subjects named by the rooms: one query a kind of subject."""
    labels = _labels(subject for line in lines for subject in _subjects_of(line.entry))
    absent = account_names({line.entry.stand_in_for for line in lines if line.entry.stand_in_for is not None})
    return [_shown(line, labels, absent) for line in lines]


def role_names(role: str | None) -> str:
    """The names of the roles that an entry notes."""
    known = {member.value: ROLE_NAMES[member] for member in Role}
    return "、".join(known.get(code, code) for code in (role or "").split())


def unusual_names(entry: AuditEntry) -> list[str]:
    """What was unusual about a look, in words."""
    return [RULES.get(code, code) for code in entry.detail.get("unusual", ())]


def _shown(line: TrailLine, labels: dict[Subject, str], absent: Mapping[uuid.UUID, str]) -> ShownEntry:
    entry = line.entry
    own = (entry.subject_kind, entry.subject_id) if entry.subject_id else None
    label = texts.COUNT_OF_LIST.format(count=len(entry.subject_ids)) if entry.subject_ids else ""
    if own:
        label = labels.get(own, "")
    kind = SUBJECTS.get(entry.subject_kind, entry.subject_kind)
    task = _subject_of_task(entry.task)
    return ShownEntry(
        id=entry.id,
        at=entry.at,
        username=line.username,
        display_name=line.display_name,
        role=role_names(entry.role),
        absent=absent.get(entry.stand_in_for) if entry.stand_in_for else None,
        action=ACTIONS.get(entry.action, entry.action),
        look=entry.look,
        kind="" if label.startswith(kind) else kind,  # most rooms name the kind with the number
        subject=own,
        label=label,
        fields="、".join(FIELDS.get(name, name) for name in entry.fields),
        task=labels.get(task, "") if task else "",
        purpose=entry.purpose,
        address=entry.address,
        unusual=unusual_names(entry),
    )


def _subjects_of(entry: AuditEntry) -> Iterable[Subject]:
    if entry.subject_id:
        yield entry.subject_kind, entry.subject_id
    task = _subject_of_task(entry.task)
    if task is not None:
        yield task


def _subject_of_task(task: str | None) -> Subject | None:
    kind, _, subject_id = (task or "").partition(":")
    return (kind, subject_id) if subject_id else None


def _labels(subjects: Iterable[Subject]) -> dict[Subject, str]:
    by_kind: dict[str, set[uuid.UUID]] = {}
    for kind, subject_id in subjects:
        with suppress(ValueError):
            by_kind.setdefault(kind, set()).add(uuid.UUID(subject_id))
    nodes = current_nodes(Permission.READ_AUDIT)
    labels: dict[Subject, str] = {}
    accounts = account_names(by_kind.pop(ACCOUNT, set()))
    labels |= {(ACCOUNT, str(account_id)): name for account_id, name in accounts.items()}
    for kind, ids in by_kind.items():
        found = find_subjects(kind, ids, nodes) or {}
        labels |= {(kind, str(subject_id)): link.label for subject_id, link in found.items()}
    return labels
