"""What somebody who checks in by a code is told, in the chat and on the page."""

from __future__ import annotations

from collections.abc import Mapping

from backend.kernel.chinese_dates import spoken_moment
from backend.marriage.arrive import Arrival, Arrived
from backend.marriage.texts import ARRIVED, ARRIVED_BEFORE, ARRIVED_ELSEWHERE, ARRIVED_OTHER_DAY, ARRIVED_UNKNOWN

_SAYINGS: Mapping[Arrival, str] = {
    Arrival.CHECKED_IN: ARRIVED,
    Arrival.BEFORE: ARRIVED_BEFORE,
    Arrival.ELSEWHERE: ARRIVED_ELSEWHERE,
    Arrival.OTHER_DAY: ARRIVED_OTHER_DAY,
}


def told(arrived: Arrived) -> str:
    """The sentence of an outcome."""
    if arrived.starts_at is None or arrived.place is None:
        return ARRIVED_UNKNOWN
    return _SAYINGS[arrived.arrival].format(
        number=arrived.number,
        time=spoken_moment(arrived.starts_at),
        office=arrived.place.name,
        address=arrived.place.address,
        phone=arrived.place.phone,
    )
