"""The demonstration's peak days and the line for one of them, as the console and residents see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from backend.demonstration.load import load_demonstration
from backend.kernel.clock import BEIJING, MovableClock, now
from backend.marriage.rush.models import PeakWatch, Rush, RushRequest
from backend.marriage.rush.report import arrivals, checks_of, figures_of
from backend.marriage.rush.rules import RequestState, RushMode
from backend.marriage.waiting.models import WaitingEntry, WaitingEvent
from backend.marriage.waiting.rules import WaitingState
from backend.staff import passwords
from backend.storage import Base, Database, transaction
from tests.console.support import CHEAP_HASHER, Desk
from tests.demonstration.test_histories import values
from tests.kept import fill_demonstration

RUSHES, WAITING = "/console/marriage/rushes", "/console/marriage/waiting"
TABLES = (
    "marriage_rushes",
    "marriage_rush_requests",
    "marriage_peak_watches",
    "marriage_waiting",
    "marriage_appointments",
)


@pytest.fixture
def loaded(app: Flask, clean_database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The whole demonstration."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP_HASHER)
    fill_demonstration(app.extensions["settings"])
    return app


def counted() -> list[int]:
    """How many rows there are of each kind."""
    with transaction() as session:
        counts = [sa.select(sa.func.count()).select_from(Base.metadata.tables[name]) for name in TABLES]
        return [session.scalar(count) or 0 for count in counts]


def rush_of(mode: RushMode) -> Rush:
    """The only rush of a mode."""
    with transaction() as session:
        return session.scalars(sa.select(Rush).where(Rush.mode == mode)).one()


def test_peak_days_and_the_line_are_alive(loaded: Flask):
    past, ahead = rush_of(RushMode.QUEUE), rush_of(RushMode.DRAW)
    figures = figures_of(past.id)
    assert (figures.total, figures.asked) == (past.last_number, 0)
    assert min(figures.placed, figures.unplaced, figures.withdrawn) > 0
    assert figures.placed == past.places
    bars = [bar.requests for bar in arrivals(past)]
    assert bars[0] == max(bars)
    assert sum(bars) == figures.total
    checks = checks_of(past)
    assert checks.no_gaps
    assert checks.not_oversold
    assert now() < ahead.opens_at
    assert values(WaitingEntry.state) == set(WaitingState)
    assert {"joined", "offered", "accepted", "passed", "offer_expired", "left", "ended_by_staff"} <= values(
        WaitingEvent.name
    )
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PeakWatch))
        assert session.scalar(sa.select(sa.func.count(sa.distinct(WaitingEntry.first_day)))) == 2
        kept = sa.select(RushRequest.id).where(RushRequest.parties_sealed.is_not(None))
        assert not session.scalars(kept).all(), "names are kept until the places are given, no longer"
        left = sa.text("SELECT count(*) FROM outbox_messages WHERE state = 'queued'")
        assert session.scalar(left) == 0, "nobody of the demonstration is written to"

    head, other = Desk(loaded.test_client(), "head-1"), Desk(loaded.test_client(), "head-2")
    assert "已结束" in head.get(RUSHES).text
    page = head.get(f"{RUSHES}/{past.id}").text
    for words in ("<svg", f"{figures.total}/{figures.total} 份有结果", "没有多给"):
        assert words in page
    assert "已退出" in head.get(f"{RUSHES}/{past.id}/proof").text
    assert "推迟并通知" in other.get(f"{RUSHES}/{ahead.id}").text
    assert "有位置" in head.get(WAITING).text
    assert "已约上" in head.get(f"{WAITING}?tab=over").text
    with transaction() as session:
        ended = session.scalars(sa.select(WaitingEvent.entry_id).where(WaitingEvent.reason.is_not(None))).one()
    assert "当事人来电" in head.get(f"{WAITING}/{ended}").text

    resident = loaded.test_client()
    assert f"{figures.total}份" in resident.get(f"/h5/marriage/rushes/{past.id}").text
    assert ahead.commitment in resident.get(f"/h5/marriage/rushes/{ahead.id}").text

    before = counted()
    load_demonstration(loaded.extensions["settings"])
    assert counted() == before


def test_no_date_is_needed(app: Flask, clean_database: Database, clock: MovableClock):
    """At night, at the end of a year, before the notice of the next one is out."""
    clock.move_to((clock() + timedelta(days=38)).astimezone(BEIJING).replace(hour=2, minute=10))
    load_demonstration(app.extensions["settings"])
    assert values(RushRequest.state) == {RequestState.PLACED, RequestState.UNPLACED, RequestState.WITHDRAWN}
    assert values(WaitingEntry.state) == set(WaitingState)
