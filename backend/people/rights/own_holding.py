"""What the people room holds: the account itself, and what concerns rights. Last in the list, for all refer to it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_date, template_moment
from backend.kernel.clock import today
from backend.kernel.personal_data import Holding, Kept, Period, Section
from backend.people.models import BindingCode, LoginSession, Person, PersonEvent, PersonJoin, ProofTry, WeChatIdentity
from backend.people.rights import texts
from backend.people.rights.consent import purposes
from backend.people.rights.models import ConsentEvent, DataExport, NoticeShown, RightsRequest
from backend.people.rights.requests import number_of
from backend.storage import Base, session

PROOF = Period(months=36)  # 民法典 188: claims lapse after three years; PIPL 69 lets the bureau prove that it did right

Records = list[Mapping[str, str]]


# --- the account ---


def _account(person_id: uuid.UUID) -> Sequence[Section]:
    return [
        Section(texts.ACCOUNT_SECTION, _person(person_id), texts.KEPT_WHILE_ACCOUNT),
        Section(texts.IDENTITY_SECTION, _identities(person_id), texts.KEPT_WHILE_ACCOUNT),
        Section(texts.LOGIN_SECTION, _logins(person_id), texts.KEPT_LOGIN),
        Section(texts.HISTORY_SECTION, _history(person_id), texts.KEPT_HISTORY),
    ]


def _person(person_id: uuid.UUID) -> Records:
    person = session().get_one(Person, person_id)
    id_type = person.id_type and texts.ID_TYPE_NAMES[person.id_type.value]
    told = {
        texts.L_SINCE: template_moment(person.created_at),
        texts.L_NAME: person.name,
        texts.L_ID_TYPE: id_type,
        texts.L_ID_NUMBER: person.id_number,
        texts.L_PHONE: person.phone,
        texts.L_LEVEL: f"L{int(person.level)}",
        texts.L_VERIFIED: person.verified_at and template_moment(person.verified_at),
        texts.L_DIED: person.died_on and spoken_date(person.died_on),
    }
    return [{label: str(text) for label, text in told.items() if text}]


def _identities(person_id: uuid.UUID) -> Records:
    rows = session().scalars(sa.select(WeChatIdentity).where(WeChatIdentity.person_id == person_id))
    return [
        {
            texts.L_WECHAT: row.openid,
            texts.L_PRODUCT: row.app_id,
            texts.L_UNION: row.unionid or texts.NOT_GIVEN,
            texts.L_SINCE: template_moment(row.created_at),
        }
        for row in rows
    ]


def _logins(person_id: uuid.UUID) -> Records:
    query = sa.select(LoginSession).join(WeChatIdentity, WeChatIdentity.id == LoginSession.identity_id)
    rows = session().scalars(query.where(WeChatIdentity.person_id == person_id).order_by(LoginSession.created_at))
    return [
        {
            texts.L_LOGIN_KIND: texts.LOGIN_KIND_NAMES[row.kind],
            texts.L_DEVICE: row.device or texts.NOT_GIVEN,
            texts.L_AT: template_moment(row.created_at),
            texts.L_EXPIRES: template_moment(row.expires_at),
        }
        for row in rows
    ]


def _history(person_id: uuid.UUID) -> Records:
    rows = session().scalars(sa.select(PersonEvent).where(PersonEvent.person_id == person_id).order_by(PersonEvent.id))
    return [{texts.L_EVENT: texts.PERSON_EVENT_NAMES[row.name], texts.L_AT: template_moment(row.at)} for row in rows]


def _cut_account(person_id: uuid.UUID) -> None:
    """Nobody is signed in as this person any more, and no openid leads to them; logins go with their identity."""
    session().execute(
        sa.delete(WeChatIdentity)
        .where(WeChatIdentity.person_id == person_id)
        .execution_options(synchronize_session=False)
    )


def _erase_account(person_id: uuid.UUID) -> Mapping[str, int]:
    """What was known of the person; the row stays as a number that other rows refer to, until none does."""
    person = session().get_one(Person, person_id)
    # Also who tried this number without being this person: the index would still lead here.
    tried = sa.or_(ProofTry.person_id == person_id, ProofTry.number_index == person.id_number_index)
    erased = {
        table.__tablename__: _delete(table, condition)
        for table, condition in (
            (ProofTry, tried),
            (BindingCode, BindingCode.person_id == person_id),
            (PersonJoin, PersonJoin.person_id == person_id),
            (PersonEvent, PersonEvent.person_id == person_id),
        )
    }
    forget_person(person)
    session().flush()
    return {"persons": 1} | erased


def _delete(table: type[Base], condition: sa.ColumnElement[bool]) -> int:
    gone = session().execute(
        sa.delete(table).where(condition).returning(sa.literal(1)), execution_options={"synchronize_session": False}
    )
    return len(gone.all())


def forget_person(person: Person) -> None:
    """Empty everything a person's row tells, in the open transaction; only the fact of closing stays."""
    for column in Person.__table__.columns:
        if column.nullable and column.name not in _STAYING:
            setattr(person, column.name, None)
    person.level = type(person.level)(0)


