"""The demonstration's requests: there once, believable, and shown."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from backend.calendar import legal_calendar
from backend.demonstration.load import load_demonstration
from backend.kernel.clock import MovableClock, today
from backend.people.rights.models import RightsRequest
from backend.people.rights.requests import request_events
from backend.people.rights.rules import Warmth, warmth
from backend.storage import Database, transaction
from tests.rights.support import rows


def test_they_are_loaded_once_and_one_is_late_and_one_is_fresh(
    app: Flask, clean_database: Database, clock: MovableClock
):
    for _ in range(2):
        load_demonstration(app.extensions["settings"])
    assert rows("rights_requests") == 11
    with transaction() as session:
        requests = session.scalars(sa.select(RightsRequest).where(RightsRequest.closed_at.is_(None))).all()
    shown = {warmth(row.received_at.date(), row.due_on, today(), legal_calendar()) for row in requests}
    assert {Warmth.CALM, Warmth.OVERDUE} <= shown
    assert all(request_events(row.id) for row in requests)
