"""Whether the work that was measured has been done, and done right. Timings are not judged here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from backend.marriage.rush.models import RushRequest
from backend.marriage.rush.rules import RequestState
from backend.marriage.rush.settle import settle_rushes
from backend.storage import transaction
from bench.data import MINUTES, PEAK_CALLERS, PEAK_PLACES, RUSH_PLACES
from bench.load import Load, Measured
from bench.rows import Bench, Row

_RUSH_BOOKINGS = 300

_COUNTS = {
    "appointments": "SELECT count(*) FROM marriage_appointments WHERE state = 'booked'",
    "parties": "SELECT count(*) FROM marriage_parties WHERE active",
    "notices": "SELECT count(*) FROM outbox_messages",
    "reminders": "SELECT count(*) FROM reminders",
    "kept answers": "SELECT count(*) FROM idempotent_answers",
    "taken minutes": "SELECT sum(taken) FROM marriage_slots",
    "slots whose counter is wrong": """
        SELECT count(*) FROM marriage_slots AS slot WHERE taken > capacity OR taken <>
            (SELECT coalesce(sum(minutes), 0) FROM marriage_appointments WHERE slot_id = slot.id AND state = 'booked')
    """,
    "answered pushes": "SELECT count(*) FROM inbound_pushes WHERE reply_sealed IS NOT NULL",
    "pushes counted by WeRoBot": "SELECT sum(CAST(value::json->>'count' AS int)) FROM werobot",
}


def rush(bench: Bench) -> Measured:
    """Many couples want the few places of one slot at once."""
    requests = bench.bookings.requests(bench.prepared.rush, _RUSH_BOOKINGS)
    return bench.drive(Load(bench.ports["product"], requests, seconds=30))


def peak(bench: Bench) -> Measured:
    """Ten thousand couples ask for two hundred places of a peak day; then the places are given, as the tick does."""
    measured = bench.drive(Load(bench.ports["product"], bench.bookings.asking(bench.prepared.peak, PEAK_CALLERS), 300))
    while settle_rushes():
        pass
    return measured


def peak_faults(measured: Measured) -> Iterable[str]:
    """What went wrong on the peak day."""
    if measured.statuses != {201: PEAK_CALLERS}:
        yield f"peak day: {dict(measured.statuses)}, such as {measured.sample[:300]!r}"
    with transaction() as session:
        placed = session.scalars(
            sa.select(RushRequest.number).where(RushRequest.state == RequestState.PLACED).order_by(RushRequest.number)
        ).all()
    if list(placed) != list(range(1, PEAK_PLACES + 1)):
        yield f"peak day: {len(placed)} placed, the last number {max(placed, default=0)}"


def failures(bench: Bench, rows: Sequence[Row], warm_ups: Sequence[Measured], rushed: Measured) -> list[str]:
    """What is wrong, in words; empty when all is right. `warm_ups` are those of `rows`, in their order."""
    answers = [(row.name, measured) for row in rows for measured in row.rounds]
    answers += [(row.name, measured) for row, measured in zip(rows, warm_ups, strict=True)]
    return [
        *_unexpected_statuses(answers),
        *_wrong_replies(bench, rows),
        *_wrong_counts(answers, rushed),
    ]


def _unexpected_statuses(answers: Iterable[tuple[str, Measured]]) -> Iterable[str]:
    for name, measured in answers:
        expected = 201 if name.startswith("booking") else 200
        others = {status: count for status, count in measured.statuses.items() if status != expected}
        if others:
            yield f"{name}: answers other than {expected}: {others}, such as {measured.sample[:300]!r}"


def _wrong_replies(bench: Bench, rows: Sequence[Row]) -> Iterable[str]:
    for row in rows:
        if row.name.startswith("callback") and row.rounds[-1].sample and not bench.pushes.reply(row.rounds[-1].sample):
            yield f"{row.name}: an empty reply"


def _wrong_counts(answers: Iterable[tuple[str, Measured]], rushed: Measured) -> Iterable[str]:
    done = {"booking": 0, "push": 0, "werobot": 0}
    for name, measured in answers:
        kind = "werobot" if "WeRoBot" in name else "push" if name.startswith("callback: ours") else ""
        kind = "booking" if name.startswith("booking") and name.endswith("ours") else kind
        if kind:
            done[kind] += measured.statuses.total()
    booked = done["booking"] + RUSH_PLACES + PEAK_PLACES
    expected = {
        "appointments": booked,
        "parties": 2 * booked,
        "notices": booked + PEAK_CALLERS - PEAK_PLACES,
        "reminders": 2 * booked,
        "kept answers": booked + PEAK_CALLERS - PEAK_PLACES,
        "taken minutes": booked * MINUTES,
        "slots whose counter is wrong": 0,
        "answered pushes": done["push"],
        "pushes counted by WeRoBot": done["werobot"],
    }
    if rushed.statuses != {201: RUSH_PLACES, 409: _RUSH_BOOKINGS - RUSH_PLACES}:
        yield f"rush for {RUSH_PLACES} places: {dict(rushed.statuses)}"
    with transaction() as session:
        for what, query in _COUNTS.items():
            found = session.scalar(sa.text(query))
            if found != expected[what]:
                yield f"{what}: {found} instead of {expected[what]}"
