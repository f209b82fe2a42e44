"""A couple's papers ticked off at the window: what is asked for, what was in order, who looked, when."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from backend.kernel.clock import now
from backend.kernel.errors import AppError
from backend.marriage.history import locked_appointment
from backend.marriage.models import Appointment, Office, Party, Slot
from backend.marriage.papers.asked import paper_rules
from backend.marriage.papers.checklist import Circumstances, History, Line, PaperRules, checklist
from backend.marriage.papers.texts import who_and_form, wording
from backend.marriage.rules import ACTIVE_STATES
from backend.marriage.texts import BETWEEN_PAPERS, PAPER_DETAIL, PAPER_LINE, PAPER_UNKNOWN, PAPERS_ENDED, PAPERS_MISSING
from backend.marriage.tickets.models import PaperTick
from backend.staff import StaffAccount
from backend.storage import atomic, transaction

# A reason holds 200 characters; a line of the list is cut rather than the reason in the middle of a word.
_LONGEST_LINE = 60


@dataclass(frozen=True)
class PaperLine:
    """A line of the checklist; `at` and `by` of the last look, None before anybody has looked."""

    key: str
    text: str
    in_order: bool
    at: datetime | None
    by: str | None


def asked_papers(appointment: Appointment) -> Mapping[str, str]:
    """What this couple has to bring, by stable key; the one place where the desk learns it. Two queries."""
    with transaction() as session:
        office = sa.select(Office.code).join(Slot, Slot.office_id == Office.id).where(Slot.id == appointment.slot_id)
        groups = sa.select(Party.resident_group).where(Party.appointment_id == appointment.id)
        rules = paper_rules(session.scalars(office).one())
        of_couple = session.scalars(groups.order_by(Party.position)).all()
    given = Circumstances(appointment.kind, of_couple, [History.NEVER] * len(of_couple))
    return {f"{line.paper.value}-{line.who.value}": _words(line, rules) for line in checklist(given, rules)}


def _words(line: Line, rules: PaperRules) -> str:
    who, form = who_and_form(line)
    return PAPER_LINE.format(paper=wording(line, rules), who=who, form=form)


def paper_list(appointment_id: uuid.UUID) -> Sequence[PaperLine]:
    """The couple's checklist as it stands; four queries, however long it is."""
    with transaction() as session:
        asked = asked_papers(session.get_one(Appointment, appointment_id))
        query = sa.select(PaperTick, StaffAccount.display_name).outerjoin(
            StaffAccount, StaffAccount.id == PaperTick.account_id
        )
        found = session.execute(query.where(PaperTick.appointment_id == appointment_id)).all()
    ticks = {tick.line: (tick.in_order, tick.at, name) for tick, name in found}
    return [PaperLine(key, text, *ticks.get(key, (False, None, None))) for key, text in asked.items()]


def tick_paper(appointment_id: uuid.UUID, line: str, in_order: bool, account_id: uuid.UUID) -> None:
    """Note that a paper is in order, or is not after all; the last look counts.

    Raises `AppError`: not_found, invalid for a line that is not asked for, state_conflict once the visit is over.
    """
    with atomic() as session:
        appointment = locked_appointment(appointment_id)
        if line not in asked_papers(appointment):
            raise AppError("invalid", PAPER_UNKNOWN, 422)
        if appointment.state not in ACTIVE_STATES:
            raise AppError("state_conflict", PAPERS_ENDED, 409, extra={"state": appointment.state.value})
        values = {"in_order": in_order, "at": now(), "account_id": account_id}
        row = insert(PaperTick).values(appointment_id=appointment_id, line=line, **values)
        session.execute(row.on_conflict_do_update(index_elements=["appointment_id", "line"], set_=values))


def missing_papers(lines: Sequence[PaperLine]) -> str:
    """What is not ticked, as the sentence the couple reads; empty when nothing was looked at or nothing is missing."""
    if not any(line.at for line in lines):
        return ""
    short = [line.text.partition(PAPER_DETAIL)[0][:_LONGEST_LINE] for line in lines if not line.in_order]
    return PAPERS_MISSING.format(papers=BETWEEN_PAPERS.join(short)) if short else ""
