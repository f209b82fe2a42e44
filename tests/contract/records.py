"""One record of every kind that an address can name, each belonging to one place and to one person."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta

import sqlalchemy as sa

from backend.console.exports.ask import KIND as EXPORT_APPROVAL
from backend.console.exports.models import Export
from backend.console.exports.rules import ExportState, Format, ReasonKind
from backend.kernel.clock import now, today
from backend.kernel.identity import IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.models import Appointment
from backend.marriage.notices import SUBJECT_KIND
from backend.people.life_events.record import Report, record_life_event
from backend.people.life_events.rules import EventKind, Source
from backend.people.models import Person
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.rules import Relation
from backend.people.rights.answers import ask_at_desk
from backend.people.rights.holds import place_hold
from backend.people.rights.rules import RequestKind
from backend.people.rules import Level, ProofMethod
from backend.staff import Role, StaffAccount
from backend.staff.approvals import ask as ask_approval
from backend.staff.audit import record_look
from backend.staff.audit.models import AuditEntry, AuditFlag, WatchedNumber
from backend.staff.audit.rules import FlagState, Rule
from backend.staff.audit.watch import declare_relative
from backend.staff.create import insert_account, insert_assignment
from backend.staff.demo import STREETS, XINCHENG_REGISTRY
from backend.staff.models import NodeKind, OrganisationNode, RoleAssignment, StaffSession
from backend.staff.sessions import open_session
from backend.storage import session, transaction
from messages import Subject, post
from messages.models import OutboxMessage
from tests.concurrency.support import identity_number
from tests.console.support import make_appointment, make_slot

ELDER = ("王秀英", identity_number(date(1946, 11, 21), 4))
DAUGHTER = ("李红梅", identity_number(date(1975, 5, 6), 22))


def node(code: str) -> OrganisationNode:
    """A place of the demonstration."""
    return session().scalars(sa.select(OrganisationNode).where(OrganisationNode.code == code)).one()


def account(username: str) -> StaffAccount:
    """A member of staff."""
    return session().scalars(sa.select(StaffAccount).where(StaffAccount.username == username)).one()


def everything_over(username: str, place: str) -> None:
    """A sign-in that holds every role over one place, which no command would allow."""
    copied = account("registrar-1")
    made = insert_account(username, "样样都管", copied.password_hash, node(place))
    for role in Role:
        insert_assignment(made.id, role, node(place).id, None)


def verified(named: tuple[str, str], community_id: uuid.UUID) -> uuid.UUID:
    """A verified person of a community."""
    person = Person(id=new_id(), created_at=now(), community_id=community_id)
    session().add(person)
    person.name = named[0]
    person.take_number(parse_identity_number(IdType.RESIDENT_IDENTITY_CARD, named[1], today=today()))
    person.level, person.verified_at, person.verified_by = Level.VERIFIED.value, now(), ProofMethod.STAFF
    session().flush()
    return person.id


def make_records() -> dict[str, uuid.UUID]:
    """By the name an address gives it: everything belongs to the first registry or the first street."""
    with transaction() as db:
        registry, registrar = node(XINCHENG_REGISTRY), account("registrar-1")
        street = node(STREETS[0])
        community = db.scalars(
            sa.select(OrganisationNode.id).where(
                OrganisationNode.kind == NodeKind.COMMUNITY, OrganisationNode.parent_id == street.id
            )
        ).first()
        assert community is not None
        elder, daughter = verified(ELDER, community), verified(DAUGHTER, community)
        slot_id = make_slot("xincheng", today() + timedelta(days=2), time(10))
        appointment_id = make_appointment(slot_id)
        export_id = _export(registrar, registry.id)
        return {
            "appointment_id": appointment_id,
            "message_id": _message(appointment_id),
            "person_id": elder,
            "tie_id": ask_proxy(daughter, Wish(*ELDER, Relation.CHILD, ("people",))).id,
            "event_id": _life_event(daughter, registrar.id, community),
            "export_id": export_id,
            "approval_id": _approval(registrar, registry.id, export_id),
            "account_id": registrar.id,
            "assignment_id": _assignment(registrar.id),
            "node_id": street.id,
            "request_id": ask_at_desk(elder, RequestKind.CORRECT, "住址写错了", registrar.id).id,
            "hold_id": place_hold(daughter, "法院要求保留", registrar.id),
            "flag_id": _flag(registrar.id),
            "watched_id": _watched(registrar.id),
            "session_id": _session(registrar),
        }


def _message(appointment_id: uuid.UUID) -> uuid.UUID:
    booked_by = session().get_one(Appointment, appointment_id).booked_by
    data = {
        "matter": "结婚登记",
        "time": "2027年5月20日 10:00",
        "place": "登记处",
        "number": "MZ1",
        "hint": "请带身份证",
    }
    subject = Subject(SUBJECT_KIND, appointment_id)
    post("marriage.booked", recipient_id=booked_by, subject=subject, data=data, key="matrix:1")
    db = session()
    db.execute(sa.update(OutboxMessage).values(state="dead", failure="no_way"))
    return db.scalars(sa.select(OutboxMessage.id)).one()


def _life_event(person_id: uuid.UUID, account_id: uuid.UUID, community_id: uuid.UUID) -> uuid.UUID:
    report = Report(
        kind=EventKind.NAME_CORRECTED,
        account_id=account_id,
        source=Source.AT_THE_COUNTER,
        effective_on=today(),
        reason="户口簿上的名字",
        name="李红眉",
    )
    return record_life_event(person_id, report)


def _export(asked_by: StaffAccount, node_id: uuid.UUID) -> uuid.UUID:
    row = Export(
        id=new_id(),
        definition="marriage.appointments",
        arguments={"tab": "all", "as_of": today().isoformat()},
        columns=["number"],
        personal=False,
        format=Format.CSV,
        node_id=node_id,
        reason_kind=ReasonKind.CHECKING,
        reason="月底核对",
        asked_by=asked_by.id,
        asked_at=now(),
        state=ExportState.QUEUED,
        rows_expected=1,
        most_rows=100,
    )
    session().add(row)
    session().flush()
    return row.id


def _approval(asked_by: StaffAccount, node_id: uuid.UUID, export_id: uuid.UUID) -> uuid.UUID:
    asked = ask_approval(EXPORT_APPROVAL, {"export": str(export_id)}, reason="核对", asked_by=asked_by, node_id=node_id)
    return asked.id


def _assignment(account_id: uuid.UUID) -> uuid.UUID:
    return session().scalars(sa.select(RoleAssignment.id).where(RoleAssignment.account_id == account_id)).one()


def _flag(account_id: uuid.UUID) -> uuid.UUID:
    record_look("marriage.appointment_viewed", SUBJECT_KIND, [new_id()], account_id=account_id)
    db = session()
    entry_id = db.scalars(sa.select(sa.func.max(AuditEntry.id))).one()
    flag = AuditFlag(
        id=new_id(),
        entry_id=entry_id,
        account_id=account_id,
        rule=Rule.WELL_KNOWN,
        key="matrix",
        at=now(),
        state=FlagState.NEW,
    )
    db.add(flag)
    db.flush()
    return flag.id


def _watched(account_id: uuid.UUID) -> uuid.UUID:
    declare_relative(account_id, *ELDER, "parent")
    return session().scalars(sa.select(WatchedNumber.id)).one()


def _session(account_of: StaffAccount) -> uuid.UUID:
    open_session(account_of)
    return session().scalars(sa.select(StaffSession.id).where(StaffSession.account_id == account_of.id)).one()