_STAYING = frozenset({"closed_at"})

account_holding = Holding(
    name="people",
    title=texts.PEOPLE,
    tables=frozenset(
        {
            "persons",
            "wechat_identities",
            "login_sessions",
            "person_events",
            "person_joins",
            "proof_tries",
            "binding_codes",
            # What follows are means of signing in: sealed, hashed or waiting, and nothing a person could read.
            "login_codes",
            "wechat_session_keys",
            "link_codes",
            "unionid_lookups",
        }
    ),
    collect=_account,
    erase=_erase_account,
    cut=_cut_account,
)


# --- consent and requests ---


def _rights(person_id: uuid.UUID) -> Sequence[Section]:
    return [
        Section(texts.REQUEST_SECTION, _requests(person_id), texts.KEPT_REQUEST),
        Section(texts.CONSENT_SECTION, _consents(person_id), texts.KEPT_CONSENT),
        Section(texts.NOTICE_SECTION, _notices(person_id), texts.KEPT_WHILE_ACCOUNT),
    ]


def _requests(person_id: uuid.UUID) -> Records:
    query = sa.select(RightsRequest).where(RightsRequest.person_id == person_id)
    records: Records = []
    for row in session().scalars(query.order_by(RightsRequest.received_at)):
        told = {
            texts.L_NUMBER: number_of(row),
            texts.L_KIND: texts.KIND_NAMES[row.kind],
            texts.L_STATE: texts.STATE_NAMES[row.state],
            texts.L_RECEIVED: template_moment(row.received_at),
            texts.L_DUE: spoken_date(row.due_on),
            # What a relative of theirs wrote is the relative's own.
            texts.L_WORDS: row.words if row.relation is None else None,
            texts.L_ANSWER: row.answer,
        }
        records.append({label: text for label, text in told.items() if text})
    return records


def _consents(person_id: uuid.UUID) -> Records:
    titles = {purpose.key: purpose.title for purpose in purposes()}
    query = sa.select(ConsentEvent).where(ConsentEvent.person_id == person_id).order_by(ConsentEvent.id)
    return [
        {
            texts.L_PURPOSE: titles.get(row.purpose, row.purpose),
            texts.L_CHOICE: texts.GIVEN if row.given else texts.WITHDRAWN,
            texts.L_VERSION: str(row.version),
            texts.L_AT: template_moment(row.at),
            texts.L_VIA: texts.VIA_NAMES[row.via],
        }
        for row in session().scalars(query)
    ]


def _notices(person_id: uuid.UUID) -> Records:
    query = sa.select(NoticeShown).where(NoticeShown.person_id == person_id).order_by(NoticeShown.version)
    return [
        {texts.L_VERSION: str(row.version), texts.L_AT: template_moment(row.at), texts.L_VIA: texts.VIA_NAMES[row.via]}
        for row in session().scalars(query)
    ]


def _erase_rights(person_id: uuid.UUID) -> Mapping[str, int]:
    """Copies go at once. Requests and consents stay as proof: by numbers, with what was written sealed."""
    asked = sa.select(RightsRequest.id).where(RightsRequest.person_id == person_id)
    gone = session().execute(sa.delete(DataExport).where(DataExport.request_id.in_(asked)).returning(DataExport.id))
    return {"data_exports": len(gone.all())}


def _keeps_rights(person_id: uuid.UUID) -> Sequence[Kept]:
    until: date = PROOF.last_day(today())
    kept = []
    for title, model in ((texts.K_REQUEST, RightsRequest), (texts.K_CONSENT, ConsentEvent)):
        if session().scalar(sa.select(sa.exists().where(model.person_id == person_id))):
            kept.append(Kept(title, texts.WHY_PROOF, until))
    return kept


rights_holding = Holding(
    name="rights",
    title=texts.RIGHTS,
    tables=frozenset(
        {
            "consent_events",
            "privacy_notices_shown",
            "rights_requests",
            "rights_request_events",
            "data_exports",
            "legal_holds",
        }
    ),
    collect=_rights,
    erase=_erase_rights,
    keeps=_keeps_rights,
)
