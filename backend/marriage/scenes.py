"""The code at a registry's door (签到码): scanning it checks in today's appointment."""

from __future__ import annotations

from backend.kernel.errors import AppError
from backend.marriage.arrive import Arrival, arrive
from backend.marriage.arrive_words import told
from backend.marriage.door_code import printed_code_counts
from backend.marriage.offices import offices
from backend.marriage.texts import DOOR_CODE_ON_SCREEN
from workflows.chat.scenes import Scan, Scene, SceneAnswer


def _arrived(scan: Scan) -> SceneAnswer | None:
    if scan.rest not in {office.code for office in offices()}:
        return None
    if not printed_code_counts(scan.rest):
        return SceneAnswer(DOOR_CODE_ON_SCREEN)
    try:
        arrived = arrive(scan.person_id, scan.rest)
    except AppError as refusal:
        return SceneAnswer(refusal.user_text)
    change = arrived.arrival is Arrival.OTHER_DAY and arrived.own
    return SceneAnswer(told(arrived), flow="marriage.own" if change else None)


# What follows is the registry's code, such as checkin-xincheng.
CHECK_IN = Scene("checkin-", _arrived)
