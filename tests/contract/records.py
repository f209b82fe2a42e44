"""One record of every kind that an address can name, each belonging to one place and to one person.

Long because every kind has its maker here.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from backend.console.exports.ask import KIND as EXPORT_APPROVAL
from backend.console.exports.models import Export
from backend.console.exports.rules import ExportState, Format, ReasonKind
from backend.kernel.actors import Actor
from backend.kernel.clock import BEIJING, now, start_of_day, today
from backend.kernel.identity import IdType, parse_identity_number
from backend.kernel.ids import new_id
from backend.marriage.archive.search import locate, take
from backend.marriage.capacity.models import BulkMove, MoveLine, WindowOutage
from backend.marriage.capacity.rules import LineState
from backend.marriage.ceremonies.announce import EventFacts, announce_event
from backend.marriage.ceremonies.models import Ceremony
from backend.marriage.ceremonies.numbers import ceremony_number
from backend.marriage.ceremonies.rules import CeremonyState, EventMode
from backend.marriage.ceremonies.rules import EventKind as GroupKind
from backend.marriage.counselling.book import CounsellingWish, book_counselling
from backend.marriage.counselling.keep_counsellor import CounsellorFacts, keep_counsellor
from backend.marriage.counselling.models import Callback, CounsellingSession
from backend.marriage.counselling.rules import Matter, Profession, Way
from backend.marriage.couples import PartyInput
from backend.marriage.divorce.accept import Application, accept_application
from backend.marriage.divorce.models import DivorceCare, DivorceCareContact, DivorceParty
from backend.marriage.divorce.withdraw import Withdrawal, withdraw_application
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Office, Slot, Via
from backend.marriage.notices import SUBJECT_KIND
from backend.marriage.offices import offices
from backend.marriage.resources.claim import claim
from backend.marriage.resources.keep import ResourceFacts, keep_resource
from backend.marriage.resources.rules import Hours, ResourceKind
from backend.marriage.rush.models import Rush
from backend.marriage.rush.plan import announce
from backend.marriage.rush.rules import RushMode
from backend.marriage.tickets.issue import issue_ticket
from backend.marriage.tickets.rules import Lane
from backend.marriage.waiting.models import WaitingEntry
from backend.marriage.waiting.parameters import HOLD_MINUTES
from backend.marriage.waiting.rules import WaitingState
from backend.parameters.models import ParameterValue
from backend.parameters.values import set_value
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
from backend.staff.permissions import ROLES
from backend.staff.sessions import open_session
from backend.storage import session, transaction
from messages import Subject, post
from messages.models import OutboxMessage
from tests.concurrency.support import identity_number
from tests.console.support import make_appointment, make_slot
from tests.contract.blessing_records import make_blessing
from tests.contract.cover_records import make_cover
from tests.marriage_archive.support import ON_THE_SHELF, enter

ELDER = ("王秀英", identity_number(date(1946, 11, 21), 4))
PARTED = (("孙浩然", identity_number(date(1980, 1, 2), 3)), ("胡佳怡", identity_number(date(1981, 2, 3), 5)))
HUSBAND = ("张志强", identity_number(date(1984, 3, 2), 6))
WIFE = ("陈静", identity_number(date(1986, 9, 8), 8))
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


def mixed_powers(username: str, permission: str | None, *, here: str, elsewhere: str) -> None:
    """A sign-in with the roles that give a permission over one place, and with all others over another."""
    copied = account("registrar-1")
    made = insert_account(username, "两处都管", copied.password_hash, node(here))
    for role, held in ROLES.items():
        insert_assignment(made.id, role, node(elsewhere if permission in held else here).id, None)


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
    """By the name an address gives it: everything belongs to the first registry or the first street.

    A room's or one page's own (`room.name`, `room.page.name`) stands before what others mean by the name.
    """
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
        office_id = db.scalars(sa.select(Office.id).where(Office.node_id == registry.id)).one()
        resource_id = _venue(office_id)
        ceremony_id = _ceremony(office_id, resource_id, appointment_id)
        care = _care(office_id, registrar.id, community)
        line = _move_line(office_id, appointment_id, registrar.id)
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
            "office_id": office_id,
            "move_id": line.move_id,
            "rush_id": _rush(office_id),
            "waiting_id": _waiting(office_id, elder),
            "line_id": line.id,
            "outage_id": _outage(office_id, registrar.id),
            "resource_id": resource_id,
            "ceremony_id": ceremony_id,
            "blessing_id": make_blessing(ceremony_id, daughter),
            "cover_id": make_cover(ceremony_id, daughter),
            "ceremony_desk.event_id": _group_event(office_id),
            "ticket_id": issue_ticket(
                office_id, Kind.MARRIAGE_REGISTRATION, Lane.ORDINARY, Actor("staff", registrar.id)
            ).id,
            **care,
            **_counselling(office_id, elder),
            "divorce_desk.confirmation.case_id": _withdrawn(office_id, registrar.id),
            "value_id": _value(registrar),
            "archive_request_id": _archive_request(office_id, registrar.id),
        }


def _archive_request(office_id: uuid.UUID, account_id: uuid.UUID) -> uuid.UUID:
    """A request whose volume was found on the shelf: there is a slip to be printed."""
    made = enter(office_id, account_id, number=HUSBAND[1])
    take(made.id, account_id)
    locate(made.id, ON_THE_SHELF, account_id)
    return made.id


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
    db.execute(
        sa.update(OutboxMessage)
        .where(OutboxMessage.subject_id == appointment_id)
        .values(state="dead", failure="no_way")
    )
    return db.scalars(sa.select(OutboxMessage.id).where(OutboxMessage.subject_id == appointment_id)).one()


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


def _value(account_of: StaffAccount) -> uuid.UUID:
    """A setting of the registry that does not hold yet."""
    ahead = start_of_day(today() + timedelta(days=3))
    set_value(HOLD_MINUTES, XINCHENG_REGISTRY, 45, ahead, str(account_of.id))
    return session().scalars(sa.select(ParameterValue.id).where(ParameterValue.key == HOLD_MINUTES.key)).one()


def _venue(office_id: uuid.UUID) -> uuid.UUID:
    week = {day: [Hours(time(9), time(17))] for day in range(1, 8)}
    return keep_resource(office_id, ResourceKind.VENUE, ResourceFacts("颁证大厅", 30, week=week)).id


def _ceremony(office_id: uuid.UUID, venue_id: uuid.UUID, appointment_id: uuid.UUID) -> uuid.UUID:
    db = session()
    slot = db.get_one(Slot, db.get_one(Appointment, appointment_id).slot_id)
    starts_at, ends_at = slot.ends_at, slot.ends_at + timedelta(minutes=30)
    row = Ceremony(
        id=new_id(),
        number=ceremony_number(),
        office_id=office_id,
        appointment_id=appointment_id,
        venue_id=venue_id,
        venue_booking_id=claim(venue_id, starts_at, ends_at),
        starts_at=starts_at,
        ends_at=ends_at,
        guests=2,
        state=CeremonyState.BOOKED,
        via=Via.API,
        created_at=now(),
        changed_at=now(),
    )
    db.add(row)
    db.flush()
    return row.id


def _group_event(office_id: uuid.UUID) -> uuid.UUID:
    begins = datetime.combine(today() + timedelta(days=45), time(10), BEIJING)
    opens, closes = now() - timedelta(hours=1), begins - timedelta(days=10)
    facts = EventFacts(GroupKind.GROUP_CEREMONY, "集体颁证日", "颁证大厅", begins, opens, closes, 20, EventMode.DRAW)
    return announce_event(office_id, facts).id


def _rush(office_id: uuid.UUID) -> uuid.UUID:
    """A peak day that is announced."""
    place = next(one for one in offices() if one.id == office_id)
    day = today() + timedelta(days=25)
    announce(place, day, RushMode.QUEUE, now() + timedelta(days=2), now() + timedelta(days=3))
    return session().scalars(sa.select(Rush.id).where(Rush.office_id == office_id, Rush.day == day)).one()


def _waiting(office_id: uuid.UUID, person_id: uuid.UUID) -> uuid.UUID:
    """Somebody who waits for a place."""
    row = WaitingEntry(
        id=new_id(),
        office_id=office_id,
        kind=Kind.MARRIAGE_REGISTRATION,
        foreign_related=False,
        first_day=today() + timedelta(days=9),
        last_day=today() + timedelta(days=9),
        person_id=person_id,
        via=Via.DESK,
        state=WaitingState.WAITING,
        queued_at=now(),
        created_at=now(),
        changed_at=now(),
    )
    session().add(row)
    session().flush()
    return row.id


def _move_line(office_id: uuid.UUID, appointment_id: uuid.UUID, account_id: uuid.UUID) -> MoveLine:
    db = session()
    slot = db.get_one(Slot, db.get_one(Appointment, appointment_id).slot_id)
    move = BulkMove(
        id=new_id(),
        office_id=office_id,
        first_day=slot.day,
        last_day=slot.day,
        reason="线路检修停电",
        created_at=now(),
        created_by=account_id,
        started_at=now(),
        started_by=account_id,
    )
    db.add(move)
    db.flush()
    line = MoveLine(
        id=new_id(),
        move_id=move.id,
        appointment_id=appointment_id,
        rank=0,
        by_phone=True,
        state=LineState.WAITING,
        old_starts_at=slot.starts_at,
        created_at=now(),
        changed_at=now(),
    )
    db.add(line)
    db.flush()
    return line


def _outage(office_id: uuid.UUID, account_id: uuid.UUID) -> uuid.UUID:
    """Windows that are out; far ahead, so that no other case meets them."""
    starts_at = start_of_day(today() + timedelta(days=5)) + timedelta(hours=9)
    row = WindowOutage(
        id=new_id(),
        office_id=office_id,
        area=Area.MARRIAGE_HALL,
        day=starts_at.date(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        windows=[2],
        reason="停电",
        created_at=now(),
        created_by=account_id,
    )
    session().add(row)
    session().flush()
    return row.id


def _care(office_id: uuid.UUID, account_id: uuid.UUID, community_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A divorce application, and the care for one of the two, which nobody has taken."""
    verified(HUSBAND, community_id)
    verified(WIFE, community_id)
    couple = [PartyInput(*HUSBAND, phone="13900000001"), PartyInput(*WIFE, phone="13900000002")]
    case = accept_application(Application(office_id, "2027-0001", couple, care=(True, False)), account_id)
    db = session()
    care = db.scalars(sa.select(DivorceCare).join(DivorceParty).where(DivorceParty.case_id == case.id)).one()
    contacts = sa.select(DivorceCareContact.id).where(DivorceCareContact.care_id == care.id)
    contact_id = db.scalars(contacts.order_by(DivorceCareContact.due_on).limit(1)).one()
    return {"case_id": case.id, "care_id": care.id, "contact_id": contact_id}


