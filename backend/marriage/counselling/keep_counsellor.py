"""Use case `keep_counsellor`: add somebody who counsels, or change what they do and when."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from backend.kernel.errors import AppError
from backend.marriage.counselling import texts
from backend.marriage.counselling.models import Counsellor
from backend.marriage.counselling.rules import Profession, Way
from backend.marriage.models import Office
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.rules import ResourceKind
from backend.staff import Permission, StaffAccount
from backend.staff.permissions import may
from backend.storage import atomic, session


@dataclass(frozen=True)
class CounsellorFacts:
    """A counsellor as the supervisor enters them; `roster` holds name, lengths, account and week."""

    profession: Profession
    ways: Collection[Way]
    roster: ResourceFacts


def keep_counsellor(office_id: uuid.UUID, facts: CounsellorFacts, counsellor_id: uuid.UUID | None = None) -> Counsellor:
    """Add a counsellor, or change the one given. What is booked already stays booked.

    Their account must hold the role of a counsellor there: nobody else opens what people tell them. Raises `AppError`:
    not_found, invalid (fields by name).
    """
    if not facts.ways:
        raise AppError("invalid", texts.WAYS_MISSING, 422, errors={"ways": [texts.WAYS_MISSING]})
    with atomic() as db:
        _check_account(db.get_one(Office, office_id), facts.roster.account_id)
        resource = keep_resource(office_id, ResourceKind.COUNSELLOR, facts.roster, counsellor_id)
        row = db.get(Counsellor, resource.id) or Counsellor(resource_id=resource.id)
        row.profession = facts.profession
        row.on_site, row.video, row.telephone = (way in facts.ways for way in Way)
        db.add(row)
        db.flush()
        return row


def _check_account(office: Office, account_id: uuid.UUID | None) -> None:
    account = None if account_id is None else session().get(StaffAccount, account_id)
    told = None
    if account is None:
        told = texts.ACCOUNT_NEEDED
    elif not may(account, Permission.COUNSEL, office.node_id):
        told = texts.ACCOUNT_WITHOUT_ROLE
    if told is not None:
        raise AppError("invalid", told, 422, errors={"username": [told]})
