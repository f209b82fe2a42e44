"""Finding an application by what people have at hand: a number, a receipt, a card, a telephone's tail, a whole name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from backend.kernel.identity import clean_number
from backend.kernel.names import clean_name, is_name
from backend.marriage.divorce.desk_queries import CaseRow, Nodes, cases_by_id, cases_of
from backend.marriage.divorce.models import DivorceCase, DivorceParty
from backend.people.models import name_index
from backend.people.reading import number_indexes
from backend.storage import transaction

MOST_FOUND = 30


def search(nodes: Nodes, text: str) -> Sequence[CaseRow]:
    """Applications of the nodes that fit, newest first; none when `text` is nothing to look for."""
    wanted = _wanted(text)
    if not wanted:
        return []
    query = cases_of(nodes).where(sa.or_(*wanted)).order_by(DivorceCase.created_at.desc()).limit(MOST_FOUND)
    with transaction() as db:
        ids: Sequence[uuid.UUID] = db.scalars(query).all()
        return cases_by_id(nodes, ids) if ids else []


def _wanted(text: str) -> list[sa.ColumnElement[bool]]:
    number = clean_number(text)
    found: list[sa.ColumnElement[bool]] = []
    if re.fullmatch(r"(SL)?\d{8}", number, re.ASCII):
        found.append(DivorceCase.number == "SL" + number.removeprefix("SL"))
    receipt = "".join(text.split()).upper()  # its dashes are part of it
    if re.fullmatch(r"[0-9A-Z\-]{4,14}", receipt, re.ASCII):
        found.append(DivorceCase.receipt_number == receipt)
    if re.fullmatch(r"\d{3}[\dX]", number, re.ASCII):
        found.append(_of(sa.or_(DivorceParty.last4 == number, DivorceParty.phone_last4 == number)))
    if indexes := number_indexes(number):
        found.append(_of(DivorceParty.id_number_index.in_(indexes)))
    if is_name(name := clean_name(text)):
        found.append(_of(DivorceParty.name_index == name_index(name)))
    return found


def _of(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return DivorceCase.id.in_(sa.select(DivorceParty.case_id).where(condition))
