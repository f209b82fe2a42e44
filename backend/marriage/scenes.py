"""The code at a registry's door (签到码): scanning it checks in today's appointment."""

from __future__ import annotations

from collections.abc import Mapping

from backend.kernel.chinese_dates import spoken_moment
from backend.kernel.errors import AppError
from backend.marriage.arrive import Arrival, arrive
from backend.marriage.offices import offices
from backend.marriage.texts import (
    ARRIVED,
    ARRIVED_BEFORE,
    ARRIVED_ELSEWHERE,
    ARRIVED_OTHER_DAY,
    ARRIVED_UNKNOWN,
)
from workflows.chat.scenes import Scan, Scene, SceneAnswer

_SAYINGS: Mapping[Arrival, str] = {
    Arrival.CHECKED_IN: ARRIVED,
    Arrival.BEFORE: ARRIVED_BEFORE,
    Arrival.ELSEWHERE: ARRIVED_ELSEWHERE,
    Arrival.OTHER_DAY: ARRIVED_OTHER_DAY,
}


def _arrived(scan: Scan) -> SceneAnswer | None:
    if scan.rest not in {office.code for office in offices()}:
        return None
    try:
        arrived = arrive(scan.person_id, scan.rest)
    except AppError as refusal:
        return SceneAnswer(refusal.user_text)
    if arrived.starts_at is None or arrived.place is None:
        return SceneAnswer(ARRIVED_UNKNOWN)
    saying = _SAYINGS[arrived.arrival].format(
        number=arrived.number,
        time=spoken_moment(arrived.starts_at),
        office=arrived.place.name,
        address=arrived.place.address,
        phone=arrived.place.phone,
    )
    change = arrived.arrival is Arrival.OTHER_DAY and arrived.own
    return SceneAnswer(saying, flow="marriage.own" if change else None)


# What follows is the registry's code, such as checkin-xincheng.
CHECK_IN = Scene("checkin-", _arrived)
