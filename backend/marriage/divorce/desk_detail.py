"""One application in full, for the desk that serves it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backend.calendar import legal_calendar
from backend.kernel.clock import today
from backend.kernel.identity import IdType
from backend.kernel.masking import mask_number
from backend.marriage.divorce.desk_queries import CaseRow, Nodes, case_row
from backend.marriage.divorce.models import DivorceCare, DivorceCase, DivorceCaseEvent, DivorceParty
from backend.marriage.divorce.picture import ClockPicture, clock_picture
from backend.marriage.divorce.rules import CaseState, DivorceClock
from backend.marriage.divorce.window import certificate_day
from backend.staff import StaffAccount
from backend.storage import transaction


@dataclass(frozen=True)
class PersonDetail:
    """One of the two. `cared_for`: a social worker calls them; what is said then is not on this page."""

    id: uuid.UUID
    position: int
    name: str = field(repr=False)
    id_type: IdType
    masked_number: str
    last4: str
    phone: str | None = field(repr=False)
    at_risk: bool
    on_wechat: bool
    cared_for: bool


@dataclass(frozen=True)
class EventLine:
    """One move: when, what, by whom, from where to where, why; `days` that changed, as (name, before, after)."""

    at: datetime
    name: str
    actor_kind: str
    actor_name: str | None
    to_state: CaseState
    reason: str | None
    days: Sequence[tuple[str, date, date]]
    position: int | None
    outcome: str | None


@dataclass(frozen=True)
class CaseDetail:
    """An application with its persons, clock, history, and the appointments for the certificate."""

    row: CaseRow
    clock: DivorceClock
    fixed: bool
    ended_at: datetime | None
    persons: Sequence[PersonDetail]
    events: Sequence[EventLine]
    certificate: Sequence[tuple[uuid.UUID, str, date]]
    picture: ClockPicture

    @property
    def at_risk(self) -> bool:
        """Whether somebody in it is at risk; who it is stands only beside that person."""
        return any(person.at_risk for person in self.persons)


def case_detail(nodes: Nodes, case_id: uuid.UUID) -> CaseDetail | None:
    """One application of the nodes, or None."""
    with transaction() as db:
        row = case_row(nodes, case_id)
        if row is None:
            return None
        case = db.get_one(DivorceCase, case_id)
        parties = db.scalars(
            sa.select(DivorceParty).where(DivorceParty.case_id == case_id).order_by(DivorceParty.position)
        ).all()
        cared = set(
            db.scalars(
                sa.select(DivorceCare.party_id).where(
                    DivorceCare.party_id.in_([party.id for party in parties]), DivorceCare.ended_at.is_(None)
                )
            )
        )
        return CaseDetail(
            row=row,
            clock=case.clock,
            fixed=case.fixed,
            ended_at=case.ended_at,
            persons=[_person(party, party.id in cared) for party in parties],
            events=[_event(*found) for found in db.execute(_events(case_id))],
            certificate=certificate_day(case_id),
            picture=clock_picture(case.clock, today(), legal_calendar()),
        )


def _person(party: DivorceParty, cared_for: bool) -> PersonDetail:
    return PersonDetail(
        party.id,
        party.position,
        party.name or "",
        party.id_type,
        mask_number(party.id_number or ""),
        party.last4,
        party.phone,
        party.at_risk,
        party.person_id is not None,
        cared_for,
    )


def _event(event: DivorceCaseEvent, actor_name: str | None) -> EventLine:
    return EventLine(
        event.at,
        event.name,
        event.actor_kind,
        actor_name,
        event.to_state,
        event.reason,
        _days(event.detail),
        event.detail.get("position"),
        event.detail.get("outcome"),
    )


def _days(detail: Mapping[str, Any]) -> Sequence[tuple[str, date, date]]:
    names = ("d0", "cool_last", "win_first", "win_last")
    return [
        (name, date.fromisoformat(detail[name][0]), date.fromisoformat(detail[name][1]))
        for name in names
        if name in detail
    ]


def _events(case_id: uuid.UUID) -> sa.Select[DivorceCaseEvent, str]:
    by_staff = sa.and_(DivorceCaseEvent.actor_kind == "staff", StaffAccount.id == DivorceCaseEvent.actor_id)
    return (
        sa.select(DivorceCaseEvent, StaffAccount.display_name)
        .outerjoin(StaffAccount, by_staff)
        .where(DivorceCaseEvent.case_id == case_id)
        .order_by(DivorceCaseEvent.id)
    )
