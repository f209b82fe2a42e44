"""Use case `ask_in_rush`: a couple asks once for a place of a peak day, and is given a number.

The number is drawn under the lock of the rush's row, which is held until the commit: numbers have no gaps, and whoever
sees a number sees all below it. Everybody waits for that row, so nothing is asked of the database afterwards: what the
answer tells is read before, or comes with the number. So thousands can ask in a minute.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from backend.kernel.chinese_dates import spoken_day
from backend.kernel.clock import BEIJING, now
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.marriage.couples import CheckedParty, PartyInput, check_for_day, number_index, read_couple
from backend.marriage.kinds import Declaration, Kind
from backend.marriage.models import Via
from backend.marriage.offices import OfficeView, office
from backend.marriage.rush.rules import DayPart, Phase, RushMode, phase_at
from backend.marriage.rush.texts import ASKED_ALREADY, HAVE_PLACE, NOT_YET, OVER, RUSH_UNKNOWN
from backend.marriage.sanctions.check import require_not_paused
from backend.people.life_events import require_living
from backend.storage import broken_constraint, key_ring, lean_transaction, look, run
from backend.storage.sealing import sealed_context

KIND = Kind.MARRIAGE_REGISTRATION


@dataclass(frozen=True)
class Asking:
    """What a couple asks for; `withheld` as in a booking."""

    rush_id: uuid.UUID
    parties: Sequence[PartyInput]
    person_id: uuid.UUID
    part: DayPart = DayPart.ANY
    withheld: Collection[Declaration] = ()
    via: Via = Via.API


@dataclass(frozen=True)
class OpenRush:
    """A rush whose requests are taken, as far as a couple is told of it."""

    id: uuid.UUID
    place: OfficeView
    day: date
    mode: RushMode
    closes_at: datetime


@dataclass(frozen=True)
class Asked:
    """A request that was taken. `asked_at` is when it came; who came first is told by `number`. `ahead`: how many are
    served before it, None in a draw.
    """

    id: uuid.UUID
    rush: OpenRush
    number: int
    part: DayPart
    asked_at: datetime
    ahead: int | None


_RUSH = sa.text("SELECT office_id, day, mode, opens_at, closes_at, settled_at FROM marriage_rushes WHERE id = :id")
_HAS_PLACE = sa.text(
    "SELECT 1 FROM marriage_parties WHERE active AND kind = :kind AND id_number_index = ANY(:indexes) LIMIT 1"
)
_ASK = sa.text(
    """
    WITH drawn AS (
        UPDATE marriage_rushes SET last_number = last_number + 1 WHERE id = :rush_id AND settled_at IS NULL
        RETURNING last_number
    ),
    request AS (
        INSERT INTO marriage_rush_requests (id, rush_id, number, person_id, asked_at, via, state, part, parties_sealed)
        SELECT :id, :rush_id, last_number, :person_id, :now, :via, 'asked', :part, :parties FROM drawn
        RETURNING id, number
    ),
    persons AS (
        INSERT INTO marriage_rush_persons (rush_id, id_number_index, request_id)
        SELECT :rush_id, who, request.id FROM request, unnest(CAST(:indexes AS bytea[])) AS who
    )
    SELECT number, (
        SELECT min(number) FROM marriage_rush_requests WHERE rush_id = :rush_id AND rank IS NULL AND state = 'asked'
    ) AS first_asked
    FROM request
    """
)


def check_asking(asking: Asking) -> Sequence[CheckedParty]:
    """The couple as it would ask, everything checked and nothing written; raises as `ask_in_rush`."""
    return _checked(_open_rush(asking.rush_id), asking)


def ask_in_rush(asking: Asking) -> Asked:
    """Take the request. What becomes of it is `settle`'s.

    Raises `AppError`: not_found, too_early, too_late, invalid, already_waiting (one of them has asked), already_booked,
    booking_paused, counter_needed.
    """
    rush = _open_rush(asking.rush_id)
    parties = _checked(rush, asking)
    try:
        return _write(rush, asking, parties)
    except sa.exc.IntegrityError as error:
        if broken_constraint(error) != "pk_marriage_rush_persons":
            raise
        raise AppError("already_waiting", ASKED_ALREADY, 409) from None


def _open_rush(rush_id: uuid.UUID) -> OpenRush:
    found = look(_RUSH, {"id": rush_id})
    place = office(found.office_id) if found else None
    if found is None or place is None:
        raise AppError("not_found", RUSH_UNKNOWN, 404)
    phase = phase_at(found.opens_at, found.closes_at, found.settled_at, now())
    if phase is Phase.AHEAD:
        opens_at = found.opens_at.astimezone(BEIJING)
        told = NOT_YET.format(moment=f"{spoken_day(opens_at.date())}{opens_at:%H:%M}")
        raise AppError("too_early", told, 409, extra={"opens_at": opens_at.isoformat()})
    if phase is not Phase.OPEN:
        raise AppError("too_late", OVER, 409)
    return OpenRush(rush_id, place, found.day, RushMode(found.mode), found.closes_at.astimezone(BEIJING))


def _checked(rush: OpenRush, asking: Asking) -> Sequence[CheckedParty]:
    parties = read_couple(asking.parties)
    check_for_day(parties, rush.day, rush.place, declared=True, kind=KIND, withheld=asking.withheld)
    require_not_paused(KIND, [number_index(party.identity) for party in parties], rush.place)
    return parties


def _write(rush: OpenRush, asking: Asking, parties: Sequence[CheckedParty]) -> Asked:
    """Everything that can be done beforehand is: from the number on, others wait."""
    request_id, moment = new_id(), now()
    indexes = [number_index(party.identity) for party in parties]
    given = json.dumps([_as_json(party) for party in parties], ensure_ascii=False)
    values = {
        "id": request_id,
        "rush_id": rush.id,
        "person_id": asking.person_id,
        "now": moment,
        "via": asking.via.value,
        "part": asking.part.value,
        "parties": key_ring().seal(given, sealed_context("marriage_rush_requests", "parties_sealed", request_id)),
        "indexes": indexes,
    }
    with lean_transaction():
        require_living(asking.person_id, number_indexes=indexes)
        if run(_HAS_PLACE, {"kind": KIND.value, "indexes": indexes}).fetchone():
            raise AppError("already_booked", HAVE_PLACE, 409)
        drawn = run(_ASK, values).fetchone()
        if drawn is None:
            raise AppError("too_late", OVER, 409)
    ahead = None if rush.mode is RushMode.DRAW else drawn.number - (drawn.first_asked or drawn.number)
    return Asked(request_id, rush, drawn.number, asking.part, moment, ahead)


def _as_json(party: CheckedParty) -> dict[str, str | None]:
    return {
        "name": party.name,
        "id_type": party.identity.id_type.value,
        "id_number": party.identity.number,
        "phone": party.phone,
        "resident_group": party.resident_group.value,
    }
