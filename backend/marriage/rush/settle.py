"""Give the places of a rush: by the numbers as they come, or by the draw once all have asked. One process at a time.

Each request is settled in its turn and in one transaction with its appointment; a crash in between loses nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import now, today
from backend.kernel.errors import AppError
from backend.kernel.identity import IdType
from backend.kernel.legal_calendar import ONE_DAY
from backend.marriage.book import BookingRequest, book_appointment
from backend.marriage.couples import PartyInput
from backend.marriage.kinds import Area, ResidentGroup
from backend.marriage.models import Slot
from backend.marriage.offers import SlotOffer, day_offers, free_days, office
from backend.marriage.offices import OfficeView
from backend.marriage.open_slots import open_slots
from backend.marriage.opening import last_released_day
from backend.marriage.parameters import booking_rules
from backend.marriage.rush.ask import KIND
from backend.marriage.rush.models import Rush, RushRequest
from backend.marriage.rush.plan import forget_rushes
from backend.marriage.rush.rules import DayPart, Phase, RequestState, RushMode, draw_order, phase_at
from backend.marriage.rush.texts import LIST_COMMA, NEAREST_HINT, UNPLACED_HINT
from backend.marriage.texts import MATTERS
from backend.storage import after_commit, atomic, session, transaction
from messages import Subject, post

SUBJECT_KIND = "marriage_rush_request"
BATCH = 50

_MINE = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
_NOON = 12.5
_NEAREST = 3


def settle_rushes() -> int:
    """Serve what can be served by now; returns how many requests were settled. Safe from several processes."""
    due = sa.select(Rush.id).where(Rush.settled_at.is_(None), Rush.opens_at <= now()).order_by(Rush.opens_at)
    with transaction() as db:
        ids = db.scalars(due).all()
    return sum(_settle_some(rush_id) for rush_id in ids)


def _settle_some(rush_id: uuid.UUID) -> int:
    with transaction() as db:
        if not db.scalar(_MINE, {"name": f"rush:{rush_id}"}):
            return 0
        rush = db.get_one(Rush, rush_id, populate_existing=True)
        place, phase = office(rush.office_id), phase_at(rush.opens_at, rush.closes_at, rush.settled_at, now())
        if place is None or phase in (Phase.AHEAD, Phase.SETTLED) or _waits_for_the_draw(rush, phase):
            return 0
        _prepare(rush, place)
        if rush.mode is RushMode.DRAW:
            _draw(rush)
        asked = _next_asked(rush.id)
        free = _free(rush, place) if asked else []
        near = _nearest(rush, place) if asked else ""
        for request in asked:
            _serve(rush, request, place, free, near)
        if not asked and phase is Phase.DRAWING:
            _finish(rush)
        return len(asked)


def _waits_for_the_draw(rush: Rush, phase: Phase) -> bool:
    return rush.mode is RushMode.DRAW and phase is Phase.OPEN


def _prepare(rush: Rush, place: OfficeView) -> None:
    """The day's slots are laid out the moment it is released; whoever is first here does it."""
    mine = sa.and_(Slot.office_id == place.id, Slot.day == rush.day, Slot.area == Area.MARRIAGE_HALL)
    if session().scalar(sa.select(Slot.id).where(mine).limit(1)) is None:
        open_slots()
    if rush.places is None:
        rush.places = sum(slot.free for slot in _free(rush, place))
        session().flush()


def _draw(rush: Rush) -> None:
    """Give every request its turn, once; the order follows from the secret that was committed to before."""
    undrawn = sa.select(RushRequest).where(
        RushRequest.rush_id == rush.id, RushRequest.state == RequestState.ASKED, RushRequest.rank.is_(None)
    )
    requests = {request.number: request for request in session().scalars(undrawn)}
    if requests and rush.secret is not None:
        turns = {number: turn for turn, number in enumerate(draw_order(rush.secret, range(1, rush.last_number + 1)), 1)}
        for number, request in requests.items():
            request.rank = turns[number]
        session().flush()


