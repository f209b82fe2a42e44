"""What is held about a person in applications and care: told whole but for the other one, kept as the rules say."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from backend.kernel.chinese_dates import spoken_date, spoken_day
from backend.kernel.personal_data import Holding, Kept, Section
from backend.marriage.divorce import texts
from backend.marriage.divorce.care import stop_care_for
from backend.marriage.divorce.models import (
    DivorceCare,
    DivorceCareContact,
    DivorceCase,
    DivorceCaseEvent,
    DivorceParty,
)
from backend.marriage.divorce.retention import CARE_FOR, CASE_FOR
from backend.marriage.divorce.rules import CareEnd
from backend.marriage.models import Office
from backend.people.models import Person
from backend.storage import session


def _own(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """The person's own rows: tied to their account, or of the number they have proven."""
    number = sa.select(Person.id_number_index).where(Person.id == person_id).scalar_subquery()
    return sa.or_(DivorceParty.person_id == person_id, DivorceParty.id_number_index == number)


def _collect(person_id: uuid.UUID) -> Sequence[Section]:
    return [
        Section(texts.HELD_CASES, _cases(person_id), texts.HELD_CASES_KEPT),
        Section(texts.HELD_CARE, _care(person_id), texts.HELD_CARE_KEPT),
    ]


def _cases(person_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = (
        sa.select(DivorceParty, DivorceCase, Office.name)
        .join(DivorceCase, DivorceCase.id == DivorceParty.case_id)
        .join(Office, Office.id == DivorceCase.office_id)
        .where(_own(person_id))
        .order_by(DivorceCase.created_at)
    )
    return [_record(party, case, office) for party, case, office in session().execute(query)]


def _record(party: DivorceParty, case: DivorceCase, office: str) -> Mapping[str, str]:
    """Who withdrew, and whose word led to what, is not in it: it may be the other one's."""
    told = {
        texts.L_NUMBER: case.number,
        texts.L_RECEIPT: case.receipt_number,
        texts.L_OFFICE: office,
        texts.L_STATE: texts.STATE_NAMES[case.state],
        **{texts.DAY_NAMES[name]: spoken_date(getattr(case, name)) for name in ("d0", "cool_last", "win_first")},
        texts.DAY_NAMES["win_last"]: spoken_date(case.win_last),
        texts.L_NAME: party.name,
        texts.L_ID_NUMBER: party.id_number,
        texts.L_PHONE: party.phone,
    }
    return {label: text for label, text in told.items() if text}


def _care(person_id: uuid.UUID) -> Sequence[Mapping[str, str]]:
    query = (
        sa.select(DivorceCare)
        .where(DivorceCare.person_id == person_id)
        .options(joinedload(DivorceCare.office))
        .order_by(DivorceCare.started_at)
    )
    found = session().scalars(query).all()
    contacts = session().scalars(
        sa.select(DivorceCareContact)
        .where(DivorceCareContact.care_id.in_([care.id for care in found]))
        .order_by(DivorceCareContact.due_on)
    )
    by_care: dict[uuid.UUID, list[DivorceCareContact]] = {}
    for contact in contacts:
        by_care.setdefault(contact.care_id, []).append(contact)
    return [_care_record(care, by_care.get(care.id, [])) for care in found]


def _care_record(care: DivorceCare, contacts: Sequence[DivorceCareContact]) -> Mapping[str, str]:
    told = {
        texts.L_OFFICE: care.office.name,
        texts.L_STARTED: spoken_date(care.started_at.date()),
        texts.L_ENDED: spoken_date(care.ended_at.date()) if care.ended_at else "",
        texts.L_CONTACTS: "；".join(
            f"{spoken_day(contact.due_on)} {texts.CONTACT_NAMES[contact.state]}" for contact in contacts
        ),
        texts.L_NOTES: texts.NOTES_SEALED if any(contact.note_sealed for contact in contacts) else "",
    }
    return {label: text for label, text in told.items() if text}


def _erase(_person_id: uuid.UUID) -> Mapping[str, int]:
    """Nothing goes before its time: what an authority has received and decided is not the person's to take away."""
    return {}


def _cut(person_id: uuid.UUID) -> None:
    """They are written to and called no more."""
    stop_care_for(person_id, CareEnd.OPTED_OUT)
    session().execute(
        sa.update(DivorceParty)
        .where(DivorceParty.person_id == person_id)
        .values(person_id=None)
        .execution_options(synchronize_session="fetch")
    )


def _keeps(person_id: uuid.UUID) -> Sequence[Kept]:
    cases = sa.select(DivorceCase).join(DivorceParty, DivorceParty.case_id == DivorceCase.id).where(_own(person_id))
    care = sa.select(DivorceCare).where(DivorceCare.person_id == person_id)
    return [
        *(_kept_case(case) for case in session().scalars(cases.order_by(DivorceCase.created_at))),
        *(_kept_care(row) for row in session().scalars(care.order_by(DivorceCare.started_at))),
    ]


def _kept_case(case: DivorceCase) -> Kept:
    title = texts.KEPT_CASE.format(number=case.number)
    if case.ended_at is None:
        return Kept(title, texts.WHY_OPEN)
    return Kept(title, texts.WHY_CASE, CASE_FOR.last_day(case.ended_at.date()))


def _kept_care(care: DivorceCare) -> Kept:
    until = None if care.ended_at is None else CARE_FOR.last_day(care.ended_at.date())
    return Kept(texts.KEPT_CARE, texts.WHY_CARE, until)


divorce_holding = Holding(
    name="divorce",
    title=texts.HELD_TITLE,
    tables=frozenset(
        table.__tablename__ for table in (DivorceCase, DivorceParty, DivorceCaseEvent, DivorceCare, DivorceCareContact)
    ),
    collect=_collect,
    erase=_erase,
    keeps=_keeps,
    cut=_cut,
)