def _counselling(office_id: uuid.UUID, person_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """A talk, with words that have somebody called back."""
    week = {day: [Hours(time(9), time(12))] for day in range(1, 8)}
    roster = ResourceFacts("苏敏", 50, 10, account_id=account("counsellor-1").id, week=week)
    facts = CounsellorFacts(Profession.SOCIAL_WORKER, tuple(Way), roster)
    counsellor_id = keep_counsellor(office_id, facts).resource_id
    begins = datetime.combine(today() + timedelta(days=1), time(10), BEIJING)
    wish = CounsellingWish(
        office_id,
        Matter.RELATIONSHIP,
        Way.VIDEO,
        begins,
        "王女士",
        "13900000003",
        person_id,
        Via.API,
        about="他威胁我",
    )
    made = book_counselling(wish)
    callback_id = session().scalars(sa.select(Callback.id)).one()
    assert session().get_one(CounsellingSession, made.id).at_risk
    return {"counsellor_id": counsellor_id, "counselling_id": made.id, "callback_id": callback_id}


def _withdrawn(office_id: uuid.UUID, account_id: uuid.UUID) -> uuid.UUID:
    """Another application, which was withdrawn."""
    couple = [PartyInput(*one, phone=f"1390000001{place}") for place, one in enumerate(PARTED)]
    case = accept_application(Application(office_id, "2027-0002", couple), account_id)
    withdraw_application(case.id, Withdrawal(0, card_seen=True, receipt_seen=True), account_id)
    return case.id