def _next_asked(rush_id: uuid.UUID) -> Sequence[RushRequest]:
    query = sa.select(RushRequest).where(RushRequest.rush_id == rush_id, RushRequest.state == RequestState.ASKED)
    in_order = query.order_by(RushRequest.rank, RushRequest.number).limit(BATCH)
    # Locked: somebody may be taking theirs back this moment, and is served or out, never both.
    return session().scalars(in_order.with_for_update().execution_options(populate_existing=True)).all()


def _free(rush: Rush, place: OfficeView) -> list[SlotOffer]:
    return [slot for day in day_offers(place, KIND, rush.day, rush.day) for slot in day.slots if slot.free]


def _serve(rush: Rush, request: RushRequest, place: OfficeView, free: list[SlotOffer], near: str) -> None:
    """The first free time that suits them; times that turn out to be full are struck off for all that follow."""
    for slot in [one for one in free if _suits(request.part, one)]:
        try:
            with atomic():
                booked = book_appointment(_booking(request, slot.id))
        except AppError as refusal:
            if refusal.code != "slot_full":
                break  # they have a place by now, or cannot be booked any more: no other time would help
            free.remove(slot)
            continue
        request.state, request.starts_at, request.appointment_id = (
            RequestState.PLACED,
            slot.starts_at,
            booked.appointment_id,
        )
        break
    if request.state is RequestState.ASKED:
        request.state = RequestState.UNPLACED
        _tell_unplaced(rush, request, place, near)
    request.parties_sealed = None  # the appointment has its own
    session().flush()


def _suits(part: DayPart, slot: SlotOffer) -> bool:
    morning = slot.starts_at.hour + slot.starts_at.minute / 60 < _NOON
    return part is DayPart.ANY or (part is DayPart.MORNING) is morning


def _booking(request: RushRequest, slot_id: uuid.UUID) -> BookingRequest:
    parties = [
        PartyInput(
            one["name"],
            one["id_number"],
            IdType(one["id_type"]),
            one["phone"],
            ResidentGroup(one["resident_group"]),
        )
        for one in json.loads(request.parties or "[]")
    ]
    return BookingRequest(KIND, slot_id, parties, True, request.person_id, request.via, in_rush=True)


def _tell_unplaced(rush: Rush, request: RushRequest, place: OfficeView, near: str) -> None:
    post(
        "marriage.rush_unplaced",
        recipient_id=request.person_id,
        subject=Subject(SUBJECT_KIND, request.id),
        data={
            "matter": MATTERS[KIND],
            "place": place.name,
            "first": spoken_day(rush.day),
            "hint": f"{near}{UNPLACED_HINT}",
        },
        key=f"marriage.rush_unplaced:{request.id}",
    )


def _nearest(rush: Rush, place: OfficeView) -> str:
    """The free days nearest to the peak day, as one phrase; empty where there are none."""
    last = last_released_day(now(), booking_rules(place.code, now()))
    days = free_days(place, KIND, today() + ONE_DAY, last)
    nearest = sorted(sorted(days, key=lambda offer: abs(offer.day - rush.day))[:_NEAREST], key=lambda offer: offer.day)
    told = LIST_COMMA.join(spoken_day(offer.day) for offer in nearest if offer.day != rush.day)
    return NEAREST_HINT.format(days=told) if told else ""


def _finish(rush: Rush) -> None:
    """All were served: the secret is published, and what is left can be booked by anybody.

    A request that a death has stopped comes back no more, so what was given with it goes now (`life_events`).
    """
    stopped = sa.update(RushRequest).where(RushRequest.rush_id == rush.id, RushRequest.parties_sealed.is_not(None))
    session().execute(stopped.values(parties_sealed=None), execution_options={"synchronize_session": False})
    rush.seed, rush.settled_at = rush.secret, now()
    session().flush()
    after_commit(forget_rushes)
