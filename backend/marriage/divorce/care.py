"""冷静期关爱: calls by a social worker to whoever of the two wants them (domain-rules §2.6).

Consent is each person's own and stands in the registry of consents; what one says is never shown to the other. Calls
stop with the application, or the moment somebody does not want them any more.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import now, today
from backend.kernel.ids import new_id
from backend.marriage.divorce import texts
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact, DivorceCase, DivorceParty
from backend.marriage.divorce.parameters import care_days
from backend.marriage.divorce.parties import prove_party
from backend.marriage.divorce.rules import CareEnd, ContactState, contact_days
from backend.marriage.models import Office
from backend.people.rights.consent import Purpose, allows, choose, offer_purpose
from backend.people.rights.notice import current_notice
from backend.people.rights.rules import Via
from backend.storage import session, transaction

PURPOSE = "divorce_care"


def offer_care() -> None:
    """Put care among what people may choose; called once when the application is put together."""
    offer_purpose(Purpose(PURPOSE, texts.CARE_TITLE, texts.CARE_TEXT, _chosen, concerns=_concerns))


def agree_at_desk(case: DivorceCase, party: DivorceParty, account_id: uuid.UUID) -> None:
    """Take down at the desk that a person agrees; their card has just been seen, so they have an account from now on.

    Raises `AppError` as `people.proving.prove` does.
    """
    person_id = prove_party(party, account_id)
    version = current_notice().version
    choose(person_id, PURPOSE, given=True, version=version, via=Via.DESK, account_id=account_id)
    _start(case, party)  # they may have agreed at an earlier application; then the registry had nothing to add


def refuse_at_desk(party: DivorceParty, account_id: uuid.UUID) -> None:
    """Take down that a person does not want to be called any more; said to anybody of the staff, it counts at once."""
    if party.person_id is not None:
        version = current_notice().version
        choose(party.person_id, PURPOSE, given=False, version=version, via=Via.DESK, account_id=account_id)


def follow_consent(party: DivorceParty) -> None:
    """Start care for somebody who agreed before their application was found to be theirs."""
    if party.person_id is not None and allows(party.person_id, PURPOSE):
        _start(session().get_one(DivorceCase, party.case_id), party)


def stop_care_of(case_id: uuid.UUID, why: CareEnd) -> None:
    """End care for both; in the open transaction."""
    parties = sa.select(DivorceParty.id).where(DivorceParty.case_id == case_id)
    _stop(DivorceCare.party_id.in_(parties), why)


def stop_care_for(person_id: uuid.UUID, why: CareEnd) -> None:
    """End care for one person; in the open transaction."""
    _stop(DivorceCare.person_id == person_id, why)


def _concerns(person_id: uuid.UUID) -> bool:
    with transaction() as db:
        return db.scalars(_open_party(person_id)).first() is not None


def _chosen(person_id: uuid.UUID, given: bool) -> None:
    if not given:
        stop_care_for(person_id, CareEnd.OPTED_OUT)
        return
    party = session().scalars(_open_party(person_id)).first()
    if party is not None:
        _start(session().get_one(DivorceCase, party.case_id), party)


def _open_party(person_id: uuid.UUID) -> sa.Select[DivorceParty]:
    return sa.select(DivorceParty).where(DivorceParty.person_id == person_id, DivorceParty.open)


def _start(case: DivorceCase, party: DivorceParty) -> None:
    """Begin, with the contacts that still lie ahead. Twice is once."""
    running = sa.select(DivorceCare.id).where(DivorceCare.party_id == party.id, DivorceCare.ended_at.is_(None))
    if party.person_id is None or session().scalar(running) is not None:
        return
    office = session().get_one(Office, case.office_id)
    care = DivorceCare(
        id=new_id(), office_id=case.office_id, person_id=party.person_id, party_id=party.id, started_at=now()
    )
    session().add(care)
    session().flush()
    days = contact_days(case.d0, care_days(office.code, now()), case.clock, legal_calendar())
    for number, due_on in days.items():
        if due_on >= today():
            session().add(
                DivorceCareContact(
                    id=new_id(), care_id=care.id, day_number=number, due_on=due_on, state=ContactState.DUE
                )
            )
    session().flush()


def _stop(condition: sa.ColumnElement[bool], why: CareEnd) -> None:
    ended = session().scalars(
        sa.update(DivorceCare)
        .where(condition, DivorceCare.ended_at.is_(None))
        .values(ended_at=now(), ended_because=why)
        .returning(DivorceCare.id)
        .execution_options(synchronize_session="fetch")
    )
    session().execute(
        sa.update(DivorceCareContact)
        .where(DivorceCareContact.care_id.in_(ended.all()), DivorceCareContact.state == ContactState.DUE)
        .values(state=ContactState.DROPPED)
        .execution_options(synchronize_session="fetch")
    )
