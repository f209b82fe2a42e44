"""Finding a request by what people have at hand: number, certificate, card, a telephone's tail, a whole name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from backend.kernel.identity import clean_number
from backend.kernel.names import clean_name, is_name
from backend.marriage.archive.ask import certificate_index
from backend.marriage.archive.desk_queries import Nodes, RequestRow, ids_of, requests_by_id
from backend.marriage.archive.models import ArchiveRequest, ArchiveSubject
from backend.people.models import name_index
from backend.people.reading import number_indexes
from backend.storage import transaction

MOST_FOUND = 30


def search(nodes: Nodes, text: str) -> Sequence[RequestRow]:
    """Requests of the nodes that fit, newest first; none when `text` is nothing to look for."""
    wanted = _wanted(text)
    query = ids_of(nodes).where(sa.or_(sa.false(), *wanted)).order_by(ArchiveRequest.created_at.desc())
    with transaction() as db:
        ids: Sequence[uuid.UUID] = db.scalars(query.limit(MOST_FOUND)).all() if wanted else []
        return requests_by_id(nodes, ids) if ids else []


def _wanted(text: str) -> list[sa.ColumnElement[bool]]:
    number, found = clean_number(text), list[sa.ColumnElement[bool]]()
    if re.fullmatch(r"(CD)?\d{8}", number, re.ASCII):
        found.append(ArchiveRequest.number == "CD" + number.removeprefix("CD"))
    if re.fullmatch(r"\d{3}[\dX]", number, re.ASCII):
        found.append(sa.or_(ArchiveRequest.applicant_last4 == number, ArchiveRequest.phone_last4 == number))
    if len(number) >= 4 and any(character.isdigit() for character in number):
        found.append(ArchiveRequest.certificate_index == certificate_index(text))
    if indexes := number_indexes(number):
        found.append(ArchiveRequest.applicant_number_index.in_(indexes))
        found.append(_of(ArchiveSubject.id_number_index.in_(indexes)))
    if is_name(name := clean_name(text)):
        index = name_index(name)
        found.append(ArchiveRequest.applicant_name_index == index)
        found.append(_of(sa.or_(ArchiveSubject.name_index == index, ArchiveSubject.former_name_index == index)))
    return found


def _of(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return ArchiveRequest.id.in_(sa.select(ArchiveSubject.request_id).where(condition))
