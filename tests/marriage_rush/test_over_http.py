"""A crowd through real HTTP: granian's processes and threads, one request a couple, as many places as there are.

`make bench` does the same with ten thousand callers; this is what every run of the suite can afford.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from backend.kernel.clock import now, today
from backend.marriage.days import PeakSetting, set_peak_day
from backend.marriage.kinds import Area, Kind
from backend.marriage.models import Appointment, Slot
from backend.marriage.offices import office as office_view
from backend.marriage.rules import State
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.plan import announce
from backend.marriage.rush.report import checks_of
from backend.marriage.rush.rules import RequestState, RushMode
from backend.marriage.rush.settle import settle_rushes
from backend.people import log_in
from backend.settings import demonstration_environment
from backend.storage import Database, transaction
from bench.load import Load, Measured, drive, post
from bench.programs import running
from tests.api.conftest import DECLARED, booking
from tests.marriage.support import make_office

CALLERS, PLACES = 1200, 200
HALF_HOURS, WINDOWS = 10, 20


def a_wednesday() -> date:
    """One that is released, whatever today is."""
    first = today() + timedelta(days=14)
    return first + timedelta(days=(2 - first.weekday()) % 7)


def opened_rush(office_id: uuid.UUID) -> Rush:
    """A peak day whose requests are taken at this moment: ten half hours at twenty windows."""
    place, day, since = office_view(office_id), a_wednesday(), now() - timedelta(minutes=1)
    assert place is not None
    kinds = [Kind.MARRIAGE_REGISTRATION]
    set_peak_day(office_id, PeakSetting(day, [["09:00", "14:00"]], WINDOWS - 2, kinds, 1.0, True, since))
    assert announce(place, day, RushMode.QUEUE, since, now() + timedelta(hours=1)) == 1
    with transaction() as session:
        return session.scalars(sa.select(Rush)).one()


def requests(rush: Rush, app_id: str) -> Sequence[bytes]:
    """Each by another login, for another couple, with a key of its own; every tenth is sent twice at once."""
    made = []
    for index in range(CALLERS):
        token = log_in(app_id, f"openid-{index}", None).token
        body = json.dumps({"parties": booking("", index)["parties"], "declarations": DECLARED}).encode()
        headers = f"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {index}\r\n"
        request = post(f"/api/v1/marriage/rushes/{rush.id}/requests", body, headers)
        made += [request, request] if index % 10 == 0 else [request]
    return made


def served(environment: Mapping[str, str], log: Path, sent: Sequence[bytes]) -> Measured:
    """What the crowd got, while the tick gave places beside it."""
    with running({"product": "wsgi:app"}, environment, log) as ports:
        first = drive(Load(ports["product"], sent[: len(sent) // 2], 60))
        settle_rushes()
        second = drive(Load(ports["product"], sent[len(sent) // 2 :], 60))
    return Measured(0, first.latencies + second.latencies, first.statuses + second.statuses, second.sample)


def test_a_crowd_over_http(
    app: Flask, clean_database: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    rush = opened_rush(make_office())  # by the clock on the wall, which the servers go by
    environment = dict(os.environ) | demonstration_environment()
    environment |= {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "WECHAT_API_BASE_URL": "http://127.0.0.1:9",
        "RATE_LIMITS": "off",
    }
    sent = requests(rush, app.extensions["settings"].miniprogram.app_id)
    measured = served(environment, tmp_path / "product.log", sent)
    # The same key twice is answered alike, or told that the first one still works; nothing is a fault.
    assert set(measured.statuses) <= {201, 409}, (measured.statuses, measured.sample)
    assert measured.statuses[201] >= CALLERS
    while settle_rushes():
        pass
    with transaction() as session:
        found = session.execute(sa.select(RushRequest.number, RushRequest.state).order_by(RushRequest.number)).all()
        booked = session.scalar(sa.select(sa.func.count()).where(Appointment.state == State.BOOKED))
        hall = sa.and_(Slot.day == rush.day, Slot.area == Area.MARRIAGE_HALL)
        full = session.scalar(sa.select(sa.func.bool_and(Slot.taken == Slot.capacity)).where(hall))
        rush = session.scalars(sa.select(Rush)).one()
    assert [number for number, _ in found] == list(range(1, CALLERS + 1))
    placed = [number for number, state in found if state is RequestState.PLACED]
    assert placed == list(range(1, PLACES + 1))  # the first numbers, in their order, and not one more
    assert (booked, rush.places, full) == (PLACES, PLACES, True)
    checks = checks_of(rush)
    assert (checks.no_gaps, checks.not_oversold) == (True, True)
