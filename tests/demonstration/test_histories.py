"""The demonstration's past: every page has something on it, it is there once, and its trail is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock, today
from backend.marriage.desk.figures import FigureFilter, figure_lines, summed, total
from backend.marriage.models import Appointment, Office
from backend.marriage.rules import State
from backend.marriage.tickets.models import Ticket, TicketCounter
from backend.marriage.tickets.rules import TicketState
from backend.people.life_events.models import LifeEvent
from backend.people.life_events.rules import EventKind
from backend.people.proxies.models import ProxyTie
from backend.people.proxies.rules import TieState
from backend.staff.audit.models import AuditFlag
from backend.staff.audit.rules import FlagState, Rule
from backend.staff.audit.verify import verify
from backend.staff.models import ApprovalState
from backend.storage import Base, Database, transaction
from tests.kept import fill_demonstration

# One table of each history.
TABLES = (
    "proxy_ties",
    "life_events",
    "rights_requests",
    "consent_events",
    "legal_holds",
    "approvals",
    "audit_flags",
    "exports",
    "parameter_values",
    "staff_notices",
    "outbox_messages",
    "marriage_appointments",
    "marriage_tickets",
    "marriage_ticket_events",
)


def values(column: sa.orm.InstrumentedAttribute[object]) -> set[object]:
    """The different values in a column."""
    with transaction() as session:
        return set(session.scalars(sa.select(column).distinct()))


def counted() -> dict[str, int]:
    """How many rows each history has."""
    with transaction() as session:
        tables = Base.metadata.tables
        return {name: session.scalar(sa.select(sa.func.count()).select_from(tables[name])) or 0 for name in TABLES}


@pytest.fixture
def loaded(app: Flask, clean_database: Database, clock: MovableClock) -> Flask:
    """The whole demonstration."""
    fill_demonstration(app.extensions["settings"])
    return app


def test_the_halls_of_the_last_weeks_are_alive(loaded: Flask) -> None:
    """The figures have walk-ins, waits and services on each working day; numbers follow the counters."""
    with transaction() as session:
        nodes = frozenset(session.scalars(sa.select(Office.node_id)))
        lines = figure_lines(nodes, FigureFilter(today() - timedelta(days=29), today() - timedelta(days=1)))
        last = sa.select(sa.func.max(Ticket.number)).where(
            Ticket.office_id == TicketCounter.office_id,
            Ticket.day == TicketCounter.day,
            Ticket.area == TicketCounter.area,
        )
        assert not session.scalars(
            sa.select(TicketCounter).where(TicketCounter.last_number != last.scalar_subquery())
        ).all()
    by_day = summed(lines, "day")
    assert len(by_day) >= 18
    for one in by_day.values():
        assert one.walk_ins > 0
        assert one.mean_wait
        assert one.mean_service
    whole = total(lines)
    assert min(whole.absent, whole.failed, whole.cancelled) > 0
    assert {TicketState.DONE, TicketState.LEFT} <= values(Ticket.state)


def test_every_history_has_all_its_kinds(loaded: Flask):
    assert min(counted().values()) > 0
    assert values(ProxyTie.state) == set(TieState)
    assert values(LifeEvent.kind) == set(EventKind)
    over = {State.SERVED, State.NO_SHOW, State.CANCELLED, State.FAILED_DOCUMENTS, State.REFUSED}
    assert over | {State.BOOKED, State.CONFIRMED} <= values(Appointment.state)
    assert values(AuditFlag.state) == set(FlagState)
    assert {Rule.RELATIVE, Rule.WELL_KNOWN, Rule.COLLEAGUE, Rule.MANY_IN_A_ROW} <= values(AuditFlag.rule)
    with transaction() as session:
        approvals = set(session.scalars(sa.text("SELECT DISTINCT state FROM approvals")))
        exports = set(session.scalars(sa.text("SELECT DISTINCT state FROM exports")))
        on_desk = session.scalar(
            sa.text("SELECT count(*) FROM outbox_messages WHERE state = 'dead' AND settled_at IS NULL")
        )
        queued = session.scalar(sa.text("SELECT count(*) FROM outbox_messages WHERE state = 'queued'"))
    assert {ApprovalState.PENDING.value, ApprovalState.APPROVED.value, ApprovalState.DECLINED.value} <= approvals
    assert {"waiting", "ready", "downloaded", "expired"} <= exports
    assert on_desk
    assert queued == 0, "nobody of the past is written to"


def test_a_death_stopped_something_and_a_mistake_was_put_right(loaded: Flask):
    with transaction() as session:
        deaths = session.scalars(sa.select(LifeEvent).where(LifeEvent.kind == EventKind.DEATH)).all()
        reversed_ids = set(session.scalars(sa.select(LifeEvent.reverses_id)))
    assert any(death.effects for death in deaths)
    assert reversed_ids & {death.id for death in deaths}


def test_loading_again_adds_nothing(loaded: Flask):
    before = counted()
    load_demonstration(loaded.extensions["settings"])
    assert counted() == before


def test_the_trail_of_the_past_is_whole(loaded: Flask):
    *_, end = verify()
    assert end.found is None
    assert end.done == end.total


def test_nothing_happened_after_now(loaded: Flask, clock: MovableClock):
    with transaction() as session:
        for table, column in (("audit_entries", "at"), ("proxy_tie_events", "at"), ("life_events", "at")):
            latest = session.scalar(sa.text(f"SELECT max({column}) FROM {table}"))
            assert latest <= clock(), table
